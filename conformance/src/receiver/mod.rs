//! The other direction: a partner's receiver of callbacks is sent good ones and
//! bad ones, and is told what it takes that it should refuse, and the reverse.

mod accepts;
mod body;
mod catalogue;
pub(crate) mod command;
mod courier;
mod refuses;
mod repeats;
mod visit;

use std::fmt;
use std::time::{Duration, Instant};

use futures::StreamExt;
use serde_json::{Map, Value};
use url::Url;

use crate::document::Document;
use crate::drift::Outlines;
use crate::report::{CheckReport, Report, Summary};
use crate::run::{
    INTERRUPTED, Interruption, RunError, Watcher, millis, started_at, status, uninterrupted,
};
use crate::selection::{Named, Selection};
use courier::Courier;
use visit::Visit;

pub use catalogue::{ReceiverCheck, checks};

/// Checks that go on at a time: a receiver on a developer's machine is small.
const AT_ONCE: usize = 4;

/// A receiver, as its developer knows it.
#[derive(Clone)]
pub struct Target {
    /// Where callbacks are POSTed.
    pub url: Url,
    /// The webhook secret that it verifies with.
    pub secret: String,
    /// Answers GET with `{"processed": n}`: how many results were processed.
    pub state_url: Option<Url>,
    /// Put into every callback; the documentation's example where there is none.
    pub custom_data: Option<Map<String, Value>>,
    /// How long it may take to answer.
    pub answer_within: Duration,
}

impl Target {
    /// The contract's time to answer.
    pub const ANSWER_WITHIN: Duration = Duration::from_secs(15);

    pub fn new(url: Url, secret: impl Into<String>) -> Self {
        Self {
            url,
            secret: secret.into(),
            state_url: None,
            custom_data: None,
            answer_within: Self::ANSWER_WITHIN,
        }
    }
}

/// Secrets stay out of logs.
impl fmt::Debug for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Target")
            .field("url", &self.url.as_str())
            .field("state_url", &self.state_url.as_ref().map(Url::as_str))
            .field("answer_within", &self.answer_within)
            .finish_non_exhaustive()
    }
}

/// The checks of a receiver that `selection` takes, in the catalogue's order.
pub fn selected(selection: &Selection) -> Vec<&'static ReceiverCheck> {
    checks()
        .iter()
        .filter(|check| selection.admits(&named(check)))
        .collect()
}

/// All of them, as they are selected.
fn known() -> Vec<Named<'static>> {
    checks().iter().map(named).collect()
}

fn named(check: &ReceiverCheck) -> Named<'_> {
    Named {
        id: check.id,
        group: check.group(),
        level: check.level,
        clauses: check.clauses.to_vec(),
    }
}

/// Makes the selected checks against the receiver. `watcher` is told of each as
/// it ends.
pub async fn check(
    target: &Target,
    selection: &Selection,
    watcher: &dyn Watcher,
) -> Result<Report, RunError> {
    check_until(target, selection, watcher, &uninterrupted()).await
}

/// As [`check`], but what is left is skipped when it is interrupted.
pub async fn check_until(
    target: &Target,
    selection: &Selection,
    watcher: &dyn Watcher,
    interruption: &Interruption,
) -> Result<Report, RunError> {
    selection.names_are_known(&known())?;
    let selected = selected(selection);
    if selected.is_empty() {
        return Err(RunError::NothingSelected);
    }
    let began = Instant::now();
    let started_at = started_at();
    let courier = Courier::new(target.clone())?;
    let reached = tokio::select! {
        () = interruption.clone() => return Err(RunError::Interrupted),
        reached = courier.reach() => reached,
    };
    reached.map_err(|why| RunError::Unreachable {
        url: target.url.to_string(),
        why,
    })?;
    // Those that count what was processed must not count for each other.
    let (alone, together): (Vec<_>, Vec<_>) = selected.iter().partition(|check| check.alone);
    let mut checks = Vec::new();
    for (these, at_once) in [(together, AT_ONCE), (alone, 1)] {
        let mut running = futures::stream::iter(these)
            .map(|check| one(&courier, check, interruption))
            .buffer_unordered(at_once);
        while let Some(report) = running.next().await {
            watcher.ends(&report);
            checks.push(report);
        }
    }
    checks.sort_by_key(|report| selected.iter().position(|check| check.id == report.id));
    Ok(Report {
        suite: env!("CARGO_PKG_VERSION").to_owned(),
        contract: Document::get().version().to_owned(),
        url: target.url.to_string(),
        slug: String::new(),
        seed: None,
        started_at,
        duration_ms: millis(began),
        requests: checks.iter().map(|check| check.requests).sum(),
        interrupted: interruption.peek().is_some(),
        summary: Summary::of(&checks),
        checks,
        compared: Vec::new(),
        drift: Vec::new(),
        hints: courier.hints(),
        outlines: Outlines::new(),
    })
}

async fn one(
    courier: &Courier,
    check: &'static ReceiverCheck,
    interruption: &Interruption,
) -> CheckReport {
    let began = Instant::now();
    let mut visit = Visit::new(courier, check);
    let skipped = tokio::select! {
        biased;
        () = interruption.clone() => Some(INTERRUPTED.to_owned()),
        outcome = check.perform(&mut visit) => outcome.err(),
    };
    CheckReport {
        id: check.id.to_owned(),
        group: check.group(),
        level: check.level,
        clauses: check.clauses.iter().map(|&id| id.to_owned()).collect(),
        proves: check.proves.to_owned(),
        status: status(&visit.failures, skipped.is_some()),
        // What was seen before it had to end counts.
        reason: skipped.filter(|_| visit.failures.is_empty()),
        requests: visit.requests,
        seen: visit.seen,
        failures: visit.failures,
        duration_ms: millis(began),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::listener::Listener;
    use crate::shape;

    /// A receiver that takes everything is sent nothing that a deployment could
    /// not send, but for what is signed wrongly.
    #[tokio::test]
    async fn every_callback_is_a_callback_of_the_contract() {
        let listener = Listener::start(&crate::Receiver::default()).await.unwrap();
        let inbox = listener.inbox(&[]);
        let mut target = Target::new(inbox.url.clone(), "secret");
        target.custom_data = json!({ "deploy_id": "mine" }).as_object().cloned();

        let report = check(&target, &Selection::default(), &()).await.unwrap();

        let sent = inbox.deliveries();
        // The first is the question whether anything listens.
        assert_eq!(sent.len(), report.requests as usize + 1);
        for delivery in &sent[1..] {
            let body: Value = serde_json::from_slice(&delivery.body).unwrap();
            assert_eq!(shape::faults("CallbackPayload", &body), []);
            assert_eq!(body["custom_data"]["deploy_id"], "mine");
            assert!(delivery.headers["x-qualitymax-delivery"].len() > 4);
            assert!(delivery.headers.contains_key("x-qualitymax-attempt"));
        }
        let taken = report.check("receiver.tampered").unwrap();
        assert_eq!(taken.failures.len(), 2);
        assert!(taken.failures[0].seen.starts_with("200"));
    }
}
