//! Which components travel in requests and which in responses.

use std::collections::HashMap;

use serde_json::Value;

use super::change::Flow;
use crate::document::{self, METHODS, entries};

/// Flow by `$ref`, such as `#/components/schemas/WebhookRequest`.
pub type Usage = HashMap<String, Flow>;

/// How a document uses its components.
pub fn of(document: &Value) -> Usage {
    let mut usage = Usage::new();
    for (_, item) in entries(&document["paths"]) {
        path_item(document, item, Flow::REQUEST, &mut usage);
    }
    usage
}

/// `sent` is the flow of what the caller of these operations sends: turned
/// round within callbacks, where the API is the caller.
fn path_item(document: &Value, item: &Value, sent: Flow, usage: &mut Usage) {
    if let Some(parameters) = item.get("parameters") {
        mark(document, parameters, sent, usage);
    }
    for method in METHODS {
        let Some(operation) = item.get(method) else {
            continue;
        };
        for part in ["parameters", "requestBody"] {
            mark(document, &operation[part], sent, usage);
        }
        for (_, response) in entries(&operation["responses"]) {
            mark(document, response, sent.flipped(), usage);
        }
        for (_, expressions) in entries(&operation["callbacks"]) {
            for (_, item) in entries(expressions) {
                path_item(document, item, sent.flipped(), usage);
            }
        }
    }
}

fn mark(document: &Value, value: &Value, flow: Flow, usage: &mut Usage) {
    for (_, reference) in document::references(value) {
        let known = usage.entry(reference.to_owned()).or_default();
        let merged = known.with(flow);
        if *known != merged {
            *known = merged;
            if let Some(target) = document::resolve(document, reference) {
                mark(document, target, flow, usage);
            }
        }
    }
}
