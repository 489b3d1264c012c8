//! What a person does: each kind of act found on the page and acted out.

mod account;
mod choices;
mod proof;
mod things;

pub use account::{can_enter, enter, log_in, log_out};
pub use choices::{change, choose};
pub use proof::{prove, prove_the_end, vanished};
pub use things::{add, remove};

use super::find::{self, CONTROLS};
use super::language::{Clause, Phrase};
use super::rehearsal::{Failure, Rehearsal};
use super::words::{contains_text, words};
use crate::browser::facts::Element;
use crate::job::steps::{Act, Value};
use proof::{arrived, prove_unless_looked_at};

type Done = Result<(), Failure>;

fn not_found(what: &str) -> Failure {
    Failure::NotUnderstood(format!("{what} was found on the pages visited"))
}

/// Opens the page that `phrase` names, by a link as a visitor would.
pub async fn visit(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    if let Some(path) = path_in(phrase) {
        on.act(Act::Goto { path }).await?;
        return arrived(on, &[]).await;
    }
    let asked = named(on, phrase);
    let loose = on.loose;
    let link = find::element(&on.now, CONTROLS, &asked, loose).cloned();
    let link = match link {
        Some(link) => link,
        None if is_home(&asked) || find::is_page(&on.now, &asked) => return Ok(()),
        None => return Err(not_found(&format!("no link called “{}”", phrase.name()))),
    };
    on.click(&link).await?;
    arrived(on, &asked).await
}

pub async fn click(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let asked = named(on, phrase);
    let loose = on.loose;
    let roles = [CONTROLS, &["checkbox", "radio"]].concat();
    let quoted = phrase.quotes.first().and_then(|quote| {
        on.now.elements.iter().find(|element| {
            roles.contains(&element.role.as_str()) && contains_text(&element.name, quote)
        })
    });
    let element = quoted
        .or_else(|| find::element(&on.now, &roles, &asked, loose))
        .or_else(|| find::control_of_item(&on.now, &asked, &place_words(phrase)))
        .cloned();
    let element =
        element.ok_or_else(|| not_found(&format!("nothing called “{}”", phrase.name())))?;
    press(on, &element).await
}

/// "Dismiss the notice": by a control for the notice, or one that dismisses.
pub async fn use_control(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let asked = named(on, &clause.object);
    let element = find::element(&on.now, CONTROLS, &asked, false)
        .or_else(|| find::element(&on.now, CONTROLS, &words(&clause.says), true))
        .cloned();
    let element = element.ok_or_else(|| not_found(&format!("nothing to {}", clause.says)))?;
    press(on, &element).await
}

async fn press(on: &mut Rehearsal<'_>, element: &Element) -> Done {
    on.item = Some(element.name.clone());
    on.click(element).await?;
    if on.path_changed() {
        arrived(on, &[]).await
    } else {
        prove_unless_looked_at(on).await
    }
}

pub async fn search(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let term = match phrase.quote() {
        Some(quote) => quote.to_owned(),
        None => phrase.text.clone(),
    };
    if term.is_empty() {
        return Err(Failure::NotUnderstood(
            "it does not say what to search for".to_owned(),
        ));
    }
    let by_role = on
        .now
        .elements
        .iter()
        .find(|element| element.role == "searchbox");
    let field = by_role
        .or_else(|| find::field(&on.now, &words("search")))
        .cloned();
    let field = field.ok_or_else(|| not_found("no search box"))?;
    on.fill(&field, Value::Text { text: term.clone() }).await?;
    let button = find::submit_of(&on.now, field.form).filter(|_| field.form.is_some());
    let button = button.cloned();
    send(on, button, &field).await?;
    on.term = Some(term);
    prove_unless_looked_at(on).await
}

/// By its button, or as the field itself does it.
async fn send(on: &mut Rehearsal<'_>, button: Option<Element>, field: &Element) -> Done {
    if let Some(button) = button {
        return on.click(&button).await;
    }
    let (target, key) = (field.locator.clone(), "Enter".to_owned());
    on.act(Act::Press { target, key }).await
}

/// What the phrase names; "it" and "them" are what was spoken of last.
fn pronoun(on: &Rehearsal<'_>, phrase: &Phrase) -> String {
    let vague = phrase.words.is_empty()
        || phrase.says(&["it", "them", "item", "items", "product"]) && phrase.words.len() == 1;
    match (phrase.quote(), &on.item) {
        (Some(quote), _) => quote.to_owned(),
        (None, Some(item)) if vague => item.clone(),
        _ => phrase.text.clone(),
    }
}

fn named(on: &Rehearsal<'_>, phrase: &Phrase) -> Vec<String> {
    let generic = words("page screen button link tab site website section");
    let asked = words(&pronoun(on, phrase));
    let meant: Vec<String> = asked
        .iter()
        .filter(|word| !generic.contains(word))
        .cloned()
        .collect();
    if meant.is_empty() { asked } else { meant }
}

fn place_words(phrase: &Phrase) -> Vec<String> {
    phrase
        .places
        .iter()
        .flat_map(|place| words(place.name()))
        .collect()
}

/// `/pricing`, written out in the description.
fn path_in(phrase: &Phrase) -> Option<String> {
    let said = phrase
        .quotes
        .iter()
        .map(String::as_str)
        .chain(phrase.text.split(' '));
    let path = said.into_iter().find(|word| word.starts_with('/'));
    path.map(str::to_owned)
}

fn is_home(asked: &[String]) -> bool {
    let home = words("home homepage start app application main");
    asked.iter().all(|word| home.contains(word))
}
