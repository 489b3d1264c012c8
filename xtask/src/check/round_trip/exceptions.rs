//! What dropshot's document can't hold, or holds otherwise.

use serde_json::{Value, json};

use crate::document::{self, METHODS, entries};

/// Something that dropshot's document can't hold, or holds otherwise.
pub struct Exception {
    pub name: &'static str,
    /// Makes one side as the other has to be; whether there was anything to do.
    pub apply: fn(authored: &mut Value, emitted: &mut Value) -> bool,
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
