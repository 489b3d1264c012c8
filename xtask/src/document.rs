//! `openapi.json` as a value, and what every task asks of it.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use crate::process::workspace;

/// The methods an OpenAPI path item can have.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

pub fn contract() -> Result<Value> {
    read(&workspace().join("openapi.json"))
}

/// The same, and all its references resolve.
pub fn whole_contract() -> Result<Value> {
    read_whole(&workspace().join("openapi.json"))
}

/// An OpenAPI 3.0 document.
pub fn read(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} can't be read", path.display()))?;
    let document: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    let version = document["openapi"].as_str().unwrap_or_default();
    if !version.starts_with("3.0.") {
        bail!(
            "{} is no OpenAPI 3.0 document: `openapi` is {version:?}",
            path.display()
        );
    }
    Ok(document)
}

/// The same, and all its references resolve.
pub fn read_whole(path: &Path) -> Result<Value> {
    let document = read(path)?;
    if let Some((pointer, reference)) = references(&document)
        .into_iter()
        .find(|(_, reference)| resolve(&document, reference).is_none())
    {
        bail!(
            "{}: {reference}, referred to at {pointer}, does not exist",
            path.display()
        );
    }
    Ok(document)
}

/// One operation with the place it stands at.
pub struct Operation<'a> {
    pub path: &'a str,
    pub method: &'a str,
    pub value: &'a Map<String, Value>,
    /// JSON pointer to the operation.
    pub pointer: String,
}

impl<'a> Operation<'a> {
    pub fn id(&self) -> Result<&'a str> {
        self.text("operationId")
    }

    pub fn text(&self, field: &str) -> Result<&'a str> {
        self.value
            .get(field)
            .and_then(Value::as_str)
            .with_context(|| format!("{} has no {field}", self.pointer))
    }

    /// The name of the schema that the request body refers to.
    pub fn request_schema(&self) -> Option<&'a str> {
        component(
            self.value
                .get("requestBody")?
                .pointer("/content/application~1json/schema")?,
        )
    }

    /// Status and response of the answer that is no error.
    pub fn success(&self) -> Result<(&'a str, &'a Value)> {
        self.value
            .get("responses")
            .and_then(Value::as_object)
            .and_then(|responses| {
                responses
                    .iter()
                    .find(|(status, _)| status.starts_with(['2', '3']))
            })
            .map(|(status, response)| (status.as_str(), response))
            .with_context(|| format!("{} answers no success", self.pointer))
    }
}

/// Every operation, in the document's order.
pub fn operations(document: &Value) -> impl Iterator<Item = Operation<'_>> {
    entries(&document["paths"]).flat_map(|(path, item)| operations_of(path, item, "/paths"))
}

/// Every operation that the API calls at a partner.
pub fn callbacks(document: &Value) -> impl Iterator<Item = Operation<'_>> {
    operations(document).flat_map(|operation| {
        let at = format!("{}/callbacks", operation.pointer);
        let callbacks = operation.value.get("callbacks").unwrap_or(&Value::Null);
        entries(callbacks).flat_map(move |(name, expressions)| {
            let at = format!("{at}/{}", escape(name));
            entries(expressions)
                .flat_map(move |(expression, item)| operations_of(expression, item, &at))
        })
    })
}

fn operations_of<'a>(path: &'a str, item: &'a Value, at: &str) -> Vec<Operation<'a>> {
    entries(item)
        .filter(|(method, _)| METHODS.contains(method))
        .filter_map(|(method, value)| {
            Some(Operation {
                path,
                method,
                value: value.as_object()?,
                pointer: format!("{at}/{}/{method}", escape(path)),
            })
        })
        .collect()
}

/// The entries of an object; none where the value is none.
pub fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

/// Every `$ref` with the pointer to the object that holds it.
pub fn references(document: &Value) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    walk(document, &mut |pointer, value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            found.push((pointer.to_owned(), reference));
        }
    });
    found
}

/// What a `$ref` within the document refers to.
pub fn resolve<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    document.pointer(reference.strip_prefix('#')?)
}

/// Calls `see` with every value and its pointer, in the document's order.
/// Examples, defaults and enums hold data and no document, so they are not entered.
pub fn walk<'a>(value: &'a Value, see: &mut dyn FnMut(&str, &'a Value)) {
    fn step<'a>(value: &'a Value, at: &str, names: bool, see: &mut dyn FnMut(&str, &'a Value)) {
        see(at, value);
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    if names || !["example", "examples", "default", "enum"].contains(&key.as_str())
                    {
                        let names = !names && ["properties", "responses"].contains(&key.as_str());
                        step(value, &format!("{at}/{}", escape(key)), names, see);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    step(item, &format!("{at}/{index}"), false, see);
                }
            }
            _ => {}
        }
    }
    step(value, "", false, see);
}

/// `Name` of a `$ref` to `#/components/<section>/Name`.
pub fn component(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()?.rsplit('/').next()
}

/// A key as a JSON pointer's token.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
