//! Whatever is changed anywhere is named, and nothing else is.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{CONTRACT, changes, remove, set};
use crate::document::escape;

/// Every place of the contract, with its value.
static PLACES: LazyLock<Vec<(String, Value)>> = LazyLock::new(|| {
    fn collect(value: &Value, at: &str, places: &mut Vec<(String, Value)>) {
        if !at.is_empty() {
            places.push((at.to_owned(), value.clone()));
        }
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    collect(value, &format!("{at}/{}", escape(key)), places);
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    collect(value, &format!("{at}/{index}"), places);
                }
            }
            _ => {}
        }
    }
    let mut places = Vec::new();
    collect(&CONTRACT, "", &mut places);
    places
});

fn another(value: &Value) -> Option<Value> {
    Some(match value {
        Value::String(text) => json!(format!("{text}x")),
        Value::Number(number) => json!(number.as_f64()? + 1.0),
        Value::Bool(value) => json!(!value),
        Value::Null => json!("x"),
        Value::Array(_) | Value::Object(_) => return None,
    })
}

/// Whether one of two pointers leads to the other.
fn related(one: &str, other: &str) -> bool {
    let leads = |to: &str, from: &str| to == from || to.starts_with(&format!("{from}/"));
    leads(one, other) || leads(other, one)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is changed anywhere in the contract is named there, and nothing else is.
    #[test]
    fn no_change_goes_unnamed(at: prop::sample::Index, erase: bool) {
        let (pointer, value) = at.get(&PLACES);
        let found = changes(|document| match another(value) {
            Some(another) if !erase => set(document, pointer, another),
            _ => remove(document, pointer),
        });
        prop_assert!(!found.is_empty(), "{pointer} goes unnamed");
        for (_, named) in &found {
            prop_assert!(related(named, pointer), "{pointer} is named as {named}");
        }
    }
}
