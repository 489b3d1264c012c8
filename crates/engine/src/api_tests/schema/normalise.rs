//! The schemas of all three dialects become JSON Schema 2020-12, with every
//! `$ref` pointing into one pool. References stay references, so circular ones
//! cost nothing.
//!
//! A request and a response see a schema differently (`readOnly`,
//! `writeOnly`), so each is normalised per view. Only keywords that are known
//! and well-formed are taken over: what remains always compiles.

mod keyword;

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::{Map, Value, json};

use super::{Schemas, in_place};
use crate::api_tests::SpecError;
use crate::api_tests::document::Dialect;

/// Schema nodes in the pool. Overlapping references copy what they lead to.
const MAX_NODES: usize = 2_000_000;
const MAX_WARNINGS: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    Request,
    Response,
}

pub struct Normaliser<'d> {
    root: &'d Value,
    dialect: Dialect,
    /// View and pointer of what is in the pool, or will be.
    known: HashMap<(View, String), usize>,
    waiting: VecDeque<(View, String)>,
    nodes: usize,
    patterns: HashMap<String, bool>,
    warnings: Vec<String>,
    warned: HashSet<String>,
}

impl<'d> Normaliser<'d> {
    pub fn new(root: &'d Value, dialect: Dialect) -> Self {
        Self {
            root,
            dialect,
            known: HashMap::new(),
            waiting: VecDeque::new(),
            nodes: 0,
            patterns: HashMap::new(),
            warnings: Vec::new(),
            warned: HashSet::new(),
        }
    }

    pub fn request(&mut self, schema: &Value) -> Result<Value, SpecError> {
        self.schema(schema, View::Request)
    }

    pub fn response(&mut self, schema: &Value) -> Result<Value, SpecError> {
        self.schema(schema, View::Response)
    }

    pub fn warn(&mut self, warning: String) {
        if self.warnings.len() < MAX_WARNINGS && self.warned.insert(warning.clone()) {
            self.warnings.push(warning);
        }
    }

    /// Normalises whatever is referred to, and what that refers to.
    pub fn finish(mut self) -> Result<(Schemas, Vec<String>), SpecError> {
        let mut pool = Map::new();
        let mut names = Vec::new();
        while let Some((view, pointer)) = self.waiting.pop_front() {
            let target = self
                .root
                .pointer(&pointer)
                .expect("only pointers that lead somewhere are queued");
            let schema = self.schema(target, view)?;
            pool.insert(names.len().to_string(), schema);
            names.push(pointer.rsplit('/').next().unwrap_or_default().to_owned());
        }
        let schemas = Schemas::new(pool);
        if let Some(index) = in_place::endless(&schemas) {
            return Err(SpecError::EndlessReference {
                reference: names.swap_remove(index),
            });
        }
        Ok((schemas, self.warnings))
    }

    fn schema(&mut self, schema: &Value, view: View) -> Result<Value, SpecError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(SpecError::Explodes);
        }
        let Some(object) = schema.as_object() else {
            // `false` is a schema in 3.1; whatever else stands here is none.
            return Ok(Value::Bool(schema != &Value::Bool(false)));
        };
        let mut out = Map::new();
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            let reference = self.reference(reference, view)?;
            if self.dialect != Dialect::OpenApi31 {
                // What stands beside a `$ref` does not count there.
                return Ok(reference);
            }
            if let Value::Object(reference) = reference {
                out = reference;
            }
        }
        let hidden = self.hidden(object, view)?;
        for (keyword, value) in object {
            self.keyword(keyword, value, view, &hidden, &mut out)?;
        }
        self.old_bounds(object, &mut out);
        if object.get("type") == Some(&Value::from("file")) {
            out.insert("format".to_owned(), "binary".into());
        }
        if let Some(examples) = object.get("example").map(|example| json!([example])) {
            out.insert("examples".to_owned(), examples);
        }
        self.discriminator(object, &mut out, view)?;
        if self.nullable(object) {
            return Ok(or_null(out));
        }
        Ok(Value::Object(out))
    }

    /// The reference into the pool for one into the document.
    fn reference(&mut self, reference: &str, view: View) -> Result<Value, SpecError> {
        let Some(pointer) = super::pointer(reference) else {
            self.warn(format!(
                "`{}` leads out of the document and is not fetched: anything is taken to be valid there",
                shortened(reference)
            ));
            return Ok(json!({}));
        };
        if self.root.pointer(&pointer).is_none() {
            return Err(SpecError::DanglingReference {
                reference: reference.to_owned(),
            });
        }
        let next = self.known.len();
        let key = (view, pointer);
        let index = match self.known.get(&key) {
            Some(index) => *index,
            None => {
                self.known.insert(key.clone(), next);
                self.waiting.push_back(key);
                next
            }
        };
        Ok(json!({"$ref": super::pooled(index)}))
    }

    /// Properties that this view does not have.
    fn hidden(
        &self,
        object: &Map<String, Value>,
        view: View,
    ) -> Result<HashSet<String>, SpecError> {
        let flag = match view {
            View::Request => "readOnly",
            View::Response => "writeOnly",
        };
        let mut hidden = HashSet::new();
        for (name, property) in object
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let meant = match property.get("$ref").and_then(Value::as_str) {
                Some(reference) if super::pointer(reference).is_some() => {
                    crate::api_tests::document::follow(self.root, property)?
                }
                _ => property,
            };
            if [property, meant]
                .iter()
                .any(|it| it.get(flag) == Some(&Value::Bool(true)))
            {
                hidden.insert(name.clone());
            }
        }
        Ok(hidden)
    }

    /// `exclusiveMinimum: true` beside `minimum`, before 3.1.
    fn old_bounds(&self, object: &Map<String, Value>, out: &mut Map<String, Value>) {
        for (bound, exclusive) in [
            ("minimum", "exclusiveMinimum"),
            ("maximum", "exclusiveMaximum"),
        ] {
            if object.get(exclusive) == Some(&Value::Bool(true))
                && let Some(value) = out.remove(bound)
            {
                out.insert(exclusive.to_owned(), value);
            }
        }
    }

    /// A discriminator names the branch that an object belongs to: said in
    /// JSON Schema, each branch fixes that property's value.
    fn discriminator(
        &mut self,
        object: &Map<String, Value>,
        out: &mut Map<String, Value>,
        view: View,
    ) -> Result<(), SpecError> {
        let Some(discriminator) = object.get("discriminator").filter(|it| it.is_object()) else {
            return Ok(());
        };
        let Some(property) = discriminator.get("propertyName").and_then(Value::as_str) else {
            return Ok(());
        };
        for keyword in ["oneOf", "anyOf"] {
            let Some(branches) = object.get(keyword).and_then(Value::as_array) else {
                continue;
            };
            let mut fixed = Vec::new();
            for branch in branches {
                let schema = self.schema(branch, view)?;
                let Some(reference) = branch.get("$ref").and_then(Value::as_str) else {
                    fixed.push(schema);
                    continue;
                };
                let names: Vec<_> = discriminator
                    .get("mapping")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                    .filter(|(_, target)| {
                        target.as_str().is_some_and(|target| {
                            target == reference || reference.ends_with(&format!("/{target}"))
                        })
                    })
                    .map(|(name, _)| name.as_str())
                    .collect();
                let names = if names.is_empty() {
                    vec![reference.rsplit('/').next().unwrap_or_default()]
                } else {
                    names
                };
                fixed.push(json!({
                    "allOf": [schema],
                    "required": [property],
                    "properties": {property: {"enum": names}},
                }));
            }
            out.insert(keyword.to_owned(), Value::Array(fixed));
        }
        Ok(())
    }

    fn nullable(&self, object: &Map<String, Value>) -> bool {
        match self.dialect {
            Dialect::Swagger2 => object.get("x-nullable") == Some(&Value::Bool(true)),
            Dialect::OpenApi30 => object.get("nullable") == Some(&Value::Bool(true)),
            Dialect::OpenApi31 => false,
        }
    }
}

/// `nullable: true`
fn or_null(mut schema: Map<String, Value>) -> Value {
    match schema.get_mut("type") {
        Some(Value::String(name)) if !schema_has_choice(name) => {
            let name = name.clone();
            schema.insert("type".to_owned(), json!([name, "null"]));
            // An enum of a nullable schema need not repeat the null.
            if let Some(Value::Array(values)) = schema.get_mut("enum")
                && !values.contains(&Value::Null)
            {
                values.push(Value::Null);
            }
            Value::Object(schema)
        }
        Some(_) => Value::Object(schema),
        None => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}

fn schema_has_choice(name: &str) -> bool {
    name == "null"
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
