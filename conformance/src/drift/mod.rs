//! Drift: whether the answers of a deployment still have the shapes that were
//! recorded. The records are the insta snapshots in `conformance/snapshots`;
//! these very files are what the binary holds.

mod outline;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};

use crate::document::{Document, Operation};
pub use outline::Outline;

/// What every error is, whoever answers it.
const ERROR: &str = "error";
const CALLBACK: &str = "callback";

macro_rules! records {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../snapshots/", $name, ".snap")))),*]
    };
}

/// Of each answer with a body, by the operation's id.
const RECORDS: [(&str, &str); 13] = records![
    "trigger_test_generation",
    "callback",
    "get_job_report",
    "get_execution_logs",
    "import_repository",
    "start_sast_scan",
    "get_sast_scan",
    "generate_api_tests",
    "create_test_case",
    "generate_test_cases",
    "start_gap_analysis",
    "get_gap_analysis",
    "error",
];

static RECORDED: LazyLock<BTreeMap<&str, Outline>> = LazyLock::new(|| {
    let read = |text: &str| {
        // insta's own header ends with the second line of dashes.
        let text = text.splitn(3, "---\n").nth(2).unwrap_or_default();
        Outline::parse(text).expect("a test holds each snapshot against what is printed")
    };
    RECORDS
        .iter()
        .map(|(name, text)| (*name, read(text)))
        .collect()
});

/// The shapes of a run's answers, by the operation's id; `callback` and `error`
/// beside them.
pub type Outlines = BTreeMap<&'static str, Outline>;

/// Collects the shapes of answers while a run goes on.
#[derive(Default)]
pub(crate) struct Recorder {
    outlines: Mutex<Outlines>,
}

impl Recorder {
    /// Notes an answer, where the contract says what it consists of.
    pub(crate) fn answer(
        &self,
        operation: Option<&'static Operation>,
        status: StatusCode,
        body: &[u8],
    ) {
        if status.is_client_error() || status.is_server_error() {
            self.note(ERROR, "Error", body);
        } else if let (Some(operation), true) = (operation, status.is_success())
            && let Some(schema) = &operation.answer
        {
            self.note(&operation.id, schema, body);
        }
    }

    pub(crate) fn callback(&self, body: &[u8]) {
        self.note(CALLBACK, "CallbackPayload", body);
    }

    pub(crate) fn outlines(&self) -> Outlines {
        let outlines = self.outlines.lock();
        outlines.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, name: &'static str, schema: &str, body: &[u8]) {
        let mut outlines = self.outlines.lock().unwrap_or_else(PoisonError::into_inner);
        let outline = outlines.entry(name).or_default();
        outline.add(Document::get().schema(schema), body);
    }
}

/// One way in which answers differ from what was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The operation's id, `callback` or `error`.
    pub answer: String,
    /// As jq writes it.
    pub field: String,
    pub change: Change,
    /// The recorded types; empty for a new field.
    pub recorded: String,
    /// The types that were seen; empty for a missing field.
    pub seen: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Nothing like it was recorded.
    New,
    /// It was there whenever its object was.
    Missing,
    /// It is of a type that was not recorded.
    Type,
}

/// Every field that the contract has for an answer.
pub fn contract(answer: &str) -> Vec<String> {
    let schema = match answer {
        ERROR => "Error",
        CALLBACK => "CallbackPayload",
        operation => {
            let answer = Document::get().operation(operation).answer.as_deref();
            answer.expect("answers with a body are recorded")
        }
    };
    outline::fields(Document::get().schema(schema))
}

/// How the shapes of a run differ from those that were recorded.
pub fn drift(seen: &Outlines) -> Vec<Drift> {
    let known = seen.iter().filter_map(|(name, outline)| {
        let recorded = RECORDED.get(name)?;
        Some(between(name, recorded, outline))
    });
    known.flatten().collect()
}

fn between(answer: &str, recorded: &Outline, seen: &Outline) -> Vec<Drift> {
    let found = |field: &str, change, recorded: String, seen: String| Drift {
        answer: answer.to_owned(),
        field: field.to_owned(),
        change,
        recorded,
        seen,
    };
    let mut all = Vec::new();
    for (path, field) in seen.fields() {
        match recorded.get(path) {
            None => all.push(found(path, Change::New, String::new(), field.to_string())),
            Some(known) if field.beyond(known) => {
                let change = found(path, Change::Type, known.to_string(), field.to_string());
                all.push(change);
            }
            Some(_) => {}
        }
    }
    for (path, field) in recorded.fields() {
        if !recorded.sometimes(path) && seen.lacks(path) {
            all.push(found(
                path,
                Change::Missing,
                field.to_string(),
                String::new(),
            ));
        }
    }
    all
}

impl Change {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Missing => "missing",
            Self::Type => "of another type",
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            recorded,
            seen,
            ..
        } = self;
        match self.change {
            Change::New => write!(formatter, "{field} is new: {seen}"),
            Change::Missing => write!(formatter, "{field} is missing: {recorded}"),
            Change::Type => write!(formatter, "{field} is {seen}, and was {recorded}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn seen(bodies: &[Value]) -> Outlines {
        let recorder = Recorder::default();
        let operation = Document::get().operation("get_sast_scan");
        for body in bodies {
            let body = body.to_string();
            recorder.answer(Some(operation), StatusCode::OK, body.as_bytes());
        }
        recorder.outlines()
    }

    fn scan() -> Value {
        let golden = include_str!("../../../fixtures/golden/sast-scan.json");
        serde_json::from_str(golden).unwrap()
    }

    fn told(bodies: &[Value]) -> Vec<String> {
        let drift = drift(&seen(bodies));
        drift.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_answer_with_a_body_is_recorded_as_it_is_printed() {
        for operation in &Document::get().operations {
            let recorded = RECORDED.contains_key(operation.id.as_str());
            assert_eq!(recorded, operation.answer.is_some(), "{}", operation.id);
        }
        for (name, text) in RECORDS {
            assert!(text.ends_with(&RECORDED[name].to_string()), "{name}");
        }
    }

    #[test]
    fn the_published_scan_is_as_recorded() {
        assert_eq!(told(&[scan()]), [""; 0]);
    }

    #[test]
    fn a_field_that_only_comes_at_times_is_no_drift() {
        let mut failed = scan();
        failed["error_message"] = json!("semgrep crashed");
        failed["findings"] = json!([]);
        failed["verdict"] = Value::Null;
        assert_eq!(told(&[scan(), failed]), [""; 0]);
    }

    #[test]
    fn a_new_field_a_lost_one_and_another_type_are_told() {
        let mut other = scan();
        other["engine"] = json!({ "name": "semgrep" });
        other["findings"][0]["line_start"] = json!("42");
        other["findings"][0].as_object_mut().unwrap().remove("file");
        assert_eq!(
            told(&[scan(), other]),
            [
                ".engine is new: object",
                ".findings[].line_start is string | integer, and was integer",
                ".findings[].file is missing: string",
            ]
        );
    }

    #[test]
    fn names_that_a_deployment_draws_fill_no_memory() {
        let drawn = (0..500).map(|number| {
            let mut body = scan();
            body[format!("x{number}")] = json!(number);
            body
        });
        let bodies: Vec<Value> = drawn.collect();
        assert!(told(&bodies).len() <= 50);
    }
}
