//! What is worth testing about features that many applications have: the files
//! of `knowledge/`, read once.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::words::forms;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// "login", "creating {things}"
    pub feature: String,
    pub words: Vec<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    /// It is done to things of some kind, which the description names.
    #[serde(default)]
    pub object: bool,
    /// Its words count only where no better feature answers to them.
    #[serde(default)]
    pub weak: bool,
    /// Its words do not count behind a noun that makes them something else: an
    /// elevation profile is nobody's profile.
    #[serde(default)]
    pub alone: bool,
    /// What the things are called where the description does not say.
    pub thing: Option<String>,
    pub cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub title: String,
    /// The technique of test design behind it.
    pub r#as: Technique,
    pub priority: u8,
    pub category: Option<String>,
    /// Features that the description has to name at least.
    #[serde(default)]
    pub least: usize,
    pub steps: Vec<String>,
    pub expect: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Technique {
    #[serde(rename = "happy path")]
    HappyPath,
    #[serde(rename = "invalid input")]
    InvalidInput,
    Boundary,
    Security,
    Access,
    State,
    Recovery,
    Integration,
    Compatibility,
    Usability,
}

impl Technique {
    pub fn name(self) -> &'static str {
        match self {
            Self::HappyPath => "Happy path",
            Self::InvalidInput => "Invalid input",
            Self::Boundary => "Boundary values",
            Self::Security => "Security",
            Self::Access => "Access rights",
            Self::State => "State and order of events",
            Self::Recovery => "Faults and recovery",
            Self::Integration => "Working together with other systems",
            Self::Compatibility => "Devices and surroundings",
            Self::Usability => "Ease of use",
        }
    }

    pub fn tag(self) -> &'static str {
        match self {
            Self::HappyPath => "happy-path",
            Self::InvalidInput => "invalid-input",
            Self::Boundary => "boundary",
            Self::Security => "security",
            Self::Access => "access",
            Self::State => "state",
            Self::Recovery => "recovery",
            Self::Integration => "integration",
            Self::Compatibility => "compatibility",
            Self::Usability => "usability",
        }
    }

    pub fn category(self) -> &'static str {
        match self {
            Self::Security | Self::Access => "security",
            Self::Integration => "integration",
            _ => "e2e",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Umbrella {
    pub words: Vec<String>,
    pub features: Vec<String>,
    #[serde(default)]
    pub object: bool,
    pub thing: Option<String>,
}

pub struct Knowledge {
    pub features: Vec<Feature>,
    pub umbrellas: Vec<Umbrella>,
    /// For a thing that no feature answers to.
    pub thing: Feature,
    /// For an action that no feature answers to.
    pub action: Feature,
    /// For a rule that is stated.
    pub rule: Feature,
    /// For the description as a whole.
    pub across: Feature,
    /// By the first word of a phrase: all of its words, and what it means. The
    /// longest first.
    pub phrases: HashMap<String, Vec<(Vec<String>, Meaning)>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Feature(usize),
    Umbrella(usize),
}

impl Knowledge {
    pub fn get() -> &'static Self {
        static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(Knowledge::read);
        &KNOWLEDGE
    }

    fn read() -> Self {
        let features: Vec<Feature> = [
            include_str!("../knowledge/authentication.yaml"),
            include_str!("../knowledge/account.yaml"),
            include_str!("../knowledge/commerce.yaml"),
            include_str!("../knowledge/records.yaml"),
            include_str!("../knowledge/pages.yaml"),
        ]
        .into_iter()
        .flat_map(yaml::<Vec<Feature>>)
        .collect();
        let umbrellas: Vec<Umbrella> = yaml(include_str!("../knowledge/umbrellas.yaml"));
        let [thing, action, rule]: [Feature; 3] = yaml(include_str!("../knowledge/general.yaml"));
        let [across]: [Feature; 1] = yaml(include_str!("../knowledge/across.yaml"));
        let mut phrases: HashMap<String, Vec<(Vec<String>, Meaning)>> = HashMap::new();
        let meant = features
            .iter()
            .enumerate()
            .map(|(index, feature)| (&feature.words, Meaning::Feature(index)))
            .chain(
                umbrellas
                    .iter()
                    .enumerate()
                    .map(|(index, umbrella)| (&umbrella.words, Meaning::Umbrella(index))),
            );
        for (words, meaning) in meant {
            for phrase in words {
                let words = super::words::of_phrase(phrase);
                phrases
                    .entry(words[0].clone())
                    .or_default()
                    .push((words, meaning));
            }
        }
        for phrases in phrases.values_mut() {
            phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        Self {
            features,
            umbrellas,
            thing,
            action,
            rule,
            across,
            phrases,
        }
    }

    /// The longest phrase that these words begin with: how many words it has,
    /// and what it means.
    pub fn phrase_at(&self, words: &[&str]) -> Option<(usize, Meaning)> {
        let first = forms(words.first()?);
        first
            .iter()
            .filter_map(|form| self.phrases.get(form))
            .flatten()
            .filter(|(phrase, _)| {
                phrase.len() <= words.len()
                    && phrase
                        .iter()
                        .zip(words)
                        .all(|(wanted, word)| forms(word).contains(wanted))
            })
            .map(|(phrase, meaning)| (phrase.len(), *meaning))
            .max_by_key(|(length, _)| *length)
    }

    pub fn index_of(&self, feature: &str) -> Option<usize> {
        self.features.iter().position(|it| it.feature == feature)
    }
}

fn yaml<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_saphyr::from_str(text).expect("the knowledge files are valid; a test reads them")
}
