//! What is named in the description's own words: a page, a message, a thing.

use super::super::acts;
use super::super::find;
use super::super::language::Phrase;
use super::super::rehearsal::{Failure, Rehearsal, is_complaint};
use super::super::words::{covers, words};
use super::generic::{is_message_word, is_page_word, plain_words, without_page_words};
use super::text::see_text;
use super::{Done, by_role, by_text, heading};
use crate::browser::facts::{Collection, Element, TextBlock};
use crate::browser::locator::Locator;
use crate::job::steps::Expectation;

/// Words that are not quoted: a page, a message, a thing on the page.
pub async fn see_words(
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
    // "An order confirmation": what says no more than "order" has to be new.
    let is_news = meant.len() < asked.len() && asked.iter().any(is_message_word);
    let says_all = |block: &TextBlock| covers(&words(&block.text), asked);
    if is_news && on.has_acted() && on.new_complaint().is_some() && !about_error(asked) {
        let seen = on.scene();
        let promised = on.confirmed();
        on.expect_unseen(promised, seen);
        return Ok(());
    }
    let mut on_this_page = on
        .now
        .texts
        .iter()
        .filter(|block| covers(&words(&block.text), &meant))
        .filter(|block| {
            !is_news || says_all(block) || !on.has_acted() || !on.was_there(&block.text)
        })
        .cloned()
        .collect::<Vec<_>>();
    let meant = if on_this_page.iter().any(says_all) {
        on_this_page.retain(says_all);
        asked.to_vec()
    } else {
        meant
    };
    on_this_page.sort_by_key(|block| {
        (
            on.was_there(&block.text),
            block.role != "heading",
            block.text.len(),
        )
    });
    let path_says = covers(&words(&find::path_of(&on.now.url)), &meant);
    // At /thanks nobody is thanked yet: a message is what the page says.
    let is_said = is_news && !asked.iter().any(is_page_word) || meant == words("thank you");
    let path_says = path_says && (!is_said || !on_this_page.is_empty());
    if let Some(path) = on.stable_path().filter(|_| path_says) {
        // On its own page a heading says it too.
        let headings = on_this_page.iter().find(|block| block.role == "heading");
        let heading = headings.filter(|block| !block.text.contains('‹')).cloned();
        let arrived = Expectation::Path { path };
        if heading.is_none() || !on.was_asserted(&arrived) {
            on.expect(arrived).await?;
        }
        if let Some(block) = heading {
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
    let is_old = is_news && on.has_acted();
    if let Some(element) = named_element(on, &meant).filter(|_| !is_old) {
        let target = on.target(&element).await?;
        on.expect(Expectation::Visible { target }).await?;
        return Ok(());
    }
    if let Some(group) = find::collection(&on.now, &meant, None)
        .cloned()
        .filter(|_| !is_old)
    {
        return see_item(on, group, &meant, text).await;
    }
    if let Some(opened) = opened_box(on, asked) {
        on.expect(opened).await?;
        return Ok(());
    }
    let seen = on.scene();
    let target = by_text(&if is_old {
        text.to_owned()
    } else {
        plain_words(text)
    });
    on.expect_unseen(Expectation::Visible { target }, seen);
    Ok(())
}

/// "The Business plan": of the plans the one that says so.
async fn see_item(on: &mut Rehearsal<'_>, group: Collection, meant: &[String], text: &str) -> Done {
    let kind = words(&format!("{} {}", group.kind, group.label));
    let own: Vec<String> = meant
        .iter()
        .filter(|word| !kind.contains(word))
        .cloned()
        .collect();
    let items = Box::new(group.items);
    if own.is_empty() {
        let target = Locator::First { base: items };
        on.expect(Expectation::Visible { target }).await?;
        return Ok(());
    }
    let said = group.texts.iter().find_map(|item| as_written(item, &own));
    let is_there = said.is_some();
    let base = Locator::Filter {
        base: items,
        has_text: said.unwrap_or_else(|| plain_words(text)),
    };
    if !is_there {
        let seen = on.scene();
        on.expect_unseen(Expectation::Visible { target: base }, seen);
        return Ok(());
    }
    let target = if on.is_one(&base).await? {
        base
    } else {
        let base = Box::new(base);
        Locator::First { base }
    };
    on.expect(Expectation::Visible { target }).await?;
    Ok(())
}

/// "An error", "a confirmation": a message that was not there before.
async fn see_news(on: &mut Rehearsal<'_>, asked: &[String], text: &str) -> Done {
    let is_error = about_error(asked);
    let roles: &[&str] = if is_error {
        &["alert"]
    } else {
        &["status", "alert", "heading"]
    };
    let news = on.now.texts.iter().find(|block| {
        roles.contains(&block.role.as_str())
            && !on.was_there(&block.text)
            && !block.text.trim().is_empty()
            && (is_error || !is_complaint(&block.text))
    });
    if let Some(block) = news.cloned() {
        on.expect(acts::says(&block)).await?;
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
    if let Some(block) = on.new_complaint().filter(|_| is_error) {
        let target = block.locator.clone();
        on.expect(Expectation::Visible { target }).await?;
        return Ok(());
    }
    let seen = format!("no {text} appeared; {}", on.scene());
    let promised = if is_error {
        let target = by_role("alert");
        Expectation::Visible { target }
    } else {
        on.confirmed()
    };
    on.expect_unseen(promised, seen);
    Ok(())
}

/// "The details of the Desk Lamp": on its own page, where this one only has a
/// link to it.
pub async fn opens_details(on: &mut Rehearsal<'_>, thing: &mut Phrase) -> Result<bool, Failure> {
    let details = words("details");
    let own: Vec<String> = thing
        .words
        .iter()
        .filter(|it| !details.contains(it))
        .cloned()
        .collect();
    let asks = own.len() < thing.words.len() && !own.is_empty();
    let says = |block: &TextBlock| covers(&words(&block.text), &thing.words);
    if !asks || on.now.texts.iter().any(says) {
        return Ok(false);
    }
    let link = find::element(&on.now, &["link"], &own, false).cloned();
    let Some(link) = link else { return Ok(false) };
    on.click(&link).await?;
    acts::arrived(on, &own).await?;
    let name = thing
        .text
        .split(' ')
        .filter(|word| !covers(&details, &words(word)));
    let name = name.collect::<Vec<_>>().join(" ");
    thing.rename(name.trim_start_matches("of "));
    Ok(true)
}

/// "The form", "the dialog": what an act opened, known by what it is.
fn opened_box(on: &Rehearsal<'_>, asked: &[String]) -> Option<Expectation> {
    let boxes = words("form dialog modal popup window overlay");
    let is_box = asked.last().is_some_and(|word| boxes.contains(word));
    if !is_box || !on.has_acted() {
        return None;
    }
    let dialog = "- dialog";
    if on.now.aria.contains(dialog) && !on.before.aria.contains(dialog) {
        let target = by_role("dialog");
        return Some(Expectation::Visible { target });
    }
    let field = on.appeared().find(|it| find::is_text_field(it))?;
    let target = field.locator.clone();
    Some(Expectation::Visible { target })
}

fn about_error(asked: &[String]) -> bool {
    let errors = words("error complaint warning");
    asked.iter().any(|word| errors.contains(word))
}

fn named_element(on: &Rehearsal<'_>, meant: &[String]) -> Option<Element> {
    let named = |element: &&Element| covers(&words(&element.name), meant);
    on.now.elements.iter().find(named).cloned()
}

/// The words as the page writes them, where the block says more than them.
async fn short_locator(
    on: &mut Rehearsal<'_>,
    block: &TextBlock,
    meant: &[String],
) -> Result<Locator, Failure> {
    // A status is found whatever it says.
    let is_bare = matches!(block.locator, Locator::Role { name: None, .. });
    let is_less = |said: &String| is_bare || said.len() < block.text.len();
    if let Some(said) = as_written(&block.text, meant).filter(is_less) {
        let named = if block.role == "heading" {
            heading(&said)
        } else {
            by_text(&said)
        };
        if on.is_one(&named).await? {
            return Ok(named);
        }
        if is_bare {
            let base = Box::new(block.locator.clone());
            let has_text = said;
            return Ok(Locator::Filter { base, has_text });
        }
    }
    Ok(block.locator.clone())
}

/// The shortest stretch of `text` that says all of `asked`.
pub fn as_written(text: &str, asked: &[String]) -> Option<String> {
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
