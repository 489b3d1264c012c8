//! Numbers that a description gives as limits: "at most 3 attempts", "after 15
//! minutes", "8 to 72 characters".

use super::knowledge::Technique;
use super::words::{is_joint, plural, tokens};
use crate::test_cases::TestCaseDraft;

const MOST: [&str; 12] = [
    "at most",
    "up to",
    "no more than",
    "not more than",
    "maximum of",
    "maximum",
    "max",
    "limit of",
    "limited to",
    "within",
    "a maximum of",
    "less than",
];
const LEAST: [&str; 6] = [
    "at least",
    "minimum of",
    "minimum",
    "min",
    "no fewer than",
    "more than",
];

/// A test case for each limit.
pub fn cases(description: &str) -> Vec<TestCaseDraft> {
    let tokens = tokens(description);
    let mut drafts: Vec<TestCaseDraft> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let Ok(number) = token.word.parse::<u64>() else {
            continue;
        };
        if number == 0 || number > 1_000_000 {
            continue;
        }
        let unit: Vec<&str> = tokens[index + 1..]
            .iter()
            .take_while(|token| !token.is_mark() && !is_joint(&token.word))
            .take(3)
            .map(|token| token.written)
            .collect();
        if unit.is_empty() {
            continue;
        }
        let unit = unit.join(" ");
        let before: Vec<&str> = tokens[index.saturating_sub(3)..index]
            .iter()
            .map(|token| token.word.as_str())
            .collect();
        let before = format!(" {}", before.join(" "));
        let said = |phrases: &[&str]| {
            phrases
                .iter()
                .find(|phrase| before.ends_with(&format!(" {phrase}")))
                .map(|phrase| (*phrase).to_owned())
        };
        let draft = if let Some(phrase) = said(&LEAST) {
            let (least, fewer) = match phrase.as_str() {
                "more than" => (number + 1, number),
                _ => (number, number - 1),
            };
            limit(
                &format!("{phrase} {number} {unit}"),
                &count(least, &unit),
                &count(fewer, &unit),
            )
        } else if let Some(phrase) = said(&MOST) {
            let (most, more) = match phrase.as_str() {
                "less than" => (number - 1, number),
                _ => (number, number + 1),
            };
            limit(
                &format!("{phrase} {number} {unit}"),
                &count(most, &unit),
                &count(more, &unit),
            )
        } else if before.ends_with(" after") {
            after(number, &unit)
        } else {
            continue;
        };
        if drafts.iter().all(|it| it.title != draft.title) {
            drafts.push(draft);
        }
    }
    drafts
}

/// "1 attempt", "3 attempts", "no attempts"
fn count(number: u64, unit: &str) -> String {
    let (first, rest) = unit.split_once(' ').map_or((unit, ""), |(a, b)| (a, b));
    let abbreviation = first.chars().all(char::is_uppercase) || first.len() < 3;
    let first = match number {
        1 if !abbreviation => super::words::singular(first),
        _ if !abbreviation => plural(first),
        _ => first.to_owned(),
    };
    let number = match number {
        0 => "no".to_owned(),
        number => number.to_string(),
    };
    format!("{number} {first} {rest}").trim_end().to_owned()
}

fn draft(title: String, steps: Vec<String>, expected_results: String) -> TestCaseDraft {
    TestCaseDraft {
        title,
        description: format!(
            "{}: a limit that the description names.",
            Technique::Boundary.name()
        ),
        steps,
        expected_results,
        category: "e2e".to_owned(),
        priority: 2,
        tags: vec![Technique::Boundary.tag().to_owned()],
    }
}

fn limit(said: &str, allowed: &str, refused: &str) -> TestCaseDraft {
    draft(
        format!("The limit \"{said}\" with {allowed} and with {refused}"),
        vec![
            format!("Bring about the situation with exactly {allowed}"),
            format!("Bring it about with {refused}"),
        ],
        format!(
            "With {allowed} it is accepted; with {refused} it is refused, with a message that names the limit."
        ),
    )
}

fn after(number: u64, unit: &str) -> TestCaseDraft {
    let limit = count(number, unit);
    draft(
        format!("Shortly before and shortly after {limit}"),
        vec![
            format!(
                "Bring about the situation and look at it shortly before {limit} have come together"
            ),
            format!("Look at it again shortly after {limit}"),
        ],
        format!("What is to happen after {limit} has not happened before, and has happened after."),
    )
}
