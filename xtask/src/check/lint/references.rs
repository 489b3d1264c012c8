//! Names lead somewhere, and to one thing.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::check::Problem;
use crate::document::{self, callbacks, entries, escape, operations, resolve, walk};

/// References resolve, and components are referred to.
pub fn resolve_and_are_used(document: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut used: HashSet<String> = HashSet::new();
    for (at, reference) in document::references(document) {
        if resolve(document, reference).is_none() {
            let says = format!("refers to {reference}, which does not exist");
            problems.push(Problem::new(
                format!("{at}/$ref"),
                says,
                "correct the name, or add the component",
            ));
        }
        used.insert(reference.to_owned());
    }
    walk(document, &mut |at, value| {
        let alternatives = value
            .get("security")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for (scheme, _) in alternatives.flat_map(entries) {
            let reference = format!("#/components/securitySchemes/{}", escape(scheme));
            if resolve(document, &reference).is_none() {
                let says =
                    format!("asks for {scheme}, which /components/securitySchemes does not have");
                problems.push(Problem::new(
                    format!("{at}/security"),
                    says,
                    "correct the name, or add the scheme",
                ));
            }
            used.insert(reference);
        }
    });
    for (section, components) in entries(&document["components"]) {
        for (name, _) in entries(components) {
            let at = format!("/components/{section}/{}", escape(name));
            if !used.contains(&format!("#{at}")) {
                problems.push(Problem::new(at, "is not used", "remove it, or refer to it"));
            }
        }
    }
    problems
}

/// Ids are names of functions, and each is of one operation.
pub fn unique_ids(document: &Value) -> Vec<Problem> {
    let mut seen = HashMap::new();
    let mut problems = Vec::new();
    for operation in operations(document).chain(callbacks(document)) {
        let Ok(id) = operation.id() else { continue };
        let snake =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        if !id.starts_with(|first: char| first.is_ascii_lowercase()) || !id.chars().all(snake) {
            problems.push(Problem::new(
                format!("{}/operationId", operation.pointer),
                format!("{id:?} can be no function's name in the stubs and the client"),
                "write it in snake_case, such as get_job_report",
            ));
        }
        if let Some(other) = seen.insert(id.to_owned(), operation.pointer.clone()) {
            let says = format!("{id} is also the id of {other}");
            problems.push(Problem::new(
                format!("{}/operationId", operation.pointer),
                says,
                "rename one",
            ));
        }
    }
    problems
}
