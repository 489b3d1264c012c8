//! The properties of an object, and which of them have to be there.

use serde_json::Value;

use super::change::{Effect, Flow, Side, Verdict};
use super::compare::{Comparison, NOTHING, Pair, pairs};
use crate::document::escape;

impl Comparison<'_> {
    pub(super) fn properties(
        &mut self,
        at: &str,
        old: Option<&Value>,
        new: Option<&Value>,
        flow: Flow,
    ) {
        for (name, old, new) in pairs(old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING)) {
            let at = format!("{at}/{}", escape(&name));
            match (old, new) {
                (Some(old), Some(new)) => self.schema(&at, old, new, flow),
                (Some(_), None) => {
                    let what = format!("`{name}` removed");
                    let (verdict, why) = match (flow.request, flow.response) {
                        (false, false) => flow.judge(Effect::Narrowed),
                        (true, false) => (Verdict::Breaking, "who sends it is ignored or refused"),
                        _ => (Verdict::Breaking, "who reads it is let down"),
                    };
                    self.report(verdict, Side::Old, at, what, why);
                }
                _ => {}
            }
        }
    }

    /// A property that is new, and whether it has to be there, is one change.
    pub(super) fn new_properties(&mut self, at: &str, old: &Value, new: &Value, flow: Flow) {
        let closed = old.get("additionalProperties") == Some(&Value::Bool(false));
        for (name, _, _) in added(old, new) {
            let required = requires(new, &name);
            let at = format!("{at}/properties/{}", escape(&name));
            let what = format!(
                "{} `{name}` added",
                if required { "required" } else { "optional" }
            );
            let (verdict, why) = match (required, flow.request, flow.response) {
                (_, false, false) => flow.judge(Effect::Narrowed),
                (true, true, _) => (Verdict::Breaking, "requests without it are refused"),
                (_, _, true) if closed => flow.judge(Effect::Widened),
                (false, true, _) => (
                    Verdict::Compatible,
                    "requests without it are as valid as before",
                ),
                _ => (Verdict::Compatible, "callers ignore what they do not know"),
            };
            self.report(verdict, Side::New, at, what, why);
        }
    }

    /// `required`, as far as the property is on both sides.
    pub(super) fn required(&mut self, at: &str, old: &Value, new: &Value, flow: Flow) {
        let both = |name: &str| {
            let has = |schema: &Value| schema["properties"].get(name).is_some();
            has(old) == has(new)
        };
        for (index, name) in names(new).enumerate() {
            if !requires(old, name) && both(name) {
                let what = format!("`{name}` became required");
                self.effect(
                    flow,
                    Effect::Narrowed,
                    Side::New,
                    format!("{at}/required/{index}"),
                    what,
                );
            }
        }
        for (index, name) in names(old).enumerate() {
            if !requires(new, name) && both(name) {
                let what = format!("`{name}` became optional");
                self.effect(
                    flow,
                    Effect::Widened,
                    Side::Old,
                    format!("{at}/required/{index}"),
                    what,
                );
            }
        }
    }
}

fn names(schema: &Value) -> impl Iterator<Item = &str> {
    let list = schema["required"].as_array().into_iter().flatten();
    list.filter_map(Value::as_str)
}

fn requires(schema: &Value, name: &str) -> bool {
    names(schema).any(|required| required == name)
}

/// Properties that only the new schema has.
fn added<'v>(old: &'v Value, new: &'v Value) -> impl Iterator<Item = Pair<'v>> {
    pairs(&old["properties"], &new["properties"])
        .into_iter()
        .filter(|(_, old, _)| old.is_none())
}
