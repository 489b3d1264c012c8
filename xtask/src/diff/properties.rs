//! The properties of an object, and which of them have to be there.

use serde_json::Value;

use super::change::{Effect, Flow, Side, Verdict};
use super::compare::{Comparison, NOTHING, Pair, pairs};
use crate::document::{entries, escape};

/// Old and new name of a property.
pub(super) type Renamed<'v> = (&'v str, &'v str);

impl Comparison<'_> {
    pub(super) fn properties(
        &mut self,
        at: &str,
        old: Option<&Value>,
        new: Option<&Value>,
        renamed: &[Renamed<'_>],
        flow: Flow,
    ) {
        let (all_old, all_new) = (old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING));
        for (name, old, new) in pairs(all_old, all_new) {
            let pointer = |name: &str| format!("{at}/{}", escape(name));
            let now = renamed.iter().find(|(was, _)| *was == name);
            match (old, new, now) {
                (Some(old), Some(new), _) => self.schema(&pointer(&name), old, new, flow),
                (Some(old), None, Some((_, is))) => {
                    let (verdict, why) = gone(flow);
                    let what = format!("`{name}` renamed to `{is}`");
                    self.report(verdict, Side::New, pointer(is), what, why);
                    self.schema(&pointer(is), old, &all_new[is], flow);
                }
                (Some(_), None, None) => {
                    let (verdict, why) = gone(flow);
                    let what = format!("`{name}` removed");
                    self.report(verdict, Side::Old, pointer(&name), what, why);
                }
                (None, ..) => {}
            }
        }
    }

    /// Properties that have another name, and are in all else what they were.
    pub(super) fn renamed_properties<'v>(
        &mut self,
        old: &'v Value,
        new: &'v Value,
        flow: Flow,
    ) -> Vec<Renamed<'v>> {
        let only = |of: &'v Value, other: &'v Value| {
            let all = entries(&of["properties"]);
            let missing = move |name: &str| other["properties"].get(name).is_none();
            let all = all.filter(move |(name, _)| missing(name));
            all.map(move |(name, schema)| (name, schema, requires(of, name)))
        };
        let gone: Vec<_> = only(old, new).collect();
        let added: Vec<_> = only(new, old).collect();
        let alike = self.renamed(&gone, &added, |comparison, old, new| {
            if old.2 == new.2 {
                comparison.schema("", old.1, new.1, flow);
            } else {
                let what = "became required or optional";
                comparison.effect(flow, Effect::Incomparable, Side::New, "", what);
            }
        });
        alike.into_iter().map(|(old, new)| (old.0, new.0)).collect()
    }

    /// A property that is new, and whether it has to be there, is one change.
    pub(super) fn new_properties(
        &mut self,
        at: &str,
        old: &Value,
        new: &Value,
        renamed: &[Renamed<'_>],
        flow: Flow,
    ) {
        let closed = old.get("additionalProperties") == Some(&Value::Bool(false));
        let known = |name: &str| renamed.iter().any(|(_, is)| *is == name);
        for (name, _, _) in added(old, new).filter(|(name, ..)| !known(name)) {
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

/// What it means to callers that a property's name is no longer there.
fn gone(flow: Flow) -> (Verdict, &'static str) {
    match (flow.request, flow.response) {
        (false, false) => flow.judge(Effect::Narrowed),
        (true, false) => (Verdict::Breaking, "who sends it is ignored or refused"),
        _ => (Verdict::Breaking, "who reads it is let down"),
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
