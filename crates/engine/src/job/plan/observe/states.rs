//! What a control tells of itself: a counter on it, whether it can be used,
//! whether it is set.

use super::super::find::{self, CHOICES, CONTROLS, FIELDS};
use super::super::language::{Clause, Phrase};
use super::super::rehearsal::{Failure, Rehearsal};
use super::super::words::{contains_text, folded, words};
use crate::browser::facts::Element;
use crate::job::steps::Expectation;

/// Whether it is said what a control is: that it is not so is seen as well.
pub fn is_state(thing: &Phrase) -> bool {
    thing.says(&["disabled", "enabled"])
}

/// "The Save button is disabled", "the badge of the cart shows 1": asserted on
/// the control that the subject names. False where the clause says no such thing.
pub async fn see_state(
    on: &mut Rehearsal<'_>,
    clause: &Clause,
    thing: &Phrase,
) -> Result<bool, Failure> {
    let said = thing.text.split(' ').next_back().unwrap_or_default();
    let subject = &clause.subject;
    let expectation = match said {
        "disabled" | "enabled" | "checked" | "selected" | "ticked" | "unchecked" | "unticked" => {
            // "It is still on": what was set.
            let vague = subject.words.is_empty() && subject.quotes.is_empty();
            let item = on.item.as_deref().filter(|_| vague).map(Phrase::named);
            let Some(element) = named(on, item.as_ref().unwrap_or(subject), thing) else {
                return Ok(false);
            };
            let target = element.locator.clone();
            match said {
                "disabled" | "enabled" => {
                    if (said == "disabled") != clause.negated {
                        Expectation::Disabled { target }
                    } else {
                        Expectation::Enabled { target }
                    }
                }
                _ if !CHOICES.contains(&element.role.as_str()) => return Ok(false),
                _ => Expectation::Checked {
                    target,
                    checked: !said.starts_with("un") && !clause.negated,
                },
            }
        }
        "empty" => {
            let Some(field) = find::field(&on.now, &subject.words) else {
                return Ok(false);
            };
            Expectation::FieldValue {
                target: field.locator.clone(),
                value: String::new(),
            }
        }
        number if !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()) => {
            let counts = words("badge counter count number icon");
            let of_control = subject.words.iter().any(|word| counts.contains(word));
            let own = |it: &&Element| {
                let name = words(&it.name);
                let mut asked = subject.words.iter().filter(|word| !counts.contains(word));
                CONTROLS.contains(&it.role.as_str()) && asked.any(|word| name.contains(word))
            };
            let is_text = on.now.texts.iter().any(|block| block.text == number);
            match on.now.elements.iter().find(own) {
                Some(control) if of_control && !is_text => Expectation::ContainsText {
                    target: on.target(&control.clone()).await?,
                    text: number.to_owned(),
                },
                _ => return Ok(false),
            }
        }
        _ => return Ok(false),
    };
    on.expect(expectation).await?;
    Ok(true)
}

/// The control that is quoted, or named in words.
pub fn named<'r>(on: &'r Rehearsal<'_>, subject: &Phrase, thing: &Phrase) -> Option<&'r Element> {
    let quote = subject.quote().or(thing.quote());
    let elements = &on.now.elements;
    if let Some(quote) = quote {
        let exactly = |it: &&Element| folded(&it.name).eq_ignore_ascii_case(&folded(quote));
        let within = || elements.iter().find(|it| contains_text(&it.name, quote));
        return elements.iter().find(exactly).or_else(within);
    }
    let generic = words("button link field option checkbox switch tab box");
    let mut asked = subject.words.clone();
    asked.retain(|word| !generic.contains(word));
    let like = |it: &&Element| super::super::words::likeness(&asked, &words(&it.name));
    let controls = elements.iter().filter(|it| {
        let role = it.role.as_str();
        CONTROLS.contains(&role) || CHOICES.contains(&role) || FIELDS.contains(&role)
    });
    find::best(controls, like, 0.5)
}
