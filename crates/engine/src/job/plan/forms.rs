//! Filling forms in, rightly or with the slips that a description asks for.

use super::find;
use super::language::{Clause, Phrase};
use super::rehearsal::{Failure, Rehearsal};
use super::words::{likeness, words};
use super::{acts, values};
use crate::browser::facts::Element;
use crate::job::steps::{Act, Expectation, Value};

/// What the description says about one field.
pub struct Given {
    pub field: Vec<String>,
    /// `None`: it stays empty.
    pub value: Option<String>,
}

/// "with the email 'not-an-email'", "without a name", "with an invalid email".
pub fn given(phrase: &Phrase) -> Vec<Given> {
    let mut given = Vec::new();
    for with in &phrase.with {
        let wrong = with.says(&["invalid", "wrong", "malformed", "bad"]);
        let value = match with.quotes.first() {
            Some(quote) => Some(quote.clone()),
            None if wrong
                && with
                    .words
                    .iter()
                    .any(|word| *word == words("email").concat()) =>
            {
                Some("not-an-email".to_owned())
            }
            None => continue,
        };
        let field = with.words.clone();
        given.push(Given { field, value });
    }
    for without in &phrase.without {
        let field = without.words.clone();
        given.push(Given { field, value: None });
    }
    given
}

pub async fn fill(on: &mut Rehearsal<'_>, clause: &Clause) -> Result<(), Failure> {
    let object = &clause.object;
    // "Type 'Milk' into the new item field", "fill the name with 'Bob'".
    let single = match (object.quotes.first(), object.quote()) {
        (Some(value), _) => {
            let place = object.places.first().map(|place| place.words.clone());
            Some((place.unwrap_or_else(|| object.words.clone()), value.clone()))
        }
        (None, Some(value)) if !object.says(&["form"]) => {
            Some((object.words.clone(), value.to_owned()))
        }
        _ => None,
    };
    if let Some((asked, text)) = single {
        let generic = words("field box input");
        let asked: Vec<_> = asked
            .into_iter()
            .filter(|word| !generic.contains(word))
            .collect();
        let field = find::field(&on.now, &asked)
            .or_else(|| only_field(on))
            .cloned();
        let field = field.ok_or_else(|| missing("no field of that name"))?;
        on.item = Some(text.clone());
        return on.fill(&field, Value::Text { text }).await;
    }
    let by_name = find::field(&on.now, &object.words)
        .filter(|_| !object.says(&["form", "details", "fields"]));
    if let Some(field) = by_name.cloned() {
        let text = values::valid(&field);
        return on.fill(&field, Value::Text { text }).await;
    }
    let form = find::form(&on.now, &object.words).ok_or_else(|| missing("no form"))?;
    fill_form(on, form, &given(object)).await
}

pub async fn submit(on: &mut Rehearsal<'_>, clause: &Clause) -> Result<(), Failure> {
    let object = &clause.object;
    let given = given(object);
    let empty = object.says(&["empty", "blank", "nothing"])
        || object
            .with
            .iter()
            .any(|with| with.says(&["empty", "nothing"]));
    let open = on.filled.last().and_then(|filled| filled.form);
    let form = match open.filter(|_| given.is_empty() && !empty) {
        Some(form) => Some(form),
        None => find::form(&on.now, &object.words),
    };
    if let Some(form) = form
        && (open != Some(form) || !given.is_empty())
        && !empty
    {
        fill_form(on, form, &given).await?;
    }
    let button = find::submit_of(&on.now, form).filter(|_| form.is_some());
    let by_name = || {
        let asked = words(&format!("{} submit send save", clause.says));
        find::element(&on.now, &["button"], &asked, true)
    };
    let button = button.or_else(by_name).cloned();
    on.click(&button.ok_or_else(|| missing("nothing to send it with"))?)
        .await?;
    if on.is_looked_at {
        return Ok(());
    }
    if clause.negated || empty {
        return refused(on).await;
    }
    acts::prove(on).await
}

/// Asserts that the page complains.
async fn refused(on: &mut Rehearsal<'_>) -> Result<(), Failure> {
    let complaint = on
        .now
        .texts
        .iter()
        .find(|block| block.role == "alert" && !on.was_there(&block.text))
        .cloned();
    match complaint {
        Some(block) => on
            .expect(Expectation::Visible {
                target: block.locator,
            })
            .await
            .map(drop),
        None => {
            let seen = on.scene();
            let target = super::observe::by_role("alert");
            on.expect_unseen(Expectation::Visible { target }, seen);
            Ok(())
        }
    }
}

/// Each field in its order, with a valid value where nothing else is given.
async fn fill_form(on: &mut Rehearsal<'_>, form: usize, given: &[Given]) -> Result<(), Failure> {
    let fields: Vec<Element> = on
        .now
        .elements
        .iter()
        .filter(|element| element.form == Some(form))
        .cloned()
        .collect();
    let mut groups = Vec::new();
    for field in &fields {
        let stated = given.iter().find(|given| is_about(given, field));
        match field.role.as_str() {
            _ if matches!(stated, Some(Given { value: None, .. })) => {}
            "combobox" if !field.options.is_empty() => {
                let wanted = stated
                    .and_then(|given| given.value.as_deref())
                    .or_else(|| values::option(field));
                if let Some(option) = wanted {
                    let (target, option) = (field.locator.clone(), option.to_owned());
                    on.act(Act::Select { target, option }).await?;
                }
            }
            // The first of each group; the group is known by its name attribute.
            "radio" if !groups.contains(&field.hints) => {
                groups.push(field.hints.clone());
                let target = field.locator.clone();
                on.act(Act::Check {
                    target,
                    checked: true,
                })
                .await?;
            }
            "checkbox" if field.required && field.checked != Some(true) => {
                let target = field.locator.clone();
                on.act(Act::Check {
                    target,
                    checked: true,
                })
                .await?;
            }
            _ if find::is_text_field(field) && field.role != "searchbox" => {
                let text = match stated.and_then(|given| given.value.clone()) {
                    Some(text) => text,
                    None if !field.value.is_empty() => continue,
                    None => values::valid(field),
                };
                on.fill(field, Value::Text { text }).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_about(given: &Given, field: &Element) -> bool {
    let label = likeness(&given.field, &words(&field.name));
    let hints = likeness(
        &given.field,
        &words(&format!("{} {}", field.placeholder, field.hints)),
    );
    label.max(hints) >= 0.4
}

pub fn only_field<'r>(on: &'r Rehearsal<'_>) -> Option<&'r Element> {
    let mut fields = on
        .now
        .elements
        .iter()
        .filter(|element| find::is_text_field(element));
    fields.next().filter(|_| fields.next().is_none())
}

fn missing(what: &str) -> Failure {
    Failure::NotUnderstood(format!("{what} was found on the page"))
}
