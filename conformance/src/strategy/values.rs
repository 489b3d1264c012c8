//! Valid bodies: minimal, drawn, and with every field at its limit.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::BoxedStrategy;
use serde_json::{Map, Value, json};

use super::fault::{bulk, long_url};
use super::fields::{Field, fields};
use crate::document::follow;

/// What is drawn at no time: it has to name something that is there, or costs
/// too much.
const KEPT: [&str; 3] = ["branch", "count", "openapi_url"];

/// `base` with the objects around the field at `path` filled in, so that the
/// field stands in a valid place.
pub(crate) fn minimal(schema: &str, base: &Value, path: &[&str]) -> Value {
    let mut body = base.clone();
    let all = fields(schema);
    for depth in 1..path.len() {
        let parent = &path[..depth];
        if get(&body, parent).is_some() {
            continue;
        }
        place(&mut body, parent, json!({}));
        for field in all.iter().filter(|field| field.path.len() == depth + 1) {
            if field.path.starts_with(parent) && field.required.is_some() {
                place(&mut body, &field.path, simple(field));
            }
        }
    }
    body
}

/// Valid bodies around `base`: what it holds is kept, optional fields come and
/// go. Simplified, they are `base`.
pub(crate) fn valid(schema: &str, base: &Value) -> BoxedStrategy<Value> {
    let base = base.clone();
    let mut drawn = Vec::new();
    for field in fields(schema) {
        if field.path.len() > 1
            || KEPT.contains(&field.path[0])
            || get(&base, &field.path).is_some()
        {
            continue;
        }
        let value = match field.kind() {
            "object" => object(schema, &field),
            _ => simple_values(&field),
        };
        let path = field.path.clone();
        let pair = value.prop_map(move |value| (path.clone(), value));
        drawn.push(option::weighted(0.3, pair).boxed());
    }
    drawn
        .prop_map(move |drawn| {
            let mut body = base.clone();
            for (path, value) in drawn.into_iter().flatten() {
                place(&mut body, &path, value);
            }
            body
        })
        .boxed()
}

/// `base` with each optional field at its upper limit.
pub(crate) fn extreme(schema: &str, base: &Value) -> Vec<(Field, Value)> {
    fields(schema)
        .into_iter()
        .filter(|field| !KEPT.contains(&field.path[0]))
        // With anything added it would be another repository's.
        .filter(|field| !(schema == "RepositoryImportRequest" && field.path == ["url"]))
        .filter_map(|field| {
            let value = limit(&field, get(base, &field.path))?;
            Some((field, value))
        })
        .collect()
}

/// The value at this field's upper limit; none where it has no limit.
fn limit(field: &Field, base: Option<&Value>) -> Option<Value> {
    let number = |keyword| {
        field
            .number(keyword)
            .and_then(|most| usize::try_from(most).ok())
    };
    match field.kind() {
        "string" if field.is_url() => {
            let most = number("maxLength")?;
            let url = base.and_then(Value::as_str);
            Some(
                url.map_or_else(|| long_url(most), |url| padded(url, most))
                    .into(),
            )
        }
        // Characters are counted, not bytes.
        "string" => Some(json!("é".repeat(number("maxLength")?))),
        "integer" => field.number("maximum").map(Value::from),
        "object" => number("x-max-bytes").map(bulk),
        _ => None,
    }
}

/// The same page, with a query that makes the URL so long.
fn padded(url: &str, length: usize) -> String {
    let joint = if url.contains('?') { "&pad=" } else { "?pad=" };
    let room = length.saturating_sub(url.len() + joint.len());
    format!("{url}{joint}{}", "a".repeat(room))
}

/// The simplest value of this field.
fn simple(field: &Field) -> Value {
    if let Some(first) = field.node["enum"].get(0) {
        return first.clone();
    }
    match field.kind() {
        "string" if field.is_url() => json!("https://example.com/"),
        "string" => json!("text"),
        "integer" => json!(field.number("minimum").unwrap_or(1)),
        "boolean" => json!(true),
        "array" => json!([]),
        _ => json!({}),
    }
}

fn simple_values(field: &Field) -> BoxedStrategy<Value> {
    if let Some(known) = field.node["enum"].as_array() {
        return select(known.clone()).boxed();
    }
    match field.kind() {
        "string" if field.is_url() => "[a-z]{1,12}"
            .prop_map(|path| json!(format!("https://example.com/{path}")))
            .boxed(),
        "string" => "[a-z][ a-zé東🚀\"\\\\<>&']{0,40}"
            .prop_map(Value::from)
            .boxed(),
        "integer" => {
            let least = field.number("minimum").unwrap_or(1);
            let most = field.number("maximum").unwrap_or(least + 100);
            (least..=most).prop_map(Value::from).boxed()
        }
        "boolean" => any::<bool>().prop_map(Value::from).boxed(),
        "array" => array(field),
        _ => json_values(),
    }
}

fn array(field: &Field) -> BoxedStrategy<Value> {
    let items = follow(&field.node["items"]);
    match items["enum"].as_array() {
        Some(known) => subsequence(known.clone(), 1..=known.len())
            .prop_map(Value::from)
            .boxed(),
        None => vec("[a-z]{1,12}", 0..4).prop_map(Value::from).boxed(),
    }
}

/// An object field with its own fields, or any object where it has none.
fn object(schema: &str, parent: &Field) -> BoxedStrategy<Value> {
    let mut children: Vec<BoxedStrategy<Option<(&'static str, Value)>>> = Vec::new();
    for field in fields(schema) {
        if field.path.len() != parent.path.len() + 1 || !field.path.starts_with(&parent.path) {
            continue;
        }
        let Some(&name) = field.path.last() else {
            continue;
        };
        let pair = simple_values(&field).prop_map(move |value| (name, value));
        children.push(match field.required {
            Some(_) => pair.prop_map(Some).boxed(),
            None => option::weighted(0.4, pair).boxed(),
        });
    }
    if children.is_empty() {
        return json_values();
    }
    children
        .prop_map(|children| {
            let object: Map<String, Value> = children
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            Value::Object(object)
        })
        .boxed()
}

/// Any object of a moderate size.
fn json_values() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1_000_000_i64..1_000_000).prop_map(Value::from),
        "[a-zé東🚀 \"\\\\]{0,12}".prop_map(Value::from),
    ];
    let nested = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            entries(inner),
        ]
    });
    entries(nested).boxed()
}

fn entries(value: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    vec(("[a-zé]{0,6}", value), 0..4)
        .prop_map(|entries| Value::Object(entries.into_iter().collect()))
        .boxed()
}

fn get<'a>(body: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(body, |body, name| body.get(*name))
}

/// Puts `value` at `path`, whose objects are made where they are missing.
pub(super) fn place(body: &mut Value, path: &[&str], value: Value) {
    let mut at = body;
    for name in path {
        if !at.is_object() {
            *at = json!({});
        }
        at = &mut at[*name];
    }
    *at = value;
}

pub(super) fn remove(body: &mut Value, path: &[&str]) {
    let Some((name, parents)) = path.split_last() else {
        return;
    };
    let parent = parents
        .iter()
        .try_fold(body, |body, name| body.get_mut(*name));
    if let Some(object) = parent.and_then(Value::as_object_mut) {
        object.shift_remove(*name);
    }
}
