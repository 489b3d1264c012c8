//! `crates/contract/src/generated/types.rs`: typify over the document's schemas.

use anyhow::{Context, Result};
use schemars::schema::RootSchema;
use serde_json::{Map, Value, json};
use typify::{TypeSpace, TypeSpaceSettings};

/// What JSON Schema can't say and the contract's validator knows.
const KEYWORDS: [&str; 2] = ["x-max-bytes", "x-exactly-one-of"];

/// Limits that the validator enforces on the wire; as Rust newtypes they would
/// only stand in the way of the code that fills the types in.
const LIMITS: [&str; 5] = ["maxLength", "minLength", "pattern", "format", "uniqueItems"];

/// Rust source of every type in `components.schemas`.
pub fn generate(document: &Value) -> Result<proc_macro2::TokenStream> {
    let mut schema = json_schema(document)?;
    strip_limits(&mut schema);
    let root: RootSchema = serde_json::from_value(schema)?;
    let mut settings = TypeSpaceSettings::default();
    settings.with_derive("PartialEq".to_owned());
    let mut types = TypeSpace::new(&settings);
    types.add_ref_types(root.definitions)?;
    Ok(types.to_stream())
}

/// `components.schemas` as one JSON Schema of definitions.
pub fn json_schema(document: &Value) -> Result<Value> {
    let definitions: Map<String, Value> = document["components"]["schemas"]
        .as_object()
        .context("the document has no components.schemas")?
        .iter()
        .map(|(name, schema)| (name.clone(), convert(schema)))
        .collect();
    Ok(json!({ "definitions": definitions }))
}

/// OpenAPI 3.0's dialect as JSON Schema: `nullable` becomes a type, references
/// point to definitions, and what only documents is left out.
pub fn convert(schema: &Value) -> Value {
    let Value::Object(object) = schema else {
        return schema.clone();
    };
    let nullable = object.get("nullable") == Some(&Value::Bool(true));
    let mut converted = Map::new();
    for (key, value) in object {
        let value = match key.as_str() {
            "nullable" | "example" => continue,
            key if key.starts_with("x-") && !KEYWORDS.contains(&key) => continue,
            "$ref" => json!(
                value
                    .as_str()
                    .unwrap_or_default()
                    .replace("#/components/schemas/", "#/definitions/")
            ),
            "type" if nullable => json!([value, "null"]),
            "properties" => Value::Object(
                value
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, schema)| (name.clone(), convert(schema)))
                    .collect(),
            ),
            "allOf" | "anyOf" | "oneOf" => Value::Array(
                value
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(convert)
                    .collect(),
            ),
            "items" | "not" | "additionalProperties" => convert(value),
            _ => value.clone(),
        };
        converted.insert(key.clone(), value);
    }
    Value::Object(converted)
}

fn strip_limits(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            let text_or_list = matches!(object.get("type"), Some(Value::String(kind)) if kind == "string" || kind == "array")
                || matches!(object.get("type"), Some(Value::Array(kinds)) if kinds[0] == "string");
            if text_or_list {
                object.retain(|key, _| !LIMITS.contains(&key.as_str()));
            }
            object.values_mut().for_each(strip_limits);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_limits),
        _ => {}
    }
}
