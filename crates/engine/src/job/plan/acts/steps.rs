//! Forms of several steps, from one to the next.

use super::super::find;
use super::super::forms;
use super::super::language::Phrase;
use super::super::rehearsal::Rehearsal;
use super::super::words::words;
use super::proof::prove_unless_looked_at;
use super::{Done, not_found};
use crate::browser::facts::Element;

/// A form of more steps is no form of one feature.
const MOST_STEPS: usize = 8;

/// What leads to the next step of a form of several.
pub fn way_on(on: &Rehearsal<'_>) -> Option<Element> {
    let begun = |it: &Element| it.form.is_some() || !on.filled.is_empty();
    let mut buttons = on.now.elements.iter();
    let next = buttons.find(|it| find::leads_on(it) && !it.disabled && begun(it));
    next.cloned()
}

/// "Check out with express delivery": each step filled in, to the last.
pub async fn walk_through(on: &mut Rehearsal<'_>, phrase: &Phrase) -> Done {
    let mut steps = 0;
    while steps < MOST_STEPS {
        if let Some(form) = find::form(&on.now, &[]) {
            forms::fill_form(on, form, &forms::given(phrase)).await?;
        }
        for with in &phrase.with {
            if let Some(choice) = find::choice(&on.now, &with.words).cloned()
                && choice.checked == Some(false)
            {
                on.check(choice.locator, true).await?;
            }
        }
        let Some(next) = way_on(on).or_else(|| last_button(on)) else {
            break;
        };
        on.click(&next).await?;
        steps += 1;
        if on.now.shows_the_same(&on.before) && !on.look_again().await? {
            break;
        }
    }
    if steps == 0 {
        return Err(not_found("no form of several steps"));
    }
    prove_unless_looked_at(on).await
}

/// "Place order": what ends it.
fn last_button(on: &Rehearsal<'_>) -> Option<Element> {
    let ends = words("place pay confirm finish complete submit buy");
    let says_so = |it: &&Element| {
        let name = words(&it.name);
        it.role == "button" && !it.disabled && name.first().is_some_and(|word| ends.contains(word))
    };
    on.now.elements.iter().find(says_so).cloned()
}
