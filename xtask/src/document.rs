//! `openapi.json` as a value, and what every task asks of it.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::process::workspace;

/// The methods an OpenAPI path item can have.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

pub fn contract() -> Result<Value> {
    read(&workspace().join("openapi.json"))
}

pub fn read(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} can't be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}

/// One operation with the place it stands at.
pub struct Operation<'a> {
    pub path: &'a str,
    pub method: &'a str,
    pub value: &'a Map<String, Value>,
}

impl<'a> Operation<'a> {
    pub fn id(&self) -> Result<&'a str> {
        self.text("operationId")
    }

    pub fn text(&self, field: &str) -> Result<&'a str> {
        self.value
            .get(field)
            .and_then(Value::as_str)
            .with_context(|| format!("{} has no {field}", self.pointer()))
    }

    /// JSON pointer to the operation.
    pub fn pointer(&self) -> String {
        format!("/paths/{}/{}", escape(self.path), self.method)
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
            .with_context(|| format!("{} answers no success", self.pointer()))
    }
}

/// Every operation, in the document's order.
pub fn operations(document: &Value) -> impl Iterator<Item = Operation<'_>> {
    document["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(path, item)| {
            item.as_object()
                .into_iter()
                .flatten()
                .filter(|(method, _)| METHODS.contains(&method.as_str()))
                .filter_map(move |(method, value)| {
                    Some(Operation {
                        path,
                        method,
                        value: value.as_object()?,
                    })
                })
        })
}

/// `Name` of a `$ref` to `#/components/<section>/Name`.
pub fn component(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()?.rsplit('/').next()
}

/// A key as a JSON pointer's token.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
