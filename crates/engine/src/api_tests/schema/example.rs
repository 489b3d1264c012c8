//! Values that meet a schema, the same ones every time.

use serde_json::{Map, Number, Value};

use super::Checker;
use super::flat::{Flat, Fuel};
use super::text;

/// Deeper than this only what is required is written.
const OPTIONAL_DEPTH: usize = 3;
const MAX_DEPTH: usize = 24;
const MAX_ITEMS: u64 = 100;
/// Work for one value.
const FUEL: u32 = 20_000;

/// How much of a schema an example should use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Required,
    /// Optional properties too, but none that refer to something else by id.
    Everything,
}

/// Why there is no example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoExample {
    #[error("the schema can't be compiled")]
    Unusable,
    #[error("no value was found that meets the schema")]
    NotFound,
}

/// Writes values for schemas.
pub struct Examples<'c> {
    checker: &'c Checker<'c>,
}

impl<'c> Examples<'c> {
    pub fn new(checker: &'c Checker<'c>) -> Self {
        Self { checker }
    }

    /// A value that the schema's validator accepts: one of `given` where it
    /// does, else a written one. `name` is what the value is called.
    pub fn valid(
        &self,
        schema: &Value,
        name: &str,
        given: Option<&Value>,
        wanted: Wanted,
    ) -> Result<Value, NoExample> {
        let judge = self.checker.judge(schema).ok_or(NoExample::Unusable)?;
        if let Some(given) = given
            && judge.accepts(given) == Some(true)
        {
            return Ok(given.clone());
        }
        // Examples inside the schema may be wrong, and a branch may be a dead
        // end: each is tried in turn.
        for branch in 0..4 {
            for trusting in [true, false] {
                let mut writer = Writer {
                    checker: self.checker,
                    fuel: Fuel(FUEL),
                    wanted,
                    branch,
                    trusting,
                    lists: Vec::new(),
                };
                if let Some(value) = writer.value(&[schema], name, 0, 0)
                    && judge.accepts(&value) == Some(true)
                {
                    return Ok(value);
                }
            }
        }
        Err(NoExample::NotFound)
    }
}

struct Writer<'c> {
    checker: &'c Checker<'c>,
    fuel: Fuel,
    wanted: Wanted,
    branch: usize,
    /// Whether examples and defaults are taken as they are.
    trusting: bool,
    /// Schemas of the items that are being written, from the outside in.
    lists: Vec<*const Value>,
}

impl<'c> Writer<'c> {
    fn value(
        &mut self,
        parts: &[&'c Value],
        name: &str,
        nth: usize,
        depth: usize,
    ) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let flat = Flat::of(
            self.checker.schemas,
            parts,
            Some(self.branch),
            &mut self.fuel,
        )?;
        if flat.never {
            return None;
        }
        if let Some(options) = &flat.options {
            let example = flat.examples.iter().find(|it| options.contains(it));
            let option = match nth {
                0 => example.or_else(|| options.iter().find(|it| !it.is_null())),
                nth => options.get(nth),
            };
            return option.or(options.first()).map(|it| (*it).clone());
        }
        if self.trusting
            && let Some(example) = flat.examples.get(nth).filter(|it| !it.is_null())
        {
            return Some((*example).clone());
        }
        match flat.kind() {
            "string" => text::text(&flat, name, nth).map(Value::String),
            "integer" => number(&flat, nth, true),
            "number" => number(&flat, nth, false),
            "boolean" => Some(Value::Bool(true)),
            "array" => self.array(&flat, name, depth),
            "object" => self.object(&flat, nth, depth),
            _ => Some(Value::Null),
        }
    }

    fn array(&mut self, flat: &Flat<'c>, name: &str, depth: usize) -> Option<Value> {
        let least = flat.min_items.unwrap_or(0);
        if least > MAX_ITEMS {
            return None;
        }
        let mut items = Vec::new();
        for schema in flat.prefix {
            items.push(self.value(&[schema], name, 0, depth + 1)?);
        }
        let most = flat.max_items.unwrap_or(u64::MAX);
        // An item shows what belongs into the list, even where none has to; but
        // a tree of them shows no more than one.
        let schema = flat
            .items
            .first()
            .map(|schema| std::ptr::from_ref(self.checker.schemas.resolve(schema)));
        let shown = u64::from(schema.is_none_or(|schema| !self.lists.contains(&schema)));
        let wanted = usize::try_from(least.max(shown).min(most)).ok()?;
        self.lists.extend(schema);
        let items = self.items(flat, items, wanted, name, depth);
        if schema.is_some() {
            self.lists.pop();
        }
        items
    }

    fn items(
        &mut self,
        flat: &Flat<'c>,
        mut items: Vec<Value>,
        wanted: usize,
        name: &str,
        depth: usize,
    ) -> Option<Value> {
        let least = flat.min_items.unwrap_or(0);
        let singular = name.strip_suffix('s').unwrap_or(name);
        while items.len() < wanted {
            let nth = if flat.unique { items.len() } else { 0 };
            let item = if flat.items.is_empty() {
                Some(Value::from(format!("example {}", items.len() + 1)))
            } else {
                self.value(&flat.items, singular, nth, depth + 1)
            };
            match item {
                Some(item) => items.push(item),
                None if (items.len() as u64) >= least => break,
                None => return None,
            }
        }
        Some(Value::Array(items))
    }

    fn object(&mut self, flat: &Flat<'c>, nth: usize, depth: usize) -> Option<Value> {
        let mut object = Map::new();
        for (name, schemas) in flat.properties.iter() {
            if flat.required.contains(&name) {
                object.insert(name.to_owned(), self.value(schemas, name, nth, depth + 1)?);
            } else if self.wanted == Wanted::Everything
                && depth < OPTIONAL_DEPTH
                && self.is_free(schemas, name)
                && let Some(value) = self.value(schemas, name, nth, depth + 1)
            {
                object.insert(name.to_owned(), value);
            }
        }
        for name in &flat.required {
            if !object.contains_key(*name) {
                let value = match flat.additional {
                    Some(schema) => self.value(&[schema], name, nth, depth + 1)?,
                    None => Value::from("example"),
                };
                object.insert((*name).to_owned(), value);
            }
        }
        let least = flat.min_properties.unwrap_or(0);
        for (name, schemas) in flat.properties.iter() {
            if (object.len() as u64) < least && !object.contains_key(name) {
                object.insert(name.to_owned(), self.value(schemas, name, nth, depth + 1)?);
            }
        }
        for extra in 1..=least.min(MAX_ITEMS) {
            if object.len() as u64 >= least {
                break;
            }
            let name = format!("key{extra}");
            let value = match flat.additional {
                Some(schema) => self.value(&[schema], &name, nth, depth + 1)?,
                None => Value::from("example"),
            };
            object.insert(name, value);
        }
        Some(Value::Object(object))
    }

    /// Whether an optional property can be filled without knowing what exists
    /// on the other side: another thing's id can't be made up.
    fn is_free(&mut self, schemas: &[&'c Value], name: &str) -> bool {
        let Some(flat) = Flat::of(
            self.checker.schemas,
            schemas,
            Some(self.branch),
            &mut self.fuel,
        ) else {
            return false;
        };
        let says_what = !flat.examples.is_empty() || flat.options.is_some();
        !flat.deprecated && (says_what || !names_an_id(name))
    }
}

/// `customer_id`, `customerId`, `id`, `parentIds`, `uuid`
pub fn names_an_id(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let singular = lower.strip_suffix('s').unwrap_or(&lower);
    singular == "id"
        || singular.ends_with("_id")
        || singular.ends_with("-id")
        || singular.ends_with("uuid")
        || name.ends_with("Id")
        || name.ends_with("Ids")
        || name.ends_with("ID")
}

/// The smallest number from 1 on, or else from the minimum on, that fits.
#[expect(clippy::cast_precision_loss, reason = "members of lists are few")]
fn number(flat: &Flat<'_>, nth: usize, whole: bool) -> Option<Value> {
    let step = flat.multiple_of.unwrap_or(if whole { 1.0 } else { 0.0 });
    let step = if whole && step.fract() != 0.0 {
        1.0
    } else {
        step
    };
    let low = flat
        .minimum
        .into_iter()
        .chain(flat.above)
        .fold(f64::NEG_INFINITY, f64::max);
    let high = flat
        .maximum
        .into_iter()
        .chain(flat.below)
        .fold(f64::INFINITY, f64::min);
    let fits = |number: f64| {
        flat.minimum.is_none_or(|it| number >= it)
            && flat.maximum.is_none_or(|it| number <= it)
            && flat.above.is_none_or(|it| number > it)
            && flat.below.is_none_or(|it| number < it)
    };
    let on_grid = |number: f64| {
        if step > 0.0 {
            (number / step).ceil() * step
        } else {
            number
        }
    };
    let base = if low > 1.0 {
        low
    } else if high < 1.0 {
        low.max(high - 1.0)
            .max(if low.is_finite() { low } else { high - 1.0 })
    } else {
        1.0
    };
    let pace = if step > 0.0 { step } else { 1.0 };
    let first = on_grid(base);
    let candidates = [
        first + pace * nth as f64,
        first,
        first + pace,
        on_grid(low),
        on_grid(low) + pace,
        (high / pace).floor() * pace,
        f64::midpoint(low, high),
    ];
    candidates
        .into_iter()
        .find(|number| number.is_finite() && fits(*number))
        .and_then(json_number)
}

/// Whole numbers are written without a point.
#[expect(
    clippy::cast_possible_truncation,
    reason = "checked to be a whole number in range"
)]
pub fn json_number(number: f64) -> Option<Value> {
    if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_991.0 {
        return Some(Value::from(number as i64));
    }
    Number::from_f64(number).map(Value::Number)
}
