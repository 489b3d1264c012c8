//! What a person looks at: what the description promises is always asserted,
//! also where it was not seen.

mod figures;
mod generic;
mod greeting;
mod named;
mod outcome;
mod states;
mod text;

pub use outcome::{first, gone, land, refused};
pub use states::{is_state, named as control};

use super::find::{self, CONTROLS};
use super::language::{Clause, Phrase, Verb};
use super::rehearsal::{Failure, Rehearsal};
use super::words::{contains_text, covers, words};
use crate::browser::facts::Collection;
use crate::browser::locator::Locator;
use crate::job::steps::Expectation;
use figures::{grows_by, number_of, only_these, see_amount, see_count, see_growth, see_number};
use generic::{is_message_word, is_page_word, is_typed_word, without_page_words};
use greeting::{greeted, greets};
use named::{opens_details, see_words};
use text::see_text;

type Done = Result<(), Failure>;

pub fn heading(name: &str) -> Locator {
    Locator::Role {
        role: "heading".to_owned(),
        name: (!name.is_empty()).then(|| name.to_owned()),
        exact: false,
        level: None,
    }
}

pub fn by_role(role: &str) -> Locator {
    Locator::Role {
        role: role.to_owned(),
        name: None,
        exact: false,
        level: None,
    }
}

fn by_text(text: &str) -> Locator {
    Locator::Text {
        text: text.to_owned(),
        exact: false,
    }
}

/// "is shown", "says", "has", "is $39.00".
pub async fn see(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let mut thing = clause.object.clone();
    if greets(clause) {
        return greeted(on, thing).await;
    }
    if let Some(by) = grows_by(clause) {
        return see_growth(on, &clause.subject, by).await;
    }
    if let Some(count) = number_of(clause, &thing) {
        return see_number(on, &clause.subject, count).await;
    }
    // "The total is $39.00": the subject says which amount.
    let subject = &clause.subject.words;
    let names_element = thing.quotes.is_empty() && thing.amounts.is_empty();
    let says_what = clause.verb == Verb::See && names_element && !thing.words.is_empty();
    if says_what {
        // "The cart shows the Desk Lamp": there, not that.
        thing.places.push(clause.subject.clone());
    } else if !subject.iter().all(is_page_word) && !names_page(&clause.subject) {
        if names_element || !thing.amounts.is_empty() {
            thing.words.splice(0..0, clause.subject.words.clone());
            thing.text = [clause.subject.text.as_str(), thing.text.as_str()]
                .join(" ")
                .trim()
                .to_owned();
        }
        thing.places.extend(clause.subject.places.clone());
    }
    // "which then appears under To do": what was spoken of last.
    if thing.words.is_empty()
        && thing.quotes.is_empty()
        && thing.amounts.is_empty()
        && thing.with.is_empty()
        && thing.count.is_none()
    {
        thing.quotes.extend(on.item.clone());
    }
    // "See the updated text": what was typed.
    if thing.quotes.is_empty() && !thing.words.is_empty() && thing.words.iter().all(is_typed_word) {
        thing.quotes.extend(on.item.clone());
    }
    if states::see_state(on, clause, &thing).await? {
        return Ok(());
    }
    // "No products found" may stand there so; else there are none.
    let is_none = thing.words.first().is_some_and(|word| word == "no");
    let is_told = || {
        let mut texts = on.now.texts.iter();
        texts.any(|block| covers(&words(&block.text), &thing.words))
    };
    // "A no results message" is something to be seen.
    let is_message = thing.words.iter().any(is_message_word);
    if is_none && !is_message && (!thing.quotes.is_empty() || !is_told()) {
        return gone(on, clause).await;
    }
    let mut scope = go_where(on, &thing).await?;
    // "The reports page lists 5 weeks": that page, not this one.
    if scope.is_none() && !says_what {
        go_to_page(on, &clause.subject).await?;
    }
    // "The total is $9.00": said where things were put, if not here.
    if let Some(container) = on.container.clone().filter(|_| is_missing(on, &thing)) {
        scope = go_to(on, &Phrase::named(&container)).await?;
    }
    // "The cart shows a total of $9.00": there.
    if !clause.subject.words.is_empty() && !thing.amounts.is_empty() && is_missing(on, &thing) {
        scope = go_to(on, &clause.subject).await?.or(scope);
    }
    if opens_details(on, &mut thing).await? {
        scope = None;
    }
    look(on, &thing, scope.as_ref()).await?;
    if clause.only {
        only_these(on, &thing).await?;
    }
    Ok(())
}

/// Goes to the page that `place` says it is, where it says so.
pub async fn go_to_page(on: &mut Rehearsal<'_>, place: &Phrase) -> Done {
    if names_page(place) {
        go_to(on, place).await?;
    }
    Ok(())
}

fn names_page(subject: &Phrase) -> bool {
    subject.says(&["page", "screen", "view"]) && !subject.words.iter().all(is_page_word)
}

/// Whether nothing on this page says what is to be seen.
fn is_missing(on: &Rehearsal<'_>, thing: &Phrase) -> bool {
    let said = |text: &String| {
        let blocks = on.now.texts.iter().map(|block| &block.text);
        let names = on.now.elements.iter().map(|element| &element.name);
        blocks.chain(names).any(|shown| contains_text(shown, text))
    };
    let mut literal = thing.amounts.iter().chain(&thing.quotes).peekable();
    literal.peek().is_some() && !literal.all(said)
}

/// Everything that a phrase promises, one assertion each.
async fn look(on: &mut Rehearsal<'_>, thing: &Phrase, scope: Option<&Collection>) -> Done {
    for quote in &thing.quotes {
        see_text(on, quote, scope).await?;
    }
    for amount in &thing.amounts {
        see_amount(on, amount, &thing.words, scope).await?;
    }
    if let Some(count) = thing.count {
        see_count(on, count, &thing.words, &thing.text).await?;
    } else if thing.quotes.is_empty() && thing.amounts.is_empty() && !thing.words.is_empty() {
        see_words(on, &thing.words, &thing.text, scope).await?;
    }
    for with in &thing.with {
        match filled_value(on, with) {
            Some(value) => see_text(on, &value, scope).await?,
            None => Box::pin(look(on, with, scope)).await?,
        }
    }
    Ok(())
}

/// Follows "in the cart" to another page where it is one, or to the part of
/// this page that "under To do" names.
async fn go_where(on: &mut Rehearsal<'_>, thing: &Phrase) -> Result<Option<Collection>, Failure> {
    for place in &thing.places {
        if let Some(group) = go_to(on, place).await? {
            return Ok(Some(group));
        }
    }
    Ok(None)
}

async fn go_to(on: &mut Rehearsal<'_>, place: &Phrase) -> Result<Option<Collection>, Failure> {
    let asked = without_page_words(&words(place.name()));
    if asked.is_empty() {
        return Ok(None);
    }
    if let Some(group) = find::place(&on.now, &asked).cloned() {
        return Ok(Some(group));
    }
    if find::is_page(&on.now, &asked) {
        return Ok(None);
    }
    let link = find::element(&on.now, CONTROLS, &asked, false)
        .filter(|link| link.item.is_none() && on.acted_on() != Some(&link.locator))
        .cloned();
    if let Some(link) = link {
        on.click(&link).await?;
        if let Some(path) = on.stable_path().filter(|_| on.path_changed()) {
            on.expect(Expectation::Path { path }).await?;
        }
    }
    Ok(None)
}

/// What was typed into the field that "the sender's name" speaks of.
fn filled_value(on: &Rehearsal<'_>, phrase: &Phrase) -> Option<String> {
    if !phrase.quotes.is_empty() || phrase.count.is_some() {
        return None;
    }
    let last = phrase.words.last()?;
    on.filled
        .iter()
        .find(|filled| filled.field.contains(last))
        .map(|filled| filled.value.clone())
}
