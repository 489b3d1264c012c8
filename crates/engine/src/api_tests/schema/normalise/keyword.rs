//! One keyword of a schema: taken over if it is known and well-formed.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{Normaliser, View, shortened};
use crate::api_tests::SpecError;
use crate::api_tests::document::Dialect;
use crate::api_tests::schema::compiles;

impl Normaliser<'_> {
    pub(super) fn keyword(
        &mut self,
        keyword: &str,
        value: &Value,
        view: View,
        hidden: &HashSet<String>,
        out: &mut Map<String, Value>,
    ) -> Result<(), SpecError> {
        let kept = match keyword {
            "type" => known_types(value),
            "enum" => value.as_array().filter(|it| !it.is_empty()).map(|values| {
                let mut distinct: Vec<Value> = Vec::new();
                for value in values.iter().take(1000) {
                    if !distinct.contains(value) {
                        distinct.push(value.clone());
                    }
                }
                Value::Array(distinct)
            }),
            "const" | "default" => Some(value.clone()),
            "examples" => value.as_array().map(|_| value.clone()),
            "deprecated" | "uniqueItems" => value.as_bool().map(Value::Bool),
            "format" => value.as_str().map(|_| value.clone()),
            "minimum" | "maximum" => value.as_f64().map(|_| value.clone()),
            "multipleOf" => value
                .as_f64()
                .filter(|number| *number > 0.0)
                .map(|_| value.clone()),
            "exclusiveMinimum" | "exclusiveMaximum" => value.is_number().then(|| value.clone()),
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
            | "maxProperties" | "minContains" | "maxContains" => count(value).map(Value::from),
            "pattern" => value
                .as_str()
                .filter(|pattern| self.compiles(pattern))
                .map(Value::from),
            "required" => value.as_array().map(|names| {
                let mut seen = HashSet::new();
                names
                    .iter()
                    .filter_map(Value::as_str)
                    .filter(|name| !hidden.contains(*name) && seen.insert(*name))
                    .collect()
            }),
            "properties" => match value.as_object() {
                Some(properties) => {
                    let mut kept = Map::new();
                    for (name, property) in properties {
                        if !hidden.contains(name) {
                            kept.insert(name.clone(), self.schema(property, view)?);
                        }
                    }
                    Some(Value::Object(kept))
                }
                None => None,
            },
            "items" if value.is_array() => None,
            "items" | "additionalProperties" | "not" => Some(self.schema(value, view)?),
            "propertyNames" | "contains" | "if" | "then" | "else"
                if self.dialect == Dialect::OpenApi31 =>
            {
                Some(self.schema(value, view)?)
            }
            "allOf" | "anyOf" | "oneOf" => self.list(value, view)?,
            "prefixItems" if self.dialect == Dialect::OpenApi31 => self.list(value, view)?,
            _ => None,
        };
        if let Some(kept) = kept {
            out.insert(keyword.to_owned(), kept);
        }
        Ok(())
    }

    fn list(&mut self, value: &Value, view: View) -> Result<Option<Value>, SpecError> {
        let Some(schemas) = value.as_array().filter(|it| !it.is_empty()) else {
            return Ok(None);
        };
        let mut out = Vec::new();
        for schema in schemas {
            out.push(self.schema(schema, view)?);
        }
        Ok(Some(Value::Array(out)))
    }

    /// Patterns are ECMA-262; what the validator can't read is left out.
    fn compiles(&mut self, pattern: &str) -> bool {
        if let Some(known) = self.patterns.get(pattern) {
            return *known;
        }
        let compiles = pattern.len() <= 4096 && compiles(pattern);
        if !compiles {
            self.warn(format!(
                "the pattern `{}` can't be read and is left out",
                shortened(pattern)
            ));
        }
        self.patterns.insert(pattern.to_owned(), compiles);
        compiles
    }
}

fn known_types(value: &Value) -> Option<Value> {
    let known = |name: &str| match name {
        "string" | "number" | "integer" | "boolean" | "array" | "object" | "null" => {
            Some(name.to_owned())
        }
        // Swagger 2.0's way to say bytes.
        "file" => Some("string".to_owned()),
        _ => None,
    };
    match value {
        Value::String(name) => known(name).map(Value::String),
        Value::Array(names) => {
            let mut kept: Vec<_> = names
                .iter()
                .filter_map(Value::as_str)
                .filter_map(known)
                .collect();
            kept.sort();
            kept.dedup();
            match kept.as_slice() {
                [] => None,
                [only] => Some(only.as_str().into()),
                _ => Some(kept.into()),
            }
        }
        _ => None,
    }
}

fn count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        // `minLength: 1.0`
        let number = value.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be a whole number in range"
        )]
        (number.fract() == 0.0 && (0.0..1e15).contains(&number)).then_some(number as u64)
    })
}
