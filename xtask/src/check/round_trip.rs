//! `openapi.json` -> generated stubs -> dropshot's own document: the same as
//! `openapi.json`, but for what dropshot can't say. Each exception says what
//! that is and takes it away on one side only, so that the comparison fails on
//! the day when dropshot learns to say it.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::Problem;
use crate::document::{self, METHODS, entries, escape};
use crate::process;

/// The document that dropshot derives from the stubs.
pub fn emitted() -> Result<Value> {
    let printed = process::output(process::cargo().args([
        "run",
        "--quiet",
        "--package",
        "qualitymax-contract",
        "--example",
        "stub_document",
    ]))
    .context("the stubs' own document can't be had: does crates/contract compile?")?;
    serde_json::from_str(&printed).context("the stubs' own document is not JSON")
}

/// Something that dropshot's document can't hold, or holds otherwise.
pub struct Exception {
    pub name: &'static str,
    /// Makes one side as the other has to be; whether there was anything to do.
    apply: fn(authored: &mut Value, emitted: &mut Value) -> bool,
}

/// In this order. Keep it short: what is listed here no comparison sees.
pub const EXCEPTIONS: [Exception; 10] = [
    Exception {
        name: "servers",
        apply: |authored, _| take(authored, "servers"),
    },
    Exception {
        name: "security: which key, and where it goes",
        apply: |authored, _| {
            let schemes = take(&mut authored["components"], "securitySchemes");
            let everywhere = take(authored, "security");
            let own = on_operations(authored, |operation| take(operation, "security"));
            schemes & everywhere & own
        },
    },
    Exception {
        name: "callbacks, and what only they refer to",
        apply: |authored, _| {
            let callbacks = on_operations(authored, |operation| take(operation, "callbacks"));
            callbacks & drop_unused(authored)
        },
    },
    Exception {
        name: "examples of parameters and bodies",
        apply: |authored, _| {
            on_operations(authored, |operation| {
                let parameters = on_each(operation, "parameters", |parameter| {
                    take(parameter, "example")
                });
                let body = operation
                    .pointer_mut("/requestBody/content/application~1json")
                    .is_some_and(|content| take(content, "examples"));
                let answers = on_each(operation, "responses", |response| {
                    response
                        .pointer_mut("/content/application~1json")
                        .is_some_and(|content| take(content, "example"))
                });
                parameters | body | answers
            })
        },
    },
    Exception {
        name: "extensions outside of schemas",
        apply: |authored, _| {
            let info = authored.get_mut("info").is_some_and(take_extensions);
            let operations = on_operations(authored, |operation| {
                let parameters = on_each(operation, "parameters", take_extensions);
                let answers = on_each(operation, "responses", take_extensions);
                take_extensions(operation) | parameters | answers
            });
            info & operations
        },
    },
    Exception {
        name: "errors by status: dropshot knows 4XX and 5XX, of the same shape",
        apply: classes_of_errors,
    },
    Exception {
        name: "headers of answers, but for Location",
        apply: |authored, _| {
            let named = on_operations(authored, |operation| {
                on_each(operation, "responses", |response| {
                    let Some(headers) = response.get_mut("headers").and_then(Value::as_object_mut)
                    else {
                        return false;
                    };
                    headers.retain(|name, _| name == "location");
                    headers.values_mut().for_each(|header| {
                        take_extensions(header);
                    });
                    if headers.is_empty() {
                        take(response, "headers");
                    }
                    true
                })
            });
            named & take(&mut authored["components"], "headers")
        },
    },
    Exception {
        name: "descriptions of answers",
        apply: |authored, _| {
            on_operations(authored, |operation| {
                describe(operation, "200", "successful operation")
                    | describe(operation, "302", "redirect (found)")
            })
        },
    },
    Exception {
        name: "the order of tags",
        apply: |authored, _| sort(authored, "tags", |tag| tag["name"].to_string()),
    },
    Exception {
        name: "the order of required properties",
        apply: |authored, _| {
            on_each(&mut authored["components"], "schemas", |schema| {
                sort(schema, "required", Value::to_string)
            })
        },
    },
];

pub fn compare(authored: &Value, emitted: &Value) -> Vec<Problem> {
    compare_but_for(&EXCEPTIONS.iter().collect::<Vec<_>>(), authored, emitted)
}

fn compare_but_for(exceptions: &[&Exception], authored: &Value, emitted: &Value) -> Vec<Problem> {
    let (mut authored, mut emitted) = (authored.clone(), emitted.clone());
    let mut problems = Vec::new();
    for exception in exceptions {
        if !(exception.apply)(&mut authored, &mut emitted) {
            problems.push(Problem::new(
                "xtask/src/check/round_trip.rs",
                format!("nothing needs the exception \"{}\"", exception.name),
                "remove it from EXCEPTIONS",
            ));
        }
    }
    differences("", &authored, &emitted, &mut problems);
    problems
}

fn differences(at: &str, authored: &Value, emitted: &Value, problems: &mut Vec<Problem>) {
    const FIX: &str =
        "write openapi.json so that the stubs can say it, or teach xtask/src/generate to";
    match (authored, emitted) {
        (Value::Object(left), Value::Object(right)) => {
            for (key, value) in left {
                let at = format!("{at}/{}", escape(key));
                match right.get(key) {
                    Some(other) => differences(&at, value, other, problems),
                    None => problems.push(Problem::new(
                        at,
                        "is authored, and the stubs do not say it",
                        FIX,
                    )),
                }
            }
            for key in right.keys().filter(|key| !left.contains_key(*key)) {
                let at = format!("{at}/{}", escape(key));
                let fix = "author it in openapi.json, or take it out of an exception that hides it";
                problems.push(Problem::new(
                    at,
                    "is said by the stubs, and nobody authored it",
                    fix,
                ));
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                differences(&format!("{at}/{index}"), left, right, problems);
            }
        }
        // 0 and 0.0 are one number.
        (Value::Number(left), Value::Number(right)) if left.as_f64() == right.as_f64() => {}
        _ if authored == emitted => {}
        _ => {
            let says = format!("is authored as {authored}, and the stubs say {emitted}");
            problems.push(Problem::new(at, says, FIX));
        }
    }
}

/// Replaces single error statuses by the two classes, where every one of them
/// is the error shape; one that is not stays and is found to differ.
fn classes_of_errors(authored: &mut Value, emitted: &mut Value) -> bool {
    let shape = emitted["components"]["responses"]["Error"].clone();
    let errors: Vec<String> = entries(&authored["components"]["responses"])
        .filter(|(_, response)| response.pointer(SCHEMA) == shape.pointer(SCHEMA))
        .map(|(name, _)| format!("#/components/responses/{name}"))
        .collect();
    let replaced = on_operations(authored, |operation| {
        let Some(responses) = operation["responses"].as_object_mut() else {
            return false;
        };
        let before = responses.len();
        responses.retain(|status, response| {
            let is_error = response["$ref"]
                .as_str()
                .is_some_and(|name| errors.iter().any(|error| error == name));
            !(status.starts_with(['4', '5']) && is_error)
        });
        let replaced = responses.len() < before;
        for class in ["4XX", "5XX"] {
            responses.insert(
                class.to_owned(),
                json!({ "$ref": "#/components/responses/Error" }),
            );
        }
        replaced
    });
    if let Some(responses) = authored["components"]["responses"].as_object_mut() {
        responses.retain(|name, _| {
            !errors
                .iter()
                .any(|error| error.ends_with(&format!("/{name}")))
        });
        responses.insert("Error".to_owned(), shape);
    }
    replaced
}

const SCHEMA: &str = "/content/application~1json/schema";

/// Schemas that nothing refers to any more.
fn drop_unused(authored: &mut Value) -> bool {
    let mut dropped = false;
    loop {
        let used: Vec<String> = document::references(authored)
            .into_iter()
            .map(|(_, to)| to.to_owned())
            .collect();
        let Some(schemas) = authored["components"]["schemas"].as_object_mut() else {
            return dropped;
        };
        let before = schemas.len();
        schemas.retain(|name, _| used.contains(&format!("#/components/schemas/{name}")));
        if schemas.len() == before {
            return dropped;
        }
        dropped = true;
    }
}

fn take(value: &mut Value, key: &str) -> bool {
    value
        .as_object_mut()
        .is_some_and(|object| object.shift_remove(key).is_some())
}

fn take_extensions(value: &mut Value) -> bool {
    let Some(object) = value.as_object_mut() else {
        return false;
    };
    let before = object.len();
    object.retain(|key, _| !key.starts_with("x-"));
    object.len() < before
}

/// Whether the list was in another order.
fn sort(value: &mut Value, key: &str, by: impl Fn(&Value) -> String) -> bool {
    let Some(list) = value.get_mut(key).and_then(Value::as_array_mut) else {
        return false;
    };
    let sorted = list.is_sorted_by_key(&by);
    list.sort_by_key(by);
    !sorted
}

fn describe(operation: &mut Value, status: &str, description: &str) -> bool {
    let described = operation
        .get_mut("responses")
        .and_then(|responses| responses.get_mut(status)?.get_mut("description"));
    described.is_some_and(|given| std::mem::replace(given, json!(description)) != *description)
}

/// Whether `change` changed any of the values of a list or object.
fn on_each(value: &mut Value, key: &str, mut change: impl FnMut(&mut Value) -> bool) -> bool {
    let mut changed = false;
    match value.get_mut(key) {
        Some(Value::Object(object)) => object
            .values_mut()
            .for_each(|value| changed |= change(value)),
        Some(Value::Array(items)) => items.iter_mut().for_each(|value| changed |= change(value)),
        _ => {}
    }
    changed
}

fn on_operations(document: &mut Value, mut change: impl FnMut(&mut Value) -> bool) -> bool {
    on_each(document, "paths", |item| {
        let mut changed = false;
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                changed |= change(operation);
            }
        }
        changed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small document that needs every exception, and what dropshot makes of it.
    fn pair() -> (Value, Value) {
        let authored = json!({
            "info": { "title": "T", "x-provenance": "documented" },
            "servers": [{ "url": "https://a.b" }],
            "security": [{ "key": [] }],
            "tags": [{ "name": "b" }, { "name": "a" }],
            "paths": { "/job": { "post": {
                "x-rate-limit": {},
                "security": [],
                "parameters": [{ "name": "id", "example": "1" }],
                "callbacks": { "done": { "{$request.body#/url}": { "post": {
                    "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Done" } } } }
                } } } },
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Job" } } } },
                "responses": {
                    "200": {
                        "description": "Stored.",
                        "headers": { "RateLimit": {} },
                        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Job" } } }
                    },
                    "404": { "$ref": "#/components/responses/NotFound" }
                }
            } } },
            "components": {
                "securitySchemes": { "key": {} },
                "headers": { "RateLimit": {} },
                "responses": { "NotFound": { "description": "No.", "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Error" }
                } } } },
                "schemas": {
                    "Error": { "type": "object" },
                    "Done": { "type": "object" },
                    "Job": { "type": "object", "required": ["b", "a"], "maxProperties": 2 }
                }
            }
        });
        let emitted = json!({
            "info": { "title": "T" },
            "tags": [{ "name": "a" }, { "name": "b" }],
            "paths": { "/job": { "post": {
                "parameters": [{ "name": "id" }],
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Job" } } } },
                "responses": {
                    "200": {
                        "description": "successful operation",
                        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Job" } } }
                    },
                    "4XX": { "$ref": "#/components/responses/Error" },
                    "5XX": { "$ref": "#/components/responses/Error" }
                }
            } } },
            "components": {
                "responses": { "Error": { "description": "Error", "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Error" }
                } } } },
                "schemas": {
                    "Error": { "type": "object" },
                    "Job": { "type": "object", "required": ["a", "b"], "maxProperties": 2.0 }
                }
            }
        });
        (authored, emitted)
    }

    fn places(problems: &[Problem]) -> Vec<&str> {
        problems.iter().map(|problem| problem.at.as_str()).collect()
    }

    #[test]
    fn what_dropshot_can_not_say_is_excepted() {
        let (authored, emitted) = pair();
        assert_eq!(compare(&authored, &emitted), []);
    }

    #[test]
    fn each_exception_is_needed() {
        let (authored, emitted) = pair();
        for left_out in &EXCEPTIONS {
            let others: Vec<_> = EXCEPTIONS
                .iter()
                .filter(|other| other.name != left_out.name)
                .collect();
            let problems = compare_but_for(&others, &authored, &emitted);
            assert_ne!(problems, [], "{} hides nothing", left_out.name);
        }
    }

    #[test]
    fn an_exception_that_matches_nothing_fails() {
        let (mut authored, emitted) = pair();
        take(&mut authored, "servers");
        let problems = compare(&authored, &emitted);
        assert_eq!(problems[0].says, "nothing needs the exception \"servers\"");
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn what_dropshot_has_learnt_to_say_is_excepted_no_longer() {
        let (authored, mut emitted) = pair();
        emitted["servers"] = authored["servers"].clone();
        emitted["paths"]["/job"]["post"]["x-rate-limit"] = json!({});
        let problems = compare(&authored, &emitted);
        assert_eq!(
            places(&problems),
            ["/paths/~1job/post/x-rate-limit", "/servers"]
        );
    }

    #[test]
    fn what_the_stubs_say_otherwise_is_named() {
        let job = "/components/schemas/Job";
        let body = "/paths/~1job/post/requestBody/content/application~1json/schema/$ref";
        let cases: [(&str, Value); 5] = [
            ("/info/title", json!("Another")),
            (&format!("{job}/maxProperties"), json!(3)),
            (&format!("{job}/x-max-bytes"), json!(3)),
            (body, json!("#/components/schemas/Error")),
            (
                "/paths/~1job/post/responses/409",
                json!({ "description": "Another shape" }),
            ),
        ];
        for (at, value) in cases {
            let (mut authored, emitted) = pair();
            let (parent, key) = at.rsplit_once('/').unwrap();
            authored.pointer_mut(parent).unwrap()[key] = value;
            assert_eq!(places(&compare(&authored, &emitted)), [at]);
        }
    }
}
