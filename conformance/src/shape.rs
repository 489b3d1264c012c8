//! A body held against its authored schema, and each fault traced back to the
//! clause that asks for it: documented, or decided by the contract.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::{Value, json};

use crate::check::Level;
use crate::document::{Document, clauses_at, schema_name};

/// What in a body is not as its schema says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The clause nearest to what is broken.
    pub(crate) clause: Option<String>,
    pub(crate) level: Level,
    pub(crate) expected: String,
    /// What is there instead; none where something is missing.
    pub(crate) seen: Option<String>,
}

/// All that is wrong with `value`; nothing where it is as the schema says.
pub(crate) fn faults(schema: &str, value: &Value) -> Vec<Fault> {
    let validator = validator(schema);
    validator
        .iter_errors(value)
        .map(|error| fault(schema, &error))
        .collect()
}

/// The validator of the schema named `name`, kept.
pub(crate) fn validator(name: &str) -> &'static Validator {
    static VALIDATORS: LazyLock<Mutex<HashMap<String, &'static Validator>>> =
        LazyLock::new(Mutex::default);
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    validators.entry(name.to_owned()).or_insert_with(|| {
        // One a schema for the life of the process.
        Box::leak(Box::new(compile(name)))
    })
}

fn compile(name: &str) -> Validator {
    let mut schemas = Document::get().root()["components"]["schemas"].clone();
    nullable(&mut schemas);
    let schema = json!({
        "$ref": format!("#/components/schemas/{name}"),
        "components": { "schemas": schemas },
    });
    jsonschema::options()
        .with_draft(Draft::Draft7)
        .should_validate_formats(false)
        .build(&schema)
        .expect("the contract's schemas compile")
}

/// OpenAPI 3.0's `nullable` in the words of JSON Schema.
fn nullable(node: &mut Value) {
    match node {
        Value::Object(object) => {
            if object.get("nullable") == Some(&Value::Bool(true))
                && let Some(Value::String(kind)) = object.get("type")
            {
                let kinds = json!([kind, "null"]);
                object.insert("type".to_owned(), kinds);
            }
            object.values_mut().for_each(nullable);
        }
        Value::Array(items) => items.iter_mut().for_each(nullable),
        _ => {}
    }
}

fn fault(schema: &str, error: &ValidationError<'_>) -> Fault {
    let mut origin = Origin::default();
    let path = error.evaluation_path().as_str();
    let mut tokens: Vec<String> = path
        .split('/')
        .skip(1)
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
        .collect();
    let keyword = error.kind().keyword().to_owned();
    if tokens.last() == Some(&keyword) {
        tokens.pop();
    }
    origin.trace(schema, &tokens);
    let place = match error.instance_path().as_str() {
        "" => "the body".to_owned(),
        path => format!("`{}`", path.trim_start_matches('/').replace('/', ".")),
    };
    let asked = |value: &Value| value.to_string();
    let seen = Some(format!("{place} = {}", brief(error.instance())));
    let level = origin.level(&keyword);
    let (expected, seen) = match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            origin.step(&["properties".to_owned(), name.to_owned()]);
            return Fault {
                clause: origin.clause.clone(),
                level: origin.required_level(level),
                expected: format!("{place} to have `{name}`"),
                seen: None,
            };
        }
        ValidationErrorKind::Type { .. } => (
            format!(
                "{place} to be {}",
                origin.node["type"].as_str().unwrap_or("as documented")
            ),
            seen,
        ),
        ValidationErrorKind::Enum { options } => {
            (format!("{place} to be one of {}", asked(options)), seen)
        }
        ValidationErrorKind::Pattern { pattern } => (format!("{place} to match {pattern}"), seen),
        ValidationErrorKind::Minimum { limit } => {
            (format!("{place} to be at least {}", asked(limit)), seen)
        }
        ValidationErrorKind::Maximum { limit } => {
            (format!("{place} to be at most {}", asked(limit)), seen)
        }
        other => (format!("{place} to meet `{}`", other.keyword()), seen),
    };
    Fault {
        clause: origin.clause,
        level,
        expected,
        seen,
    }
}

fn brief(value: &Value) -> String {
    crate::http::abridged(&value.to_string(), 80)
}

/// Where in the contract something is asked for.
struct Origin {
    node: &'static Value,
    clause: Option<String>,
    inferred: bool,
    /// A documented field refers to this inferred schema: that it is a text, say,
    /// is documented, and only its words are not.
    typed: bool,
    /// What the nearest clause says is decided by the contract.
    keywords: Vec<String>,
    /// From the nearest clause to here.
    below: String,
}

impl Default for Origin {
    fn default() -> Self {
        Self {
            node: &Value::Null,
            clause: None,
            inferred: false,
            typed: false,
            keywords: Vec::new(),
            below: String::new(),
        }
    }
}

impl Origin {
    /// Follows a validator's path from the schema named `schema`.
    fn trace(&mut self, schema: &str, tokens: &[String]) {
        self.enter(Document::get().schema(schema));
        // The first step is the reference that `compile` begins with.
        let tokens = match tokens.first().map(String::as_str) {
            Some("$ref") => &tokens[1..],
            _ => tokens,
        };
        self.step(tokens);
    }

    fn step(&mut self, tokens: &[String]) {
        for token in tokens {
            if token == "$ref" {
                let Some(target) = self.node["$ref"].as_str() else {
                    return;
                };
                // An item's type stands at no field of its own.
                let field = !self.inferred && matches!(self.below.as_str(), "" | "allOf/0");
                let node = Document::get().schema(schema_name(target));
                self.enter(node);
                self.typed = field && self.inferred;
                continue;
            }
            let next = match self.node {
                Value::Array(items) => token.parse().ok().and_then(|at: usize| items.get(at)),
                node => node.get(token),
            };
            let Some(next) = next else {
                return;
            };
            if !self.below.is_empty() {
                self.below.push('/');
            }
            self.below.push_str(token);
            self.enter(next);
        }
    }

    fn enter(&mut self, node: &'static Value) {
        self.node = node;
        if let Some(clause) = clauses_at(node).into_iter().next() {
            self.clause = Some(clause.id);
        }
        if let Some(provenance) = node["x-provenance"].as_str() {
            self.inferred |= provenance == "inferred";
            self.typed = false;
            self.below.clear();
            self.keywords = node["x-inferred"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|keyword| keyword.as_str().map(str::to_owned))
                .collect();
        }
    }

    fn level(&self, keyword: &str) -> Level {
        let asked = match self.below.as_str() {
            "" => keyword.to_owned(),
            below => format!("{below}/{keyword}"),
        };
        let inferred = self.inferred && !(self.typed && asked == "type");
        match inferred || self.keywords.contains(&asked) {
            true => Level::Should,
            false => Level::Must,
        }
    }

    /// A missing property is as binding as the list that names it and as itself.
    fn required_level(&self, list: Level) -> Level {
        match self.inferred {
            true => Level::Should,
            false => list,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Value {
        let golden = include_str!("../../fixtures/golden/job-report.json");
        serde_json::from_str(golden).unwrap()
    }

    #[test]
    fn the_published_report_has_no_fault() {
        let report = json!({
            "job": { "id": "pwj_abc123", "status": "callback_sent", "url": "https://preview.yourapp.com", "tests_generated": 1, "duration_seconds": 54.6, "quality_score": null },
            "crawl": { "status": "completed", "pages_crawled": 1 },
            "scripts": [],
            "executions": []
        });
        assert_eq!(faults("JobReport", &report), []);
    }

    #[test]
    fn a_missing_documented_field_breaks_its_own_clause() {
        let mut report = report();
        report["job"].as_object_mut().unwrap().remove("url");
        let found = faults("JobReport", &report);
        let missing = found.iter().find(|fault| fault.seen.is_none()).unwrap();
        assert_eq!(missing.clause.as_deref(), Some("report.job.url"));
        assert_eq!(missing.level, Level::Must);
    }

    #[test]
    fn an_unknown_status_is_against_the_contract_and_not_the_documentation() {
        let scan = json!({ "job_id": "scan_1", "status": "waiting", "status_url": "/" });
        let found = faults("SastScanStarted", &scan);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].clause.as_deref(), Some("sast.started.status"));
        assert_eq!(found[0].level, Level::Should);
    }

    #[test]
    fn a_wrong_type_is_traced_through_references() {
        let scan = json!({ "job_id": "scan_1", "status": 3, "status_url": "/" });
        let found = faults("SastScanStarted", &scan);
        let fault = found
            .iter()
            .find(|fault| fault.expected.contains("string"))
            .unwrap();
        assert_eq!(fault.clause.as_deref(), Some("sast.started.status"));
    }

    #[test]
    fn that_a_documented_status_is_text_is_documented_though_its_words_are_not() {
        let level = |value: Value| {
            let scan = json!({ "job_id": "scan_1", "status": value, "status_url": "/" });
            faults("SastScanStarted", &scan)
                .iter()
                .map(|fault| fault.level)
                .min()
        };
        assert_eq!(level(json!("pending")), None);
        assert_eq!(level(json!("waiting")), Some(Level::Should));
        assert_eq!(level(json!(3)), Some(Level::Must));
    }

    #[test]
    fn what_only_the_contract_has_stays_inferred_to_its_types() {
        let mut report = report();
        report["executions"][0]["browser"] = json!(7);
        let levels = faults("JobReport", &report).into_iter().map(|it| it.level);
        assert!(levels.eq([Level::Should, Level::Should]));
    }
}
