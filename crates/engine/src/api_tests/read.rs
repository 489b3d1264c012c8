//! A document's bytes become a JSON value, or are refused before they cost
//! much: size, depth, number of values and total text are bounded, so neither
//! nesting nor YAML aliases that multiply can exhaust the machine.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::SpecError;

/// 10 MiB
pub const MAX_BYTES: usize = 10 * 1024 * 1024;
/// Objects and arrays inside one another.
const MAX_DEPTH: usize = 100;
/// After aliases are expanded.
const MAX_VALUES: usize = 1_000_000;
/// Bytes of keys and strings after aliases are expanded.
const MAX_TEXT: usize = 4 * MAX_BYTES;

/// JSON or YAML, whichever it is.
pub fn read(bytes: &[u8]) -> Result<Value, SpecError> {
    if bytes.len() > MAX_BYTES {
        return Err(SpecError::TooLarge { bytes: bytes.len() });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| SpecError::NotUtf8 {
        byte: error.valid_up_to(),
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(SpecError::Empty);
    }
    if !text.trim_start().starts_with(['{', '[']) {
        return read_yaml(text);
    }
    match read_json(text) {
        // YAML has braces too: `{openapi: 3.0.0, ...}`. If it is neither, it
        // was meant to be JSON.
        Err(malformed @ SpecError::Malformed { .. }) => match read_yaml(text) {
            Err(SpecError::Malformed { .. }) => Err(malformed),
            other => other,
        },
        other => other,
    }
}

fn read_json(text: &str) -> Result<Value, SpecError> {
    let budget = Budget::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Node::root(&budget)
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| {
            budget
                .refused(error.line(), error.column())
                .unwrap_or_else(|| SpecError::Malformed {
                    format: "JSON",
                    line: error.line(),
                    column: error.column(),
                })
        })
}

fn read_yaml(text: &str) -> Result<Value, SpecError> {
    let budget = Budget::default();
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH + 1,
            flow_nesting_limit: MAX_DEPTH + 1,
            max_nodes: MAX_VALUES * 2,
            max_events: MAX_VALUES * 4,
            max_documents: 1,
            max_recorded_anchor_bytes: MAX_TEXT,
            max_total_scalar_bytes: MAX_TEXT,
            // One anchor may well be used everywhere; what counts is what it
            // expands to, which the other limits see.
            enforce_alias_anchor_ratio: false,
        },
        with_snippet: false,
        // `on`, `no` and `y` are words.
        strict_booleans: true,
        non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::Reject,
    };
    serde_saphyr::with_deserializer_from_str_with_options(text, options, |deserializer| {
        Node::root(&budget).deserialize(deserializer)
    })
    .map_err(|error| {
        use serde_saphyr::{Error, budget::BudgetBreach};
        let (line, column) = error.location().map_or((0, 0), |location| {
            (location.line() as usize, location.column() as usize)
        });
        if let Some(refused) = budget.refused(line, column) {
            return refused;
        }
        let mut cause = error.without_snippet();
        while let Error::AliasError { error, .. } = cause {
            cause = error;
        }
        match cause {
            Error::DuplicateMappingKey { .. } => SpecError::DuplicateKey { line, column },
            Error::Budget {
                breach: BudgetBreach::Depth { .. },
                ..
            } => SpecError::TooDeep { limit: MAX_DEPTH },
            Error::MultipleDocuments { .. }
            | Error::Budget {
                breach: BudgetBreach::Documents { .. },
                ..
            } => SpecError::SeveralDocuments,
            Error::Budget { .. }
            | Error::AliasReplayLimitExceeded { .. }
            | Error::AliasExpansionLimitExceeded { .. }
            | Error::AliasReplayStackDepthExceeded { .. } => SpecError::Explodes,
            _ => SpecError::Malformed {
                format: "YAML",
                line,
                column,
            },
        }
    })
}

/// What a document has used up, and which limit it ran into.
#[derive(Default)]
struct Budget {
    values: Cell<usize>,
    text: Cell<usize>,
    breach: Cell<Option<Breach>>,
}

#[derive(Clone, Copy)]
enum Breach {
    Depth,
    Size,
    Duplicate,
    Key,
}

impl Budget {
    fn breach<E: Error>(&self, breach: Breach) -> E {
        self.breach.set(Some(breach));
        E::custom("refused")
    }

    fn value<E: Error>(&self) -> Result<(), E> {
        self.values.set(self.values.get() + 1);
        if self.values.get() > MAX_VALUES {
            return Err(self.breach(Breach::Size));
        }
        Ok(())
    }

    fn text<E: Error>(&self, text: &str) -> Result<(), E> {
        self.text.set(self.text.get() + text.len());
        if self.text.get() > MAX_TEXT {
            return Err(self.breach(Breach::Size));
        }
        Ok(())
    }

    fn refused(&self, line: usize, column: usize) -> Option<SpecError> {
        self.breach.get().map(|breach| match breach {
            Breach::Depth => SpecError::TooDeep { limit: MAX_DEPTH },
            Breach::Size => SpecError::Explodes,
            Breach::Duplicate => SpecError::DuplicateKey { line, column },
            Breach::Key => SpecError::KeyIsNoText { line, column },
        })
    }
}

/// Any value, within the budget.
#[derive(Clone, Copy)]
struct Node<'b> {
    budget: &'b Budget,
    depth: usize,
}

impl<'b> Node<'b> {
    fn root(budget: &'b Budget) -> Self {
        Self { budget, depth: 0 }
    }

    fn inside<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.budget.breach(Breach::Depth));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.budget.value()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        #[expect(clippy::cast_precision_loss, reason = "JSON's numbers are doubles")]
        Ok((value as f64).into())
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        #[expect(clippy::cast_precision_loss, reason = "JSON's numbers are doubles")]
        Ok((value as f64).into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.budget.text(value)?;
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            array.push(item);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut object = Map::new();
        while let Some(key) = entries.next_key_seed(Key(self.budget))? {
            let value = entries.next_value_seed(inside)?;
            if object.insert(key, value).is_some() {
                return Err(self.budget.breach(Breach::Duplicate));
            }
        }
        Ok(object.into())
    }
}

/// A key is text; YAML's `200:` and `true:` are taken as they are spelt.
struct Key<'b>(&'b Budget);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        self.0.value()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_bool<E>(self, key: bool) -> Result<String, E> {
        Ok(key.to_string())
    }

    fn visit_i64<E>(self, key: i64) -> Result<String, E> {
        Ok(key.to_string())
    }

    fn visit_u64<E>(self, key: u64) -> Result<String, E> {
        Ok(key.to_string())
    }

    fn visit_f64<E>(self, key: f64) -> Result<String, E> {
        Ok(key.to_string())
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<String, E> {
        self.0.text(key)?;
        Ok(key.to_owned())
    }

    fn visit_unit<E: Error>(self) -> Result<String, E> {
        Err(self.0.breach(Breach::Key))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _items: A) -> Result<String, A::Error> {
        Err(self.0.breach(Breach::Key))
    }

    fn visit_map<A: MapAccess<'de>>(self, _entries: A) -> Result<String, A::Error> {
        Err(self.0.breach(Breach::Key))
    }
}
