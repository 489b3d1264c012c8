//! Schemas: one dialect for all, values that meet them, values that don't.

mod example;
mod flat;
mod in_place;
mod normalise;
mod spot;
#[cfg(test)]
mod tests;
mod text;
mod violation;

use jsonschema::{PatternOptions, Registry, Validator};
use serde_json::{Map, Value, json};

pub use example::{Examples, Wanted, names_an_id};
pub use flat::{Flat, Fuel};
pub use normalise::Normaliser;
pub use spot::{Spot, Step};
pub use violation::{Breaks, Flaw, edges, flaws};

pub(super) use super::document::pointer;

/// The pool's name inside references.
const POOL: &str = "urn:specification#/$defs/";

/// Every schema that is referred to, as JSON Schema 2020-12.
#[derive(Debug)]
pub struct Schemas {
    /// `{"$defs": {"0": ..., "1": ...}}`
    pool: Value,
}

impl Schemas {
    fn new(pool: Map<String, Value>) -> Self {
        Self {
            pool: json!({ "$defs": pool }),
        }
    }

    fn len(&self) -> usize {
        self.pool["$defs"].as_object().map_or(0, Map::len)
    }

    fn pooled(&self, index: usize) -> &Value {
        &self.pool["$defs"][index.to_string()]
    }

    /// What a schema that is nothing but a reference stands for.
    pub fn resolve<'s>(&'s self, mut schema: &'s Value) -> &'s Value {
        while let Some(index) = pool_index(schema)
            && schema.as_object().is_some_and(|it| it.len() == 1)
        {
            schema = self.pooled(index);
        }
        schema
    }

    /// Ready to judge values.
    pub fn checker(&self) -> Option<Checker<'_>> {
        let registry = Registry::new()
            .draft(jsonschema::Draft::Draft202012)
            .add("urn:specification", &self.pool)
            .ok()?
            .prepare()
            .ok()?;
        Some(Checker {
            schemas: self,
            registry,
        })
    }
}

/// Judges values by the pool's schemas.
pub struct Checker<'s> {
    pub schemas: &'s Schemas,
    registry: Registry<'s>,
}

impl Checker<'_> {
    /// None where the schema can't be compiled.
    pub fn judge<'c>(&'c self, schema: &'c Value) -> Option<Judge<'c>> {
        Some(Judge {
            schemas: self.schemas,
            schema,
            validator: options().with_registry(&self.registry).build(schema).ok()?,
        })
    }
}

/// Judges values by one schema.
pub struct Judge<'c> {
    schemas: &'c Schemas,
    schema: &'c Value,
    validator: Validator,
}

impl Judge<'_> {
    /// None where finding out would cost too much.
    pub fn accepts(&self, value: &Value) -> Option<bool> {
        in_place::is_bearable(self.schemas, self.schema, value)
            .then(|| self.validator.is_valid(value))
    }
}

fn options<'i>() -> jsonschema::ValidationOptions<'i> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        // A pattern from outside must not be able to run for long.
        .with_pattern_options(
            PatternOptions::fancy_regex()
                .backtrack_limit(20_000)
                .size_limit(1 << 20),
        )
        .offline()
}

fn compiles(pattern: &str) -> bool {
    options().build(&json!({ "pattern": pattern })).is_ok()
}

fn pooled(index: usize) -> String {
    format!("{POOL}{index}")
}

/// Which of the pool's schemas a schema refers to.
fn pool_index(schema: &Value) -> Option<usize> {
    schema
        .get("$ref")?
        .as_str()?
        .strip_prefix(POOL)?
        .parse()
        .ok()
}
