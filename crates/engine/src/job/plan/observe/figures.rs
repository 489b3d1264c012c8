//! Amounts, and how many there are of something.

use super::super::acts::vanished;
use super::super::find;
use super::super::language::{Clause, Phrase};
use super::super::rehearsal::{Failure, Rehearsal};
use super::super::words::{contains_text, covers, words};
use super::generic::without_page_words;
use super::named::as_written;
use super::text::see_text;
use super::{Done, by_role};
use crate::browser::facts::{Collection, Element};
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

/// "The number of comments is 3".
pub fn number_of(clause: &Clause, thing: &Phrase) -> Option<usize> {
    let counts = clause.subject.says(&["number of", "count of"]);
    let number = thing.text.split(' ').next_back()?;
    number.parse().ok().filter(|_| counts)
}

/// Said by the page, or counted.
pub async fn see_number(on: &mut Rehearsal<'_>, subject: &Phrase, count: usize) -> Done {
    let counts = words("number count");
    let kept = subject.words.iter().filter(|word| !counts.contains(word));
    let asked: Vec<String> = kept.cloned().collect();
    let number = count.to_string();
    let mut said = asked.clone();
    said.push(number);
    let says = |text: &str| text.len() < 60 && covers(&words(text), &said);
    let block = on.now.texts.iter().find(|block| says(&block.text));
    if let Some(target) = block.map(|block| block.locator.clone()) {
        on.expect(Expectation::Visible { target }).await?;
        return Ok(());
    }
    see_count(on, count, &asked, &subject.text).await
}

/// "The badge goes up by one": by how much.
pub fn grows_by(clause: &Clause) -> Option<i64> {
    let says = clause.says.to_lowercase();
    let (before, by) = says.split_once(" by ")?;
    let verb = before.split(' ').next_back()?;
    let sign = match verb {
        "up" | "increases" | "increased" | "increase" => 1,
        "down" | "decreases" | "decreased" | "decrease" => -1,
        _ => return None,
    };
    let by = by.split(' ').next()?;
    let known = ["one", "two", "three", "four", "five"];
    let named = known.iter().position(|name| *name == by);
    let number = named.map(|at| at + 1).or_else(|| by.parse().ok())?;
    i64::try_from(number).ok().map(|number| sign * number)
}

/// What counts has to say so many more than before the act.
pub async fn see_growth(on: &mut Rehearsal<'_>, subject: &Phrase, by: i64) -> Done {
    let counts = words("badge counter count number icon of");
    let kept = subject.words.iter().filter(|word| !counts.contains(word));
    let asked: Vec<String> = kept.cloned().collect();
    let says = |it: &&Element| covers(&words(&it.name), &asked) && number_in(&it.name).is_some();
    let was = on.before.elements.iter().find(says);
    let was = was.and_then(|it| number_in(&it.name));
    let is = on.now.elements.iter().find(says).cloned();
    let (Some(was), Some(is)) = (was, is) else {
        let why = format!("nothing that counts was found for “{}”", subject.name());
        return Err(Failure::NotUnderstood(why));
    };
    let target = on.target(&is).await?;
    let text = (was + by).to_string();
    on.expect(Expectation::ContainsText { target, text })
        .await?;
    Ok(())
}

/// The one number in a text.
fn number_in(text: &str) -> Option<i64> {
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|it| !it.is_empty());
    let number = numbers.next()?.parse().ok()?;
    numbers.next().is_none().then_some(number)
}

/// "Only the Wool Blanket": of its kind there is nothing else.
pub async fn only_these(on: &mut Rehearsal<'_>, thing: &Phrase) -> Done {
    let asked = words(thing.name());
    let holds = |group: &&Collection| group.texts.iter().any(|it| covers(&words(it), &asked));
    let count = thing.quotes.len().max(1) + thing.with.len();
    let groups = on.now.collections.iter().chain(&on.before.collections);
    let groups: Vec<Collection> = groups.filter(holds).cloned().collect();
    let exact = groups.iter().find(|group| group.count == count);
    let most = groups.iter().max_by_key(|group| group.count);
    let Some(target) = exact.or(most).map(|group| group.items.clone()) else {
        let seen = on.scene();
        let target = by_role("listitem");
        on.expect_unseen(Expectation::Count { target, count }, seen);
        return Ok(());
    };
    on.expect(Expectation::Count { target, count }).await?;
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
