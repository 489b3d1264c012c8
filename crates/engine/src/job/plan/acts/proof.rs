//! What proves an act that nothing in the description looks at.

use super::super::find::{self, CHOICES};
use super::super::observe::heading;
use super::super::rehearsal::{Failure, Rehearsal};
use super::super::words::{covers, folded, likeness, words};
use super::Done;
use crate::browser::facts::{Element, TextBlock};
use crate::browser::locator::Locator;
use crate::job::steps::Expectation;

/// Where an act is not followed by a clause that looks at what it did, what
/// changed on the page proves it. Trouble proves nothing: a confirmation is
/// expected in its place.
pub async fn prove(on: &mut Rehearsal<'_>) -> Done {
    if let Some(seen) = on.trouble() {
        let promised = on.confirmed();
        on.expect_unseen(promised, seen);
        return Ok(());
    }
    if let Some(path) = on.stable_path().filter(|_| on.path_changed()) {
        on.expect(Expectation::Path { path }).await?;
    }
    let news = on.now.texts.iter().find(|block| {
        matches!(block.role.as_str(), "heading" | "alert" | "status")
            && is_lasting(&block.text)
            && !on.was_there(&block.text)
    });
    if let Some(told) = news.map(says) {
        on.expect(told).await?;
    }
    Ok(())
}

/// That a message is shown; one found by its role alone, with what it says.
pub fn says(block: &TextBlock) -> Expectation {
    let target = block.locator.clone();
    match &target {
        Locator::Role { name: None, .. } if is_lasting(&block.text) => Expectation::ContainsText {
            target,
            text: folded(&block.text),
        },
        _ => Expectation::Visible { target },
    }
}

/// [`prove`], unless the next clause looks at what was done.
pub async fn prove_unless_looked_at(on: &mut Rehearsal<'_>) -> Done {
    if on.is_looked_at {
        Ok(())
    } else {
        prove(on).await
    }
}

/// Nobody says what is to be seen in the end: whatever a visitor would take for
/// a sign that the last act took effect, else the act proves nothing.
pub async fn prove_the_end(on: &mut Rehearsal<'_>) -> Done {
    loop {
        // What is on its way proves nothing yet.
        while on.has_acted() && is_busy(on) && on.look_again().await? {}
        if on.has_acted() {
            prove(on).await?;
        }
        if on.is_proven() {
            return Ok(());
        }
        let sign = if on.has_acted() {
            effect(on)
        } else {
            greeting(on)
        };
        if let Some(sign) = sign {
            on.expect(sign).await?;
            return Ok(());
        }
        if !on.look_again().await? {
            let why = "it was done, and nothing on the page shows that it had an effect";
            return Err(Failure::NotUnderstood(why.to_owned()));
        }
    }
}

/// Of what the last act changed, that which a visitor would notice first.
fn effect(on: &Rehearsal<'_>) -> Option<Expectation> {
    let (before, now) = (&on.before, &on.now);
    if now.title != before.title && is_lasting(&now.title) {
        let title = now.title.clone();
        return Some(Expectation::Title { title });
    }
    let visible = |target: &Locator| Expectation::Visible {
        target: target.clone(),
    };
    let is_new = |block: &&TextBlock| is_lasting(&block.text) && !on.was_there(&block.text);
    if let Some(block) = now.texts.iter().find(is_new) {
        return Some(visible(&block.locator));
    }
    let same = |one: &Element, other: &Element| one.locator == other.locator;
    let is_new = |element: &&Element| {
        !is_passing(&element.name) && !before.elements.iter().any(|other| same(element, other))
    };
    if let Some(element) = now.elements.iter().find(is_new) {
        return Some(visible(&element.locator));
    }
    let is_gone = |element: &&Element| !now.elements.iter().any(|other| same(element, other));
    if let Some(element) = before.elements.iter().find(is_gone) {
        let target = element.locator.clone();
        return Some(Expectation::Hidden { target });
    }
    now.elements.iter().find_map(|element| {
        let was = before.elements.iter().find(|other| same(element, other))?;
        set(was, element).filter(|it| match it {
            // A form that was lost is unticked as well.
            Expectation::Checked { target, checked } => *checked || on.acted_on() == Some(target),
            _ => true,
        })
    })
}

/// What a field holds now, if it is something else than before.
fn set(was: &Element, is: &Element) -> Option<Expectation> {
    let target = is.locator.clone();
    match is.checked {
        Some(checked) if was.checked != is.checked && CHOICES.contains(&is.role.as_str()) => {
            Some(Expectation::Checked { target, checked })
        }
        // Of a select the page knows a value that no visitor sees; of a user name
        // the facts hold a mark. What is empty may have been lost.
        _ if was.value != is.value
            && !is.value.is_empty()
            && is.tag != "select"
            && !is.value.contains('‹') =>
        {
            let value = is.value.clone();
            Some(Expectation::FieldValue { target, value })
        }
        _ => None,
    }
}

/// What a page that was only opened shows first.
fn greeting(on: &Rehearsal<'_>) -> Option<Expectation> {
    if on.trouble().is_some() {
        return None;
    }
    let block = lasting_heading(on)?;
    let target = block.locator.clone();
    Some(Expectation::Visible { target })
}

/// Asserts that something is no longer shown. An empty page shows it neither:
/// the heading says that the page is there.
pub async fn vanished(on: &mut Rehearsal<'_>, target: Locator) -> Done {
    let heading = lasting_heading(on).map(|block| block.locator.clone());
    if let Some(heading) = heading.filter(|heading| *heading != target) {
        on.expect(Expectation::Visible { target: heading }).await?;
    }
    on.expect(Expectation::Hidden { target }).await?;
    Ok(())
}

fn lasting_heading<'r>(on: &'r Rehearsal<'_>) -> Option<&'r TextBlock> {
    let headings = |block: &&TextBlock| block.role == "heading" && is_lasting(&block.text);
    on.now.texts.iter().find(headings)
}

fn is_busy(on: &Rehearsal<'_>) -> bool {
    let news = on.now.texts.iter().filter(|it| !on.was_there(&it.text));
    let names = on.appeared().map(|it| &it.name);
    news.map(|it| &it.text)
        .chain(names)
        .any(|text| is_passing(text))
}

/// "Saving…" is on its way to be something else.
fn is_passing(text: &str) -> bool {
    let text = text.trim_end();
    text.ends_with('…') || text.ends_with("...")
}

/// Whether the next run will find this text again: nobody's name, no number
/// that the run makes up.
fn is_lasting(text: &str) -> bool {
    !text.trim().is_empty()
        && !is_passing(text)
        && text.len() < 120
        && !text.contains('‹')
        && text.chars().filter(char::is_ascii_digit).count() < 3
}

/// Asserts that the page meant was reached.
pub async fn arrived(on: &mut Rehearsal<'_>, asked: &[String]) -> Done {
    if on.now.status.is_some_and(|status| status >= 400) {
        let seen = on.scene();
        let target = heading(&asked.join(" "));
        on.expect_unseen(Expectation::Visible { target }, seen);
        return Ok(());
    }
    if let Some(path) = on.stable_path().filter(|_| on.path_changed()) {
        on.expect(Expectation::Path { path }).await?;
    }
    let headings = || on.now.texts.iter().filter(|block| block.role == "heading");
    let says_all = |block: &&TextBlock| covers(&words(&block.text), asked);
    // "The product page of the blanket" need not call itself one.
    let like = |block: &&TextBlock| likeness(asked, &words(&block.text));
    let heading = headings().find(says_all);
    let heading = heading.or_else(|| find::best(headings(), like, 0.5));
    if let Some(heading) = heading
        .filter(|heading| on.path_changed() || !on.was_there(&heading.text))
        .cloned()
    {
        on.expect(Expectation::Visible {
            target: heading.locator,
        })
        .await?;
    }
    Ok(())
}
