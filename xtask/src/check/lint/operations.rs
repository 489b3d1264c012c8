//! An operation is named, described, exemplified, bounded, and answers every
//! error in the one shape.

use serde_json::Value;

use crate::check::Problem;
use crate::document::{Operation, entries, resolve};

/// Errors that every operation can answer: those of the published list, and
/// those that HTTP and a fault of the service demand.
const ERRORS: [&str; 10] = [
    "400", "401", "403", "404", "405", "408", "429", "431", "500", "503",
];
/// Those of operations that take a body.
const BODY_ERRORS: [&str; 2] = ["413", "415"];
/// Headers that an error can't do without.
const ERROR_HEADERS: [(&str, &str); 4] = [
    ("401", "WWW-Authenticate"),
    ("405", "Allow"),
    ("429", "Retry-After"),
    ("503", "Retry-After"),
];

/// Id, summary, description, tag, and an example where there is a body.
pub fn described(document: &Value, operation: &Operation<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let at = &operation.pointer;
    for field in ["operationId", "summary", "description"] {
        if operation
            .text(field)
            .is_ok_and(|text| !text.trim().is_empty())
        {
            continue;
        }
        problems.push(Problem::new(
            at,
            format!("has no {field}"),
            "every operation is named and described",
        ));
    }
    let declared: Vec<_> = document["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|tag| &tag["name"])
        .collect();
    match operation
        .value
        .get("tags")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        Some([tag]) if declared.contains(&tag) => {}
        _ => problems.push(Problem::new(
            format!("{at}/tags"),
            "is not one tag of those that /tags declares",
            "give the operation exactly one of them",
        )),
    }
    if let Some(body) = operation.value.get("requestBody") {
        let content = &body["content"]["application/json"];
        if entries(&content["examples"]).next().is_none() && content.get("example").is_none() {
            let fix = "add one under content/application~1json/examples";
            problems.push(Problem::new(
                format!("{at}/requestBody"),
                "has no example",
                fix,
            ));
        }
    }
    problems
}

pub fn limits(document: &Value, operation: &Operation<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let at = &operation.pointer;
    let limit = operation.value.get("x-rate-limit").unwrap_or(&Value::Null);
    let class = limit["class"]
        .as_str()
        .is_some_and(|class| ["free", "llm"].contains(&class));
    let counts = ["requests", "window_seconds"]
        .iter()
        .all(|field| limit[*field].as_u64().is_some_and(|n| n > 0));
    if !(class && counts) {
        problems.push(Problem::new(
            format!("{at}/x-rate-limit"),
            "does not give class (free or llm), requests and window_seconds",
            "state them as the published documentation does",
        ));
    }
    let Some(body) = operation.value.get("requestBody") else {
        return problems;
    };
    let max = operation
        .value
        .get("x-max-body-bytes")
        .and_then(Value::as_u64);
    let longest = longest(document, &body["content"]["application/json"]["schema"]);
    let pointer = format!("{at}/x-max-body-bytes");
    match (max, longest) {
        (None, _) => problems.push(Problem::new(
            pointer,
            "is missing: nothing bounds the body",
            "set it to the most bytes that a valid body can take",
        )),
        (Some(max), Some(longest)) if max < longest => problems.push(Problem::new(
            pointer,
            format!("is {max}, and a valid body can take {longest} bytes"),
            "raise it: 413 must not refuse what the schema admits",
        )),
        _ => {}
    }
    problems
}

/// Bytes of the longest JSON text of a value that the schema admits, white
/// space apart; `None` where a text is unbounded.
fn longest(document: &Value, schema: &Value) -> Option<u64> {
    /// A character beyond the basic plane, escaped: `\ud83d\ude00`.
    const CHARACTER: u64 = 12;
    /// A byte of compact JSON, escaped: `\u0061`.
    const BYTE: u64 = 6;
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        return longest(document, resolve(document, target)?);
    }
    if let [member] = schema["allOf"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
    {
        return longest(document, member);
    }
    if let Some(bytes) = schema.get("x-max-bytes").and_then(Value::as_u64) {
        return Some(bytes * BYTE);
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values
            .iter()
            .map(|value| value.to_string().len() as u64 * BYTE)
            .max();
    }
    match schema["type"].as_str()? {
        "string" => Some(schema["maxLength"].as_u64()? * CHARACTER + 2),
        "integer" | "number" | "boolean" => Some(24),
        "array" => {
            Some(schema["maxItems"].as_u64()? * (longest(document, &schema["items"])? + 1) + 2)
        }
        "object" => entries(&schema["properties"])
            .map(|(name, schema)| Some(name.len() as u64 * BYTE + 4 + longest(document, schema)?))
            .sum::<Option<u64>>(),
        _ => None,
    }
}

/// One success with an example, and every error, each of the one shape.
pub fn answers(document: &Value, operation: &Operation<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let at = format!("{}/responses", operation.pointer);
    let Ok((status, success)) = operation.success() else {
        return vec![Problem::new(
            at,
            "has no success",
            "state what a good request is answered",
        )];
    };
    let content = &success["content"]["application/json"];
    if status != "302" && content.get("example").is_none() {
        problems.push(Problem::new(
            format!("{at}/{status}"),
            "has no example",
            "add one as the source prints it",
        ));
    }
    let responses = operation.value.get("responses").unwrap_or(&Value::Null);
    let body_errors = if operation.value.contains_key("requestBody") {
        &BODY_ERRORS[..]
    } else {
        &[]
    };
    for status in ERRORS.iter().chain(body_errors) {
        let Some(response) = responses.get(*status) else {
            let fix = "refer to the shared one in /components/responses";
            problems.push(Problem::new(&at, format!("has no {status}"), fix));
            continue;
        };
        let shared = response["$ref"]
            .as_str()
            .and_then(|to| resolve(document, to))
            .unwrap_or(response);
        let content = &shared["content"]["application/json"];
        if content["schema"]["$ref"] != "#/components/schemas/Error"
            || content.get("example").is_none()
        {
            let fix = "all errors are an Error, with an example";
            problems.push(Problem::new(
                format!("{at}/{status}"),
                "is not the one error shape with an example",
                fix,
            ));
        }
        for (_, header) in ERROR_HEADERS.iter().filter(|(of, _)| of == status) {
            if shared["headers"].get(*header).is_none() {
                let fix = "HTTP demands it: add it to the shared response";
                problems.push(Problem::new(
                    format!("{at}/{status}"),
                    format!("has no {header} header"),
                    fix,
                ));
            }
        }
    }
    problems
}
