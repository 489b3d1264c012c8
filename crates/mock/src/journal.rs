//! What was asked and what was answered, for whoever looks: the last requests,
//! with keys and passwords made unreadable.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{HeaderMap, HeaderName};
use serde::Serialize;
use serde_json::Value;

use crate::partners::Partner;
use crate::scenario::Fault;
use crate::texts;
use crate::world::locked;

/// Requests that are kept.
const KEPT: usize = 1000;

/// Of a body, so much is kept.
const BODY: usize = 64 * 1024;

/// Headers whose values are kept to oneself.
const SECRET_HEADERS: [&str; 4] = [
    "x-qualitymax-api-key",
    "authorization",
    "cookie",
    "proxy-authorization",
];

#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    kept: VecDeque<Entry>,
    next: u64,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    at: Duration,
    method: Method,
    path: String,
    headers: Headers,
    operation: Option<String>,
    partner: Option<String>,
    scenario: Option<String>,
    fault: Option<Fault>,
    body: Bytes,
    status: Option<u16>,
    answer: Bytes,
}

/// A request as it is shown.
#[derive(Clone, Debug, Serialize, serde::Deserialize)]
pub struct Request {
    /// From 1, in the order of arrival.
    pub number: u64,
    /// Milliseconds of the mock's clock.
    pub at_ms: u64,
    pub method: String,
    /// With its query.
    pub path: String,
    /// Names in lower case; keys made unreadable.
    pub headers: BTreeMap<String, String>,
    /// `operationId`; absent where the contract has none at this path.
    pub operation: Option<String>,
    /// Whose key it was; absent where there was none that is valid.
    pub partner: Option<String>,
    pub scenario: Option<String>,
    pub fault: Option<Fault>,
    /// JSON where it is JSON; passwords made unreadable. Null where it was not
    /// read, because the caller was refused before.
    pub body: Value,
    /// Absent while it is not answered.
    pub status: Option<u16>,
    pub answer: Value,
}

impl Journal {
    /// Returns the number that names the request from now on.
    pub(crate) fn begin(&self, at: Duration, head: &http::request::Parts) -> u64 {
        let path = head.uri.path_and_query();
        let entry = Entry {
            number: 0,
            at,
            method: head.method.clone(),
            path: path.map_or_else(String::new, ToString::to_string),
            headers: Headers::of(&head.headers),
            operation: None,
            partner: None,
            scenario: None,
            fault: None,
            body: Bytes::new(),
            status: None,
            answer: Bytes::new(),
        };
        let mut entries = locked(&self.entries);
        entries.next += 1;
        let number = entries.next;
        if entries.kept.len() == KEPT {
            entries.kept.pop_front();
        }
        entries.kept.push_back(Entry { number, ..entry });
        number
    }

    pub(crate) fn admitted(&self, number: u64, partner: &str) {
        self.with(number, |entry| entry.partner = Some(partner.to_owned()));
    }

    /// The operation of a request, once it was routed to one.
    #[cfg(feature = "mutants")]
    pub(crate) fn operation(&self, number: u64) -> Option<String> {
        let entries = locked(&self.entries);
        let entry = entries.kept.iter().rev().find(|it| it.number == number)?;
        entry.operation.clone()
    }

    pub(crate) fn called(&self, number: u64, operation: &str) {
        self.with(number, |entry| entry.operation = Some(operation.to_owned()));
    }

    pub(crate) fn read(&self, number: u64, body: &Bytes) {
        let body = kept(body);
        self.with(number, |entry| entry.body = body);
    }

    pub(crate) fn chosen(&self, number: u64, scenario: &str, fault: Option<Fault>) {
        self.with(number, |entry| {
            entry.scenario = Some(scenario.to_owned());
            entry.fault = fault;
        });
    }

    /// Returns what is to happen to the answer on its way out.
    pub(crate) fn answered(&self, number: u64, status: u16, answer: &Bytes) -> Option<Fault> {
        let answer = kept(answer);
        let mut fault = None;
        self.with(number, |entry| {
            entry.status = Some(status);
            entry.answer = answer;
            fault = entry.fault;
        });
        fault
    }

    /// The newest last, without the secrets of these partners.
    pub(crate) fn all(&self, partners: &[Partner]) -> Vec<Request> {
        let secrets = Secrets::of(partners);
        let entries = locked(&self.entries);
        let shown = entries.kept.iter().map(|entry| entry.shown(&secrets));
        shown.collect()
    }

    pub(crate) fn clear(&self) {
        locked(&self.entries).kept.clear();
    }

    fn with(&self, number: u64, then: impl FnOnce(&mut Entry)) {
        let mut entries = locked(&self.entries);
        let Some(first) = entries.kept.front().map(|entry| entry.number) else {
            return;
        };
        let index = number
            .checked_sub(first)
            .and_then(|at| usize::try_from(at).ok());
        if let Some(entry) = index.and_then(|index| entries.kept.get_mut(index)) {
            then(entry);
        }
    }
}

impl Entry {
    fn shown(&self, secrets: &Secrets<'_>) -> Request {
        Request {
            number: self.number,
            at_ms: u64::try_from(self.at.as_millis()).unwrap_or(u64::MAX),
            method: self.method.to_string(),
            path: secrets.hidden(&self.path),
            headers: self.headers.shown(secrets),
            operation: self.operation.clone(),
            partner: self.partner.clone(),
            scenario: self.scenario.clone(),
            fault: self.fault,
            body: secrets.hidden_in(readable(&self.body)),
            status: self.status,
            answer: secrets.hidden_in(readable(&self.answer)),
        }
    }
}

/// Copied, as each would keep the whole buffer that it was read into; and into
/// one text, as every request pays for it and few are looked at.
#[derive(Debug)]
struct Headers {
    /// Each with the end of its value.
    names: Vec<(HeaderName, usize)>,
    values: String,
}

impl Headers {
    fn of(headers: &HeaderMap) -> Self {
        let mut names = Vec::with_capacity(headers.len());
        let mut values = String::new();
        for (name, value) in headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            if SECRET_HEADERS.contains(&name.as_str()) {
                values.push_str(&hint(&value));
            } else {
                values.push_str(&value);
            }
            names.push((name.clone(), values.len()));
        }
        Self { names, values }
    }

    fn shown(&self, secrets: &Secrets<'_>) -> BTreeMap<String, String> {
        let mut from = 0;
        let shown = self.names.iter().map(|(name, end)| {
            let value = &self.values[from..*end];
            from = *end;
            (name.to_string(), secrets.hidden(value))
        });
        shown.collect()
    }
}

/// A copy of its beginning: a part of it would keep the whole buffer that it was
/// read into.
fn kept(bytes: &Bytes) -> Bytes {
    Bytes::copy_from_slice(&bytes[..bytes.len().min(BODY)])
}

/// Keys and secrets of the partners, for where they are sent by mistake, such as a
/// key in a query.
struct Secrets<'a> {
    /// The longest first: one may begin another.
    known: Vec<&'a str>,
}

impl<'a> Secrets<'a> {
    fn of(partners: &'a [Partner]) -> Self {
        let all = partners
            .iter()
            .flat_map(|it| it.keys.iter().chain([&it.secret]));
        // A shorter one would be found in words that it is no part of.
        let mut known: Vec<&str> = all.map(String::as_str).filter(|it| it.len() >= 5).collect();
        known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { known }
    }

    fn hidden(&self, text: &str) -> String {
        let hide = |text: String, secret: &&str| match text.contains(secret) {
            true => text.replace(secret, &hint(secret)),
            false => text,
        };
        self.known.iter().fold(text.to_owned(), hide)
    }

    fn hidden_in(&self, value: Value) -> Value {
        texts::each(value, &|text| self.hidden(text))
    }
}

/// Enough to tell one key from another.
fn hint(secret: &str) -> String {
    let length = secret.chars().count();
    let shown: String = secret.chars().take(6.min(length / 2)).collect();
    format!("{shown}…")
}

/// What is not JSON may hold a secret anywhere, so only its size is shown.
fn readable(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    match serde_json::from_slice(bytes) {
        Ok(mut value) => {
            hide_passwords(&mut value);
            value
        }
        Err(_) if bytes.len() >= BODY => "(more than is kept; not shown)".into(),
        Err(why) => format!(
            "({} bytes that are not JSON: {why}; not shown)",
            bytes.len()
        )
        .into(),
    }
}

fn hide_passwords(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let named = name.to_ascii_lowercase().contains("password");
                // A login that is no object is one that was written wrongly.
                let login = name == "auth" && !value.is_object() && !value.is_null();
                if named || login {
                    *value = "•••".into();
                } else {
                    hide_passwords(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide_passwords),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_a_path_a_query_or_a_body_is_made_unreadable() {
        let journal = Journal::default();
        let request = http::Request::get("/api/qm-your-token/x?api_key=qm-your-token&b=1");
        let (head, ()) = request.body(()).unwrap().into_parts();
        let number = journal.begin(Duration::ZERO, &head);
        journal.read(
            number,
            &Bytes::from_static(br#"{"s":["your-webhook-secret"]}"#),
        );

        let shown = &journal.all(&[Partner::of_the_examples()])[0];

        assert_eq!(shown.path, "/api/qm-you…/x?api_key=qm-you…&b=1");
        assert_eq!(shown.body, serde_json::json!({ "s": ["your-w…"] }));
    }
}
