//! Two documents side by side: the document's own fields, operations, security,
//! limits. What is sent and answered is in [`super::exchange`], schemas
//! are in [`super::schema`].
//!
//! Oxide's `drift` crate compares OpenAPI documents too. Version 0.2 names a
//! changed set of properties only as "unhandled", does not look at security,
//! headers, callbacks or extensions, and panics on a changed media type; what
//! decides whether a partner breaks is just that, so the comparison is our own.

use std::collections::HashSet;

use serde_json::Value;

use super::change::{Change, Effect, Flow, Side, Verdict};
use super::usage::{self, Usage};
use crate::document::{METHODS, entries, escape};

/// Every difference between two documents, those on the operations first.
pub fn compare(old: &Value, new: &Value) -> Vec<Change> {
    let mut comparison = Comparison {
        old,
        new,
        usage: [usage::of(old), usage::of(new)],
        followed: HashSet::new(),
        changes: Vec::new(),
    };
    comparison.document();
    comparison.changes
}

/// Neither side says anything.
pub(super) static NOTHING: Value = Value::Null;

pub(super) struct Comparison<'a> {
    pub(super) old: &'a Value,
    pub(super) new: &'a Value,
    pub(super) usage: [Usage; 2],
    /// Pairs of references that are being compared, as they may go in circles.
    pub(super) followed: HashSet<(String, String)>,
    pub(super) changes: Vec<Change>,
}

/// Both sides of one key; `None` where a side does not have it.
pub(super) type Pair<'v> = (String, Option<&'v Value>, Option<&'v Value>);

/// The entries of two objects by key, the old one's order first.
pub(super) fn pairs<'v>(old: &'v Value, new: &'v Value) -> Vec<Pair<'v>> {
    let added = entries(new)
        .filter(|(key, _)| old.get(key).is_none())
        .map(|(key, value)| (key.to_owned(), None, Some(value)));
    entries(old)
        .map(|(key, value)| (key.to_owned(), Some(value), new.get(key)))
        .chain(added)
        .collect()
}

impl Comparison<'_> {
    pub(super) fn report(
        &mut self,
        verdict: Verdict,
        document: Side,
        pointer: impl Into<String>,
        what: impl Into<String>,
        why: &'static str,
    ) {
        self.changes.push(Change {
            verdict,
            pointer: pointer.into(),
            document,
            what: what.into(),
            why,
        });
    }

    pub(super) fn effect(
        &mut self,
        flow: Flow,
        effect: Effect,
        document: Side,
        pointer: impl Into<String>,
        what: impl Into<String>,
    ) {
        let (verdict, why) = flow.judge(effect);
        self.report(verdict, document, pointer, what, why);
    }

    /// Whatever differs here is for readers; each place is named.
    pub(super) fn prose(&mut self, at: &str, old: &Value, new: &Value) {
        const WHY: &str = "nothing on the wire changes";
        match (old, new) {
            (Value::Object(_), Value::Object(_)) => {
                for (key, old, new) in pairs(old, new) {
                    let at = format!("{at}/{}", escape(&key));
                    self.prose(&at, old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING));
                }
            }
            (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
                for (index, (old, new)) in old.iter().zip(new).enumerate() {
                    self.prose(&format!("{at}/{index}"), old, new);
                }
            }
            _ if old == new => {}
            (Value::Null, _) => self.report(Verdict::Documentation, Side::New, at, "added", WHY),
            (_, Value::Null) => self.report(Verdict::Documentation, Side::Old, at, "removed", WHY),
            _ => self.report(Verdict::Documentation, Side::New, at, "changed", WHY),
        }
    }

    fn document(&mut self) {
        let (old, new) = (self.old, self.new);
        for (key, old, new) in pairs(old, new) {
            let (old, new) = (old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING));
            let at = format!("/{}", escape(&key));
            match key.as_str() {
                "paths" => self.paths(old, new),
                "components" => self.components(old, new),
                "servers" => self.servers(old, new),
                "security" => self.security(&at, Some(old), Some(new)),
                _ => self.prose(&at, old, new),
            }
        }
    }

    fn servers(&mut self, old: &Value, new: &Value) {
        let urls = |servers: &Value| -> Vec<String> {
            let servers = servers.as_array().into_iter().flatten();
            servers.map(|server| server["url"].to_string()).collect()
        };
        let (old_urls, new_urls) = (urls(old), urls(new));
        for (index, url) in old_urls.iter().enumerate() {
            if let Some(now) = new_urls.iter().position(|other| other == url) {
                self.prose(&format!("/servers/{now}"), &old[index], &new[now]);
            } else {
                let (what, why) = (
                    format!("server {url} removed"),
                    "callers send their requests there",
                );
                self.report(
                    Verdict::Breaking,
                    Side::Old,
                    format!("/servers/{index}"),
                    what,
                    why,
                );
            }
        }
        for (index, url) in new_urls
            .iter()
            .enumerate()
            .filter(|(_, url)| !old_urls.contains(url))
        {
            let (what, why) = (format!("server {url} added"), "callers need not use it");
            self.report(
                Verdict::Compatible,
                Side::New,
                format!("/servers/{index}"),
                what,
                why,
            );
        }
    }

    /// Path items by path; the name of a path parameter is not on the wire.
    fn paths(&mut self, old: &Value, new: &Value) {
        let at = |path: &str| format!("/paths/{}", escape(path));
        let mut unmatched: Vec<_> = entries(new).collect();
        let mut gone = Vec::new();
        for (path, old_item) in entries(old) {
            let found = unmatched
                .iter()
                .position(|(other, _)| nameless(other) == nameless(path));
            let Some(index) = found else {
                gone.push((path, old_item));
                continue;
            };
            let (new_path, new_item) = unmatched.remove(index);
            if new_path != path {
                let what = format!("{path} is written {new_path}");
                let why = "the name of a path parameter is not on the wire";
                self.report(Verdict::Compatible, Side::New, at(new_path), what, why);
            }
            self.path_item(&at(new_path), old_item, new_item, Flow::REQUEST);
        }
        let moved = self.renamed(&gone, &unmatched, |comparison, (_, old), (_, new)| {
            comparison.path_item("", old, new, Flow::REQUEST);
        });
        for &((was, old_item), (is, new_item)) in &moved {
            let what = format!("{was} renamed to {is}");
            let why = "whoever calls the old path gets an error";
            self.report(Verdict::Breaking, Side::New, at(is), what, why);
            self.path_item(&at(is), old_item, new_item, Flow::REQUEST);
        }
        gone.retain(|(path, _)| !moved.iter().any(|((was, _), _)| was == path));
        unmatched.retain(|(path, _)| !moved.iter().any(|(_, (is, _))| is == path));
        for (path, item) in gone {
            self.path_item(&at(path), item, &NOTHING, Flow::REQUEST);
        }
        for (path, item) in unmatched {
            self.path_item(&at(path), &NOTHING, item, Flow::REQUEST);
        }
    }

    fn path_item(&mut self, at: &str, old: &Value, new: &Value, sent: Flow) {
        for (key, old, new) in pairs(old, new) {
            let at = format!("{at}/{}", escape(&key));
            match (METHODS.contains(&key.as_str()), old, new) {
                (true, Some(old), Some(new)) => self.operation(&at, old, new, sent),
                (true, Some(_), None) => {
                    let (what, why) = ("operation removed", "whoever calls it gets an error");
                    self.report(Verdict::Breaking, Side::Old, at, what, why);
                }
                (true, ..) => {
                    let (what, why) = ("operation added", "nobody has to call it");
                    self.report(Verdict::Compatible, Side::New, at, what, why);
                }
                (false, old, new) => {
                    let (old, new) = (old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING));
                    match key.as_str() {
                        "parameters" => self.parameters(&at, old, new, sent),
                        "summary" | "description" => self.prose(&at, old, new),
                        key if key.starts_with("x-") => self.prose(&at, old, new),
                        _ => self.unjudged(&at, old, new, sent),
                    }
                }
            }
        }
    }

    /// Something that this comparison knows nothing of is taken to break.
    pub(super) fn unjudged(&mut self, at: &str, old: &Value, new: &Value, flow: Flow) {
        if old != new {
            let side = if new.is_null() { Side::Old } else { Side::New };
            self.effect(flow, Effect::Incomparable, side, at, "changed");
        }
    }

    fn operation(&mut self, at: &str, old: &Value, new: &Value, sent: Flow) {
        let (whole_old, whole_new) = (old, new);
        for (key, old, new) in pairs(old, new) {
            let at = format!("{at}/{}", escape(&key));
            let (old, new) = (old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING));
            match key.as_str() {
                "parameters" => self.parameters(&at, old, new, sent),
                "requestBody" => self.request_body(&at, old, new, sent),
                "responses" => self.responses(&at, old, new, sent.flipped()),
                "callbacks" => {
                    for (name, old, new) in pairs(old, new) {
                        let at = format!("{at}/{}", escape(&name));
                        let (old, new) = (old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING));
                        for (expression, old, new) in pairs(old, new) {
                            let at = format!("{at}/{}", escape(&expression));
                            let (old, new) = (old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING));
                            self.path_item(&at, old, new, sent.flipped());
                        }
                    }
                }
                "security" => {
                    let own = |operation: &'_ Value| operation.get("security").is_some();
                    let inherited = (self.old.get("security"), self.new.get("security"));
                    let old = if own(whole_old) {
                        Some(old)
                    } else {
                        inherited.0
                    };
                    let new = if own(whole_new) {
                        Some(new)
                    } else {
                        inherited.1
                    };
                    self.security(&at, old, new);
                }
                "operationId" if old != new => {
                    let (side, what) = match (old.is_null(), new.is_null()) {
                        (_, true) => (Side::Old, format!("operation id {old} removed")),
                        (true, _) => (Side::New, format!("operation id {new} added")),
                        _ => (Side::New, format!("renamed from {old} to {new}")),
                    };
                    let why = "generated clients call it by this name";
                    self.report(Verdict::Breaking, side, at, what, why);
                }
                "x-rate-limit" => self.rate_limit(&at, old, new),
                "x-max-body-bytes" => {
                    self.allowance(&at, "the largest body", old.as_f64(), new.as_f64());
                }
                "deprecated" => self.deprecated(&at, old, new),
                "servers" => self.unjudged(&at, old, new, sent),
                _ => self.prose(&at, old, new),
            }
        }
    }

    pub(super) fn deprecated(&mut self, at: &str, old: &Value, new: &Value) {
        if old != new {
            let side = if new.is_null() { Side::Old } else { Side::New };
            let why = "it works as before";
            self.report(Verdict::Compatible, side, at, "deprecation changed", why);
        }
    }

    fn components(&mut self, old: &Value, new: &Value) {
        for (section, old, new) in pairs(old, new) {
            let (old, new) = (old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING));
            for (name, old, new) in pairs(old, new) {
                let at = format!("/components/{section}/{}", escape(&name));
                if section == "securitySchemes" {
                    self.security_scheme(&at, old, new);
                    continue;
                }
                let (Some(old), Some(new)) = (old, new) else {
                    let (side, what) = if new.is_some() {
                        (Side::New, "added")
                    } else {
                        (Side::Old, "removed")
                    };
                    let why = "the name is not on the wire; who uses it is judged by itself";
                    self.report(
                        Verdict::Compatible,
                        side,
                        at,
                        format!("component {what}"),
                        why,
                    );
                    continue;
                };
                let flow = self.flow_of(&format!("#{at}"));
                match section.as_str() {
                    "schemas" => self.schema(&at, old, new, flow),
                    "responses" => self.response(&at, old, new, flow),
                    "parameters" => self.parameter(&at, old, new, flow),
                    "requestBodies" => self.request_body(&at, old, new, flow),
                    "headers" => self.header(&at, old, new, flow),
                    "examples" => self.prose(&at, old, new),
                    _ => self.unjudged(&at, old, new, flow),
                }
            }
        }
    }

    /// In either document.
    pub(super) fn flow_of(&self, reference: &str) -> Flow {
        let flow = |usage: &Usage| usage.get(reference).copied().unwrap_or_default();
        flow(&self.usage[0]).with(flow(&self.usage[1]))
    }
}

/// A path template without its parameters' names.
fn nameless(path: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for letter in path.chars() {
        match letter {
            '{' => inside = true,
            '}' => inside = false,
            _ if inside => continue,
            _ => {}
        }
        plain.push(letter);
    }
    plain
}
