//! What every operation and every clause of the document must have.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::Problem;
use crate::document::{self, Operation, callbacks, entries, escape, operations, resolve, walk};

/// Errors that every operation can answer: those of the published list, and
/// those that HTTP and a fault of the service demand.
const ERRORS: [&str; 10] = [
    "400", "401", "403", "404", "405", "408", "429", "431", "500", "503",
];
/// Those of operations that take a body.
const BODY_ERRORS: [&str; 2] = ["413", "415"];
/// Headers that an error can't do without.
const ERROR_HEADERS: [(&str, &str); 3] = [
    ("405", "Allow"),
    ("429", "Retry-After"),
    ("503", "Retry-After"),
];

pub fn lint(document: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    for operation in operations(document) {
        problems.extend(described(document, &operation));
        problems.extend(limits(document, &operation));
        problems.extend(answers(document, &operation));
    }
    for callback in callbacks(document) {
        problems.extend(described(document, &callback));
    }
    problems.extend(provenance(document));
    problems.extend(clause_ids(document));
    problems.extend(references(document));
    problems.extend(unique_ids(document));
    problems
}

/// Id, summary, description, tag, and an example where there is a body.
fn described(document: &Value, operation: &Operation<'_>) -> Vec<Problem> {
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

fn limits(document: &Value, operation: &Operation<'_>) -> Vec<Problem> {
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
fn answers(document: &Value, operation: &Operation<'_>) -> Vec<Problem> {
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

/// Where each thing on the wire comes from, and for what is documented the
/// clause that says it.
fn provenance(document: &Value) -> Vec<Problem> {
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
fn clause_ids(document: &Value) -> Vec<Problem> {
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

/// References resolve, and components are referred to.
fn references(document: &Value) -> Vec<Problem> {
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

fn unique_ids(document: &Value) -> Vec<Problem> {
    let mut seen = HashMap::new();
    let mut problems = Vec::new();
    for operation in operations(document).chain(callbacks(document)) {
        let Ok(id) = operation.id() else { continue };
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const WEBHOOK: &str = "/paths/~1api~1webhooks~1{partner_slug}/post";
    const REQUEST: &str = "/components/schemas/WebhookRequest";

    fn problems(edit: impl Fn(&mut Value)) -> Vec<String> {
        let mut document = document::contract().unwrap();
        edit(&mut document);
        lint(&document)
            .into_iter()
            .map(|problem| format!("{} {}", problem.at, problem.says))
            .collect()
    }

    #[test]
    fn the_contract_is_clean() {
        assert_eq!(problems(|_| ()), Vec::<String>::new());
    }

    #[test]
    fn whatever_an_operation_or_a_clause_lacks_is_named() {
        let removed: [(&str, &str, &str); 17] = [
            (WEBHOOK, "summary", " has no summary"),
            (WEBHOOK, "description", " has no description"),
            (WEBHOOK, "operationId", " has no operationId"),
            (WEBHOOK, "tags", "/tags is not one tag"),
            (WEBHOOK, "x-rate-limit", "/x-rate-limit does not give"),
            (WEBHOOK, "x-max-body-bytes", "/x-max-body-bytes is missing"),
            (WEBHOOK, "x-provenance", " has no x-provenance"),
            (WEBHOOK, "x-clause", " is documented, and has no x-clause"),
            (
                &format!("{WEBHOOK}/requestBody/content/application~1json"),
                "examples",
                "/requestBody has no example",
            ),
            (
                &format!("{WEBHOOK}/responses/200/content/application~1json"),
                "example",
                "/responses/200 has no example",
            ),
            (
                &format!("{WEBHOOK}/responses"),
                "429",
                "/responses has no 429",
            ),
            (
                &format!("{WEBHOOK}/responses"),
                "413",
                "/responses has no 413",
            ),
            (
                "/components/responses/TooManyRequests/headers",
                "Retry-After",
                "/responses/429 has no Retry-After header",
            ),
            (
                &format!("{REQUEST}/properties/url"),
                "x-provenance",
                "/properties/url has no x-provenance",
            ),
            (
                &format!("{REQUEST}/properties/url"),
                "x-clause",
                "/properties/url is documented, and has no x-clause",
            ),
            (
                &format!("{REQUEST}/properties/url"),
                "description",
                "/properties/url has no description",
            ),
            (
                "/components/schemas",
                "Browser",
                "refers to #/components/schemas/Browser, which does not exist",
            ),
        ];
        for (parent, key, says) in removed {
            let found = problems(|document| {
                let parent = document
                    .pointer_mut(parent)
                    .unwrap()
                    .as_object_mut()
                    .unwrap();
                parent.shift_remove(key).unwrap();
            });
            assert!(
                found.iter().any(|problem| problem.contains(says)),
                "{parent}/{key}: {found:#?}"
            );
        }
    }

    #[test]
    fn whatever_contradicts_is_named() {
        let set: [(&str, &str, Value, &str); 7] = [
            (
                WEBHOOK,
                "x-max-body-bytes",
                json!(131_072),
                "is 131072, and a valid body can take",
            ),
            (
                WEBHOOK,
                "operationId",
                json!("get_job_report"),
                "is also the id of",
            ),
            (WEBHOOK, "tags", json!(["webhooks"]), "is not one tag"),
            (
                WEBHOOK,
                "security",
                json!([{ "oauth": [] }]),
                "asks for oauth",
            ),
            (
                "/components/schemas",
                "Unused",
                json!({ "x-provenance": "inferred" }),
                "/components/schemas/Unused is not used",
            ),
            (
                &format!("{REQUEST}/properties/url"),
                "x-inferred",
                json!(["minLength"]),
                "names `minLength`",
            ),
            (
                &format!("{REQUEST}/properties/url/x-clause"),
                "id",
                json!("webhook.auth"),
                "the id `webhook.auth` is also",
            ),
        ];
        for (parent, key, value, says) in set {
            let found =
                problems(|document| document.pointer_mut(parent).unwrap()[key] = value.clone());
            assert!(
                found.iter().any(|problem| problem.contains(says)),
                "{parent}/{key}: {found:#?}"
            );
        }
    }
}
