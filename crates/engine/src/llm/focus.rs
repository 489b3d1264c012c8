//! What a partner's instructions for API tests mean, asked of an LLM.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::client::{Llm, LlmError, Task};
use super::fence::Material;
use crate::api_tests::{ApiDocument, Focus};

const MAX_OPERATIONS: usize = 400;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let aim = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["methods", "paths", "topics", "kinds", "deprecated"],
        "properties": {
            "methods": {"type": "array", "maxItems": 8, "items": {"enum": ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]}},
            "paths": {"type": "array", "maxItems": 40, "items": {"type": "string", "maxLength": 300}},
            "topics": {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 60}},
            "kinds": {"type": "array", "maxItems": 6, "items": {"enum": ["credentials", "happy_path", "validation", "required_fields", "boundaries", "not_found"]}},
            "deprecated": {"type": "boolean"},
        },
    });
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["only", "first", "without", "at_most"],
        "properties": {
            "only": aim,
            "first": aim,
            "without": aim,
            "at_most": {"type": ["integer", "null"], "minimum": 1, "maximum": 300},
        },
    })
});

/// The focus that `instructions` ask for, in terms of the document's operations.
pub async fn propose_focus(
    llm: &Llm,
    instructions: &str,
    document: &ApiDocument,
) -> Result<Focus, LlmError> {
    let operations: Vec<_> = document
        .operations
        .iter()
        .take(MAX_OPERATIONS)
        .map(|operation| {
            let tags = operation.tags.join(", ");
            let summary: String = operation.summary.chars().take(80).collect();
            format!("{} [{tags}] {summary}", operation.name())
        })
        .collect();
    let task = Task {
        name: "focus",
        instructions: "You sort out which API tests a tester wants. From the wishes and the list \
            of operations, say: `only` (nothing else is tested), `first` (tested in full and \
            before the rest) and `without` (left out). Each names HTTP methods, beginnings of \
            paths as they are listed, words of the operations' tags or names, and kinds of tests; \
            empty lists mean that nothing is said. `deprecated` in `without` leaves out deprecated \
            operations. `at_most` is a number of tests, where one is wished for. Leave everything \
            empty that the wishes do not speak of.",
        schema: &SCHEMA,
        materials: &[
            Material {
                what: "wishes",
                text: instructions.to_owned(),
            },
            Material {
                what: "operations",
                text: operations.join("\n"),
            },
        ],
    };
    llm.ask(&task).await
}
