//! What answers consist of: fields, types and presence, never values. As text,
//! one field a line, its path as jq writes it, `?` where it is not always there:
//!
//! ```text
//! .: object
//! .executions: array
//! .executions[]: object
//! .executions[].error_message?: string
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::document::follow;

/// Of fields that the contract does not know, no more are kept: a deployment
/// could draw their names.
const UNKNOWN: usize = 50;

/// The shape of one or of many bodies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    fields: BTreeMap<String, Field>,
    /// How many objects were seen at a path.
    objects: BTreeMap<String, u64>,
    unknown: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) kinds: BTreeSet<Kind>,
    /// How often it was there.
    seen: u64,
    /// It need not always be there, whatever was seen.
    optional: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Object,
    Array,
    String,
    Integer,
    Number,
    Boolean,
    Null,
    NoJson,
}

const KINDS: [(Kind, &str); 8] = [
    (Kind::Object, "object"),
    (Kind::Array, "array"),
    (Kind::String, "string"),
    (Kind::Integer, "integer"),
    (Kind::Number, "number"),
    (Kind::Boolean, "boolean"),
    (Kind::Null, "null"),
    (Kind::NoJson, "no JSON"),
];

impl Outline {
    /// Adds a body that the schema `node` describes. What the schema leaves open
    /// (a field that may be missing, or null) is open here too, however often it
    /// was seen: chance is no part of a shape.
    pub(super) fn add(&mut self, node: &'static Value, body: &[u8]) {
        match serde_json::from_slice(body) {
            Ok(value) => self.value(node, ".", &value, false),
            Err(_) => self.field(".", &[Kind::NoJson], false),
        }
    }

    /// Adds what was seen elsewhere.
    pub fn merge(&mut self, other: &Self) {
        for (path, field) in &other.fields {
            let own = self.fields.entry(path.clone()).or_default();
            own.kinds.extend(&field.kinds);
            own.seen += field.seen;
            own.optional |= field.optional;
        }
        for (path, count) in &other.objects {
            *self.objects.entry(path.clone()).or_default() += count;
        }
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &Field)> {
        self.fields
            .iter()
            .map(|(path, field)| (path.as_str(), field))
    }

    pub(super) fn get(&self, path: &str) -> Option<&Field> {
        self.fields.get(path)
    }

    /// Whether there was an object that has no such field, though others may.
    pub(super) fn lacks(&self, path: &str) -> bool {
        // A list or a map may be empty.
        if path.ends_with("[]") || path.ends_with(".*") {
            return false;
        }
        let objects = self.objects.get(parent(path)).copied().unwrap_or_default();
        let seen = self.get(path).map_or(0, |field| field.seen);
        seen < objects
    }

    pub(super) fn sometimes(&self, path: &str) -> bool {
        self.get(path).is_some_and(|field| field.optional) || self.lacks(path)
    }

    fn value(&mut self, node: &'static Value, path: &str, value: &Value, optional: bool) {
        let asked = follow(node);
        let kind = kind(value, asked);
        match asked["nullable"] == true {
            true => self.field(path, &[kind, Kind::Null], optional),
            false => self.field(path, &[kind], optional),
        }
        match value {
            Value::Object(object) => {
                *self.objects.entry(path.to_owned()).or_default() += 1;
                for (name, value) in object {
                    self.member(asked, path, name, value);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.value(&asked["items"], &format!("{path}[]"), item, false);
                }
            }
            _ => {}
        }
    }

    fn member(&mut self, object: &'static Value, path: &str, name: &str, value: &Value) {
        let at = |name: &str| member(path, name);
        let more = &object["additionalProperties"];
        if let Some(node) = object["properties"].get(name) {
            let required = object["required"].as_array().into_iter().flatten();
            let optional = !required.clone().any(|required| required == name);
            self.value(node, &at(name), value, optional);
        } else if more.is_object() {
            self.value(more, &at("*"), value, false);
        } else if more != true {
            // What is within it is not known either, and one line says enough.
            let path = at(&crate::http::abridged(name, 60));
            let new = !self.fields.contains_key(&path);
            if !new || self.unknown < UNKNOWN {
                self.unknown += usize::from(new);
                self.field(&path, &[kind(value, &Value::Null)], false);
            }
        }
    }

    fn field(&mut self, path: &str, kinds: &[Kind], optional: bool) {
        let field = self.fields.entry(path.to_owned()).or_default();
        field.kinds.extend(kinds);
        field.seen += 1;
        field.optional |= optional;
    }

    /// Reads what [`Outline`] prints.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut outline = Self::default();
        for line in text.lines() {
            let (path, kinds) = line.split_once(": ")?;
            let kinds = kinds.split(" | ").map(named);
            let field = Field {
                kinds: kinds.collect::<Option<_>>()?,
                optional: path.ends_with('?'),
                seen: 0,
            };
            let path = path.trim_end_matches('?').to_owned();
            outline.fields.insert(path, field);
        }
        Some(outline)
    }
}

impl Field {
    /// The types that are not among those of `recorded`.
    pub(super) fn beyond(&self, recorded: &Self) -> bool {
        let known = |kind: &Kind| {
            recorded.kinds.contains(kind)
                || *kind == Kind::Integer && recorded.kinds.contains(&Kind::Number)
        };
        !self.kinds.iter().all(known)
    }
}

/// The paths of everything that a schema describes.
pub(super) fn fields(node: &'static Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(node, ".", &mut found);
    found
}

fn collect(node: &'static Value, path: &str, found: &mut Vec<String>) {
    let node = follow(node);
    found.push(path.to_owned());
    for (name, property) in node["properties"].as_object().into_iter().flatten() {
        collect(property, &member(path, name), found);
    }
    if node["items"].is_object() {
        collect(&node["items"], &format!("{path}[]"), found);
    }
    if node["additionalProperties"].is_object() {
        collect(&node["additionalProperties"], &member(path, "*"), found);
    }
}

fn member(path: &str, name: &str) -> String {
    match path {
        "." => format!(".{name}"),
        path => format!("{path}.{name}"),
    }
}

/// `.executions[]` of `.executions[].status`
fn parent(path: &str) -> &str {
    match path.rsplit_once('.') {
        Some(("", _)) | None => ".",
        Some((parent, _)) => parent,
    }
}

fn kind(value: &Value, asked: &Value) -> Kind {
    match value {
        Value::Null => Kind::Null,
        Value::Bool(_) => Kind::Boolean,
        Value::String(_) => Kind::String,
        Value::Array(_) => Kind::Array,
        Value::Object(_) => Kind::Object,
        // 5 may be a number that happens to be whole.
        Value::Number(_) if asked["type"] == "number" => Kind::Number,
        Value::Number(number) if number.is_f64() => Kind::Number,
        Value::Number(_) => Kind::Integer,
    }
}

fn named(name: &str) -> Option<Kind> {
    let known = KINDS.iter().find(|(_, known)| *known == name);
    known.map(|(kind, _)| *kind)
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = KINDS.iter().filter(|(kind, _)| self.kinds.contains(kind));
        let names: Vec<&str> = names.map(|(_, name)| *name).collect();
        formatter.write_str(&names.join(" | "))
    }
}

impl fmt::Display for Outline {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, field) in &self.fields {
            let sometimes = if self.sometimes(path) { "?" } else { "" };
            writeln!(formatter, "{path}{sometimes}: {field}")?;
        }
        Ok(())
    }
}
