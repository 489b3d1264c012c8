//! What every operation and every clause of the document must have.

mod clauses;
mod operations;
mod references;
mod schemas;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::Problem;
use crate::document;

pub fn lint(document: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    for operation in document::operations(document) {
        problems.extend(operations::described(document, &operation));
        problems.extend(operations::limits(document, &operation));
        problems.extend(operations::answers(document, &operation));
    }
    for callback in document::callbacks(document) {
        problems.extend(operations::described(document, &callback));
    }
    problems.extend(clauses::provenance(document));
    problems.extend(clauses::ids(document));
    problems.extend(references::resolve_and_are_used(document));
    problems.extend(references::unique_ids(document));
    problems.extend(schemas::well_formed(document));
    problems
}
