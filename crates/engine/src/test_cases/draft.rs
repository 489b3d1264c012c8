//! A test case that is not stored yet.

use std::collections::HashSet;
use std::num::NonZeroU64;

use contract::types;
use rust_stemmers::{Algorithm, Stemmer};
use serde::{Deserialize, Serialize};

/// Written by a generator; [`into_request`](Self::into_request) makes it fit
/// the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCaseDraft {
    pub title: String,
    pub description: String,
    /// Without numbers.
    pub steps: Vec<String>,
    pub expected_results: String,
    pub category: String,
    /// 1 (the most urgent) to 5
    pub priority: u8,
    pub tags: Vec<String>,
}

impl TestCaseDraft {
    /// Alike for titles that a reader would take for the same.
    pub fn title_key(&self) -> String {
        self.title
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    }

    /// Whether the titles have most of their words in common.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let stemmer = Stemmer::create(Algorithm::English);
        let words = |title: &str| -> HashSet<String> {
            title
                .to_lowercase()
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| word.len() > 2 && !["the", "and", "with", "for"].contains(word))
                .map(|word| stemmer.stem(word).into_owned())
                .collect()
        };
        let (ours, theirs) = (words(&self.title), words(&other.title));
        let common = ours.intersection(&theirs).count();
        2 * common >= ours.union(&theirs).count().max(1)
    }

    /// Within the contract's limits, steps numbered one a line.
    pub fn into_request(self, project_id: i64) -> types::TestCaseRequest {
        let steps: Vec<_> = self
            .steps
            .iter()
            .enumerate()
            .map(|(index, step)| format!("{}. {}", index + 1, one_line(step)))
            .collect();
        let mut tags: Vec<String> = Vec::new();
        for tag in self.tags {
            let tag = clipped(&one_line(&tag), 64);
            if !tag.is_empty() && !tags.contains(&tag) && tags.len() < 50 {
                tags.push(tag);
            }
        }
        types::TestCaseRequest {
            project_id,
            title: clipped(&one_line(&self.title), 500),
            description: clipped(&printable(&self.description), 8000),
            steps: clipped(&steps.join("\n"), 20_000),
            expected_results: clipped(&printable(&self.expected_results), 8000),
            category: clipped(&one_line(&self.category), 64),
            priority: NonZeroU64::new(u64::from(self.priority.min(5))).unwrap_or(NonZeroU64::MIN),
            tags,
        }
    }
}

/// At most `most` characters; what is cut off is marked.
pub fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut clipped: String = text.chars().take(most.saturating_sub(1)).collect();
    clipped.push('…');
    clipped
}

/// White space folded, nothing that moves a cursor.
pub fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Lines are kept, other control characters are not.
fn printable(text: &str) -> String {
    text.trim()
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .collect()
}
