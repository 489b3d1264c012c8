//! A run: which checks, in which order, within which budget.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use reqwest::StatusCode;
use tokio::sync::Semaphore;

use crate::check::{Check, Group, Level, Stage};
use crate::checks;
use crate::deployment::Deployment;
use crate::document::Document;
use crate::drift;
use crate::http::{Key, Request, Sender};
use crate::listener::Listener;
use crate::probe::{Probe, Stop};
use crate::report::{CheckReport, Failure, Report, Status, Summary};
use crate::session::Session;

/// Checks with many requests that go on at a time; more would only crowd out
/// the jobs that others wait for.
const CASES_AT_ONCE: usize = 4;

/// Which checks to make.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these: ids, groups or clauses, or how these begin up to a dot.
    pub only: Vec<String>,
    /// Not these.
    pub skip: Vec<String>,
    /// Only checks of documented clauses.
    pub level: Option<Level>,
}

/// What a run may cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Budget {
    /// After this much time what is left is skipped.
    pub time: Option<Duration>,
    /// After so many requests what is left is skipped.
    pub requests: Option<u32>,
    /// What generated requests are drawn with; drawn itself if not given.
    pub seed: Option<u64>,
}

/// Told of each check as it begins and ends.
pub trait Watcher: Send + Sync {
    fn begins(&self, _checks: &[Check]) {}
    fn starts(&self, _check: &Check) {}
    fn ends(&self, _report: &CheckReport) {}
}

/// Nobody watches.
impl Watcher for () {}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("no API key was given")]
    NoKey,
    #[error("no check is selected")]
    NothingSelected,
    #[error("{url} does not answer: {why}")]
    Unreachable { url: String, why: String },
    #[error("{url} takes none of the API keys: {why}")]
    KeyRefused { url: String, why: String },
    #[error("the suite's own listener could not be started on {address}: {error}")]
    Listener {
        address: std::net::SocketAddr,
        error: std::io::Error,
    },
    #[error("no HTTP client could be made: {0}")]
    Client(#[from] reqwest::Error),
}

impl Selection {
    fn takes(&self, check: &Check) -> bool {
        let clauses: Vec<&str> = check.clauses.iter().map(String::as_str).collect();
        self.admits(&check.id, check.group, check.level, &clauses)
    }

    /// Whether a check that is so described is selected.
    pub(crate) fn admits(&self, id: &str, group: Group, level: Level, clauses: &[&str]) -> bool {
        let matches = |pattern: &String| matches(pattern, id, group, clauses);
        let named = |patterns: &[String]| patterns.iter().any(matches);
        let level = self.level.is_none_or(|strictest| level <= strictest);
        level && (self.only.is_empty() || named(&self.only)) && !named(&self.skip)
    }

    /// The checks that are selected, in the catalogue's order.
    pub fn checks(&self) -> Vec<Check> {
        let all = checks::all().iter();
        all.filter(|check| self.takes(check)).cloned().collect()
    }
}

fn matches(pattern: &str, id: &str, group: Group, clauses: &[&str]) -> bool {
    let begins = |name: &str| {
        name == pattern
            || name
                .strip_prefix(pattern)
                .is_some_and(|rest| rest.starts_with('.'))
    };
    begins(id) || group.name() == pattern || clauses.iter().any(|clause| begins(clause))
}

/// Makes the selected checks against `deployment`.
pub async fn run(
    deployment: &Deployment,
    selection: &Selection,
    budget: &Budget,
    watcher: &dyn Watcher,
) -> Result<Report, RunError> {
    if deployment.keys.is_empty() {
        return Err(RunError::NoKey);
    }
    let selected = selection.checks();
    if selected.is_empty() {
        return Err(RunError::NothingSelected);
    }
    let began = Instant::now();
    let started_at = jiff::Timestamp::now().to_string();
    let seed = budget.seed.unwrap_or_else(rand::random);
    let deployment = Arc::new(deployment.clone());
    let deadline = budget.time.map(|time| began + time);
    let sender = Sender::new(Arc::clone(&deployment), budget.requests, deadline)?;
    reach(&deployment, &sender).await?;
    let listener = listen(&deployment).await?;
    let session = Arc::new(Session::new(
        Arc::clone(&deployment),
        sender,
        listener,
        seed,
    ));
    watcher.begins(&selected);
    let mut checks = perform(&session, &selected, watcher).await;
    let place = |id: &str| selected.iter().position(|check| check.id == id);
    checks.sort_by_key(|check| place(&check.id));
    let outlines = session.sender.recorder.outlines();
    Ok(Report {
        suite: env!("CARGO_PKG_VERSION").to_owned(),
        contract: Document::get().version().to_owned(),
        url: deployment.url.to_string(),
        slug: deployment.slug.clone(),
        seed: Some(seed),
        started_at,
        duration_ms: millis(began),
        requests: session.sender.sent(),
        summary: Summary::of(&checks),
        checks,
        compared: outlines.keys().map(|&name| name.to_owned()).collect(),
        drift: drift::drift(&outlines),
        outlines,
    })
}

/// Without an answer, or with keys that nothing takes, every check would fail,
/// and none would say why.
async fn reach(deployment: &Deployment, sender: &Sender) -> Result<(), RunError> {
    let url = deployment.url.to_string();
    let mut refused = String::new();
    for key in 0..deployment.keys.len().min(3) {
        let request = Request::operation("get_job_report", &["pwj_0"]).key(Key::Nth(key));
        let answer = sender
            .send(&request)
            .await
            .map_err(|unsent| RunError::Unreachable {
                url: url.clone(),
                why: unsent.to_string(),
            })?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(());
        }
        refused = answer.summary();
    }
    Err(RunError::KeyRefused { url, why: refused })
}

async fn listen(deployment: &Deployment) -> Result<Option<Listener>, RunError> {
    if deployment.receiver.url.is_none() && !deployment.is_local() {
        return Ok(None);
    }
    let listener = Listener::start(&deployment.receiver).await;
    listener.map(Some).map_err(|error| RunError::Listener {
        address: deployment.receiver.bind,
        error,
    })
}

async fn perform(
    session: &Arc<Session>,
    selected: &[Check],
    watcher: &dyn Watcher,
) -> Vec<CheckReport> {
    let (mut rates, mut others): (Vec<Check>, Vec<Check>) = selected
        .iter()
        .cloned()
        .partition(|check| check.stage == Stage::Rates);
    let last;
    (last, others) = others
        .into_iter()
        .partition(|check| check.stage == Stage::Last);
    others.sort_by_key(|check| check.stage);
    let (_, own_key) = session.sender.rate_key();
    let cases = Semaphore::new(CASES_AT_ONCE);
    if own_key {
        others.append(&mut rates);
    }
    let mut reports = together(session, &others, &cases, watcher).await;
    reports.extend(together(session, &rates, &cases, watcher).await);
    reports.extend(together(session, &last, &cases, watcher).await);
    reports
}

async fn together(
    session: &Arc<Session>,
    checks: &[Check],
    cases: &Semaphore,
    watcher: &dyn Watcher,
) -> Vec<CheckReport> {
    let mut running: FuturesUnordered<_> = checks
        .iter()
        .map(|check| async move {
            let _permit = match check.stage {
                Stage::Cases => cases.acquire().await.ok(),
                _ => None,
            };
            watcher.starts(check);
            let report = one(session, check).await;
            watcher.ends(&report);
            report
        })
        .collect();
    let mut reports = Vec::new();
    while let Some(report) = running.next().await {
        reports.push(report);
    }
    reports
}

async fn one(session: &Arc<Session>, check: &Check) -> CheckReport {
    let began = Instant::now();
    let mut probe = Probe::new(Arc::clone(session), check.clone());
    let outcome = check.perform(&mut probe).await;
    let mut reason = None;
    match outcome {
        Ok(()) => {}
        Err(Stop::Skipped(why)) => reason = Some(why),
        Err(Stop::Unanswered { request, why }) => {
            let clause = check.clauses.first().cloned().unwrap_or_default();
            let seen = format!("no answer: {why}");
            probe.fail(Level::Must, &clause, "an answer", seen, Some(&request));
        }
    }
    let failures = std::mem::take(&mut probe.failures);
    CheckReport {
        id: check.id.clone(),
        group: check.group,
        level: check.level,
        clauses: check.clauses.clone(),
        proves: check.proves.clone(),
        status: status(&failures, reason.is_some()),
        // What was seen before it had to end counts.
        reason: reason.filter(|_| failures.is_empty()),
        seen: Vec::new(),
        requests: probe.requests(),
        duration_ms: millis(began),
        failures,
    }
}

pub(crate) fn status(failures: &[Failure], skipped: bool) -> Status {
    match failures.iter().map(|failure| failure.level).min() {
        Some(Level::Must) => Status::Failed,
        Some(Level::Should) => Status::Deviating,
        None if skipped => Status::Skipped,
        None => Status::Passed,
    }
}

pub(crate) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
