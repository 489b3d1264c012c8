//! Each thing on the wire says where it comes from.

use std::collections::HashMap;

use serde_json::Value;

use crate::check::Problem;
use crate::document::{callbacks, entries, escape, operations, resolve, walk};

/// Where each thing on the wire comes from, and for what is documented the
/// clause that says it.
pub fn provenance(document: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut things: Vec<(String, &Value, bool)> = Vec::new();
    for operation in operations(document).chain(callbacks(document)) {
        let at = operation.pointer.clone();
        let value = resolve(document, &format!("#{at}")).unwrap_or(&Value::Null);
        things.push((at.clone(), value, true));
        for (index, parameter) in value["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
        {
            things.push((format!("{at}/parameters/{index}"), parameter, true));
        }
        for (status, response) in entries(&value["responses"]) {
            if response.get("$ref").is_none() {
                // Its fields have clauses of their own.
                things.push((format!("{at}/responses/{status}"), response, false));
            }
        }
    }
    for (section, clauses) in [
        ("securitySchemes", true),
        ("responses", true),
        ("headers", true),
        ("schemas", false),
    ] {
        for (name, component) in entries(&document["components"][section]) {
            let at = format!("/components/{section}/{}", escape(name));
            for (property, schema) in entries(&component["properties"]) {
                things.push((
                    format!("{at}/properties/{}", escape(property)),
                    schema,
                    true,
                ));
                if schema["description"].as_str().is_none_or(str::is_empty) {
                    let fix = "say what it is; around a $ref with allOf";
                    problems.push(Problem::new(
                        format!("{at}/properties/{property}"),
                        "has no description",
                        fix,
                    ));
                }
            }
            things.push((at, component, clauses));
        }
    }
    for (at, thing, clauses) in things {
        let has_clause = thing.get("x-clause").is_some();
        let (says, fix) = match thing["x-provenance"].as_str() {
            Some("documented") if has_clause || !clauses => continue,
            Some("documented") => (
                "is documented, and has no x-clause",
                "quote the sentence that documents it",
            ),
            Some("inferred") if !has_clause => continue,
            Some("inferred") => (
                "is inferred, and has an x-clause",
                "it is documented, or the clause is not its",
            ),
            _ => (
                "has no x-provenance",
                "state whether it is `documented` or `inferred`",
            ),
        };
        problems.push(Problem::new(at, says, fix));
    }
    walk(document, &mut |at, value| {
        for keyword in value
            .get("x-inferred")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let keyword = keyword.as_str().unwrap_or_default();
            if value["x-provenance"] == "documented"
                && value.pointer(&format!("/{keyword}")).is_some()
            {
                continue;
            }
            let says = format!("names `{keyword}`, which no documented clause here has");
            let fix = "it lists what is decided here within a documented clause";
            problems.push(Problem::new(format!("{at}/x-inferred"), says, fix));
        }
    });
    problems
}

/// An id is one clause, for good; reports name it.
pub fn ids(document: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen: HashMap<String, String> = HashMap::new();
    for clause in crate::generate::clauses(document) {
        let at = format!("{}/x-clause", clause.pointer);
        let plain = |letter: char| {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-.".contains(letter)
        };
        if clause.id.is_empty() || !clause.id.chars().all(plain) {
            let says = format!(
                "the id {:?} is not of lower-case letters, digits, dots and dashes",
                clause.id
            );
            problems.push(Problem::new(
                &at,
                says,
                "for example webhook.url.max-length",
            ));
        }
        if clause.says.trim().is_empty() {
            problems.push(Problem::new(
                &at,
                format!("`{}` says nothing", clause.id),
                "quote the documentation",
            ));
        }
        if let Some(other) = seen.insert(clause.id.clone(), clause.pointer) {
            let says = format!("the id `{}` is also that of {other}", clause.id);
            problems.push(Problem::new(&at, says, "give each clause an id of its own"));
        }
    }
    problems
}
