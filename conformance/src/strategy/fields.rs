//! The fields of a request body, each with what its schema asks for and which of
//! it is documented.

use serde_json::Value;

use crate::check::Level;
use crate::document::{Document, clauses_at, follow};

/// A field of a request body, at any depth of objects.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// From the body's root.
    pub(crate) path: Vec<&'static str>,
    pub(crate) clause: String,
    /// Its own schema, references followed.
    pub(crate) node: &'static Value,
    pub(crate) required: Option<Level>,
    /// Whether the field as a whole is inferred.
    inferred: bool,
    /// What of `node` is inferred though the field is documented.
    keywords: Vec<&'static str>,
}

impl Field {
    /// How binding this keyword of its schema is, `items/maxLength` for one of
    /// its items.
    pub(crate) fn level(&self, keyword: &str) -> Level {
        match self.inferred || self.keywords.contains(&keyword) {
            true => Level::Should,
            false => Level::Must,
        }
    }

    pub(crate) fn name(&self) -> String {
        self.path.join(".")
    }

    pub(crate) fn kind(&self) -> &'static str {
        self.node["type"].as_str().unwrap_or_default()
    }

    pub(crate) fn number(&self, keyword: &str) -> Option<i64> {
        self.node[keyword].as_i64()
    }

    pub(crate) fn is_url(&self) -> bool {
        self.node["format"] == "uri"
    }
}

/// All fields of the body whose schema is named `schema`.
pub(crate) fn fields(schema: &str) -> Vec<Field> {
    let mut found = Vec::new();
    collect(Document::get().schema(schema), &[], &mut found);
    found
}

fn collect(schema: &'static Value, path: &[&'static str], found: &mut Vec<Field>) {
    let listed = |name: &str| {
        let required = schema["required"].as_array().into_iter().flatten();
        required.clone().any(|required| required == name)
    };
    let binding = match inferred_keywords(schema).contains(&"required") {
        true => Level::Should,
        false => Level::Must,
    };
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let node = follow(property);
        let mut keywords = inferred_keywords(property);
        if !std::ptr::eq(node, property) {
            keywords.extend(inferred_keywords(node));
        }
        let path: Vec<&'static str> = path.iter().copied().chain([name.as_str()]).collect();
        found.push(Field {
            clause: clauses_at(property)
                .into_iter()
                .next()
                .map_or_else(|| "errors.400".to_owned(), |clause| clause.id),
            node,
            required: listed(name).then_some(binding),
            inferred: property["x-provenance"] == "inferred" || node["x-provenance"] == "inferred",
            keywords,
            path: path.clone(),
        });
        collect(node, &path, found);
    }
}

fn inferred_keywords(node: &'static Value) -> Vec<&'static str> {
    let keywords = node["x-inferred"].as_array().into_iter().flatten();
    keywords.filter_map(Value::as_str).collect()
}
