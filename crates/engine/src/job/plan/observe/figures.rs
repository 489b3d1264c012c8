//! Amounts, and how many there are of something.

use super::super::acts::vanished;
use super::super::find;
use super::super::rehearsal::Rehearsal;
use super::super::words::{contains_text, covers, words};
use super::generic::without_page_words;
use super::named::as_written;
use super::text::see_text;
use super::{Done, by_role};
use crate::browser::facts::Collection;
use crate::browser::locator::Locator;
use crate::job::steps::Expectation;

/// An amount, in the row or block that the words name: "the total $39.00".
pub async fn see_amount(
    on: &mut Rehearsal<'_>,
    amount: &str,
    asked: &[String],
    scope: Option<&Collection>,
) -> Done {
    let asked = without_page_words(asked);
    let groups = on.now.collections.iter();
    let mut rows: Vec<(&Locator, &String)> = groups
        .flat_map(|group| group.texts.iter().map(move |text| (&group.items, text)))
        .filter(|(_, text)| covers(&words(text), &asked))
        .collect();
    // The shortest says least besides.
    rows.sort_by_key(|(_, text)| text.len());
    let in_groups = rows
        .into_iter()
        .filter_map(|(items, text)| Some((items.clone(), as_written(text, &asked)?)));
    let mut candidates: Vec<(Locator, String)> = in_groups.collect();
    // A row that stands alone is no group.
    let labels = on
        .now
        .texts
        .iter()
        .filter(|block| !asked.is_empty() && covers(&words(&block.text), &asked));
    let labels: Vec<String> = labels
        .filter_map(|block| as_written(&block.text, &asked))
        .collect();
    for role in ["row", "listitem", "paragraph", "group"] {
        candidates.extend(labels.iter().map(|label| (by_role(role), label.clone())));
    }
    for (base, has_text) in candidates {
        let base = Box::new(base);
        let target = Locator::Filter { base, has_text };
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
pub async fn see_count(on: &mut Rehearsal<'_>, count: usize, asked: &[String], text: &str) -> Done {
    if count == 0 {
        // None are there to be found: as they were before.
        let items = match find::collection(&on.before, asked, None) {
            Some(group) => group.items.clone(),
            None => by_role(role_of(asked)),
        };
        return vanished(on, items).await;
    }
    // By its name, or by how many there are where nothing else is as many.
    let group = find::collection(&on.now, asked, Some(count))
        .or_else(|| find::only_group_of(&on.now, count))
        .cloned();
    let Some(group) = group else {
        // None was seen; what they would be called says where they would be.
        let seen = format!("no {text} were found; {}", on.scene());
        let target = by_role(role_of(asked));
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

/// What the things called so most likely are, where none was seen.
fn role_of(asked: &[String]) -> &'static str {
    match asked.last().map(String::as_str) {
        Some("section" | "region" | "column") => "region",
        Some("row") => "row",
        Some("button") => "button",
        Some("link") => "link",
        Some("head") => "heading",
        Some("articl" | "card" | "post" | "product") => "article",
        _ => "listitem",
    }
}
