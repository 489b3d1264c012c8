//! Adding things and taking them away: to a cart, to a list.

use super::super::find::{self, CONTROLS};
use super::super::language::Phrase;
use super::super::rehearsal::Rehearsal;
use super::super::words::words;
use super::super::{forms, values};
use super::proof::{prove_unless_looked_at, vanished};
use super::{Done, not_found, place_words, pronoun, send};
use crate::browser::facts::Element;
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
    if let Some(control) = find::control_of_item(&on.now, &add, &asked)
        .filter(|_| !asked.is_empty())
        .cloned()
    {
        on.click(&control).await?;
    } else if let Some(field) = creates(on, phrase) {
        let text = phrase
            .quote()
            .map_or_else(|| values::valid(&field), str::to_owned);
        on.fill(&field, Value::Text { text: text.clone() }).await?;
        let button = find::submit_of(&on.now, field.form).cloned();
        send(on, button, &field).await?;
        on.item = Some(text);
        return prove_unless_looked_at(on).await;
    } else {
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
    let control = find::control_of_item(&on.now, &verb, &words(&item))
        .or_else(|| find::element(&on.now, CONTROLS, &words("remove"), true))
        .cloned();
    let control = control.ok_or_else(|| not_found(&format!("nothing to remove “{item}” with")))?;
    on.click(&control).await?;
    if !on.is_looked_at {
        let target = control.locator;
        vanished(on, target).await?;
    }
    on.item = Some(item);
    Ok(())
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
