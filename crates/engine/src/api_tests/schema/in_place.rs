//! How much work a value costs against a schema. `allOf`, `anyOf`, `$ref` and
//! the like apply to the same value ("in place"), so schemas that refer to each
//! other several times multiply, and one that refers to itself never ends.

use std::collections::HashMap;

use serde_json::Value;

use super::Schemas;

/// Applications of a schema to a value that validating may cost at most.
pub const MAX_COST: u64 = 200_000;

/// The schemas that apply to the same value as `schema` does.
fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["allOf", "anyOf", "oneOf"].into_iter().flat_map(|keyword| {
        schema
            .get(keyword)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    });
    let single = ["not", "if", "then", "else"]
        .into_iter()
        .filter_map(|keyword| schema.get(keyword));
    lists.chain(single)
}

/// Longest chain of schemas that apply to one value.
const MAX_CHAIN: usize = 200;

/// Index of a pooled schema by which no value could be judged: it refers to
/// itself without going into a property or an item in between, or through more
/// schemas than [`MAX_CHAIN`].
pub fn endless(schemas: &Schemas) -> Option<usize> {
    let mut marks = vec![Mark::New; schemas.len()];
    (0..schemas.len()).find(|index| !ends(schemas, *index, &mut marks))
}

#[derive(Clone, Copy)]
enum Mark {
    New,
    UnderWay,
    /// With the length of its longest chain.
    Done(usize),
}

/// Depth first, without recursion: chains may be long.
fn ends(schemas: &Schemas, start: usize, marks: &mut [Mark]) -> bool {
    let mut stack = vec![(start, false)];
    while let Some((index, left)) = stack.pop() {
        let targets = targets(schemas.pooled(index));
        if left {
            let longest = targets.iter().map(|target| match marks[*target] {
                Mark::Done(length) => length,
                Mark::New | Mark::UnderWay => 0,
            });
            let length = 1 + longest.max().unwrap_or(0);
            if length > MAX_CHAIN {
                return false;
            }
            marks[index] = Mark::Done(length);
            continue;
        }
        match marks[index] {
            Mark::Done(_) => continue,
            Mark::UnderWay => return false,
            Mark::New => marks[index] = Mark::UnderWay,
        }
        stack.push((index, true));
        for target in targets {
            match marks[target] {
                Mark::UnderWay => return false,
                Mark::Done(_) => {}
                Mark::New => stack.push((target, false)),
            }
        }
    }
    true
}

/// Pooled schemas that apply in place.
fn targets(schema: &Value) -> Vec<usize> {
    let mut found = Vec::new();
    let mut waiting = vec![schema];
    while let Some(schema) = waiting.pop() {
        found.extend(super::pool_index(schema));
        waiting.extend(parts(schema));
    }
    found
}

/// Whether `value` can be held against `schema` at a bearable cost.
pub fn is_bearable(schemas: &Schemas, schema: &Value, value: &Value) -> bool {
    let mut known = HashMap::new();
    cost(schemas, schema, value, &mut known) <= MAX_COST
}

/// Counted as a validator without a memory would work; the estimate itself
/// remembers, so that it takes the time of distinct pairs only.
fn cost<'s>(
    schemas: &'s Schemas,
    schema: &'s Value,
    value: &'s Value,
    known: &mut HashMap<(*const Value, *const Value), u64>,
) -> u64 {
    let key = (std::ptr::from_ref(schema), std::ptr::from_ref(value));
    if let Some(cost) = known.get(&key) {
        return *cost;
    }
    let mut total = 1_u64;
    let mut add = |schema: &'s Value, value: &'s Value, known: &mut _| {
        total = total.saturating_add(cost(schemas, schema, value, known));
    };
    if let Some(index) = super::pool_index(schema) {
        add(schemas.pooled(index), value, known);
    }
    for part in parts(schema) {
        add(part, value, known);
    }
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let property = schema
                    .get("properties")
                    .and_then(|properties| properties.get(name))
                    .or_else(|| schema.get("additionalProperties"));
                if let Some(property) = property {
                    add(property, value, known);
                }
            }
        }
        Value::Array(items) => {
            for keyword in ["items", "contains"] {
                if let Some(schema) = schema.get(keyword) {
                    for item in items {
                        add(schema, item, known);
                    }
                }
            }
        }
        _ => {}
    }
    known.insert(key, total);
    total
}
