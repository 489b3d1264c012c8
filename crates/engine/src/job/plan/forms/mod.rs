//! Filling forms in, rightly or with the slips that a description asks for.

mod slips;

pub use slips::{complaint, is_field, leave_all, leave_empty, mismatch, refuse, slip};

use super::find;
use super::language::{Clause, Phrase};
use super::rehearsal::{Failure, Rehearsal};
use super::words::{covers, likeness, words};
use super::{acts, values};
use crate::browser::facts::Element;
use crate::browser::locator::Locator;
use crate::job::steps::{Act, Expectation, Value};

type Done = Result<(), Failure>;

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
        let wrong = is_wrong(with);
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

fn is_wrong(phrase: &Phrase) -> bool {
    phrase.says(&["invalid", "wrong", "malformed", "bad", "incorrect"])
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
    // "The shipping address" is the page's, "the street" a field's.
    let is_page = on.now.texts.iter().any(|block| {
        block.role == "heading"
            && object.words.len() > 1
            && covers(&words(&block.text), &object.words)
    });
    let by_name = find::field(&on.now, &object.words)
        .filter(|_| !is_page && !object.says(&["form", "details", "fields", "information"]));
    if let Some(field) = by_name.cloned() {
        let text = values::valid(&field);
        return on.fill(&field, Value::Text { text }).await;
    }
    let form = find::form(&on.now, &object.words).ok_or_else(|| missing("no form"))?;
    fill_form(on, form, &given(object)).await
}

pub async fn submit(on: &mut Rehearsal<'_>, clause: &Clause) -> Result<(), Failure> {
    let object = &clause.object;
    // "And is not sent", when it was tried: it is still there to be sent.
    if clause.negated
        && let Some(button) = tried(on)
    {
        on.expect(Expectation::Visible { target: button }).await?;
        return Ok(());
    }
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
    if button.is_none() && object.says(&["new"]) {
        return acts::add(on, object).await;
    }
    on.click(&button.ok_or_else(|| missing("nothing to send it with"))?)
        .await?;
    sent(on, clause, !given.is_empty(), empty).await
}

/// The button that was pressed last, if it sends a form.
fn tried(on: &Rehearsal<'_>) -> Option<Locator> {
    let pressed = on.acted_on()?;
    let mut buttons = on.before.elements.iter();
    let button = buttons.find(|it| it.locator == *pressed)?;
    let sends = find::submit_of(&on.before, button.form)?;
    (sends.locator == *pressed).then(|| pressed.clone())
}

/// What is to be seen after a form was sent.
async fn sent(on: &mut Rehearsal<'_>, clause: &Clause, given: bool, empty: bool) -> Done {
    let object = &clause.object;
    if on.is_looked_at {
        return Ok(());
    }
    let wrong = !object.without.is_empty() || object.with.iter().any(is_wrong);
    // What was typed is the description's: a page that takes offence may be meant to.
    let offended = given && on.trouble().is_some();
    if clause.negated || empty || wrong || offended {
        return complaint(on).await;
    }
    acts::prove(on).await
}

/// Fills in and sends the form around `field`, which was opened to make what
/// `phrase` says.
pub async fn make(on: &mut Rehearsal<'_>, field: &Element, phrase: &Phrase) -> Done {
    let mut given = given(phrase);
    if let ([quote], []) = (&phrase.quotes[..], &given[..]) {
        given.push(Given {
            field: words(&field.name),
            value: Some(quote.clone()),
        });
    }
    // "A contact called 'Ada'": by the field that comes first.
    for nameless in given.iter_mut().filter(|given| given.field.is_empty()) {
        nameless.field = words(&field.name);
    }
    let faulty = given.iter().any(|given| given.value.is_none());
    let form = field.form.ok_or_else(|| missing("no form"))?;
    fill_form(on, form, &given).await?;
    let first = given.iter().find_map(|given| given.value.clone());
    let typed = on.filled.iter().find(|filled| filled.form == Some(form));
    on.item = first.or_else(|| typed.map(|filled| filled.value.clone()));
    let button = find::submit_of(&on.now, Some(form)).cloned();
    on.click(&button.ok_or_else(|| missing("nothing to send it with"))?)
        .await?;
    if on.is_looked_at {
        Ok(())
    } else if faulty {
        complaint(on).await
    } else {
        acts::prove(on).await
    }
}

/// Each field in its order, with a valid value where nothing else is given.
pub async fn fill_form(
    on: &mut Rehearsal<'_>,
    form: impl Into<Option<usize>>,
    given: &[Given],
) -> Result<(), Failure> {
    let form = form.into();
    let fields: Vec<Element> = on
        .now
        .elements
        .iter()
        .filter(|element| element.form == form)
        .cloned()
        .collect();
    let mut groups = Vec::new();
    let set = fields
        .iter()
        .filter(|field| field.role == "radio" && field.checked == Some(true));
    groups.extend(set.map(|field| field.hints.clone()));
    // Of two passwords each is given to the one that is called so.
    let meant = |given: &Given| find::best(0..fields.len(), |at| about(given, &fields[*at]), 0.4);
    for (at, field) in fields.iter().enumerate() {
        let stated = given.iter().find(|given| meant(given) == Some(at));
        match field.role.as_str() {
            _ if matches!(stated, Some(Given { value: None, .. })) => {}
            "combobox" if !field.options.is_empty() => {
                // What is chosen already was chosen by somebody.
                let fallback = || values::option(field).filter(|_| values::invites(&field.value));
                let wanted = stated
                    .and_then(|given| given.value.as_deref())
                    .or_else(fallback);
                if let Some(option) = wanted {
                    on.select(field, option.to_owned()).await?;
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
            "checkbox" if (field.required || agrees(field)) && field.checked != Some(true) => {
                let target = field.locator.clone();
                on.act(Act::Check {
                    target,
                    checked: true,
                })
                .await?;
            }
            _ if find::is_text_field(field) && field.role != "searchbox" => {
                let own = stated.and_then(|given| given.value.clone());
                // Asked for twice, it is typed twice.
                let again = || {
                    let earlier = fields[..at].iter().filter(|it| it.input_type == "password");
                    let earlier = earlier.filter(|_| field.input_type == "password");
                    let said = earlier.filter_map(|it| {
                        let known = on.filled.iter().rev();
                        let mut known = known.filter(|filled| filled.form == it.form);
                        let name = words(&format!("{} {}", it.name, it.hints));
                        known.find(|filled| filled.field == name)
                    });
                    said.map(|filled| filled.value.clone()).next()
                };
                let text = match own.or_else(again) {
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

/// "Sign the guestbook with the name 'Mia'": what a button sends, a person fills
/// in first.
pub async fn fill_what_it_sends(on: &mut Rehearsal<'_>, clause: &Clause, button: &Element) -> Done {
    let Some(form) = button.form else {
        return Ok(());
    };
    let sends = find::submit_of(&on.now, Some(form)).is_some_and(|it| it.locator == button.locator);
    let given = given(&clause.object);
    let is_open = |it: &&Element| {
        it.form == Some(form) && it.required && find::is_text_field(it) && it.value.is_empty()
    };
    let untouched = !on.filled.iter().any(|filled| filled.form == Some(form));
    let lacks = untouched && on.now.elements.iter().any(|it| is_open(&it));
    if sends && !clause.negated && (lacks || !given.is_empty()) {
        fill_form(on, form, &given).await?;
    }
    Ok(())
}

/// How much a field is what something is given for.
fn about(given: &Given, field: &Element) -> f64 {
    let label = likeness(&given.field, &words(&field.name));
    let hints = likeness(
        &given.field,
        &words(&format!("{} {}", field.placeholder, field.hints)),
    );
    label.max(hints)
}

/// Whether nobody gets on without ticking it.
fn agrees(field: &Element) -> bool {
    let name = words(&field.name);
    words("agree accept terms conditions consent")
        .iter()
        .any(|word| name.contains(word))
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
