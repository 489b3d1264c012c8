//! Who is let in, and how often: security, rate limits, sizes.

use serde_json::{Map, Value};

use super::change::{Flow, Side, Verdict};
use super::compare::{Comparison, NOTHING, pairs};
use crate::document::escape;

impl Comparison<'_> {
    /// A limit whose lowering takes something from callers.
    pub(super) fn allowance(&mut self, at: &str, what: &str, old: Option<f64>, new: Option<f64>) {
        let (verdict, why) = match (old, new) {
            _ if old == new => return,
            (Some(old), Some(new)) if new < old => (Verdict::Breaking, "callers are allowed less"),
            (None, Some(_)) => (Verdict::Breaking, "callers had no such limit"),
            _ => (Verdict::Compatible, "callers are allowed more"),
        };
        let side = if new.is_some() { Side::New } else { Side::Old };
        let shown = |limit: Option<f64>| limit.map_or("none".to_owned(), |limit| limit.to_string());
        let what = format!("{what} was {} and is {}", shown(old), shown(new));
        self.report(verdict, side, at, what, why);
    }

    pub(super) fn rate_limit(&mut self, at: &str, old: &Value, new: &Value) {
        if old.is_null() || new.is_null() {
            let limit = |limit: &Value| limit["requests"].as_f64();
            return self.allowance(at, "the rate limit", limit(old), limit(new));
        }
        for (key, old, new) in pairs(old, new) {
            let at = format!("{at}/{}", escape(&key));
            let (old, new) = (old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING));
            match (key.as_str(), old.as_f64(), new.as_f64()) {
                ("requests", old, new) => self.allowance(&at, "requests a window", old, new),
                ("window_seconds", Some(old), Some(new)) if old != new => {
                    let (verdict, why) = if new > old {
                        (
                            Verdict::Breaking,
                            "callers are allowed as many in a longer time",
                        )
                    } else {
                        (
                            Verdict::Compatible,
                            "callers are allowed as many in a shorter time",
                        )
                    };
                    let what = format!("the window was {old} s and is {new} s");
                    self.report(verdict, Side::New, at, what, why);
                }
                _ => self.prose(&at, old, new),
            }
        }
    }

    pub(super) fn security_scheme(&mut self, at: &str, old: Option<&Value>, new: Option<&Value>) {
        let (Some(old), Some(new)) = (old, new) else {
            let (side, what) = if new.is_some() {
                (Side::New, "added")
            } else {
                (Side::Old, "removed")
            };
            let why = "who has to use it is judged by itself";
            return self.report(
                Verdict::Compatible,
                side,
                at,
                format!("security scheme {what}"),
                why,
            );
        };
        for (key, old, new) in pairs(old, new) {
            let at = format!("{at}/{}", escape(&key));
            let (old, new) = (old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING));
            match key.as_str() {
                "x-key-prefixes" => self.set(&at, "key prefix", old, new, Flow::REQUEST),
                "description" | "bearerFormat" => self.prose(&at, old, new),
                key if key.starts_with("x-") => self.prose(&at, old, new),
                _ if old != new => {
                    let side = if new.is_null() { Side::Old } else { Side::New };
                    let why = "callers authenticate as the old document says";
                    self.report(
                        Verdict::Breaking,
                        side,
                        at,
                        format!("was {old} and is {new}"),
                        why,
                    );
                }
                _ => {}
            }
        }
    }

    /// Alternatives, each a set of schemes that are needed together. An absent
    /// or empty list asks for nothing.
    pub(super) fn security(&mut self, at: &str, old: Option<&Value>, new: Option<&Value>) {
        let (old, new) = (alternatives(old), alternatives(new));
        let holds = |given: &Map<String, Value>, wanted: &Map<String, Value>| {
            wanted.keys().all(|scheme| given.contains_key(scheme))
        };
        if old == new {
            return;
        }
        let enough = |given: &Map<String, Value>, all: &[Map<String, Value>]| {
            all.iter().any(|wanted| holds(given, wanted))
        };
        let (verdict, why) = if old.iter().all(|given| enough(given, &new)) {
            (Verdict::Compatible, "who authenticates as before is let in")
        } else {
            (Verdict::Breaking, "who authenticates as before is refused")
        };
        let shown = |all: &[Map<String, Value>]| {
            let names =
                |one: &Map<String, Value>| one.keys().cloned().collect::<Vec<_>>().join(" and ");
            let all: Vec<_> = all.iter().map(names).collect();
            if all.iter().all(String::is_empty) {
                "nothing".to_owned()
            } else {
                all.join(", or ")
            }
        };
        let what = format!("asked for {} and asks for {}", shown(&old), shown(&new));
        self.report(verdict, Side::New, at, what, why);
    }
}

fn alternatives(security: Option<&Value>) -> Vec<Map<String, Value>> {
    let stated: Vec<_> = security
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .cloned()
        .collect();
    if stated.is_empty() {
        vec![Map::new()]
    } else {
        stated
    }
}
