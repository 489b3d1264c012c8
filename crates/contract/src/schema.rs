//! Schemas for dropshot, verbatim from the authored document, so that what
//! dropshot publishes is what was written.

use std::sync::LazyLock;

use schemars::r#gen::SchemaGenerator;
use schemars::schema::{Schema, SchemaObject};
use serde_json::Value;

static SCHEMAS: LazyLock<Value> = LazyLock::new(|| {
    let mut document: Value = serde_json::from_str(crate::DOCUMENT).expect("openapi.json is JSON");
    document["components"]["schemas"].take()
});

/// The schema named `name`, as authored.
pub fn authored(name: &str) -> Schema {
    serde_json::from_value::<SchemaObject>(SCHEMAS[name].clone())
        .expect("an authored schema is a schema object")
        .into()
}

/// Makes every schema that `name` refers to known to the generator.
pub fn refer(name: &str, generator: &mut SchemaGenerator) {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(object) => {
                if let Some(Value::String(reference)) = object.get("$ref") {
                    found.extend(reference.rsplit('/').next());
                }
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    references(&SCHEMAS[name], &mut found);
    for name in found {
        if !generator.definitions().contains_key(name) {
            generator
                .definitions_mut()
                .insert(name.to_owned(), authored(name));
            refer(name, generator);
        }
    }
}

macro_rules! authored_schema {
    ($type:ty, $name:literal) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> String {
                $name.to_owned()
            }

            fn json_schema(
                generator: &mut schemars::r#gen::SchemaGenerator,
            ) -> schemars::schema::Schema {
                $crate::schema::refer($name, generator);
                $crate::schema::authored($name)
            }
        }
    };
}
pub(crate) use authored_schema;
