//! What the partner wants tested, out of their words: "Focus on authentication
//! and payment endpoints", "only GET, skip deprecated, at most 20 tests".
//!
//! The same [`Focus`] is what an LLM is asked for, where one is configured.

mod parse;

use std::collections::HashSet;

use rust_stemmers::{Algorithm, Stemmer};
use serde::{Deserialize, Serialize};

use super::cases::Kind;
use super::document::Operation;
use super::requests::words;

/// What to generate, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Focus {
    /// Nothing else is generated.
    pub only: Aim,
    /// In full and first; of the rest only the essentials, and later.
    pub first: Aim,
    /// Left out.
    pub without: Aim,
    pub at_most: Option<usize>,
}

/// A part of an API's tests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Aim {
    pub methods: Vec<String>,
    /// Beginnings of paths.
    pub paths: Vec<String>,
    /// Words of tags, paths, operation ids and summaries.
    pub topics: Vec<String>,
    pub kinds: Vec<Topic>,
    pub deprecated: bool,
}

/// What cases are about, in the words of those who ask for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    Credentials,
    HappyPath,
    Validation,
    RequiredFields,
    Boundaries,
    NotFound,
}

impl Topic {
    fn covers(self, kind: Kind) -> bool {
        match self {
            Self::Credentials => kind == Kind::Credentials,
            Self::HappyPath => matches!(kind, Kind::Succeeds | Kind::Optional),
            Self::RequiredFields => kind == Kind::Required,
            Self::Boundaries => matches!(kind, Kind::Limit | Kind::Edge),
            Self::NotFound => kind == Kind::NotFound,
            Self::Validation => matches!(
                kind,
                Kind::Required
                    | Kind::Limit
                    | Kind::Enum
                    | Kind::Type
                    | Kind::Malformed
                    | Kind::Format
                    | Kind::Null
                    | Kind::Unknown
            ),
        }
    }
}

impl Aim {
    /// Whether it says which operations are meant.
    pub fn names_operations(&self) -> bool {
        !self.methods.is_empty() || !self.paths.is_empty() || !self.topics.is_empty()
    }

    pub fn names_kind(&self, kind: Kind) -> bool {
        self.kinds.iter().any(|topic| topic.covers(kind))
    }

    /// Of those that it names; all where it names none.
    pub fn matches(&self, operation: &Operation) -> bool {
        let method = operation.method.to_string();
        let in_method = self.methods.is_empty() || self.methods.contains(&method);
        if self.paths.is_empty() && self.topics.is_empty() {
            return in_method;
        }
        let on_path = self.paths.iter().any(|path| {
            operation
                .path
                .to_ascii_lowercase()
                .starts_with(&path.to_ascii_lowercase())
        });
        in_method && (on_path || self.is_about(operation))
    }

    fn is_about(&self, operation: &Operation) -> bool {
        if self.topics.is_empty() {
            return false;
        }
        let stemmer = Stemmer::create(Algorithm::English);
        let said: HashSet<String> = operation
            .tags
            .iter()
            .chain([&operation.path, &operation.summary])
            .chain(&operation.id)
            .flat_map(|text| words(text))
            .map(|word| stemmer.stem(&word).into_owned())
            .collect();
        self.topics
            .iter()
            .flat_map(|topic| words(topic))
            .any(|word| {
                related(&word)
                    .iter()
                    .any(|word| said.contains(stemmer.stem(word).as_ref()))
            })
    }
}

/// Words that mean the same part of an API.
fn related(word: &str) -> Vec<&str> {
    const GROUPS: [&[&str]; 7] = [
        &[
            "authentication",
            "auth",
            "login",
            "logout",
            "signin",
            "signout",
            "session",
            "token",
            "password",
            "oauth",
            "credential",
            "log",
        ],
        &[
            "payment",
            "pay",
            "charge",
            "checkout",
            "invoice",
            "billing",
            "refund",
            "card",
            "transaction",
        ],
        &["search", "find", "query"],
        &["upload", "file", "attachment", "document"],
        &["cart", "basket"],
        &["registration", "register", "signup"],
        &["user", "account", "profile"],
    ];
    let stemmer = Stemmer::create(Algorithm::English);
    let stem = stemmer.stem(word);
    // A group answers to its first word: "card" means cards, "payment" all.
    GROUPS
        .iter()
        .filter(|group| {
            stemmer.stem(group[0]) == stem
                || (group[0] == "authentication"
                    && ["authorization", "authorisation", "auth"].contains(&word))
        })
        .flat_map(|group| group.iter().copied())
        .chain([word])
        .collect()
}
