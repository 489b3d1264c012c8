//! Texts to be taken literally.

use super::super::find::CONTROLS;
use super::super::rehearsal::{Failure, Rehearsal};
use super::super::words::{contains_text, folded};
use super::{Done, by_text, heading};
use crate::browser::facts::{Collection, TextBlock};
use crate::browser::locator::Locator;
use crate::job::steps::Expectation;

/// A text to be taken literally.
pub async fn see_text(on: &mut Rehearsal<'_>, text: &str, scope: Option<&Collection>) -> Done {
    if let Some(scope) = scope {
        let target = Locator::Filter {
            base: Box::new(scope.items.clone()),
            has_text: text.to_owned(),
        };
        on.expect(Expectation::Visible { target }).await?;
        return Ok(());
    }
    let target = locate_text(on, text)
        .await?
        .unwrap_or_else(|| by_text(text));
    on.expect(Expectation::Visible { target }).await?;
    Ok(())
}

/// Where a text stands, by the locator that says most and finds one element.
async fn locate_text(on: &mut Rehearsal<'_>, text: &str) -> Result<Option<Locator>, Failure> {
    let shown = hidden_username(on, text);
    let control = on.now.elements.iter().find(|element| {
        CONTROLS.contains(&element.role.as_str()) && folded(&element.name) == folded(text)
    });
    if let Some(control) = control {
        return Ok(Some(control.locator.clone()));
    }
    let blocks: Vec<TextBlock> = on
        .now
        .texts
        .iter()
        .filter(|block| contains_text(&block.text, &shown))
        .cloned()
        .collect();
    // What is new speaks of the act; what was there before, of nothing.
    let news = blocks.iter().find(|block| !on.was_there(&block.text));
    let Some(block) = news.or(blocks.first()).cloned() else {
        return Ok(None);
    };
    if block.role == "heading" {
        let named = heading(text);
        if on.is_one(&named).await? {
            return Ok(Some(named));
        }
    }
    let plain = by_text(text);
    if on.is_one(&plain).await? {
        return Ok(Some(plain));
    }
    Ok(Some(block.locator))
}

/// The session's facts hold a mark where the page shows the user's name.
fn hidden_username(on: &Rehearsal<'_>, text: &str) -> String {
    match &on.request.credentials {
        Some(given) if !given.username.is_empty() && !given.username_is_a_word => {
            text.replace(&given.username, "‹username›")
        }
        _ => text.to_owned(),
    }
}
