//! Adding things and taking them away: to a cart, to a list.

use super::super::find::{self, CONTROLS};
use super::super::language::Phrase;
use super::super::rehearsal::{Failure, Rehearsal};
use super::super::words::{covers, words};
use super::super::{forms, values};
use super::proof::{prove_unless_looked_at, vanished};
use super::{Done, confirm, not_found, place_words, pronoun, send};
use crate::browser::facts::Element;
use crate::browser::locator::Locator;
use crate::job::steps::{Expectation, Value};

/// "Add the lamp and the mug to the cart": one after the other.
pub async fn add(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let (first, more) = apart(phrase);
    on.container = phrase.places.first().map(|place| place.name().to_owned());
    add_one(on, &first).await?;
    for one in more {
        add_one(on, &one).await?;
    }
    Ok(())
}

/// What was joined by "and", where it names things of their own.
fn apart(phrase: &Phrase) -> (Phrase, Vec<Phrase>) {
    let mut first = phrase.clone();
    if phrase.quotes.len() > 1 && phrase.with.is_empty() {
        let more = first.quotes.split_off(1).into_iter();
        let more = more.map(|quote| Phrase {
            quotes: vec![quote],
            ..phrase.clone()
        });
        return (first, more.collect());
    }
    if phrase.words.is_empty() || phrase.quote().is_some() {
        return (first, Vec::new());
    }
    let more = std::mem::take(&mut first.with);
    (first, more)
}

/// Adds a thing that is there (to a cart), or creates one by its name.
async fn add_one(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let add = words("add put buy create new");
    let item = pronoun(on, phrase);
    let asked = words(&item);
    let before = on.now.clone();
    // "A product", "it" where none was spoken of: the first that can be added.
    let is_any = phrase.quote().is_none() && is_anything(&phrase.words) && on.item.is_none();
    let any = || {
        let place = place_words(phrase);
        let mut offered = on.now.elements.iter();
        let does = |it: &&Element| {
            let name = words(&it.name);
            CONTROLS.contains(&it.role.as_str())
                && !it.disabled
                && name.first().is_some_and(|word| add.contains(word))
                && (it.item.is_some() || name.iter().any(|word| place.contains(word)))
        };
        offered.find(does).cloned()
    };
    if let Some(control) = is_any.then(any).flatten() {
        on.click(&control).await?;
    } else if let Some(control) = find::control_of_item(&on.now, &add, &asked)
        .filter(|_| !asked.is_empty())
        .cloned()
    {
        on.click(&control).await?;
    } else if let Some(form) = opens_form(on, phrase) {
        on.click(&form).await?;
        return fill_opened(on, phrase).await;
    } else if let Some(field) = creates(on, phrase).filter(|_| phrase.with.len() < 2) {
        let text = phrase
            .quote()
            .map_or_else(|| values::valid(&field), str::to_owned);
        on.fill(&field, Value::Text { text: text.clone() }).await?;
        let button = find::submit_of(&on.now, field.form).cloned();
        send(on, button, &field).await?;
        on.item = Some(text);
        return prove_unless_looked_at(on).await;
    } else {
        // Where things of this kind are.
        if let Some(place) = find::element(&on.now, &["link", "tab"], &kind(phrase), false).cloned()
            && place.item.is_none()
        {
            on.click(&place).await?;
            while opens_form(on, phrase).is_none() && on.look_again().await? {}
            if let Some(form) = opens_form(on, phrase) {
                on.click(&form).await?;
                return fill_opened(on, phrase).await;
            }
        }
        // Not on this page: on its own.
        let link = find::element(&on.now, CONTROLS, &asked, false).cloned();
        on.click(&link.ok_or_else(|| not_found(&format!("nothing to add “{item}” with")))?)
            .await?;
        let control = find::element(
            &on.now,
            CONTROLS,
            &[add, place_words(phrase)].concat(),
            true,
        )
        .cloned();
        on.click(&control.ok_or_else(|| not_found(&format!("nothing to add “{item}” with")))?)
            .await?;
    }
    on.item = Some(item);
    // The page counts: waiting for that keeps the next step from overtaking it.
    if let Some(counter) = changed_counter(&before.elements, &on.now.elements) {
        on.expect(Expectation::Visible {
            target: counter.locator,
        })
        .await?;
        Ok(())
    } else {
        prove_unless_looked_at(on).await
    }
}

pub async fn remove(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let item = pronoun(on, phrase);
    let verb = words("remove delete clear");
    let find_control = |on: &Rehearsal<'_>| {
        find::control_of_item(&on.now, &verb, &words(&item))
            .or_else(|| find::element(&on.now, CONTROLS, &words("remove"), true))
            .cloned()
    };
    let mut control = find_control(on);
    if control.is_none() && on.item.is_none() && puts_one_there(on, phrase).await? {
        control = find_control(on);
    }
    let control = control.ok_or_else(|| not_found(&format!("nothing to remove “{item}” with")))?;
    on.click(&control).await?;
    confirm(on).await?;
    if !on.is_looked_at {
        let target = removed(on, &words(&item), &control);
        vanished(on, target).await?;
    }
    on.item = Some(item);
    Ok(())
}

/// What is gone: a button that goes with what it removes, or else what says so.
fn removed(on: &Rehearsal<'_>, asked: &[String], control: &Element) -> Locator {
    let is_left = |it: &&Element| it.locator == control.locator;
    if on.now.elements.iter().any(|it| is_left(&it)) {
        let was = on.before.collections.iter().find_map(|group| {
            let now = on.now.collections.iter().find(|it| it.items == group.items);
            let is_gone = |text: &&String| !now.is_some_and(|now| now.texts.contains(text));
            let mut gone = group.texts.iter().filter(is_gone);
            let text = gone.next().filter(|_| gone.next().is_none())?;
            let about = words(text).iter().any(|word| asked.contains(word));
            let (base, has_text) = (Box::new(group.items.clone()), text.clone());
            (about || asked.is_empty()).then_some(Locator::Filter { base, has_text })
        });
        if let Some(was) = was {
            return was;
        }
    }
    control.locator.clone()
}

/// "Remove an item from the cart", where nobody has put one there yet. False
/// where there is nothing to put.
async fn puts_one_there(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Result<bool, Failure> {
    let place = place_words(phrase);
    let puts = |element: &&Element| {
        let name = words(&element.name);
        words("add put").iter().any(|word| name.contains(word))
            && place.iter().any(|word| name.contains(word))
    };
    let Some(put) = on.now.elements.iter().find(puts).cloned() else {
        return Ok(false);
    };
    on.click(&put).await?;
    let holds = |element: &&Element| {
        let name = words(&element.name);
        element.item.is_none() && place.iter().any(|word| name.contains(word))
    };
    if let Some(open) = on.now.elements.iter().find(holds).cloned() {
        on.click(&open).await?;
    }
    Ok(true)
}

/// "New contact": what leads to the form in which one is made.
fn opens_form(on: &Rehearsal<'_>, phrase: &Phrase) -> Option<Element> {
    let kind = kind(phrase);
    let makes = words("new add create");
    let says_so = |element: &&Element| {
        let name = words(&element.name);
        // A button in a form that is there sends it.
        matches!(element.role.as_str(), "button" | "link")
            && element.item.is_none()
            && !element.disabled
            && element.form.is_none()
            && makes.iter().any(|word| name.contains(word))
            && covers(&name, &kind)
    };
    on.now.elements.iter().find(says_so).cloned()
}

fn is_anything(asked: &[String]) -> bool {
    let any = words("product item thing something one it them");
    asked.iter().all(|word| any.contains(word))
}

/// The noun of "a new contact".
fn kind(phrase: &Phrase) -> Vec<String> {
    let new = words("new another");
    let mut kind = phrase.words.clone();
    kind.retain(|word| !new.contains(word));
    kind
}

async fn fill_opened(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    while !on.appeared().any(find::is_text_field) && on.look_again().await? {}
    let field = on.appeared().find(|it| find::is_text_field(it)).cloned();
    let field = field.ok_or_else(|| not_found("no form to make it with"))?;
    forms::make(on, &field, phrase).await
}

/// The field in which something of this kind is named to create it.
fn creates(on: &Rehearsal<'_>, phrase: &Phrase) -> Option<Element> {
    let mut asked = phrase.words.clone();
    asked.extend(words("new"));
    let field = find::field(&on.now, &asked).or_else(|| {
        // A single field beside a button that adds.
        let adds = find::element(&on.now, &["button"], &words("add"), true)?;
        on.now
            .elements
            .iter()
            .find(|field| find::is_text_field(field) && field.form == adds.form)
    });
    // A list to type into, without a button.
    let field = field.or_else(|| forms::only_field(on).filter(|_| phrase.quote().is_some()));
    field.filter(|field| field.role != "searchbox").cloned()
}

/// A link or button whose name counts something, and now counts differently.
fn changed_counter(before: &[Element], now: &[Element]) -> Option<Element> {
    let plain = |name: &str| {
        name.chars()
            .filter(|c| !c.is_ascii_digit())
            .collect::<String>()
    };
    now.iter()
        .filter(|element| {
            CONTROLS.contains(&element.role.as_str())
                && element.name.chars().any(|c| c.is_ascii_digit())
        })
        .find(|element| {
            let same = |other: &&Element| {
                other.role == element.role && plain(&other.name) == plain(&element.name)
            };
            before
                .iter()
                .find(same)
                .is_some_and(|other| other.name != element.name)
        })
        .cloned()
}
