//! What a person does: each kind of act found on the page and acted out.

mod account;
mod choices;
mod gate;
mod proof;
mod steps;
mod things;

pub use account::{can_enter, enter, log_in, log_out};
pub use choices::{change, choose, tick};
pub use gate::gate;
pub use proof::{arrived, prove, prove_the_end, says, vanished};
pub use steps::{walk_through, way_on};
pub use things::{add, remove};

use super::find::{self, CONTROLS, path_of};
use super::forms;
use super::language::{Clause, Phrase};
use super::rehearsal::{Failure, Rehearsal};
use super::words::{contains_text, covers, likeness, words};
use crate::browser::facts::Element;
use crate::job::steps::{Act, Value};
use proof::prove_unless_looked_at;

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
    let is_here = find::is_all_about(&on.now, &asked);
    let link = find::element(&on.now, CONTROLS, &asked, loose);
    // "New contact" is no way to the contacts, where they are shown.
    let leads = |link: &&Element| !is_here || likeness(&asked, &words(&link.name)) > 0.9;
    let link = link.filter(leads).cloned();
    let link = match link {
        Some(link) => link,
        None if is_home(&asked) || is_here => return Ok(()),
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

/// Presses what is called so, and looks at nothing yet.
pub async fn press_named(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let is_looked_at = std::mem::replace(&mut on.is_looked_at, true);
    let pressed = click(on, phrase).await;
    on.is_looked_at = is_looked_at;
    pressed
}

/// "Dismiss the notice", "export the report from the File menu": by a control
/// that says so, behind the menus that the description names.
pub async fn use_control(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let mut element = used_by(on, clause);
    if element.is_none() && open_menu(on, &clause.object).await? {
        element = used_by(on, clause);
    }
    let element =
        element.ok_or_else(|| not_found(&format!("nothing to “{}” with", clause.word)))?;
    let others: Vec<_> = clause.object.places.iter().collect();
    let item = on.item.clone();
    forms::fill_what_it_sends(on, clause, &element).await?;
    let is_looked_at = std::mem::replace(&mut on.is_looked_at, true);
    let pressed = press(on, &element).await;
    on.is_looked_at = is_looked_at;
    pressed?;
    if clause.object.is_vague() {
        // What was typed is spoken of, not the button.
        on.item = item;
    }
    confirm(on).await?;
    // "Export as CSV": what then is offered.
    for place in others {
        let offered = on.appeared().find(|it| {
            CONTROLS.contains(&it.role.as_str()) && covers(&words(&it.name), &place.words)
        });
        if let Some(offered) = offered.cloned() {
            on.click(&offered).await?;
        }
    }
    if on.path_changed() {
        arrived(on, &[]).await
    } else {
        prove_unless_looked_at(on).await
    }
}

fn used_by(on: &Rehearsal<'_>, clause: &Clause) -> Option<Element> {
    // "And cancel": by what it does, and not by what was spoken of.
    let asked = if clause.object.is_vague() {
        Vec::new()
    } else {
        named(on, &clause.object)
    };
    let verb = words(&clause.word);
    let whole = [verb.clone(), asked.clone()].concat();
    let says_so = on.now.elements.iter().filter(|element| {
        let name = words(&element.name);
        CONTROLS.contains(&element.role.as_str())
            && !element.disabled
            && verb.iter().any(|word| name.contains(word))
    });
    find::control_of_item(&on.now, &verb, &asked)
        .filter(|_| !asked.is_empty())
        .or_else(|| find::best(says_so, |it| likeness(&whole, &words(&it.name)), 0.3))
        .or_else(|| find::element(&on.now, CONTROLS, &asked, false).filter(|it| unsaid(clause, it)))
        .cloned()
}

/// Whether a control may do what the verb says without saying so: what unfolds
/// is called by what it shows, but "export the report" is not the link to it.
fn unsaid(clause: &Clause, control: &Element) -> bool {
    let unfolds = [
        "expand", "unfold", "collaps", "rais", "increas", "lower", "decreas", "reduc", "mov",
    ];
    let is_thing = control.role != "link" && covers(&clause.object.words, &words(&control.name));
    is_thing || unfolds.iter().any(|verb| clause.word.starts_with(verb))
}

/// Opens the menu that the phrase says something is in.
async fn open_menu(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Result<bool, Failure> {
    let generic = words("menu dropdown popup icon button");
    for place in phrase
        .places
        .iter()
        .filter(|it| it.says(&["menu", "dropdown"]))
    {
        let own: Vec<String> = place.words.clone();
        let kept: Vec<String> = own
            .iter()
            .filter(|it| !generic.contains(it))
            .cloned()
            .collect();
        let menu = find::element(
            &on.now,
            CONTROLS,
            if kept.is_empty() { &own } else { &kept },
            false,
        );
        if let Some(menu) = menu.cloned() {
            on.click(&menu).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Where the page asks whether it is meant, it is.
async fn confirm(on: &mut Rehearsal<'_>) -> Done {
    let says = |element: &Element, any: &str| {
        let name = words(&element.name);
        words(any).iter().any(|word| name.contains(word))
    };
    let asks = on
        .appeared()
        .any(|it| it.role == "button" && says(it, "cancel no keep back"));
    if !asks {
        return Ok(());
    }
    let yes = on.appeared().find(|it| {
        it.role == "button"
            && !says(it, "cancel keep back")
            && says(it, "delete remove confirm yes ok discard archive sure")
    });
    if let Some(yes) = yes.cloned() {
        on.click(&yes).await?;
    }
    Ok(())
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

/// Opens the page anew, where it is.
pub async fn reload(on: &mut Rehearsal<'_>) -> Done {
    // What was changed and not saved would be gone on a healthy page too.
    let saves = |it: &&Element| {
        let first = words(&it.name).first().cloned();
        it.role == "button" && !it.disabled && first == words("save").pop()
    };
    let unsaved = on.has_acted().then(|| on.now.elements.iter().find(saves));
    if let Some(save) = unsaved.flatten().cloned() {
        on.click(&save).await?;
    }
    // Who opens the page too early finds what was there before.
    let mut waits = on.has_acted() && !on.is_proven();
    while waits {
        prove(on).await?;
        waits = !on.is_proven() && on.look_again().await?;
    }
    let path = path_of(&on.now.url);
    on.act(Act::Goto { path }).await
}

/// Whether a field is filled in to be refused at a login.
pub fn tries_wrongly(on: &Rehearsal<'_>, clause: &Clause) -> bool {
    let wrong = ["wrong", "invalid", "incorrect", "bad"];
    let says = clause.object.says(&wrong) || clause.object.with.iter().any(|it| it.says(&wrong));
    let about = clause.object.all_words();
    let secret = words("password credentials");
    let way_in = || find::element(&on.now, CONTROLS, &words("log in"), false).is_some();
    says && clause.object.quote().is_none()
        && secret.iter().any(|word| about.contains(word))
        && (find::login_form(&on.now).is_some() || way_in())
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
        .or_else(|| find::field(&on.now, &words("filter")))
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
    let generic = words("page screen button link tab icon site website section");
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

pub fn is_home(asked: &[String]) -> bool {
    let home = words("home homepage start app application main landing front");
    asked.iter().all(|word| home.contains(word))
}
