//! From a document to test cases and a script.

use serde::Serialize;

use super::SpecError;
use super::cases::{self, MAX_CASES};
use super::document::ApiDocument;
use super::draft::{draft, title};
use super::instructions::Focus;
use super::requests::Requests;
use super::script::script;
use crate::test_cases::TestCaseDraft;

/// What was generated from a specification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Generated {
    /// How many operations of the specification are covered.
    pub operations: usize,
    /// In order of priority, titles all different; at most
    /// [`MAX_CASES`](super::MAX_CASES).
    pub test_cases: Vec<TestCaseDraft>,
    /// The same as a Playwright test in TypeScript.
    pub script: String,
    /// What the reader should know: what was left out and why.
    pub notes: Vec<String>,
}

/// Deterministic: the same document and focus give the same result.
pub fn generate(document: &ApiDocument, focus: Focus) -> Result<Generated, SpecError> {
    let checker = document.schemas.checker().ok_or(SpecError::Schemas)?;
    let mut selection = cases::select(document, focus);
    let requests = Requests::plan(document, &checker, &selection.operations);
    let mut cases = selection.cases(&requests);
    let mut titles = std::collections::HashSet::new();
    cases.retain(|case| titles.insert(title(&document.operations[case.operation], case)));
    debug_assert!(cases.len() <= MAX_CASES, "the selection is capped");

    let mut notes = document.warnings.clone();
    notes.append(&mut selection.notes);
    for index in &selection.operations {
        if let Some(reason) = &requests.of(*index).lacks {
            notes.push(format!("{}: {reason}", document.operations[*index].name()));
        }
    }
    notes.truncate(50);
    let covered: std::collections::HashSet<_> = cases.iter().map(|case| case.operation).collect();
    Ok(Generated {
        operations: covered.len(),
        test_cases: cases.iter().map(|case| draft(&requests, case)).collect(),
        script: script(&requests, &cases, &notes),
        notes,
    })
}
