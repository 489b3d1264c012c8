//! A control that waits for something: locked before, open afterwards.

use super::super::find::{self, CHOICES, FIELDS};
use super::super::language::{Clause, Phrase, Verb};
use super::super::observe;
use super::super::rehearsal::{Failure, Rehearsal};
use super::super::words::{likeness, words};
use super::super::{carry_out, forms, values};
use super::{Done, not_found, proof};
use crate::browser::facts::Element;
use crate::job::steps::{Expectation, Value};

/// Words for a form as a whole.
const WHOLE: &str = "form fields field details information everything required mandatory data \
    inputs passwords";
/// Words for whatever there is to set.
const ANYTHING: &str = "something anything text content value change changes it input option \
    box checkbox field form one item setting settings choice";

/// "Disabled until a name is given": both halves are asserted, as a control that
/// is always open, or never, keeps one of them.
pub async fn gate(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let control = control(on, &clause.object)
        .ok_or_else(|| not_found(&format!("no control called “{}”", clause.object.name())))?;
    if !control.disabled && clause.negated && is_sending(&clause.object) {
        return complains_first(on, clause, &control).await;
    }
    let target = on.target(&control).await?;
    let locked = Expectation::Disabled {
        target: target.clone(),
    };
    on.expect(locked.clone()).await?;
    let mut set: Vec<(&Clause, Element)> = Vec::new();
    for act in &clause.condition {
        // "A name and an email": one of them is not enough.
        if !set.is_empty() && is_named(act) {
            on.expect_again(locked.clone()).await?;
        }
        let field = satisfy(on, &control, act).await?;
        set.extend(field.map(|field| (act, field)));
    }
    let mut open = is_open(on, &control);
    while !open && on.look_again().await? {
        open = is_open(on, &control);
    }
    if !open && control.disabled {
        open_with_the_rest(on, &control, &set, locked).await?;
    }
    on.expect(Expectation::Enabled { target }).await?;
    on.item = Some(control.name);
    Ok(())
}

fn is_open(on: &Rehearsal<'_>, control: &Element) -> bool {
    let mut elements = on.now.elements.iter();
    elements.any(|it| it.locator == control.locator && !it.disabled)
}

/// The control, locked or not, by its name or by the form that it sends.
fn control(on: &Rehearsal<'_>, phrase: &Phrase) -> Option<Element> {
    let named = observe::control(on, phrase, &Phrase::default());
    let form = || {
        let form = find::form(&on.now, &phrase.words);
        let form = form.filter(|_| is_sending(phrase));
        find::sends(&on.now, Some(form?), |_| true)
    };
    named.or_else(form).cloned()
}

/// "The form can't be sent", rather than what its button is called.
fn is_sending(phrase: &Phrase) -> bool {
    let sends = words("submit send post save register signup continue");
    phrase.words.iter().any(|word| sends.contains(word)) && !phrase.says(&["button", "link"])
}

/// A form that waits for more than was said: with the rest filled in, what was
/// said is what it waits for, if it locks again without that.
async fn open_with_the_rest(
    on: &mut Rehearsal<'_>,
    control: &Element,
    set: &[(&Clause, Element)],
    locked: Expectation,
) -> Done {
    forms::fill_form(on, control.form, &[]).await?;
    for (act, field) in set {
        if unset(on, field).await? {
            on.expect_again(locked.clone()).await?;
            satisfy(on, control, act).await?;
        }
    }
    Ok(())
}

/// Takes back what was set; false where nobody can.
async fn unset(on: &mut Rehearsal<'_>, field: &Element) -> Result<bool, Failure> {
    let none = field.options.iter().find(|it| values::invites(it));
    if CHOICES.contains(&field.role.as_str()) && field.role != "radio" {
        on.check(field.locator.clone(), false).await?;
    } else if find::is_text_field(field) && field.role != "combobox" {
        on.fill(field, text("")).await?;
    } else if let Some(none) = none.cloned() {
        on.select(field, none).await?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// The form has no lock: it complains where it is sent too early.
async fn complains_first(on: &mut Rehearsal<'_>, clause: &Clause, control: &Element) -> Done {
    let lacks = clause.condition.iter().map(|act| forms::Given {
        field: act.object.words.clone(),
        value: None,
    });
    let lacks: Vec<_> = lacks.collect();
    forms::fill_form(on, control.form, &lacks).await?;
    on.click(control).await?;
    forms::complaint(on).await?;
    for act in &clause.condition {
        satisfy(on, control, act).await?;
    }
    on.click(control).await?;
    proof::prove_unless_looked_at(on).await
}

/// Does what the gate waits for; tells what was set, where it is one thing.
async fn satisfy(
    on: &mut Rehearsal<'_>,
    control: &Element,
    act: &Clause,
) -> Result<Option<Element>, Failure> {
    let object = &act.object;
    let sets = matches!(
        act.verb,
        Verb::Fill | Verb::Tick | Verb::Choose | Verb::Change
    );
    // "Until 'Ada' is typed into the name", "after changing the zone to Tokyo"
    let says_what = object.quote().is_some() && act.verb != Verb::Tick
        || act.verb == Verb::Change && !object.places.is_empty();
    if !sets || says_what {
        let looked_at = std::mem::replace(&mut on.is_looked_at, !sets);
        let done = Box::pin(carry_out(on, act)).await;
        on.is_looked_at = looked_at;
        return done.map(|()| None);
    }
    let asked = asked(object);
    if act.verb == Verb::Fill && !is_named(act) {
        forms::fill_form(on, control.form, &[]).await?;
        return Ok(None);
    }
    let fits: fn(&Element) -> bool = match act.verb {
        Verb::Fill => |it| find::is_text_field(it) && it.role != "searchbox",
        Verb::Tick => |it| CHOICES.contains(&it.role.as_str()) && it.role != "radio",
        _ => |it| {
            let role = it.role.as_str();
            CHOICES.contains(&role) || FIELDS.contains(&role) && role != "searchbox"
        },
    };
    let fitting = || on.now.elements.iter().filter(|it| !it.disabled && fits(it));
    let field = if asked.is_empty() {
        let own = || fitting().filter(|it| it.form == control.form);
        by_ease(own()).or_else(|| by_ease(fitting()))
    } else {
        find::best(
            fitting(),
            |it| {
                let about = format!("{} {}", it.placeholder, it.hints);
                likeness(&asked, &words(&it.name)).max(likeness(&asked, &words(&about)) * 0.9)
            },
            0.3,
        )
    };
    let Some(field) = field.cloned() else {
        return Err(not_found(&format!("nothing called “{}”", object.name())));
    };
    set(on, &field, act.verb == Verb::Change).await?;
    Ok(Some(field))
}

/// Whether it is said which field is set, rather than a form or anything.
fn is_named(act: &Clause) -> bool {
    !asked(&act.object).is_empty() && !all_in(&act.object.words, WHOLE)
}

fn asked(object: &Phrase) -> Vec<String> {
    // "Text is typed into the comment field"
    let name = words(object.name());
    let of = |words: &[String]| {
        let kept = words
            .iter()
            .filter(|it| !all_in(std::slice::from_ref(*it), ANYTHING));
        kept.cloned().collect::<Vec<_>>()
    };
    let own = of(&name);
    match object.places.first() {
        Some(place) if own.is_empty() => of(&words(place.name())),
        _ => own,
    }
}

fn all_in(said: &[String], known: &str) -> bool {
    let known = words(known);
    said.iter().all(|word| known.contains(word))
}

/// Of whatever may be set, what takes effect at once comes first.
fn by_ease<'f>(fields: impl Iterator<Item = &'f Element>) -> Option<&'f Element> {
    let ease = |it: &&Element| match it.role.as_str() {
        "switch" | "checkbox" => 0,
        "radio" if it.checked == Some(false) => 1,
        "combobox" if it.options.len() > 1 => 2,
        "textbox" => 3,
        _ => 4,
    };
    fields.min_by_key(ease)
}

/// Gives it another value than it has; a choice is made, unless it may be undone.
async fn set(on: &mut Rehearsal<'_>, field: &Element, undoes: bool) -> Done {
    if CHOICES.contains(&field.role.as_str()) {
        let checked = !(undoes && field.role != "radio" && field.checked == Some(true));
        return on.check(field.locator.clone(), checked).await;
    }
    // What a select holds need not be what it shows: then the last is another.
    let other = |option: &&String| !values::invites(option) && **option != field.value;
    let is_shown = field.value.is_empty() || field.options.contains(&field.value);
    let mut options = field.options.iter();
    let option = if is_shown {
        options.find(other)
    } else {
        options.rfind(other)
    };
    if let Some(option) = option {
        return on.select(field, option.clone()).await;
    }
    let valid = values::valid(field);
    let value = if valid == field.value {
        format!("{valid} II")
    } else {
        valid
    };
    on.fill(field, text(&value)).await
}

fn text(text: &str) -> Value {
    let text = text.to_owned();
    Value::Text { text }
}
