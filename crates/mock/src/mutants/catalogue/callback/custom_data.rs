//! What comes back of `custom_data`.

use serde_json::{Value, json};

use super::super::{Mutant, mutant, payload};
use crate::mutants::effect::Effect;
use crate::mutants::reply::remove;

pub fn mutants() -> Vec<Mutant> {
    let echo = |id, clause, fault, edit| mutant(id, clause, fault, Effect::Echo(edit));
    vec![
        payload(
            "callback.custom-data.missing",
            "callback.custom-data",
            "custom_data is missing.",
            |it| drop(remove(it, "/custom_data")),
        ),
        echo(
            "callback.custom-data.text",
            "callback.custom-data",
            "custom_data comes back as text.",
            |data| *data = Value::String(data.to_string()),
        ),
        echo(
            "callback.custom-data.floats",
            "callback.custom-data",
            "Integers come back as floats.",
            |data| {
                each(data, &|value| {
                    if let Some(number) = value.as_i64() {
                        *value = json!(number as f64);
                    }
                })
            },
        ),
        echo(
            "callback.custom-data.number-texts",
            "webhook.custom-data.echo",
            "Numbers come back as text.",
            |data| {
                each(data, &|value| {
                    if value.is_number() {
                        *value = Value::String(value.to_string());
                    }
                })
            },
        ),
        echo(
            "callback.custom-data.flat",
            "callback.custom-data",
            "Nested objects come back empty.",
            |data| {
                for value in data
                    .as_object_mut()
                    .into_iter()
                    .flat_map(|it| it.values_mut())
                {
                    if value.is_object() {
                        *value = json!({});
                    }
                }
            },
        ),
        echo(
            "callback.custom-data.without-null",
            "callback.custom-data",
            "null is left out of lists.",
            |data| {
                each(data, &|value| {
                    if let Some(items) = value.as_array_mut() {
                        items.retain(|item| !item.is_null());
                    }
                })
            },
        ),
        echo(
            "callback.custom-data.normalised",
            "callback.custom-data",
            "Unicode comes back composed.",
            |data| {
                each(data, &|value| {
                    if let Some(text) = value.as_str() {
                        *value = json!(text.replace("e\u{301}", "\u{e9}"));
                    }
                })
            },
        ),
        echo(
            "callback.custom-data.ascii",
            "webhook.custom-data.echo",
            "What is not ASCII comes back as question marks.",
            |data| {
                each(data, &|value| {
                    if let Some(text) = value.as_str() {
                        *value = json!(text.replace(|c: char| !c.is_ascii(), "?"));
                    }
                })
            },
        ),
        echo(
            "callback.custom-data.escaped",
            "callback.custom-data",
            "Markup comes back escaped.",
            |data| {
                each(data, &|value| {
                    if let Some(text) = value.as_str() {
                        *value = json!(text.replace('<', "&lt;").replace('>', "&gt;"));
                    }
                })
            },
        ),
        echo(
            "callback.custom-data.without-empty",
            "callback.custom-data",
            "A field with an empty name is lost.",
            |data| {
                if let Some(object) = data.as_object_mut() {
                    object.shift_remove("");
                }
            },
        ),
        echo(
            "callback.custom-data.known-fields",
            "webhook.custom-data.echo",
            "Only deploy_id, branch and pr_number come back.",
            |data| {
                if let Some(object) = data.as_object_mut() {
                    object.retain(|name, _| {
                        ["deploy_id", "branch", "pr_number"].contains(&name.as_str())
                    });
                }
            },
        ),
    ]
}

/// Changes every value, the innermost first.
fn each(value: &mut Value, change: &dyn Fn(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| each(item, change)),
        Value::Object(fields) => fields.values_mut().for_each(|field| each(field, change)),
        _ => {}
    }
    change(value);
}
