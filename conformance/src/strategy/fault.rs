//! Bodies that break exactly one clause: everything else in them is valid.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use serde_json::{Value, json};

use super::fields::{Field, fields};
use super::values::{minimal, place, remove, valid};
use crate::check::Level;
use crate::document::follow;

/// One way to break a field's clause.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) clause: String,
    pub(crate) level: Level,
    /// The keyword of the schema that is broken.
    pub(crate) keyword: &'static str,
    /// "`url` is missing"
    pub(crate) what: String,
    /// Its place among the schema's faults.
    pub(crate) number: usize,
}

struct Broken {
    fault: Fault,
    path: Vec<&'static str>,
    wrong: Wrong,
}

enum Wrong {
    Missing,
    /// Any of these; the first is the simplest.
    Value(BoxedStrategy<Value>),
}

/// Every way in which a body of the schema named `schema` can break one clause.
pub(crate) fn faults(schema: &str) -> Vec<Fault> {
    let broken = all(schema).into_iter().enumerate();
    broken
        .map(|(number, broken)| Fault {
            number,
            ..broken.fault
        })
        .collect()
}

/// Bodies with the fault of this number and no other, around `base`, which is
/// valid. Simplified, they are `base` with the smallest fault.
pub(super) fn bodies(schema: &str, number: usize, base: &Value) -> BoxedStrategy<Value> {
    let Broken { path, wrong, .. } = all(schema).swap_remove(number);
    let around = valid(schema, &minimal(schema, base, &path));
    match wrong {
        Wrong::Missing => around
            .prop_map(move |mut body| {
                remove(&mut body, &path);
                body
            })
            .boxed(),
        Wrong::Value(value) => (around, value)
            .prop_map(move |(mut body, value)| {
                place(&mut body, &path, value);
                body
            })
            .boxed(),
    }
}

fn all(schema: &str) -> Vec<Broken> {
    fields(schema).iter().flat_map(of).collect()
}

fn of(field: &Field) -> Vec<Broken> {
    let mut found = Vec::new();
    let mut add = |keyword, level, what: &str, wrong| {
        found.push(Broken {
            fault: Fault {
                clause: field.clause.clone(),
                level,
                keyword,
                what: format!("`{}` {what}", field.name()),
                number: 0,
            },
            path: field.path.clone(),
            wrong,
        });
    };
    if let Some(level) = field.required {
        add("required", level, "is missing", Wrong::Missing);
    }
    // An optional field that is null may be taken for one that is not there.
    let null = match field.required {
        Some(level) => level,
        None => Level::Should,
    };
    add(
        "type",
        null,
        "is null",
        Wrong::Value(Just(Value::Null).boxed()),
    );
    let article = match field.kind() {
        "integer" | "array" | "object" => "an",
        _ => "a",
    };
    let what = format!("is not {article} {}", field.kind());
    add(
        "type",
        field.level("type"),
        &what,
        Wrong::Value(other_types(field.kind())),
    );
    match field.kind() {
        "string" => strings(field, &mut add),
        "integer" => integers(field, &mut add),
        "array" => arrays(field, &mut add),
        "object" => {
            if let Some(most) = size(field, "x-max-bytes") {
                let wrong = (1_usize..40)
                    .prop_map(move |more| bulk(most + more))
                    .boxed();
                let what = format!("is more than {most} bytes as compact JSON");
                add(
                    "x-max-bytes",
                    field.level("x-max-bytes"),
                    &what,
                    Wrong::Value(wrong),
                );
                let wrong = (1_usize..40)
                    .prop_map(move |more| wide_bulk(most + more))
                    .boxed();
                let what = format!("is more than {most} bytes, though not as many characters");
                add(
                    "x-max-bytes",
                    field.level("x-max-bytes"),
                    &what,
                    Wrong::Value(wrong),
                );
            }
        }
        _ => {}
    }
    found
}

type Add<'a> = &'a mut dyn FnMut(&'static str, Level, &str, Wrong);

fn strings(field: &Field, add: Add<'_>) {
    if let Some(most) = size(field, "maxLength") {
        let wrong = match field.is_url() {
            true => (1_usize..40)
                .prop_map(move |more| long_url(most + more).into())
                .boxed(),
            false => (1_usize..40, select(vec!["a", "é", "東"]))
                .prop_map(move |(more, letter)| letter.repeat(most + more).into())
                .boxed(),
        };
        let what = format!("is longer than {most} characters");
        add(
            "maxLength",
            field.level("maxLength"),
            &what,
            Wrong::Value(wrong),
        );
    }
    if size(field, "minLength") == Some(1) {
        add(
            "minLength",
            field.level("minLength"),
            "is empty",
            Wrong::Value(Just(json!("")).boxed()),
        );
    }
    if field.is_url() {
        let wrong = select(vec![
            "",
            "not a url",
            "//example.com/path",
            "http://",
            "/path",
        ]);
        let wrong = wrong.prop_map(Value::from).boxed();
        add(
            "format",
            field.level("format"),
            "is no URL",
            Wrong::Value(wrong),
        );
    }
    if let Some(known) = field.node["enum"].as_array() {
        add(
            "enum",
            field.level("enum"),
            "is not one of the documented values",
            Wrong::Value(unknown(known)),
        );
    }
}

fn integers(field: &Field, add: Add<'_>) {
    if let Some(least) = field.number("minimum") {
        let wrong = (1_i64..1000)
            .prop_map(move |less| json!(least - less))
            .boxed();
        let what = format!("is below {least}");
        add(
            "minimum",
            field.level("minimum"),
            &what,
            Wrong::Value(wrong),
        );
    }
    if let Some(most) = field.number("maximum") {
        let wrong = (1_i64..1000)
            .prop_map(move |more| json!(most + more))
            .boxed();
        let what = format!("is above {most}");
        add(
            "maximum",
            field.level("maximum"),
            &what,
            Wrong::Value(wrong),
        );
    }
    let wrong = (0_i64..50)
        .prop_map(|whole| json!(whole as f64 + 0.5))
        .boxed();
    add(
        "type",
        field.level("type"),
        "is no whole number",
        Wrong::Value(wrong),
    );
}

fn arrays(field: &Field, add: Add<'_>) {
    let items = follow(&field.node["items"]);
    if let Some(known) = items["enum"].as_array() {
        let wrong = unknown(known).prop_map(|item| json!([item])).boxed();
        // Of an enumeration of its own the referenced schema says what is inferred.
        let level = field
            .level("enum")
            .max(match items["x-inferred"].as_array() {
                Some(keywords) if keywords.iter().any(|keyword| keyword == "enum") => Level::Should,
                _ => Level::Must,
            });
        add(
            "enum",
            level,
            "holds a value that is not documented",
            Wrong::Value(wrong),
        );
        if field.node["uniqueItems"] == true
            && let Some(first) = known.first().cloned()
        {
            let wrong = Just(json!([first, first])).boxed();
            add(
                "uniqueItems",
                field.level("uniqueItems"),
                "holds a value twice",
                Wrong::Value(wrong),
            );
        }
    }
    let wrong = (0_i64..50).prop_map(|number| json!([number])).boxed();
    add(
        "type",
        field.level("items/type"),
        "holds a number",
        Wrong::Value(wrong),
    );
    if size(field, "minItems") == Some(1) {
        add(
            "minItems",
            field.level("minItems"),
            "is empty",
            Wrong::Value(Just(json!([])).boxed()),
        );
    }
    if let (Some(most), "string", None) = (
        size(field, "maxItems"),
        items["type"].as_str().unwrap_or_default(),
        items["enum"].as_array(),
    ) {
        let wrong = (1_usize..10)
            .prop_map(move |more| {
                (0..most + more)
                    .map(|number| json!(format!("tag-{number}")))
                    .collect::<Value>()
            })
            .boxed();
        let what = format!("holds more than {most} values");
        add(
            "maxItems",
            field.level("maxItems"),
            &what,
            Wrong::Value(wrong),
        );
    }
    if let Some(most) = items["maxLength"]
        .as_u64()
        .and_then(|most| usize::try_from(most).ok())
    {
        let wrong = (1_usize..20)
            .prop_map(move |more| json!(["a".repeat(most + more)]))
            .boxed();
        let what = format!("holds a value longer than {most} characters");
        add(
            "maxLength",
            field.level("items/maxLength"),
            &what,
            Wrong::Value(wrong),
        );
    }
}

fn size(field: &Field, keyword: &str) -> Option<usize> {
    usize::try_from(field.number(keyword)?).ok()
}

/// JSON of any other type than this one, null aside.
fn other_types(kind: &str) -> BoxedStrategy<Value> {
    let mut others = Vec::new();
    if kind != "integer" && kind != "number" {
        others.push(json!(7));
    }
    if kind != "string" {
        others.push(json!("text"));
    }
    if kind != "boolean" {
        others.push(json!(true));
    }
    if kind != "array" {
        others.push(json!(["text"]));
    }
    if kind != "object" {
        others.push(json!({ "text": 7 }));
    }
    select(others).boxed()
}

/// Texts that are none of these, though close to them.
fn unknown(known: &[Value]) -> BoxedStrategy<Value> {
    let mut close = vec!["unknown".to_owned(), String::new()];
    for word in known.iter().filter_map(Value::as_str) {
        close.push(word.to_uppercase());
        close.push(format!("{word} "));
    }
    close.retain(|word| !known.iter().any(|known| known == word));
    select(close).prop_map(Value::from).boxed()
}

/// A URL of exactly so many characters.
pub(super) fn long_url(length: usize) -> String {
    let base = "https://example.com/?pad=";
    format!("{base}{}", "a".repeat(length.saturating_sub(base.len())))
}

/// An object of exactly so many bytes as compact JSON.
pub(super) fn bulk(bytes: usize) -> Value {
    json!({ "d": "a".repeat(bytes.saturating_sub(8)) })
}

/// As [`bulk`], in characters of more than one byte.
fn wide_bulk(bytes: usize) -> Value {
    let text = bytes.saturating_sub(8);
    let wide = "é".repeat(text / 2);
    json!({ "d": if text.is_multiple_of(2) { wide } else { wide + "a" } })
}
