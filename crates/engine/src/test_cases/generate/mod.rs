//! Test cases from a description, without an LLM: the features that it names
//! are looked up in what is known of test design, and each is taken one step
//! deeper in turn until there are enough.

mod description;
mod knowledge;
mod limits;
mod words;

use std::collections::HashSet;

use super::TestCaseDraft;
use description::{Mention, Names};
use knowledge::{Case, Feature, Knowledge};

/// At most `count` distinct test cases, the most urgent first; fewer where the
/// description holds no more. Deterministic.
pub fn generate(description: &str, count: usize) -> Vec<TestCaseDraft> {
    let mentions = description::read(description);
    let limits = limits::cases(description);
    let mut drafts = Vec::new();
    let mut titles = HashSet::new();
    let mut add = |draft: TestCaseDraft, drafts: &mut Vec<TestCaseDraft>| {
        if drafts.len() < count && titles.insert(draft.title_key()) {
            drafts.push(draft);
        }
    };
    let deepest = mentions.iter().map(|it| it.feature.cases.len()).max();
    for depth in 0..deepest.unwrap_or(0) {
        for mention in &mentions {
            if let Some(case) = mention.feature.cases.get(depth) {
                add(mention.draft(case), &mut drafts);
            }
        }
        if depth == 0 {
            // Who gives a number wants it tested.
            for limit in &limits {
                add(limit.clone(), &mut drafts);
            }
        }
    }
    for draft in across(&mentions) {
        add(draft, &mut drafts);
    }
    drafts.sort_by_key(|draft| draft.priority);
    drafts
}

/// For the description as a whole.
fn across(mentions: &[Mention]) -> Vec<TestCaseDraft> {
    let mut names: Vec<String> = Vec::new();
    for mention in mentions {
        let name = fill(&mention.feature.feature, &mention.names);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.truncate(6);
    let listed = match names.split_last() {
        None => return Vec::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    };
    let across = &Knowledge::get().across;
    across
        .cases
        .iter()
        .filter(|case| names.len() >= case.least)
        .map(|case| {
            let with = |text: &str| text.replace("{features}", &listed);
            let mut draft = drafted(across, case, &Names::default());
            draft.title = with(&draft.title);
            draft.description = format!("{}.", case.r#as.name());
            draft.steps = draft.steps.iter().map(|step| with(step)).collect();
            draft
        })
        .collect()
}

impl Mention {
    fn draft(&self, case: &Case) -> TestCaseDraft {
        drafted(self.feature, case, &self.names)
    }
}

fn drafted(feature: &Feature, case: &Case, names: &Names) -> TestCaseDraft {
    let mut tags = feature.tags.clone();
    tags.push(case.r#as.tag().to_owned());
    tags.dedup();
    TestCaseDraft {
        title: fill(&case.title, names),
        description: format!("{}: {}.", case.r#as.name(), fill(&feature.feature, names)),
        steps: case.steps.iter().map(|step| fill(step, names)).collect(),
        expected_results: fill(&case.expect, names),
        category: case
            .category
            .clone()
            .unwrap_or_else(|| case.r#as.category().to_owned()),
        priority: case.priority,
        tags,
    }
}

/// Puts the names in, with the article that fits.
fn fill(text: &str, names: &Names) -> String {
    let mut text = text.to_owned();
    if starts_with_vowel(&names.thing) {
        text = text
            .replace(" a {thing}", " an {thing}")
            .replace("A {thing}", "An {thing}");
        if text.starts_with("a {thing}") {
            text = text.replacen("a {thing}", "an {thing}", 1);
        }
    }
    // What was put in is not looked into again.
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let known = [
            ("{things}", names.things.clone()),
            ("{Things}", capitalised(&names.things)),
            ("{thing}", names.thing.clone()),
            ("{Thing}", capitalised(&names.thing)),
            ("{actor}", names.actor.clone()),
            ("{Actor}", capitalised(&names.actor)),
            ("{action}", names.action.clone()),
            ("{Action}", capitalised(&names.action)),
        ]
        .into_iter()
        .find(|(key, _)| rest.starts_with(key));
        match known {
            Some((key, value)) => {
                out.push_str(&value);
                rest = &rest[key.len()..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

fn starts_with_vowel(text: &str) -> bool {
    let lower = text.to_lowercase();
    let sounds_otherwise = ["user", "uni", "use", "one", "euro"];
    lower.starts_with(['a', 'e', 'i', 'o', 'u'])
        && !sounds_otherwise
            .iter()
            .any(|start| lower.starts_with(start))
        || lower.starts_with("hour")
}

#[cfg(test)]
mod tests;
