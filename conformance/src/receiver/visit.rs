//! What a check of a receiver works with: it delivers, and notes what was taken
//! that should be refused, and the reverse.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;

use super::catalogue::ReceiverCheck;
use super::courier::Courier;
use super::{Target, body};
use crate::check::Level;
use crate::http::{Answer, Request, quote};
use crate::report::Failure;

/// Results may be processed after the answer; so long is waited for these.
const PROCESSED_WITHIN: Duration = Duration::from_secs(2);
/// And so long for those that should not come.
const SETTLED_AFTER: Duration = Duration::from_millis(200);

pub(super) struct Visit<'a> {
    courier: &'a Courier,
    check: &'static ReceiverCheck,
    pub(super) failures: Vec<Failure>,
    /// A line a delivery.
    pub(super) seen: Vec<String>,
    pub(super) requests: u32,
    /// What was delivered, in order.
    sent: Vec<Request>,
}

/// What a delivery should come to.
#[derive(Clone, Copy)]
enum Expected {
    Accepted,
    Refused,
    /// Either, but as an answer and no accident.
    Answered,
}

impl<'a> Visit<'a> {
    pub(super) fn new(courier: &'a Courier, check: &'static ReceiverCheck) -> Self {
        Self {
            courier,
            check,
            failures: Vec::new(),
            seen: Vec::new(),
            requests: 0,
            sent: Vec::new(),
        }
    }

    pub(super) fn target(&self) -> &'a Target {
        &self.courier.target
    }

    /// The published callback.
    pub(super) fn payload(&self) -> Value {
        body::published(self.target())
    }

    /// A callback as a deployment sends it first, signed.
    pub(super) fn callback(&self, body: impl Into<Bytes>) -> Request {
        let delivery = ulid::Ulid::generate().to_string().to_lowercase();
        Request::callback(&self.target().url, body)
            .header("X-QualityMax-Delivery", format!("dlv_{delivery}"))
            .header("X-QualityMax-Attempt", "1")
    }

    /// Should be answered with 2xx in time.
    pub(super) async fn accepted(&mut self, what: &str, request: Request) {
        self.deliver(what, request, Expected::Accepted).await;
    }

    /// Should be answered with 4xx.
    pub(super) async fn refused(&mut self, what: &str, request: Request) {
        self.deliver(what, request, Expected::Refused).await;
    }

    /// Should be answered with 2xx or 4xx.
    pub(super) async fn answered(&mut self, what: &str, request: Request) {
        self.deliver(what, request, Expected::Answered).await;
    }

    async fn deliver(&mut self, what: &str, request: Request, expected: Expected) {
        self.requests += 1;
        let began = Instant::now();
        let answer = self.courier.send(&request).await;
        let took = began.elapsed().as_millis();
        let limit = humantime::format_duration(self.target().answer_within);
        let asked = match expected {
            Expected::Accepted => format!("2xx within {limit}"),
            Expected::Refused => "4xx".to_owned(),
            Expected::Answered => format!("2xx or 4xx within {limit}"),
        };
        let seen = match &answer {
            Ok(answer) => answer.summary(),
            Err(why) => why.clone(),
        };
        let status = match &answer {
            Ok(answer) => answer.status.to_string(),
            Err(why) => why.clone(),
        };
        self.seen.push(format!(
            "{what}: {status} after {took} ms, expected {asked}"
        ));
        self.sent.push(request);
        if let Some(level) = self.breach(expected, answer.as_ref().ok()) {
            self.fail(level, format!("{asked} for {what}"), seen);
        }
    }

    /// How grave it is, where it is not what was expected.
    fn breach(&self, expected: Expected, answer: Option<&Answer>) -> Option<Level> {
        let status = answer.map(|answer| answer.status);
        let accepted = status.is_some_and(|status| status.is_success());
        let refused = status.is_some_and(|status| status.is_client_error());
        match expected {
            Expected::Accepted => (!accepted).then_some(self.check.level),
            Expected::Refused if accepted => Some(self.check.level),
            // It was not taken; only the way of saying so is wrong.
            Expected::Refused => (!refused).then_some(Level::Should),
            Expected::Answered => (!accepted && !refused).then_some(Level::Should),
        }
    }

    /// Results processed so far; none where the receiver has no way to say so.
    pub(super) async fn processed(&self) -> Result<Option<u64>, String> {
        self.courier.processed().await
    }

    /// Notes where not exactly `wanted` results were processed since `before`.
    pub(super) async fn grew(
        &mut self,
        before: Option<u64>,
        wanted: u64,
        what: &str,
    ) -> Result<(), String> {
        let (Some(before), Some(url)) = (before, &self.target().state_url) else {
            return Ok(());
        };
        let began = Instant::now();
        let grown = async || {
            let now = self.processed().await?.unwrap_or_default();
            Ok::<u64, String>(now.saturating_sub(before))
        };
        while grown().await? < wanted && began.elapsed() < PROCESSED_WITHIN {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokio::time::sleep(SETTLED_AFTER).await;
        let grown = grown().await?;
        self.seen
            .push(format!("{what}: {grown} processed, expected {wanted}"));
        if grown != wanted {
            let expected = format!("{wanted} more at the state URL for {what}");
            self.fail(self.check.level, expected, format!("{grown} more"));
            let look = format!("\n\ncurl {}", quote(url.as_str()));
            let curl = self.failures.last_mut().and_then(|last| last.curl.as_mut());
            curl.expect("each failure has commands").push_str(&look);
        }
        Ok(())
    }

    fn fail(&mut self, level: Level, expected: String, seen: String) {
        // Where one delivery builds on another, all of them are needed.
        let from = match self.check.alone {
            true => 0,
            false => self.sent.len() - 1,
        };
        let base = self.target().url.as_str();
        let curls: Vec<String> = self.sent[from..]
            .iter()
            .map(|sent| sent.curl(base))
            .collect();
        self.failures.push(Failure {
            clause: self.check.clauses[0].to_owned(),
            level,
            expected,
            seen,
            curl: Some(curls.join("\n\n")),
        });
    }
}
