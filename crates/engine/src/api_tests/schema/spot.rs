//! Places in a value.

use std::fmt::Write as _;

use serde_json::Value;

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    Property(String),
    Item(usize),
}

/// A place in a value; empty for the value itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Spot(pub Vec<Step>);

impl Spot {
    pub(super) fn property(&self, name: &str) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Property(name.to_owned()));
        Self(steps)
    }

    pub(super) fn item(&self, index: usize) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Item(index));
        Self(steps)
    }

    /// `items[0].quantity`, or `root` for the value itself.
    pub fn label(&self, root: &str) -> String {
        let mut label = String::new();
        for step in &self.0 {
            match step {
                Step::Property(name) if label.is_empty() => label.push_str(name),
                Step::Property(name) => {
                    let _ = write!(label, ".{name}");
                }
                Step::Item(index) => {
                    let _ = write!(label, "[{index}]");
                }
            }
        }
        if label.is_empty() {
            root.to_owned()
        } else {
            label
        }
    }

    /// `value` with `to` at this place, or without what is there.
    pub fn put(&self, value: &Value, to: Option<&Value>) -> Value {
        let mut changed = value.clone();
        let Some((last, before)) = self.0.split_last() else {
            return to.cloned().unwrap_or(Value::Null);
        };
        let mut holder = &mut changed;
        for step in before {
            let inner = match step {
                Step::Property(name) => holder.get_mut(name),
                Step::Item(index) => holder.get_mut(index),
            };
            match inner {
                Some(inner) => holder = inner,
                None => return value.clone(),
            }
        }
        match (last, holder, to) {
            (Step::Property(name), Value::Object(object), Some(to)) => {
                object.insert(name.clone(), to.clone());
            }
            (Step::Property(name), Value::Object(object), None) => {
                object.shift_remove(name);
            }
            (Step::Item(index), Value::Array(items), Some(to)) if *index < items.len() => {
                items[*index] = to.clone();
            }
            _ => {}
        }
        changed
    }
}
