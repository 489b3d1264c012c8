//! A schema with everything that applies to the same value drawn together:
//! references followed, `allOf` merged, one branch of each choice taken.

use std::collections::HashMap;

use serde_json::Value;

use super::{Schemas, pool_index};

#[derive(Debug, Default)]
pub struct Flat<'s> {
    /// No value meets it.
    pub never: bool,
    /// Alternatives were left out.
    pub is_open: bool,
    /// None: any.
    pub types: Option<Vec<&'s str>>,
    /// `const` and `enum`.
    pub options: Option<Vec<&'s Value>>,
    pub examples: Vec<&'s Value>,
    pub properties: Properties<'s>,
    pub required: Vec<&'s str>,
    pub additional: Option<&'s Value>,
    pub items: Vec<&'s Value>,
    pub prefix: &'s [Value],
    pub minimum: Option<f64>,
    pub maximum: Option<f64>,
    pub above: Option<f64>,
    pub below: Option<f64>,
    pub multiple_of: Option<f64>,
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
    pub min_items: Option<u64>,
    pub max_items: Option<u64>,
    pub unique: bool,
    pub min_properties: Option<u64>,
    pub patterns: Vec<&'s str>,
    pub format: Option<&'s str>,
    pub deprecated: bool,
}

/// Each property with the schemas that apply to it, in order.
#[derive(Debug, Default)]
pub struct Properties<'s> {
    order: Vec<(&'s str, Vec<&'s Value>)>,
    index: HashMap<&'s str, usize>,
}

impl<'s> Properties<'s> {
    fn add(&mut self, name: &'s str, schema: &'s Value) {
        let at = *self.index.entry(name).or_insert_with(|| {
            self.order.push((name, Vec::new()));
            self.order.len() - 1
        });
        self.order[at].1.push(schema);
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'s str, &[&'s Value])> {
        self.order
            .iter()
            .map(|(name, schemas)| (*name, schemas.as_slice()))
    }

    pub fn get(&self, name: &str) -> Option<&[&'s Value]> {
        self.index.get(name).map(|at| self.order[*at].1.as_slice())
    }
}

/// Work left; a schema that multiplies runs out of it.
#[derive(Debug)]
pub struct Fuel(pub u32);

impl Fuel {
    pub fn spend(&mut self) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 > 0
    }
}

impl<'s> Flat<'s> {
    /// Of all of `parts` together; `branch` picks among alternatives, or they
    /// are left out. None where the fuel has run out.
    pub fn of(
        schemas: &'s Schemas,
        parts: &[&'s Value],
        branch: Option<usize>,
        fuel: &mut Fuel,
    ) -> Option<Self> {
        let mut flat = Self::default();
        let mut waiting: Vec<&'s Value> = parts.iter().rev().copied().collect();
        while let Some(schema) = waiting.pop() {
            if !fuel.spend() {
                return None;
            }
            if schema == &Value::Bool(false) {
                flat.never = true;
            }
            if let Some(index) = pool_index(schema) {
                waiting.push(schemas.pooled(index));
            }
            flat.take(schema);
            for keyword in ["oneOf", "anyOf"] {
                let Some(Value::Array(branches)) = schema.get(keyword) else {
                    continue;
                };
                match branch {
                    Some(branch) => waiting.extend(pick(schemas, branches, branch)),
                    None => flat.is_open = true,
                }
            }
            if let Some(Value::Array(all)) = schema.get("allOf") {
                waiting.extend(all.iter().rev());
            }
        }
        Some(flat)
    }

    fn take(&mut self, schema: &'s Value) {
        let Some(object) = schema.as_object() else {
            return;
        };
        let number = |keyword: &str| object.get(keyword).and_then(Value::as_f64);
        let count = |keyword: &str| object.get(keyword).and_then(Value::as_u64);
        let flag = |keyword: &str| object.get(keyword).and_then(Value::as_bool) == Some(true);
        if let Some(types) = object.get("type") {
            let types: Vec<&str> = match types {
                Value::String(one) => vec![one],
                other => other
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect(),
            };
            self.types = Some(match self.types.take() {
                None => types,
                Some(before) => both(&before, &types),
            });
        }
        if let Some(constant) = object.get("const") {
            self.limit_to(vec![constant]);
        }
        if let Some(options) = object.get("enum").and_then(Value::as_array) {
            self.limit_to(options.iter().collect());
        }
        self.examples.extend(
            object
                .get("examples")
                .and_then(Value::as_array)
                .into_iter()
                .flatten(),
        );
        self.examples.extend(object.get("default"));
        for (name, property) in object
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            self.properties.add(name, property);
        }
        for name in object
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if !self.required.contains(&name) {
                self.required.push(name);
            }
        }
        self.additional = object.get("additionalProperties").or(self.additional);
        self.items.extend(object.get("items"));
        if let Some(prefix) = object.get("prefixItems").and_then(Value::as_array) {
            self.prefix = prefix;
        }
        self.minimum = larger(self.minimum, number("minimum"));
        self.maximum = smaller(self.maximum, number("maximum"));
        self.above = larger(self.above, number("exclusiveMinimum"));
        self.below = smaller(self.below, number("exclusiveMaximum"));
        self.multiple_of = larger(self.multiple_of, number("multipleOf"));
        self.min_length = self.min_length.max(count("minLength"));
        self.max_length = least(self.max_length, count("maxLength"));
        self.min_items = self.min_items.max(count("minItems"));
        self.max_items = least(self.max_items, count("maxItems"));
        self.min_properties = self.min_properties.max(count("minProperties"));
        self.unique |= flag("uniqueItems");
        self.deprecated |= flag("deprecated");
        self.patterns
            .extend(object.get("pattern").and_then(Value::as_str));
        self.format = self
            .format
            .or_else(|| object.get("format").and_then(Value::as_str));
    }

    fn limit_to(&mut self, options: Vec<&'s Value>) {
        self.options = Some(match self.options.take() {
            None => options,
            Some(before) => before
                .into_iter()
                .filter(|option| options.contains(option))
                .collect(),
        });
    }

    /// The type of the values worth writing: said, or told by the keywords.
    pub fn kind(&self) -> &'s str {
        if let Some(types) = &self.types {
            let told = types.iter().find(|name| **name != "null").or(types.first());
            return told.copied().unwrap_or("null");
        }
        if !self.properties.order.is_empty() || !self.required.is_empty() {
            "object"
        } else if !self.items.is_empty() {
            "array"
        } else if self.minimum.or(self.maximum).or(self.multiple_of).is_some() {
            "number"
        } else {
            "string"
        }
    }

    /// Whether null may stand there, as far as is known.
    pub fn allows_null(&self) -> bool {
        let named = |types: &Vec<&str>| types.contains(&"null");
        match (&self.types, &self.options) {
            (Some(types), _) if !named(types) => false,
            (_, Some(options)) => options.iter().any(|it| it.is_null()),
            (Some(_), None) => true,
            (None, None) => self.is_open || !self.says_its_type(),
        }
    }

    /// Whether the keywords tell the type, where it is not said.
    fn says_its_type(&self) -> bool {
        !self.properties.order.is_empty() || !self.items.is_empty()
    }

    /// Whether values of this JSON type are allowed.
    pub fn allows(&self, kind: &str) -> bool {
        self.types.as_ref().is_none_or(|types| {
            types
                .iter()
                .any(|name| *name == kind || (*name == "number" && kind == "integer"))
        })
    }
}

/// The branch to take; those that only allow null are no example of anything.
fn pick<'s>(schemas: &'s Schemas, branches: &'s [Value], branch: usize) -> Option<&'s Value> {
    let telling: Vec<_> = branches
        .iter()
        .filter(|it| schemas.resolve(it).get("type") != Some(&Value::from("null")))
        .collect();
    match telling.len() {
        0 => branches.first(),
        count => telling.get(branch % count).copied(),
    }
}

fn both<'s>(one: &[&'s str], other: &[&'s str]) -> Vec<&'s str> {
    let mut common = Vec::new();
    for name in one.iter().chain(other) {
        let met_by = |types: &[&str]| {
            types.contains(name) || (*name == "integer" && types.contains(&"number"))
        };
        if met_by(one) && met_by(other) && !common.contains(name) {
            common.push(*name);
        }
    }
    common
}

fn larger(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::max)
}

fn smaller(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::min)
}

fn least(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.into_iter().chain(other).min()
}
