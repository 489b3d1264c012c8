//! Choosing, sorting, and giving a field another value.

use super::super::find::{self, CONTROLS};
use super::super::language::{Clause, Verb};
use super::super::rehearsal::{Failure, Rehearsal};
use super::super::values;
use super::super::words::{likeness, words};
use super::proof::prove_unless_looked_at;
use super::{Done, click, not_found, press, pronoun, search, send, use_control};
use crate::browser::facts::Element;
use crate::job::steps::Value;

/// Sorting and choosing: an option of a select, a radio button, or a control.
pub async fn choose(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let phrase = &clause.object;
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
    let by = phrase.places.iter().filter(|_| clause.verb == Verb::Sort);
    let header = by
        .filter_map(|place| find::element(&on.now, CONTROLS, &place.words, false))
        .next();
    if let Some(header) = header.cloned() {
        return press(on, &header).await;
    }
    if set(on, clause, true).await? {
        return Ok(());
    }
    // "Choose a size": any.
    let field = find::field(&on.now, &phrase.words).filter(|it| it.role == "combobox");
    let any = field.and_then(|it| Some((it.clone(), values::option(it)?.to_owned())));
    if let Some((field, option)) = any.filter(|_| phrase.quote().is_none()) {
        on.select(&field, option).await?;
        return prove_unless_looked_at(on).await;
    }
    // "Filter for 'tax'": by what is typed.
    let named = find::element(&on.now, CONTROLS, &phrase.words, false).is_some();
    if clause.word.starts_with("filter")
        && (phrase.quote().is_some() || !named)
        && find::field(&on.now, &words("filter search")).is_some()
    {
        return search(on, phrase).await;
    }
    click(on, phrase).await
}

/// Ticks a box or turns a switch, on or off.
pub async fn tick(on: &mut Rehearsal<'_>, clause: &Clause, checked: bool) -> Done {
    if set(on, clause, checked).await? {
        return Ok(());
    }
    use_control(on, clause).await
}

/// Sets what the clause names to `checked`; false where nothing is called so.
async fn set(on: &mut Rehearsal<'_>, clause: &Clause, checked: bool) -> Result<bool, Failure> {
    let phrase = &clause.object;
    let named = words(&pronoun(on, phrase));
    let asked = if named.is_empty() {
        phrase.all_words()
    } else {
        named
    };
    let Some(choice) = find::choice(&on.now, &asked).cloned() else {
        return Ok(false);
    };
    let toggles = clause.word.starts_with("toggl");
    let checked = if toggles {
        choice.checked != Some(true)
    } else {
        checked
    };
    on.item = Some(choice.name.clone());
    on.check(choice.locator, checked).await?;
    prove_unless_looked_at(on).await?;
    Ok(true)
}

/// "Change the quantity to 3": whatever kind of field it is.
pub async fn change(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let phrase = &clause.object;
    let stated = phrase.places.iter().chain(&phrase.with).find_map(|part| {
        let amount = part.amounts.first();
        let literal = part.quotes.first().or(amount).cloned();
        literal.or_else(|| (!part.text.is_empty()).then(|| part.text.clone()))
    });
    if clause.word.starts_with("edit")
        && let Some(control) = find::control_of_item(&on.now, &words("edit"), &phrase.words)
            .or_else(|| find::element(&on.now, &["button", "link"], &words("edit"), true))
            .cloned()
    {
        return edit(on, &control, stated).await;
    }
    let field = find::field(&on.now, &phrase.words).cloned();
    let own_value = |field: &Element| {
        let named = likeness(&phrase.words, &words(&field.name)) >= 0.5;
        (named && field.role != "combobox").then(|| values::valid(field))
    };
    let text = stated
        .clone()
        .or_else(|| field.as_ref().and_then(own_value));
    let (Some(field), Some(text)) = (field, text) else {
        return switch(on, clause, stated).await;
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
    // "It" is a thing, and not how many there are of it.
    if text.parse::<f64>().is_err() {
        on.item = Some(text);
    }
    prove_unless_looked_at(on).await
}

/// "Switch to the Reviews tab", "switch the currency to EUR" by its buttons, or
/// by a list that opens where it is pressed.
async fn switch(on: &mut Rehearsal<'_>, clause: &Clause, stated: Option<String>) -> Done {
    let is_looked_at = std::mem::replace(&mut on.is_looked_at, true);
    let chosen = choose(on, clause).await;
    on.is_looked_at = is_looked_at;
    chosen?;
    if let Some(text) = stated {
        let roles = ["option", "menuitem", "menuitemradio", "treeitem"];
        let offered = on.appeared().filter(|it| roles.contains(&it.role.as_str()));
        let option = find::best(
            offered,
            |option| likeness(&words(&text), &words(&option.name)),
            0.6,
        );
        if let Some(option) = option.cloned() {
            on.click(&option).await?;
            on.item = Some(text);
        }
    }
    prove_unless_looked_at(on).await
}

/// Where a thing is edited in its place: the field comes with a button.
async fn edit(on: &mut Rehearsal<'_>, control: &Element, stated: Option<String>) -> Done {
    on.click(control).await?;
    let field = on.appeared().find(|it| find::is_text_field(it)).cloned();
    let field = field.ok_or_else(|| not_found("no field to edit it in"))?;
    let text = stated.unwrap_or_else(|| values::valid(&field));
    let saves = words("save update ok done confirm apply");
    let button = on
        .appeared()
        .find(|it| it.role == "button" && words(&it.name).iter().any(|word| saves.contains(word)))
        .cloned();
    on.fill(&field, Value::Text { text: text.clone() }).await?;
    send(on, button, &field).await?;
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
