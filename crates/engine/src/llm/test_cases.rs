//! Test cases for a description, asked of an LLM.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Llm, LlmError, Task};
use super::fence::Material;
use crate::test_cases::TestCaseDraft;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["test_cases"],
        "properties": {
            "test_cases": {
                "type": "array",
                "minItems": 1,
                "maxItems": 50,
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["title", "description", "steps", "expected_results", "category", "priority", "tags"],
                    "properties": {
                        "title": {"type": "string", "minLength": 5, "maxLength": 200},
                        "description": {"type": "string", "maxLength": 1000},
                        "steps": {"type": "array", "minItems": 1, "maxItems": 20, "items": {"type": "string", "minLength": 3, "maxLength": 500}},
                        "expected_results": {"type": "string", "minLength": 5, "maxLength": 1000},
                        "category": {"enum": ["e2e", "security", "integration", "api"]},
                        "priority": {"type": "integer", "minimum": 1, "maximum": 5},
                        "tags": {"type": "array", "maxItems": 8, "items": {"type": "string", "minLength": 1, "maxLength": 40}},
                    },
                },
            },
        },
    })
});

#[derive(Deserialize)]
struct Answer {
    test_cases: Vec<TestCaseDraft>,
}

/// At most `count` distinct test cases, the most urgent first.
pub async fn propose_test_cases(
    llm: &Llm,
    description: &str,
    count: usize,
) -> Result<Vec<TestCaseDraft>, LlmError> {
    let materials = [
        Material {
            what: "description",
            text: description.to_owned(),
        },
        Material {
            what: "number of test cases",
            text: count.to_string(),
        },
    ];
    let task = Task {
        name: "test_cases",
        instructions: "You are a test designer. Write test cases for what the description asks \
            for, as many as the number says, each of them distinct and concrete: what a tester \
            does, step by step and without numbers before the steps, and what has to be seen. \
            Cover every feature that is named before going deeper into one; then invalid input, \
            limits, access rights, state and recovery. Priority 1 is the most urgent, 5 the least. \
            Where no more distinct test cases can be told from the description, write fewer.",
        schema: &SCHEMA,
        materials: &materials,
    };
    let answer: Answer = llm.ask(&task).await?;
    let mut titles = HashSet::new();
    let mut drafts = answer.test_cases;
    drafts.retain(|draft| titles.insert(draft.title_key()));
    drafts.truncate(count);
    drafts.sort_by_key(|draft| draft.priority);
    Ok(drafts)
}
