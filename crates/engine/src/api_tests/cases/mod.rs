//! What is worth testing about an operation. A case is one request and what
//! has to come of it; text and script are written from the same case.

mod access;
mod answers;
mod invalid;
mod select;
mod send;

use std::collections::HashSet;

use serde_json::Value;

pub use answers::{Expected, Statuses};
pub use select::{MAX_CASES, MAX_CASES_PER_OPERATION, select};
pub use send::Send;

use super::document::{Encoding, In, Method, Operation, Status};
use super::requests::{Bound, Requests, Source, without_marks};
use super::schema::{Examples, Wanted};
use crate::test_cases::{clipped, one_line};
use access::{credentials, takes_login, wrong_password};
use answers::{refusal, success};

/// What a case is about, the most telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Succeeds,
    Credentials,
    NotFound,
    Required,
    Repeated,
    Limit,
    Edge,
    Enum,
    Type,
    Optional,
    Malformed,
    Format,
    Null,
    MediaType,
    Unknown,
    /// An error that the document names without saying how to bring it about.
    Documented,
}

impl Kind {
    /// As a tag of the test case.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Succeeds | Self::Optional => "happy-path",
            Self::Credentials => "auth",
            Self::NotFound => "not-found",
            Self::Required => "required-fields",
            Self::Repeated => "state",
            Self::Limit | Self::Edge => "boundaries",
            Self::Enum
            | Self::Type
            | Self::Malformed
            | Self::Format
            | Self::Null
            | Self::Unknown => "validation",
            Self::MediaType => "content-type",
            Self::Documented => "documented-error",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Case {
    /// Index into the document's operations.
    pub operation: usize,
    pub kind: Kind,
    /// Behind the operation's name: "refuses a request without credentials".
    pub what: String,
    pub send: Send,
    pub expected: Expected,
    /// 1 is the most urgent.
    pub priority: u8,
}

/// Every case of one operation, the most telling kinds first.
pub fn of_operation(requests: &Requests<'_>, index: usize) -> Vec<Case> {
    let operation = &requests.document.operations[index];
    let request = requests.of(index);
    let mut cases = Cases {
        index,
        operation,
        found: Vec::new(),
    };
    if operation.needs_credentials() {
        credentials(&mut cases, &request.credentials);
    }
    if request.lacks.is_none() {
        let expected = success(operation);
        let what = match expected.statuses.only() {
            Some(code) => format!("answers {code} to a valid request"),
            None => "accepts a valid request".to_owned(),
        };
        // A user that exists can't be made up.
        let is_known = !takes_login(operation)
            || operation
                .body
                .as_ref()
                .is_some_and(|body| body.example.is_some());
        let send = if is_known {
            Send::AsPlanned
        } else {
            Send::ByHand
        };
        cases.add(Kind::Succeeds, what, send, expected);
        wrong_password(&mut cases, requests);
        not_found(&mut cases, requests);
        body(&mut cases, requests);
        invalid::parameters(&mut cases, requests);
        twice(&mut cases, requests);
    }
    documented(&mut cases);
    cases.found.sort_by_key(|case| case.kind);
    let mut said = HashSet::new();
    cases.found.retain(|case| said.insert(case.what.clone()));
    cases.found
}

struct Cases<'d> {
    index: usize,
    operation: &'d Operation,
    found: Vec<Case>,
}

impl Cases<'_> {
    fn add(&mut self, kind: Kind, what: String, send: Send, expected: Expected) {
        let priority = priority(kind, self.operation);
        // Names and descriptions of a document may be of any length.
        let what = clipped(&one_line(&what), 250);
        self.found.push(Case {
            operation: self.index,
            kind,
            what,
            send,
            expected,
            priority,
        });
    }
}

/// Access control and what changes state come first; old operations later.
fn priority(kind: Kind, operation: &Operation) -> u8 {
    let changes = operation.method.changes_state();
    let priority = match kind {
        Kind::Credentials => 1,
        Kind::Succeeds => 2 - u8::from(changes),
        Kind::NotFound | Kind::Repeated => 2,
        Kind::Required => 3 - u8::from(changes),
        Kind::Limit | Kind::Edge | Kind::Enum | Kind::Type | Kind::Optional => 3,
        Kind::Malformed | Kind::Documented => 3,
        Kind::Format | Kind::Null | Kind::MediaType | Kind::Unknown => 4,
    };
    priority + u8::from(operation.deprecated)
}

/// For the last parameter of the path: the thing itself, not what it is part of.
fn not_found(cases: &mut Cases<'_>, requests: &Requests<'_>) {
    let request = requests.of(cases.index);
    let Some((name, bound)) = request.path.last() else {
        return;
    };
    let operation = cases.operation;
    if matches!(bound, Bound::Value(_)) || operation.response(404).is_none() {
        return;
    }
    let schema = operation
        .parameters
        .iter()
        .find(|it| it.place == In::Path && &it.name == name)
        .map(|it| &it.schema);
    if let Some(value) = invalid::unknown_id(requests.checker, schema) {
        cases.add(
            Kind::NotFound,
            format!("answers 404 where `{name}` does not exist"),
            Send::Parameter(In::Path, name.clone(), Some(value)),
            refusal(operation, &[404]),
        );
    }
}

fn body(cases: &mut Cases<'_>, requests: &Requests<'_>) {
    let operation = cases.operation;
    let (Some(body), Some(value)) = (&operation.body, &requests.of(cases.index).body) else {
        return;
    };
    let unmarked = value.plain();
    let fuller = Examples::new(requests.checker)
        .valid(&body.schema, "body", None, Wanted::Everything)
        .ok()
        .and_then(|full| with_more(&value.value, &full));
    if let Some(fuller) = fuller
        && !takes_login(operation)
        && requests
            .checker
            .judge(&body.schema)
            .and_then(|judge| judge.accepts(&without_marks(&fuller)))
            == Some(true)
    {
        cases.add(
            Kind::Optional,
            "accepts every optional field".to_owned(),
            Send::Body(fuller),
            success(operation),
        );
    }
    if body.required {
        cases.add(
            Kind::Malformed,
            "refuses a request without a body".to_owned(),
            Send::NoBody,
            refusal(operation, &[400, 422, 415]),
        );
    }
    if body.encoding == Encoding::Json {
        cases.add(
            Kind::Malformed,
            "refuses a body that is no JSON".to_owned(),
            Send::Raw {
                media_type: "application/json",
                text: "{\"never\": \"closed\"",
            },
            refusal(operation, &[400, 422]),
        );
        if operation.response(415).is_some() {
            cases.add(
                Kind::MediaType,
                "answers 415 to a body of another type".to_owned(),
                Send::Raw {
                    media_type: "text/csv",
                    text: "a,b",
                },
                refusal(operation, &[415]),
            );
        }
    }
    invalid::body(cases, requests, body, &unmarked);
}

/// The planned body with the fields that only the fuller one has.
fn with_more(planned: &Value, full: &Value) -> Option<Value> {
    let (planned, full) = (planned.as_object()?, full.as_object()?);
    let mut more = planned.clone();
    for (name, value) in full {
        if !more.contains_key(name) {
            more.insert(name.clone(), value.clone());
        }
    }
    (more.len() > planned.len()).then_some(Value::Object(more))
}

/// What was made once can't be made again, what is gone can't go again.
fn twice(cases: &mut Cases<'_>, requests: &Requests<'_>) {
    let operation = cases.operation;
    let request = requests.of(cases.index);
    match operation.method {
        Method::Post
            if operation.response(409).is_some()
                && request
                    .body
                    .as_ref()
                    .is_some_and(|body| body.plain() != body.value) =>
        {
            cases.add(
                Kind::Repeated,
                "answers 409 when the same is sent twice".to_owned(),
                Send::Twice,
                refusal(operation, &[409]),
            );
        }
        Method::Delete
            if operation.response(404).is_some()
                && matches!(request.path.last(), Some((_, Bound::Field(resource, _)))
                    if matches!(requests.resources[*resource].source, Source::Made { .. })) =>
        {
            cases.add(
                Kind::Repeated,
                "answers 404 when it is deleted twice".to_owned(),
                Send::Twice,
                refusal(operation, &[404]),
            );
        }
        _ => {}
    }
}

/// Errors that the document lists and no other case brings about.
fn documented(cases: &mut Cases<'_>) {
    let operation = cases.operation;
    for response in &operation.responses {
        let Status::Code(code) = response.status else {
            continue;
        };
        let met = cases
            .found
            .iter()
            .any(|case| case.kind != Kind::Succeeds && case.expected.statuses.names(code));
        // Overload and breakdown are for nobody to test from outside.
        if (400..500).contains(&code) && code != 429 && !met {
            let description = response.description.trim().trim_end_matches('.');
            let what = match description {
                "" => format!("answers {code}"),
                said => format!("answers {code}: {said}"),
            };
            cases.add(
                Kind::Documented,
                what,
                Send::ByHand,
                refusal(operation, &[code]),
            );
        }
    }
}
