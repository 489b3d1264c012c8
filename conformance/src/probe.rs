//! What a check works with: it sends, and notes what does not hold.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::StatusCode;
use serde_json::Value;
use url::Url;

use crate::check::{Check, Level};
use crate::http::{Answer, Request, Unsent};
use crate::report::Failure;
use crate::session::Session;
use crate::shape;

/// Why a check ended early.
#[derive(Clone, Debug)]
pub enum Stop {
    /// It could not be made, and why.
    Skipped(String),
    /// This was sent, and nothing that is HTTP came back.
    Unanswered { request: Box<Request>, why: String },
}

impl Stop {
    pub(crate) fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped(why.into())
    }
}

/// One check at work.
pub struct Probe {
    session: Arc<Session>,
    pub(crate) check: Check,
    pub(crate) failures: Vec<Failure>,
    requests: AtomicU32,
}

impl Deref for Probe {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl Probe {
    pub(crate) fn new(session: Arc<Session>, check: Check) -> Self {
        Self {
            session,
            check,
            failures: Vec::new(),
            requests: AtomicU32::new(0),
        }
    }

    pub(crate) fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Sends within the rate limits.
    pub async fn send(&self, request: Request) -> Result<Answer, Stop> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.session.send(&request).await
    }

    /// Sends at once, whatever the limits say.
    pub async fn send_now(&self, request: Request) -> Result<Answer, Stop> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let answer = self.session.sender.send_now(&request).await;
        answer.map_err(|unsent| stop(&request, unsent))
    }

    /// Fetches what a redirect or a link leads to, without the key.
    pub async fn follow(&self, url: Url) -> Result<Answer, Stop> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let request = Request::path(reqwest::Method::GET, url.as_str());
        let answer = self.session.sender.follow(url).await;
        answer.map_err(|unsent| stop(&request, unsent))
    }

    /// Notes that a documented clause does not hold, unless it does.
    pub fn must(
        &mut self,
        holds: bool,
        clause: &str,
        expected: impl Into<String>,
        answer: &Answer,
    ) -> bool {
        self.hold(Level::Must, holds, clause, expected, answer)
    }

    /// Notes that something inferred does not hold, unless it does.
    pub fn should(
        &mut self,
        holds: bool,
        clause: &str,
        expected: impl Into<String>,
        answer: &Answer,
    ) -> bool {
        self.hold(Level::Should, holds, clause, expected, answer)
    }

    fn hold(
        &mut self,
        level: Level,
        holds: bool,
        clause: &str,
        expected: impl Into<String>,
        answer: &Answer,
    ) -> bool {
        if !holds {
            let seen = answer.summary();
            self.fail(level, clause, expected, seen, Some(&answer.request));
        }
        holds
    }

    /// Notes that something does not hold.
    pub fn fail(
        &mut self,
        level: Level,
        clause: &str,
        expected: impl Into<String>,
        seen: impl Into<String>,
        request: Option<&Request>,
    ) {
        let base = self.session.deployment.url.as_str();
        self.failures.push(Failure {
            clause: clause.to_owned(),
            level,
            expected: expected.into(),
            seen: seen.into(),
            curl: request.map(|request| request.curl(base)),
        });
    }

    /// An error of this status with a `detail`, as documented for all errors.
    pub fn error(&mut self, status: StatusCode, clause: &str, why: &str, answer: &Answer) -> bool {
        let expected = format!("{} {why}", status.as_u16());
        self.must(answer.status == status, clause, expected, answer) && self.detail(answer)
    }

    /// Whatever is refused says why in `detail`.
    pub fn detail(&mut self, answer: &Answer) -> bool {
        let detail = answer.json();
        let holds = detail["detail"]
            .as_str()
            .is_some_and(|text| !text.is_empty());
        self.must(
            holds,
            "errors.detail",
            "a JSON object whose `detail` is a string that says what is wrong",
            answer,
        )
    }

    /// A success whose body is as the schema named `schema` says. What does not
    /// hold is noted; the body, where it can be read.
    pub fn success(&mut self, clause: &str, schema: &str, answer: &Answer) -> Option<Value> {
        // The documentation prints only "Response"; a queued job may say 202.
        let holds = answer.status.is_success();
        if !self.must(holds, clause, "a success, such as 200", answer) {
            return None;
        }
        let body = answer.json();
        self.shape(schema, &body, &answer.summary(), Some(&answer.request));
        body.is_object().then_some(body)
    }

    /// Notes what in `value` is not as the schema named `schema` says.
    pub fn shape(&mut self, schema: &str, value: &Value, seen: &str, request: Option<&Request>) {
        for fault in shape::faults(schema, value) {
            let clause = fault
                .clause
                .unwrap_or_else(|| self.check.clauses[0].clone());
            let seen = match fault.seen {
                Some(at) => format!("{at} in {seen}"),
                None => seen.to_owned(),
            };
            self.fail(fault.level, &clause, fault.expected, seen, request);
        }
    }
}

pub(crate) fn stop(request: &Request, unsent: Unsent) -> Stop {
    match unsent {
        Unsent::NoAnswer(why) => Stop::Unanswered {
            request: Box::new(request.clone()),
            why,
        },
        Unsent::Skipped(why) => Stop::Skipped(why),
    }
}
