//! Bodies of callbacks, all of them valid by the contract's `CallbackPayload`.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::Target;

/// The documentation's example, with the partner's own `custom_data` if given.
pub(super) fn published(target: &Target) -> Value {
    let mut payload: Value =
        serde_json::from_str(include_str!("../../../fixtures/golden/callback.json"))
            .expect("the published callback is JSON");
    if let Some(custom_data) = &target.custom_data {
        payload["custom_data"] = Value::Object(custom_data.clone());
    }
    payload
}

/// A job whose one test failed, with a message of so many characters.
pub(super) fn failed(mut payload: Value, length: usize) -> Value {
    let mut message = "expect(locator).toBeVisible() failed\n\nCall log:\n".to_owned();
    message.push_str(&"-".repeat(length.saturating_sub(message.len())));
    let results = &mut payload["results"];
    results["status"] = json!("failed");
    results["passed"] = json!(0);
    results["failed"] = json!(1);
    let test = &mut results["tests"][0];
    test["status"] = json!("failed");
    let title = test["test"].clone();
    results["failures"] = json!([{ "test": title, "message": message }]);
    payload
}

/// A job that ended with this status, without a verdict.
pub(super) fn ended(mut payload: Value, status: &str, tests: Value) -> Value {
    let results = &mut payload["results"];
    results["status"] = json!(status);
    results["passed"] = json!(0);
    results["total_tests"] = json!(tests.as_array().map_or(0, Vec::len));
    results["tests"] = tests;
    payload
}

/// The same with more in `custom_data`.
pub(super) fn with_custom_data(mut payload: Value, more: Value) -> Value {
    if let (Some(custom_data), Value::Object(more)) = (payload["custom_data"].as_object_mut(), more)
    {
        custom_data.extend(more);
    }
    payload
}

/// White space wherever JSON allows it.
pub(super) fn spaced(payload: &Value) -> String {
    let pretty = serde_json::to_string_pretty(payload).unwrap_or_default();
    format!("\n{}\r\n \t\n", pretty.replace('\n', "\r\n\t"))
}

/// Its keys the other way round.
pub(super) fn reversed(payload: &Value) -> Value {
    match payload {
        Value::Object(object) => {
            let turned = object
                .iter()
                .rev()
                .map(|(key, value)| (key.clone(), reversed(value)));
            Value::Object(turned.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

/// With escapes where none are needed.
pub(super) fn escaped(payload: &Value) -> String {
    let text = payload.to_string().replace('/', "\\/");
    ascii(&text.replace("AI crawl", "\\u0041I crawl"))
}

/// What is not ASCII as escapes, as Python's `json.dumps` writes it.
pub(super) fn ascii(json: &str) -> String {
    let mut out = String::new();
    for character in json.chars() {
        if character.is_ascii() {
            out.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

/// Numbers that come back otherwise when they are parsed and written again.
pub(super) fn with_numbers(payload: &Value) -> String {
    let marked = with_custom_data(payload.clone(), json!({ "numbers": "NUMBERS" }));
    marked
        .to_string()
        .replace("\"NUMBERS\"", "[1.0, 1e2, -0, 0.10, 1E-7]")
}
