//! The texts in a JSON value.

use serde_json::Value;

/// The value with each of its texts made another; names of fields stay.
pub(crate) fn each(value: Value, made: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => made(&text).into(),
        Value::Array(items) => items.into_iter().map(|it| each(it, made)).collect(),
        Value::Object(object) => object
            .into_iter()
            .map(|(name, value)| (name, each(value, made)))
            .collect(),
        other => other,
    }
}
