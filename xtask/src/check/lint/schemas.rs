//! A schema says what a generator and a validator can take it for. Both name no
//! place when they can't.

use serde_json::Value;

use crate::check::Problem;
use crate::document::walk;

const TYPES: [&str; 6] = ["string", "number", "integer", "boolean", "array", "object"];

/// Types are types, patterns are regular expressions, required properties exist.
pub fn well_formed(document: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    walk(document, &mut |at, value| {
        if is_schema(at) {
            problems.extend(of_schema(at, value));
        }
    });
    problems
}

/// Whether a schema stands here, rather than what names or lists schemas.
fn is_schema(at: &str) -> bool {
    let mut tokens = at.rsplit('/');
    let (last, parent) = (tokens.next(), tokens.next());
    matches!(parent, Some("schemas" | "properties"))
        || matches!(parent, Some("allOf" | "anyOf" | "oneOf"))
        || matches!(
            last,
            Some("schema" | "items" | "not" | "additionalProperties")
        )
}

fn of_schema(at: &str, schema: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(kind) = schema.get("type")
        && !kind.as_str().is_some_and(|kind| TYPES.contains(&kind))
    {
        problems.push(Problem::new(
            format!("{at}/type"),
            format!("is {kind}, which OpenAPI 3.0 does not know"),
            format!("one of {}; with null, add `nullable`", TYPES.join(", ")),
        ));
    }
    if let Some(pattern) = schema.get("pattern")
        && let Err(error) = compiled(pattern)
    {
        problems.push(Problem::new(
            format!("{at}/pattern"),
            format!("is no regular expression: {error}"),
            "correct it",
        ));
    }
    let names = schema.get("required").and_then(Value::as_array);
    for (index, name) in names.into_iter().flatten().enumerate() {
        let known = name
            .as_str()
            .is_some_and(|name| schema["properties"].get(name).is_some());
        if !known {
            problems.push(Problem::new(
                format!("{at}/required/{index}"),
                format!("requires {name}, which is no property here"),
                "correct the name, or describe the property",
            ));
        }
    }
    problems
}

/// As the validator of examples compiles it.
fn compiled(pattern: &Value) -> Result<(), String> {
    let schema = serde_json::json!({ "pattern": pattern });
    jsonschema::draft7::new(&schema)
        .map(drop)
        .map_err(|error| error.to_string())
}
