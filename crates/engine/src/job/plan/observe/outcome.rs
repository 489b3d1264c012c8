//! What became of the page: where somebody ended up, what comes first in it,
//! what it shows no more.

use super::super::acts::{is_home, vanished};
use super::super::find;
use super::super::forms::{self, complaint};
use super::super::language::{Clause, Phrase, Verb};
use super::super::rehearsal::{Failure, Rehearsal};
use super::super::words::{contains_text, covers, words};
use super::generic::{is_kind_word, is_message_word, plain_words, without_page_words};
use super::{Done, by_role, by_text, heading, look};
use crate::browser::facts::{Collection, TextBlock};
use crate::browser::locator::Locator;
use crate::job::steps::Expectation;

/// Somebody ends up on a page.
pub async fn land(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let place = clause.object.places.first();
    let is_back = clause.object.words == words("back");
    let phrase = if clause.object.words.is_empty() || is_back {
        place.unwrap_or(&clause.object)
    } else {
        &clause.object
    };
    let meant = without_page_words(&words(phrase.name()));
    // "Back on the landing page": as it was opened.
    if !meant.is_empty() && is_home(&meant) && on.has_acted() {
        let headings = |block: &&TextBlock| block.role == "heading";
        if let Some(first) = on.opened.texts.iter().find(headings) {
            let target = first.locator.clone();
            on.expect(Expectation::Visible { target }).await?;
            return Ok(());
        }
    }
    let broken = on.now.status.is_some_and(|status| status >= 400);
    // "its product page": of the thing that was clicked.
    let of_item = on
        .item
        .clone()
        .filter(|_| !find::is_page(&on.now, &meant) || path_only(on, &meant));
    if broken || (!meant.is_empty() && !find::is_page(&on.now, &meant) && of_item.is_none()) {
        let seen = on.scene();
        let name = of_item.unwrap_or_else(|| plain_words(phrase.name()));
        on.expect_unseen(
            Expectation::Visible {
                target: heading(&name),
            },
            seen,
        );
        return Ok(());
    }
    if let Some(path) = on.stable_path().filter(|_| on.path_changed()) {
        on.expect(Expectation::Path { path }).await?;
    }
    let asked = of_item.map_or(meant, |item| words(&item));
    let shown = on
        .now
        .texts
        .iter()
        .find(|block| block.role == "heading" && covers(&words(&block.text), &asked));
    if let Some(block) = shown.cloned() {
        on.expect(Expectation::Visible {
            target: block.locator,
        })
        .await?;
    }
    // "opens a dialog with the heading 'Settings'"
    for with in &clause.object.with {
        // "With links to Pricing and Docs"
        if with.quote().is_none() && with.words.iter().all(is_kind_word) {
            for place in &clause.object.places {
                look(on, place, None).await?;
            }
            continue;
        }
        look(on, with, None).await?;
    }
    Ok(())
}

/// Something comes first in its list.
pub async fn first(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let thing = if clause.object.is_empty() {
        &clause.subject
    } else {
        &clause.object
    };
    let asked = words(thing.name());
    if asked.is_empty() {
        return Err(Failure::NotUnderstood("it does not say what".to_owned()));
    }
    let has = |group: &&Collection| {
        group.texts.iter().any(|text| covers(&words(text), &asked)) && group.count > 1
    };
    let group = find::best(
        on.now.collections.iter().filter(has),
        |group| group.count as f64,
        1.0,
    )
    .cloned();
    let text = thing.name().to_owned();
    match group {
        Some(group) => {
            let target = Locator::First {
                base: Box::new(group.items),
            };
            on.expect(Expectation::ContainsText { target, text })
                .await?;
        }
        None => {
            let seen = on.scene();
            let target = Locator::First {
                base: Box::new(by_role("listitem")),
            };
            on.expect_unseen(Expectation::ContainsText { target, text }, seen);
        }
    }
    Ok(())
}

/// What was tried was turned down: the page says so.
pub async fn refused(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    // "An email like 'ada@' is refused" says what is typed: nobody else does it.
    let typed = &clause.subject;
    let is_open = |on: &Rehearsal<'_>| {
        let field = &typed.words;
        !on.filled.iter().any(|filled| covers(&filled.field, field))
    };
    if forms::is_field(on, typed) && is_open(on) {
        forms::refuse(on, typed).await?;
    }
    let told = clause.object.with.iter().chain([&clause.object]);
    let told: Vec<Phrase> = told.filter(|it| it.quote().is_some()).cloned().collect();
    if told.is_empty() {
        return complaint(on).await;
    }
    for message in &told {
        look(on, message, None).await?;
    }
    Ok(())
}

/// Something is no longer, or not, shown.
pub async fn gone(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let thing = if clause.object.is_empty() {
        &clause.subject
    } else {
        &clause.object
    };
    // "It is no longer in the list": what was spoken of last.
    let mut thing = thing.clone();
    if thing.words.is_empty() && thing.quote().is_none() && thing.amounts.is_empty() {
        thing.quotes.extend(on.item.clone());
    }
    let meant: Vec<String> = without_page_words(&thing.words)
        .into_iter()
        .filter(|word| word != "no")
        .collect();
    // "The Log out button": of what is called so.
    let kinds = words("button link icon tab");
    let mut own = meant.clone();
    own.retain(|word| !kinds.contains(word));
    let meant = if own.is_empty() { meant } else { own };
    let shows = |text: &str| match thing.quote() {
        Some(quote) => contains_text(text, quote),
        None => covers(&words(text), &meant),
    };
    let before = &on.before;
    let group = || {
        let named = find::collection(before, &meant, None);
        named.filter(|_| thing.quote().is_none() && !meant.is_empty())
    };
    let block = before.texts.iter().find(|block| shows(&block.text));
    let element = || before.elements.iter().find(|element| shows(&element.name));
    let target = match block {
        Some(block) => Some(block.locator.clone()),
        None => element().map(|element| element.locator.clone()),
    };
    if let Some(target) = target {
        return vanished(on, target).await;
    }
    // A row, a card: found by what it says.
    let quoted = thing.quote();
    let holds = |group: &&Collection| {
        let quote = quoted.unwrap_or_default();
        group.texts.iter().any(|text| contains_text(text, quote))
    };
    let held = before
        .collections
        .iter()
        .filter(|_| quoted.is_some())
        .find(holds);
    if let (Some(group), Some(quote)) = (held, quoted) {
        let base = Box::new(group.items.clone());
        let has_text = quote.to_owned();
        return vanished(on, Locator::Filter { base, has_text }).await;
    }
    if let Some(items) = group().map(|group| group.items.clone()) {
        return vanished(on, items).await;
    }
    let name = thing
        .quote()
        .map_or_else(|| plain_words(&thing.text), str::to_owned);
    let boxes = words("dialog modal popup overlay");
    let is_box = !meant.is_empty() && meant.iter().all(|word| boxes.contains(word));
    if is_box && on.before.aria.contains("- dialog") {
        return vanished(on, by_role("dialog")).await;
    }
    // "The notice": what the act took away, whatever it said.
    let is_notice = !meant.is_empty()
        && meant
            .iter()
            .all(|it| is_message_word(it) || boxes.contains(it));
    if is_notice && thing.quote().is_none() && clause.verb == Verb::Gone && on.has_acted() {
        let is_left = |text: &str| on.now.texts.iter().any(|block| block.text == text);
        let lost = before.texts.iter().find(|block| !is_left(&block.text));
        let lost = lost.map(|block| block.locator.clone());
        if let Some(target) = lost.or_else(|| on.acted_on().cloned()) {
            return vanished(on, target).await;
        }
    }
    if name.is_empty() {
        return Err(Failure::NotUnderstood("it does not say what".to_owned()));
    }
    // Who never saw it can't see that it is gone.
    let was_there = ["no longer", "any more", "anymore"];
    let says = clause.says.to_lowercase();
    if clause.verb == Verb::Gone || was_there.iter().any(|words| says.contains(words)) {
        let why = format!("“{name}” was not on the page before");
        return Err(Failure::NotUnderstood(why));
    }
    let is_error = !meant.is_empty() && meant.iter().all(is_message_word);
    let target = if is_error && thing.quote().is_none() {
        by_role("alert")
    } else {
        by_text(name.trim_start_matches("no "))
    };
    vanished(on, target).await
}

fn path_only(on: &Rehearsal<'_>, meant: &[String]) -> bool {
    let in_text = on
        .now
        .texts
        .iter()
        .any(|block| block.role == "heading" && covers(&words(&block.text), meant));
    !in_text
}
