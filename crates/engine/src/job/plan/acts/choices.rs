//! Choosing, sorting, and giving a field another value.

use super::super::find;
use super::super::language::Phrase;
use super::super::rehearsal::Rehearsal;
use super::super::words::{likeness, words};
use super::proof::prove_unless_looked_at;
use super::{Done, click};
use crate::browser::facts::Element;
use crate::job::steps::{Act, Value};

/// Sorting and choosing: an option of a select, a radio button, or a control.
pub async fn choose(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let mut asked = phrase.all_words();
    for (said, means) in [
        ("cheapest ascending lowest", "low high"),
        ("descending highest expensive", "high low"),
    ] {
        if words(said).iter().any(|word| asked.contains(word)) {
            asked.extend(words(means));
        }
    }
    let options = on
        .now
        .elements
        .iter()
        .filter(|element| element.role == "combobox")
        .flat_map(|element| element.options.iter().map(move |option| (element, option)));
    let like = |(_, option): &(&Element, &String)| in_order(&asked, &words(option));
    let chosen =
        find::best(options, like, 0.6).map(|(element, option)| (element.clone(), option.clone()));
    if let Some((element, option)) = chosen {
        on.select(&element, option).await?;
        return prove_unless_looked_at(on).await;
    }
    let radio = find::element(
        &on.now,
        &["radio", "checkbox"],
        &words(phrase.name()),
        false,
    )
    .cloned();
    match radio {
        Some(radio) => {
            on.act(Act::Check {
                target: radio.locator,
                checked: true,
            })
            .await
        }
        None => click(on, phrase).await,
    }
}

/// "Change the quantity to 3": whatever kind of field it is.
pub async fn change(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let stated = phrase.places.iter().chain(&phrase.with).find_map(|part| {
        let amount = part.amounts.first();
        let literal = part.quotes.first().or(amount).cloned();
        literal.or_else(|| (!part.text.is_empty()).then(|| part.text.clone()))
    });
    let field = find::field(&on.now, &phrase.words).cloned();
    let (Some(field), Some(text)) = (field, stated) else {
        // "Switch to the Reviews tab", "switch the currency to EUR" by its buttons.
        return choose(on, phrase).await;
    };
    let of_field = find::best(
        field.options.iter(),
        |option| likeness(&words(&text), &words(option)),
        0.6,
    );
    if let Some(option) = of_field.cloned() {
        on.select(&field, option).await?;
    } else {
        on.fill(&field, Value::Text { text: text.clone() }).await?;
        let button = find::submit_of(&on.now, field.form).filter(|_| field.form.is_some());
        // What it leads to is looked at next: somebody has to send it.
        if let Some(button) = button.filter(|_| on.is_looked_at).cloned() {
            on.click(&button).await?;
        }
    }
    on.item = Some(text);
    prove_unless_looked_at(on).await
}

/// How well `option` says what was asked, in the order in which it was.
fn in_order(asked: &[String], option: &[String]) -> f64 {
    let mut rest = asked.iter();
    let in_order = option
        .iter()
        .filter(|word| rest.any(|next| next == *word))
        .count();
    let shared = likeness(asked, option).min(1.0);
    if shared == 0.0 || option.is_empty() {
        return 0.0;
    }
    in_order as f64 / option.len() as f64
}
