//! Two schemas side by side, keyword by keyword: does the new one admit less,
//! more, or something else?

use serde_json::Value;

use super::change::{Effect, Flow, Side, Verdict};
use super::compare::{Comparison, NOTHING, pairs};
use crate::document::{escape, resolve};

/// Keywords that bound from above: lowering narrows.
const CEILINGS: [&str; 5] = [
    "maxLength",
    "maximum",
    "maxItems",
    "maxProperties",
    "x-max-bytes",
];
/// Keywords that bound from below: raising narrows.
const FLOORS: [&str; 4] = ["minLength", "minimum", "minItems", "minProperties"];
/// Booleans that narrow when they are true.
const RESTRICTIONS: [&str; 3] = ["uniqueItems", "exclusiveMinimum", "exclusiveMaximum"];
const PROSE: [&str; 7] = [
    "title",
    "description",
    "example",
    "examples",
    "externalDocs",
    "xml",
    "$comment",
];

impl Comparison<'_> {
    pub(super) fn schema(&mut self, at: &str, old: &Value, new: &Value, flow: Flow) {
        if old == new {
            return;
        }
        if old.is_null() {
            return self.effect(flow, Effect::Narrowed, Side::New, at, "schema added");
        }
        if new.is_null() {
            return self.effect(flow, Effect::Widened, Side::Old, at, "schema removed");
        }
        let (was, is) = (reference(old), reference(new));
        match (was, is) {
            (None, None) => {}
            (Some((was, _)), Some((is, _))) if was == is => {}
            _ => {
                let within = is.map_or("", |(_, within)| within);
                self.refers_to_another(&format!("{at}{within}"), (old, was), (new, is), flow);
                if was.is_none() || is.is_none() {
                    return;
                }
            }
        }
        let renamed = self.renamed_properties(old, new, flow);
        for (key, old, new) in pairs(old, new) {
            let at = format!("{at}/{}", escape(&key));
            match key.as_str() {
                "required" => {}
                "$ref" | "allOf" if was.is_some() => {
                    if old.is_none() || new.is_none() {
                        self.prose(&at, old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING));
                    }
                }
                "properties" => self.properties(&at, old, new, &renamed, flow),
                _ if old == new => {}
                _ => self.keyword(
                    &at,
                    &key,
                    old.unwrap_or(&NOTHING),
                    new.unwrap_or(&NOTHING),
                    flow,
                ),
            }
        }
        self.required(at, old, new, flow);
        self.new_properties(at, old, new, &renamed, flow);
    }

    /// The comparison of what is referred to is one change where the reference is.
    fn refers_to_another(
        &mut self,
        at: &str,
        (old, was): (&Value, Option<(&str, &str)>),
        (new, is): (&Value, Option<(&str, &str)>),
        flow: Flow,
    ) {
        let shown = |reference: Option<(&str, &str)>| {
            reference.map_or("an inline schema".to_owned(), |(name, _)| name.to_owned())
        };
        let what = format!("refers to {} instead of {}", shown(is), shown(was));
        let (Some(old), Some(new)) = (followed(self.old, old, was), followed(self.new, new, is))
        else {
            return self.effect(flow, Effect::Incomparable, Side::New, at, what);
        };
        let pair = (shown(was), shown(is));
        let circular = was.is_some() && is.is_some();
        if circular && !self.followed.insert(pair.clone()) {
            return;
        }
        let before = std::mem::take(&mut self.changes);
        self.schema(at, old, new, flow);
        let within = std::mem::replace(&mut self.changes, before);
        if circular {
            self.followed.remove(&pair);
        }
        let worst = within.iter().min_by_key(|change| change.verdict);
        match worst.filter(|change| change.verdict == Verdict::Breaking) {
            Some(change) => {
                let inner = change.pointer.strip_prefix(at).unwrap_or_default();
                let what = format!("{what}; there, {inner} {}", change.what);
                self.report(Verdict::Breaking, Side::New, at, what, change.why);
            }
            None => {
                let why = "what is valid for callers stays so";
                self.report(Verdict::Compatible, Side::New, at, what, why);
            }
        }
    }

    fn keyword(&mut self, at: &str, key: &str, old: &Value, new: &Value, flow: Flow) {
        let side = if new.is_null() { Side::Old } else { Side::New };
        let what = match (old, new) {
            (Value::Null, new) => format!("{key} {new} added"),
            (old, Value::Null) => format!("{key} {old} removed"),
            (old, new) if old.is_object() || new.is_object() => format!("{key} changed"),
            (old, new) => format!("{key} was {old} and is {new}"),
        };
        let effect = match key {
            key if CEILINGS.contains(&key) => bound(old, new, |old, new| new < old),
            key if FLOORS.contains(&key) => bound(old, new, |old, new| new > old),
            key if RESTRICTIONS.contains(&key) => Some(if new == true {
                Effect::Narrowed
            } else {
                Effect::Widened
            }),
            "nullable" => Some(if new == true {
                Effect::Widened
            } else {
                Effect::Narrowed
            }),
            "type" => Some(match (old.as_str(), new.as_str()) {
                (Some("integer"), Some("number")) | (Some(_), None) => Effect::Widened,
                (Some("number"), Some("integer")) | (None, Some(_)) => Effect::Narrowed,
                _ => Effect::Incomparable,
            }),
            "multipleOf" => multiple_of(old, new),
            // Says how to show a field, not what it may hold.
            "format" if old == "password" || new == "password" => return self.prose(at, old, new),
            "pattern" | "format" | "x-exactly-one-of" => Some(presence(old, new)),
            "enum" => return self.set(at, "value", old, new, flow),
            "allOf" => return self.members(at, old, new, flow, Effect::Narrowed),
            "anyOf" | "oneOf" => return self.members(at, old, new, flow, Effect::Widened),
            "items" => return self.schema(at, old, new, flow),
            "additionalProperties" => return self.additional_properties(at, old, new, flow),
            "default" => return self.default_value(at, what, old, new, flow),
            "deprecated" => return self.deprecated(at, old, new),
            "readOnly" | "writeOnly" if new != true => Some(Effect::Widened),
            key if PROSE.contains(&key) || key.starts_with("x-") => {
                return self.prose(at, old, new);
            }
            _ => Some(Effect::Incomparable),
        };
        if let Some(effect) = effect {
            self.effect(flow, effect, side, at, what);
        }
    }

    /// The values of a set: one more widens, one less narrows; no set admits all.
    pub(super) fn set(&mut self, at: &str, what: &str, old: &Value, new: &Value, flow: Flow) {
        let (Some(old), Some(new)) = (old.as_array(), new.as_array()) else {
            let (effect, side, what) = if old.is_null() {
                (
                    Effect::Narrowed,
                    Side::New,
                    format!("a list of {what}s added"),
                )
            } else {
                (
                    Effect::Widened,
                    Side::Old,
                    format!("the list of {what}s removed"),
                )
            };
            return self.effect(flow, effect, side, at, what);
        };
        for (index, value) in old
            .iter()
            .enumerate()
            .filter(|(_, value)| !new.contains(value))
        {
            let what = format!("{what} {value} removed");
            self.effect(
                flow,
                Effect::Narrowed,
                Side::Old,
                format!("{at}/{index}"),
                what,
            );
        }
        for (index, value) in new
            .iter()
            .enumerate()
            .filter(|(_, value)| !old.contains(value))
        {
            let what = format!("{what} {value} added");
            self.effect(
                flow,
                Effect::Widened,
                Side::New,
                format!("{at}/{index}"),
                what,
            );
        }
    }

    /// The schemas of allOf, anyOf or oneOf; those that are the same stand
    /// aside, the rest is compared in order. `more` is what one more does.
    fn members(&mut self, at: &str, old: &Value, new: &Value, flow: Flow, more: Effect) {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let (all_old, all_new) = (list(old), list(new));
        let rest = |these: &[Value], those: &[Value]| -> Vec<usize> {
            (0..these.len())
                .filter(|index| !those.contains(&these[*index]))
                .collect()
        };
        let (old, new) = (rest(&all_old, &all_new), rest(&all_new, &all_old));
        for (old, new) in old.iter().zip(&new) {
            self.schema(&format!("{at}/{new}"), &all_old[*old], &all_new[*new], flow);
        }
        let less = if more == Effect::Narrowed {
            Effect::Widened
        } else {
            Effect::Narrowed
        };
        for index in old.iter().skip(new.len()) {
            self.effect(
                flow,
                less,
                Side::Old,
                format!("{at}/{index}"),
                "member removed",
            );
        }
        for index in new.iter().skip(old.len()) {
            self.effect(
                flow,
                more,
                Side::New,
                format!("{at}/{index}"),
                "member added",
            );
        }
    }

    fn additional_properties(&mut self, at: &str, old: &Value, new: &Value, flow: Flow) {
        let any = |value: &Value| value.is_null() || value == true;
        let side = if new.is_null() { Side::Old } else { Side::New };
        match (old, new) {
            (Value::Object(_), Value::Object(_)) => self.schema(at, old, new, flow),
            _ if any(old) && any(new) => {
                let what = "further properties are admitted, as before";
                self.effect(Flow::default(), Effect::Widened, side, at, what);
            }
            _ if any(new) || old == false => {
                self.effect(
                    flow,
                    Effect::Widened,
                    side,
                    at,
                    "more further properties are admitted",
                );
            }
            _ => self.effect(
                flow,
                Effect::Narrowed,
                side,
                at,
                "fewer further properties are admitted",
            ),
        }
    }

    /// A default says what it means to leave a field out.
    fn default_value(&mut self, at: &str, what: String, old: &Value, new: &Value, flow: Flow) {
        let side = if new.is_null() { Side::Old } else { Side::New };
        let (verdict, why) = match (flow.request, old.is_null()) {
            (true, false) => (
                Verdict::Breaking,
                "to leave the field out means something else",
            ),
            (true, true) => (Verdict::Compatible, "what was left open is stated"),
            (false, _) => (Verdict::Documentation, "defaults fill in requests"),
        };
        self.report(verdict, side, at, what, why);
    }
}

/// The `$ref` of a schema and where it stands in it; a lone `allOf` around it
/// only gives it a description.
fn reference(schema: &Value) -> Option<(&str, &'static str)> {
    if let Some(reference) = schema.get("$ref") {
        return Some((reference.as_str()?, "/$ref"));
    }
    let members = schema.get("allOf")?.as_array()?;
    let [only] = members.as_slice() else {
        return None;
    };
    let restricts = ["type", "enum", "properties", "required", "items"];
    if restricts
        .iter()
        .any(|keyword| schema.get(*keyword).is_some())
    {
        return None;
    }
    Some((only.get("$ref")?.as_str()?, "/allOf/0/$ref"))
}

/// What is referred to, or the schema itself where it is inline.
fn followed<'v>(
    document: &'v Value,
    schema: &'v Value,
    reference: Option<(&str, &str)>,
) -> Option<&'v Value> {
    reference.map_or(Some(schema), |(name, _)| resolve(document, name))
}

fn bound(old: &Value, new: &Value, narrows: impl Fn(f64, f64) -> bool) -> Option<Effect> {
    match (old.as_f64(), new.as_f64()) {
        (Some(old), Some(new)) if old == new => None,
        (Some(old), Some(new)) if narrows(old, new) => Some(Effect::Narrowed),
        (None, Some(_)) => Some(Effect::Narrowed),
        _ => Some(Effect::Widened),
    }
}

fn multiple_of(old: &Value, new: &Value) -> Option<Effect> {
    let divides = |part: f64, whole: f64| (whole / part).fract() == 0.0;
    Some(match (old.as_f64(), new.as_f64()) {
        (Some(old), Some(new)) if old == new => return None,
        (Some(old), Some(new)) if divides(old, new) => Effect::Narrowed,
        (Some(old), Some(new)) if divides(new, old) => Effect::Widened,
        _ => presence(old, new),
    })
}

/// A restriction that can only be there or not; two of them are not compared.
fn presence(old: &Value, new: &Value) -> Effect {
    match (old, new) {
        (Value::Null, _) => Effect::Narrowed,
        (_, Value::Null) => Effect::Widened,
        _ => Effect::Incomparable,
    }
}
