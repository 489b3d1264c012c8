//! What an operation is sent and what it answers: parameters, bodies, answers,
//! headers.

use serde_json::Value;

use super::change::{Effect, Flow, Side, Verdict};
use super::compare::{Comparison, NOTHING, Pair, pairs};
use crate::document::{escape, resolve};

impl Comparison<'_> {
    /// Parameters by place and name, those in the path by their order.
    pub(super) fn parameters(&mut self, at: &str, old: &Value, new: &Value, sent: Flow) {
        let whole_new = new;
        let (old, new) = (keyed(self.old, old), keyed(self.new, new));
        let renamed = self.renamed_parameters(&old, &new, sent);
        for (key, index, parameter) in &old {
            if let Some((_, now, other)) = new.iter().find(|(other, ..)| other == key) {
                self.parameter(&format!("{at}/{now}"), parameter, other, sent);
            } else if let Some(&(_, now)) = renamed.iter().find(|(was, _)| was == index) {
                let name = |document, parameter| target(document, parameter)["name"].clone();
                let (was, is) = (name(self.old, parameter), name(self.new, &whole_new[now]));
                let what = format!("parameter {was} renamed to {is}");
                let why = "whoever relies on the old name is let down";
                let at = format!("{at}/{now}");
                self.report(Verdict::Breaking, Side::New, &at, what, why);
                self.parameter(&at, parameter, &whole_new[now], sent);
                // It was told.
                let name = format!("{at}/name");
                self.changes.retain(|change| change.pointer != name);
            } else {
                // Whoever sends it is no longer understood; whoever reads it misses it.
                let what = format!("parameter {} removed", parameter["name"]);
                let why = "whoever relies on it is let down";
                self.report(
                    Verdict::Breaking,
                    Side::Old,
                    format!("{at}/{index}"),
                    what,
                    why,
                );
            }
        }
        for (_, index, parameter) in new
            .iter()
            .filter(|(key, ..)| !old.iter().any(|(other, ..)| other == key))
            .filter(|(_, index, _)| !renamed.iter().any(|(_, is)| is == index))
        {
            let required = parameter["required"] == true;
            let what = format!(
                "{} parameter {} added",
                if required { "required" } else { "optional" },
                parameter["name"]
            );
            let (verdict, why) = if required && sent.request {
                (Verdict::Breaking, "requests without it are refused")
            } else {
                (Verdict::Compatible, "nobody has to know it")
            };
            self.report(verdict, Side::New, format!("{at}/{index}"), what, why);
        }
    }

    /// Old and new index of parameters that have another name, and are in all else
    /// what they were.
    fn renamed_parameters(
        &mut self,
        old: &[Keyed<'_>],
        new: &[Keyed<'_>],
        sent: Flow,
    ) -> Vec<(usize, usize)> {
        let without = |of: &[Keyed<'_>], other: &[Keyed<'_>]| -> Vec<usize> {
            let gone = |(key, ..): &&Keyed<'_>| !other.iter().any(|(known, ..)| known == key);
            of.iter().filter(gone).map(|(_, index, _)| *index).collect()
        };
        let (gone, added) = (without(old, new), without(new, old));
        self.renamed(&gone, &added, |comparison, was, is| {
            let (old, new) = (old[was].2, new[is].2);
            let place = |document, parameter| &target(document, parameter)["in"];
            if place(comparison.old, old) == place(comparison.new, new) {
                comparison.parameter("", old, new, sent);
            } else {
                comparison.effect(sent, Effect::Incomparable, Side::New, "", "elsewhere");
            }
        })
    }

    pub(super) fn parameter(&mut self, at: &str, old: &Value, new: &Value, sent: Flow) {
        let same_reference = old.get("$ref").is_some() && old.get("$ref") == new.get("$ref");
        if same_reference {
            return;
        }
        let (old, new) = (target(self.old, old), target(self.new, new));
        for (key, old, new) in pairs(old, new) {
            let at = format!("{at}/{}", escape(&key));
            match key.as_str() {
                "schema" => {
                    self.schema(&at, old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING), sent)
                }
                "required" => self.presence(&at, old, new, sent),
                "content" => self.content(&at, old, new, sent),
                // What is compared has the same key: a path's, or a header's in other letters.
                "name" | "in" => self.prose(&at, old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING)),
                _ => self.annotation((at, old, new), sent),
            }
        }
    }

    /// `required` of a parameter, a body or a header.
    fn presence(&mut self, at: &str, old: Option<&Value>, new: Option<&Value>, flow: Flow) {
        let (was, is) = (
            old == Some(&Value::Bool(true)),
            new == Some(&Value::Bool(true)),
        );
        let side = if new.is_some() { Side::New } else { Side::Old };
        match (was, is) {
            (false, true) => self.effect(flow, Effect::Narrowed, side, at, "became required"),
            (true, false) => self.effect(flow, Effect::Widened, side, at, "became optional"),
            _ if old != new => self.effect(
                Flow::default(),
                Effect::Widened,
                side,
                at,
                "written differently",
            ),
            _ => {}
        }
    }

    /// What else a parameter, body, answer or header holds: prose, extensions,
    /// and what is not judged.
    fn annotation(&mut self, (at, old, new): Pair<'_>, flow: Flow) {
        let key = at.rsplit('/').next().unwrap_or_default();
        let (old, new) = (old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING));
        match key {
            "description" | "summary" | "example" | "examples" => self.prose(&at, old, new),
            "deprecated" => self.deprecated(&at, old, new),
            key if key.starts_with("x-") => self.prose(&at, old, new),
            _ => self.unjudged(&at, old, new, flow),
        }
    }

    pub(super) fn request_body(&mut self, at: &str, old: &Value, new: &Value, sent: Flow) {
        if old.is_null() {
            let (effect, what) = if new["required"] == true {
                (Effect::Narrowed, "required body added")
            } else {
                (Effect::Widened, "optional body added")
            };
            return self.effect(sent, effect, Side::New, at, what);
        }
        if new.is_null() {
            return self.effect(sent, Effect::Incomparable, Side::Old, at, "body removed");
        }
        if self.refers_elsewhere(at, old, new, sent) {
            return;
        }
        for (key, old, new) in pairs(old, new) {
            let at = format!("{at}/{}", escape(&key));
            match key.as_str() {
                "$ref" => {}
                "content" => self.content(&at, old, new, sent),
                "required" => self.presence(&at, old, new, sent),
                _ => self.annotation((at, old, new), sent),
            }
        }
    }

    /// Media types and their schemas.
    fn content(&mut self, at: &str, old: Option<&Value>, new: Option<&Value>, flow: Flow) {
        for (media_type, old, new) in pairs(old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING)) {
            let at = format!("{at}/{}", escape(&media_type));
            match (old, new) {
                (Some(old), Some(new)) => {
                    for (key, old, new) in pairs(old, new) {
                        let at = format!("{at}/{}", escape(&key));
                        match key.as_str() {
                            "schema" => self.schema(
                                &at,
                                old.unwrap_or(&NOTHING),
                                new.unwrap_or(&NOTHING),
                                flow,
                            ),
                            _ => self.annotation((at, old, new), flow),
                        }
                    }
                }
                (Some(_), None) => {
                    let why = "whoever sends or reads it is let down";
                    self.report(Verdict::Breaking, Side::Old, at, "media type removed", why);
                }
                _ => self.effect(flow, Effect::Widened, Side::New, at, "media type added"),
            }
        }
    }

    /// Answers by status. `flow` is theirs: a response's, or in a callback a request's.
    pub(super) fn responses(&mut self, at: &str, old: &Value, new: &Value, flow: Flow) {
        for (status, old, new) in pairs(old, new) {
            let at = format!("{at}/{status}");
            // Callers have to expect errors that they do not know, and tell them by their class.
            let error = status.starts_with(['4', '5']);
            match (old, new) {
                (Some(old), Some(new)) => self.response(&at, old, new, flow),
                (Some(_), None) if error && flow.response => {
                    let why = "callers tell errors by their class";
                    self.report(
                        Verdict::Compatible,
                        Side::Old,
                        at,
                        "error status removed",
                        why,
                    );
                }
                (Some(_), None) => {
                    let why = "whoever relies on it is let down";
                    self.report(Verdict::Breaking, Side::Old, at, "status removed", why);
                }
                _ if error && flow.response => {
                    let why = "callers tell errors by their class";
                    self.report(
                        Verdict::Compatible,
                        Side::New,
                        at,
                        "error status added",
                        why,
                    );
                }
                _ => self.effect(flow, Effect::Widened, Side::New, at, "status added"),
            }
        }
    }

    pub(super) fn response(&mut self, at: &str, old: &Value, new: &Value, flow: Flow) {
        if self.refers_elsewhere(at, old, new, flow) {
            return;
        }
        for (key, old, new) in pairs(old, new) {
            let at = format!("{at}/{}", escape(&key));
            match key.as_str() {
                "$ref" => {}
                "content" => self.content(&at, old, new, flow),
                "headers" => {
                    self.headers(&at, old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING), flow)
                }
                _ => self.annotation((at, old, new), flow),
            }
        }
    }

    fn headers(&mut self, at: &str, old: &Value, new: &Value, flow: Flow) {
        for (name, old, new) in pairs(old, new) {
            let at = format!("{at}/{}", escape(&name));
            match (old, new) {
                (Some(old), Some(new)) => self.header(&at, old, new, flow),
                (Some(_), None) => {
                    let why = "whoever reads it is let down";
                    self.report(Verdict::Breaking, Side::Old, at, "header removed", why);
                }
                _ => {
                    let why = "nobody has to read it";
                    self.report(Verdict::Compatible, Side::New, at, "header added", why);
                }
            }
        }
    }

    pub(super) fn header(&mut self, at: &str, old: &Value, new: &Value, flow: Flow) {
        if self.refers_elsewhere(at, old, new, flow) {
            return;
        }
        for (key, old, new) in pairs(old, new) {
            let at = format!("{at}/{}", escape(&key));
            match key.as_str() {
                "$ref" => {}
                "schema" => {
                    self.schema(&at, old.unwrap_or(&NOTHING), new.unwrap_or(&NOTHING), flow)
                }
                "required" => self.presence(&at, old, new, flow),
                _ => self.annotation((at, old, new), flow),
            }
        }
    }

    /// Whether a side refers to a component that the other one does not, which
    /// is compared here as one change; else the caller goes on.
    fn refers_elsewhere(&mut self, at: &str, old: &Value, new: &Value, flow: Flow) -> bool {
        if old.get("$ref") == new.get("$ref") {
            return false;
        }
        let (old_target, new_target) = (target(self.old, old), target(self.new, new));
        let what = format!("refers to {} instead of {}", name(new), name(old));
        let at = if new.get("$ref").is_some() {
            format!("{at}/$ref")
        } else {
            at.to_owned()
        };
        if old_target == new_target {
            let why = "both say the same";
            self.report(Verdict::Compatible, Side::New, at, what, why);
        } else {
            self.effect(flow, Effect::Incomparable, Side::New, at, what);
        }
        true
    }
}

fn target<'v>(document: &'v Value, value: &'v Value) -> &'v Value {
    value
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| resolve(document, reference))
        .unwrap_or(value)
}

fn name(value: &Value) -> &str {
    value
        .get("$ref")
        .and_then(Value::as_str)
        .unwrap_or("an inline one")
}

/// A parameter with what it is told apart by, and its index.
type Keyed<'v> = (String, usize, &'v Value);

fn keyed<'v>(document: &'v Value, parameters: &'v Value) -> Vec<Keyed<'v>> {
    let mut in_path = 0;
    let parameters = parameters.as_array().into_iter().flatten().enumerate();
    parameters
        .map(|(index, parameter)| {
            let resolved = target(document, parameter);
            let place = resolved["in"].as_str().unwrap_or_default();
            let name = resolved["name"].as_str().unwrap_or_default();
            let key = match place {
                "path" => {
                    in_path += 1;
                    format!("path {in_path}")
                }
                // Names of headers have no case.
                "header" => format!("header {}", name.to_lowercase()),
                _ => format!("{place} {name}"),
            };
            (key, index, parameter)
        })
        .collect()
}
