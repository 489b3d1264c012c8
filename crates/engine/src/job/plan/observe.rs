//! What a person looks at: what the description promises is always asserted,
//! also where it was not seen.

use std::sync::LazyLock;

use super::find::{self, CONTROLS};
use super::language::{Clause, Phrase};
use super::rehearsal::{Failure, Rehearsal};
use super::words::{contains_text, covers, folded, words};
use crate::browser::facts::{Collection, Element, TextBlock};
use crate::browser::locator::Locator;
use crate::job::steps::Expectation;

type Done = Result<(), Failure>;

pub fn heading(name: &str) -> Locator {
    Locator::Role {
        role: "heading".to_owned(),
        name: (!name.is_empty()).then(|| name.to_owned()),
        exact: false,
        level: None,
    }
}

pub fn by_role(role: &str) -> Locator {
    Locator::Role {
        role: role.to_owned(),
        name: None,
        exact: false,
        level: None,
    }
}

fn by_text(text: &str) -> Locator {
    Locator::Text {
        text: text.to_owned(),
        exact: false,
    }
}

/// "is shown", "says", "has", "is $39.00".
pub async fn see(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let mut thing = clause.object.clone();
    // "The total is $39.00": the subject says which amount.
    let subject = &clause.subject.words;
    let speaks_of_page = !subject.is_empty() && subject.iter().all(is_page_word);
    if !clause.subject.is_empty() && !speaks_of_page {
        let names_element = thing.quotes.is_empty() && thing.amounts.is_empty();
        if names_element || !thing.amounts.is_empty() {
            thing.words.splice(0..0, clause.subject.words.clone());
            thing.text = [clause.subject.text.as_str(), thing.text.as_str()]
                .join(" ")
                .trim()
                .to_owned();
        }
        thing.places.extend(clause.subject.places.clone());
    }
    // "which then appears under To do": what was spoken of last.
    if thing.words.is_empty()
        && thing.quotes.is_empty()
        && thing.amounts.is_empty()
        && thing.with.is_empty()
        && thing.count.is_none()
    {
        thing.quotes.extend(on.item.clone());
    }
    let scope = go_where(on, &thing).await?;
    look(on, &thing, scope.as_ref()).await
}

/// Everything that a phrase promises, one assertion each.
async fn look(on: &mut Rehearsal<'_>, thing: &Phrase, scope: Option<&Collection>) -> Done {
    for quote in &thing.quotes {
        see_text(on, quote, scope).await?;
    }
    for amount in &thing.amounts {
        see_amount(on, amount, &thing.words, scope).await?;
    }
    if let Some(count) = thing.count {
        see_count(on, count, &thing.words, &thing.text).await?;
    } else if thing.quotes.is_empty() && thing.amounts.is_empty() && !thing.words.is_empty() {
        see_words(on, &thing.words, &thing.text, scope).await?;
    }
    for with in &thing.with {
        match filled_value(on, with) {
            Some(value) => see_text(on, &value, scope).await?,
            None => Box::pin(look(on, with, scope)).await?,
        }
    }
    Ok(())
}

/// Follows "in the cart" to another page where it is one, or to the part of
/// this page that "under To do" names.
async fn go_where(on: &mut Rehearsal<'_>, thing: &Phrase) -> Result<Option<Collection>, Failure> {
    for place in &thing.places {
        let name = place.name().to_owned();
        let asked: Vec<String> = words(&name)
            .into_iter()
            .filter(|word| !is_page_word(word))
            .collect();
        if asked.is_empty() {
            continue;
        }
        if let Some(group) = find::place(&on.now, &asked).cloned() {
            return Ok(Some(group));
        }
        if find::is_page(&on.now, &asked) {
            continue;
        }
        let link = find::element(&on.now, CONTROLS, &asked, false)
            .filter(|link| link.item.is_none())
            .cloned();
        if let Some(link) = link {
            on.click(&link).await?;
            if let Some(path) = on.stable_path().filter(|_| on.path_changed()) {
                on.expect(Expectation::Path { path }).await?;
            }
        }
    }
    Ok(None)
}

/// A text to be taken literally.
async fn see_text(on: &mut Rehearsal<'_>, text: &str, scope: Option<&Collection>) -> Done {
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

/// An amount, in the row or block that the words name: "the total $39.00".
async fn see_amount(
    on: &mut Rehearsal<'_>,
    amount: &str,
    asked: &[String],
    scope: Option<&Collection>,
) -> Done {
    let asked: Vec<String> = asked
        .iter()
        .filter(|word| !is_page_word(word))
        .cloned()
        .collect();
    let mut rows = Vec::new();
    for group in &on.now.collections {
        for text in group
            .texts
            .iter()
            .filter(|text| covers(&words(text), &asked))
        {
            rows.push((group.items.clone(), text.clone()));
        }
    }
    // The shortest says least besides.
    rows.sort_by_key(|(_, text)| text.len());
    for (items, text) in rows {
        let Some(said) = as_written(&text, &asked) else {
            continue;
        };
        let target = Locator::Filter {
            base: Box::new(items),
            has_text: said,
        };
        if on.is_one(&target).await? {
            let text = amount.to_owned();
            on.expect(Expectation::ContainsText { target, text })
                .await?;
            return Ok(());
        }
    }
    // A row that stands alone is no group.
    let labels = on
        .now
        .texts
        .iter()
        .filter(|block| !asked.is_empty() && covers(&words(&block.text), &asked));
    let labels: Vec<String> = labels
        .filter_map(|block| as_written(&block.text, &asked))
        .collect();
    let mut candidates = Vec::new();
    for role in ["row", "listitem", "paragraph", "group"] {
        for label in &labels {
            candidates.push((role, label.clone()));
        }
    }
    for (role, has_text) in candidates {
        let target = Locator::Filter {
            base: Box::new(by_role(role)),
            has_text,
        };
        if on.is_one(&target).await? {
            let text = amount.to_owned();
            on.expect(Expectation::ContainsText { target, text })
                .await?;
            return Ok(());
        }
    }
    see_text(on, amount, scope).await
}

/// So many of something.
async fn see_count(on: &mut Rehearsal<'_>, count: usize, asked: &[String], text: &str) -> Done {
    let group = find::collection(&on.now, asked, Some(count)).cloned();
    let Some(group) = group else {
        // None was seen; what they would be called says where they would be.
        let role = match asked.last().map(String::as_str) {
            Some("section" | "region" | "column") => "region",
            Some("row") => "row",
            Some("button") => "button",
            Some("link") => "link",
            Some("head") => "heading",
            Some("articl" | "card" | "post" | "product") => "article",
            _ => "listitem",
        };
        let seen = format!("no {text} were found; {}", on.scene());
        let target = by_role(role);
        on.expect_unseen(Expectation::Count { target, count }, seen);
        return Ok(());
    };
    let target = group.items.clone();
    on.expect(Expectation::Count { target, count }).await?;
    // What was searched for is in each of them: the right ones, not just as many.
    if let Some(term) = on.term.take()
        && !group.texts.is_empty()
        && group.texts.iter().all(|item| contains_text(item, &term))
    {
        let target = Locator::Filter {
            base: Box::new(group.items),
            has_text: term,
        };
        on.expect(Expectation::Count {
            target,
            count: group.count,
        })
        .await?;
    }
    Ok(())
}

/// Words that are not quoted: a page, a message, a thing on the page.
async fn see_words(
    on: &mut Rehearsal<'_>,
    asked: &[String],
    text: &str,
    scope: Option<&Collection>,
) -> Done {
    let meant: Vec<String> = asked
        .iter()
        .filter(|word| !is_message_word(word))
        .cloned()
        .collect();
    let meant = without_page_words(&meant);
    if meant.is_empty() {
        return see_news(on, asked, text).await;
    }
    if let Some(value) = scope {
        return see_text(on, text, Some(value)).await;
    }
    let mut on_this_page = on
        .now
        .texts
        .iter()
        .filter(|block| covers(&words(&block.text), &meant))
        .cloned()
        .collect::<Vec<_>>();
    on_this_page.sort_by_key(|block| {
        (
            on.was_there(&block.text),
            block.role != "heading",
            block.text.len(),
        )
    });
    let path_says = covers(&words(&find::path_of(&on.now.url)), &meant);
    if let Some(path) = on.stable_path().filter(|_| path_says) {
        on.expect(Expectation::Path { path }).await?;
        // On its own page a heading says it too.
        let headings = on_this_page.iter().find(|block| block.role == "heading");
        if let Some(block) = headings.filter(|block| !block.text.contains('‹')).cloned() {
            let target = short_locator(on, &block, &meant).await?;
            on.expect(Expectation::Visible { target }).await?;
        }
        return Ok(());
    }
    if let Some(block) = on_this_page.first().cloned() {
        let target = short_locator(on, &block, &meant).await?;
        on.expect(Expectation::Visible { target }).await?;
        return Ok(());
    }
    if covers(&words(&on.now.title), &meant) && !covers(&words(&on.before.title), &meant) {
        let title = on.now.title.clone();
        on.expect(Expectation::Title { title }).await?;
        return Ok(());
    }
    if let Some(element) = named_element(on, &meant) {
        let target = on.target(&element).await?;
        on.expect(Expectation::Visible { target }).await?;
        return Ok(());
    }
    if let Some(group) = find::collection(&on.now, &meant, None).cloned() {
        let target = Locator::First {
            base: Box::new(group.items),
        };
        on.expect(Expectation::Visible { target }).await?;
        return Ok(());
    }
    let seen = on.scene();
    let target = by_text(&plain_words(text));
    on.expect_unseen(Expectation::Visible { target }, seen);
    Ok(())
}

/// "An error", "a confirmation": a message that was not there before.
async fn see_news(on: &mut Rehearsal<'_>, asked: &[String], text: &str) -> Done {
    let is_error = asked
        .iter()
        .any(|word| words("error complaint warning").contains(word));
    let roles: &[&str] = if is_error {
        &["alert"]
    } else {
        &["status", "alert", "heading"]
    };
    let news = on.now.texts.iter().find(|block| {
        roles.contains(&block.role.as_str())
            && !on.was_there(&block.text)
            && !block.text.trim().is_empty()
    });
    if let Some(block) = news.cloned() {
        on.expect(Expectation::Visible {
            target: block.locator,
        })
        .await?;
        return Ok(());
    }
    let invalid = on
        .now
        .elements
        .iter()
        .find(|element| element.invalid && !element.description.is_empty())
        .cloned();
    if let Some(field) = invalid.filter(|_| is_error) {
        return see_text(on, &field.description, None).await;
    }
    let seen = format!("no {text} appeared; {}", on.scene());
    let target = by_role(if is_error { "alert" } else { "status" });
    on.expect_unseen(Expectation::Visible { target }, seen);
    Ok(())
}

/// Somebody ends up on a page.
pub async fn land(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let place = clause.object.places.first();
    let phrase = if clause.object.words.is_empty() {
        place.unwrap_or(&clause.object)
    } else {
        &clause.object
    };
    let meant = without_page_words(&words(phrase.name()));
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

/// Something is no longer, or not, shown.
pub async fn gone(on: &mut Rehearsal<'_>, clause: &Clause) -> Done {
    let thing = if clause.object.is_empty() {
        &clause.subject
    } else {
        &clause.object
    };
    let meant = without_page_words(&thing.words);
    let was = |block: &&TextBlock| match thing.quote() {
        Some(quote) => contains_text(&block.text, quote),
        None => covers(&words(&block.text), &meant),
    };
    let before = on
        .before
        .texts
        .iter()
        .find(was)
        .map(|block| block.locator.clone());
    let element = || {
        on.before
            .elements
            .iter()
            .find(|element| covers(&words(&element.name), &meant))
            .map(|element| element.locator.clone())
    };
    let target = before
        .or_else(element)
        .unwrap_or_else(|| by_text(thing.quote().unwrap_or(&plain_words(&thing.text))));
    on.expect(Expectation::Hidden { target }).await?;
    Ok(())
}

/// What was typed into the field that "the sender's name" speaks of.
fn filled_value(on: &Rehearsal<'_>, phrase: &Phrase) -> Option<String> {
    if !phrase.quotes.is_empty() || phrase.count.is_some() {
        return None;
    }
    let last = phrase.words.last()?;
    on.filled
        .iter()
        .find(|filled| filled.field.contains(last))
        .map(|filled| filled.value.clone())
}

/// The words as the page writes them, where the block says more than them.
async fn short_locator(
    on: &mut Rehearsal<'_>,
    block: &TextBlock,
    meant: &[String],
) -> Result<Locator, Failure> {
    if let Some(said) = as_written(&block.text, meant).filter(|said| said.len() < block.text.len())
    {
        let named = if block.role == "heading" {
            heading(&said)
        } else {
            by_text(&said)
        };
        if on.is_one(&named).await? {
            return Ok(named);
        }
    }
    Ok(block.locator.clone())
}

/// The shortest stretch of `text` that says all of `asked`.
fn as_written(text: &str, asked: &[String]) -> Option<String> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let mut shortest: Option<String> = None;
    for from in 0..parts.len() {
        for to in from + 1..=parts.len().min(from + 8) {
            let stretch = parts[from..to].join(" ");
            if covers(&words(&stretch), asked) {
                let stretch = stretch
                    .trim_end_matches([',', '.', '!', ':', ';'])
                    .to_owned();
                if shortest
                    .as_ref()
                    .is_none_or(|known| stretch.len() < known.len())
                {
                    shortest = Some(stretch);
                }
                break;
            }
        }
    }
    shortest
}

fn named_element(on: &Rehearsal<'_>, meant: &[String]) -> Option<Element> {
    let named = |element: &&Element| covers(&words(&element.name), meant);
    on.now.elements.iter().find(named).cloned()
}

/// The session's facts hold a mark where the page shows the user's name.
fn hidden_username(on: &Rehearsal<'_>, text: &str) -> String {
    match &on.request.credentials {
        Some(given) if !given.username.is_empty() => text.replace(&given.username, "‹username›"),
        _ => text.to_owned(),
    }
}

fn path_only(on: &Rehearsal<'_>, meant: &[String]) -> bool {
    let in_text = on
        .now
        .texts
        .iter()
        .any(|block| block.role == "heading" && covers(&words(&block.text), meant));
    !in_text
}

/// As it would stand on a page: "thank-you message" is "thank you".
fn plain_words(text: &str) -> String {
    let kept: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c == '-')
        .filter(|word| {
            let stems = words(word);
            stems.is_empty()
                || !stems
                    .iter()
                    .all(|stem| is_message_word(stem) || is_page_word(stem))
        })
        .collect();
    if kept.is_empty() {
        text.to_owned()
    } else {
        kept.join(" ")
    }
}

fn without_page_words(asked: &[String]) -> Vec<String> {
    let kept: Vec<String> = asked
        .iter()
        .filter(|word| !is_page_word(word))
        .cloned()
        .collect();
    kept
}

fn is_page_word(word: &String) -> bool {
    static GENERIC: LazyLock<Vec<String>> = LazyLock::new(|| {
        words(
            "page pages site website app application screen view top bottom left right header footer navigation menu nav browser window corner",
        )
    });
    GENERIC.contains(word)
}

fn is_message_word(word: &String) -> bool {
    static GENERIC: LazyLock<Vec<String>> = LazyLock::new(|| {
        words(
            "message notice text error warning confirmation notification banner toast alert label information info",
        )
    });
    GENERIC.contains(word)
}
