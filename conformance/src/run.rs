//! A run: which checks, in which order, within which budget.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::{BoxFuture, Shared, join_all};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use reqwest::StatusCode;
use tokio::sync::Semaphore;

use crate::check::{Check, Level, Stage};
use crate::checks;
use crate::deployment::Deployment;
use crate::document::Document;
use crate::drift;
use crate::http::{Key, Request, Sender, Unsent, Waiting};
use crate::listener::Listener;
use crate::probe::{Probe, Stop};
use crate::report::{CheckReport, Failure, Report, Status, Summary};
use crate::selection::{Named, Selection};
use crate::session::Session;

/// Checks with many requests that go on at a time; more would only crowd out
/// the jobs that others wait for.
const CASES_AT_ONCE: usize = 4;

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

/// Told of each check as it begins and ends, and of hints as they come up: with
/// few keys a run that comes to nothing takes its time.
pub trait Watcher: Send + Sync {
    fn begins(&self, _checks: &[Check]) {}
    fn starts(&self, _check: &Check) {}
    fn ends(&self, _report: &CheckReport) {}
    fn hint(&self, _hint: &str) {}
    /// About once a second, with the rate limit that is waited for, if any is.
    fn ticks(&self, _waiting: Option<&Waiting>) {}
    /// The rate limits will make the run take so many minutes.
    fn takes(&self, _minutes: u64, _keys: usize) {}
}

/// Nobody watches.
impl Watcher for () {}

/// Ends a run early once it is there: what is left is skipped.
pub type Interruption = Shared<BoxFuture<'static, ()>>;

/// None that ever comes.
pub fn uninterrupted() -> Interruption {
    futures::future::pending().boxed().shared()
}

/// Why what is left of an interrupted run was skipped.
pub(crate) const INTERRUPTED: &str = "the run was interrupted";

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("no API key was given")]
    NoKey,
    #[error("--other-key is one of the partner's own keys; it has to be another partner's")]
    OtherKeyIsOwn,
    #[error("no check is left by --only, --skip and --level; --list shows what is")]
    NothingSelected,
    #[error("no check, group or clause is named `{name}`{}; --list shows them all", suggestion(.alike))]
    UnknownName { name: String, alike: Option<String> },
    #[error("{url} does not answer: {why}; does it run, and is --url right?")]
    Unreachable { url: String, why: String },
    #[error(
        "{url} takes none of the API keys: {why}; is --key valid there, and --url the right deployment?"
    )]
    KeyRefused { url: String, why: String },
    #[error(
        "the suite's own listener for callbacks could not be started on {address}: {error}; choose another address with --receiver-bind"
    )]
    Listener {
        address: std::net::SocketAddr,
        error: std::io::Error,
    },
    #[error("interrupted before any check was made; there is no report")]
    Interrupted,
    #[error("no HTTP client could be made: {0}")]
    Client(#[from] reqwest::Error),
}

fn suggestion(alike: &Option<String>) -> String {
    let alike = alike.as_ref();
    alike.map_or_else(String::new, |name| format!(" (do you mean `{name}`?)"))
}

/// Makes the selected checks against `deployment`.
pub async fn run(
    deployment: &Deployment,
    selection: &Selection,
    budget: &Budget,
    watcher: &dyn Watcher,
) -> Result<Report, RunError> {
    run_until(deployment, selection, budget, watcher, &uninterrupted()).await
}

/// As [`run`], but ends as a budget does when it is interrupted.
pub async fn run_until(
    deployment: &Deployment,
    selection: &Selection,
    budget: &Budget,
    watcher: &dyn Watcher,
    interruption: &Interruption,
) -> Result<Report, RunError> {
    if deployment.keys.is_empty() {
        return Err(RunError::NoKey);
    }
    let other = deployment.other_key.as_ref();
    if other.is_some_and(|other| deployment.keys.contains(other)) {
        return Err(RunError::OtherKeyIsOwn);
    }
    let known: Vec<Named<'_>> = checks::all().iter().map(Named::of).collect();
    selection.names_are_known(&known)?;
    let selected = selection.checks();
    if selected.is_empty() {
        return Err(RunError::NothingSelected);
    }
    let began = Instant::now();
    let started_at = started_at();
    let seed = budget.seed.unwrap_or_else(rand::random);
    let deployment = Arc::new(deployment.clone());
    let deadline = budget.time.map(|time| began + time);
    let mut sender = Sender::new(Arc::clone(&deployment), budget.requests, deadline)?;
    tokio::select! {
        () = interruption.clone() => return Err(RunError::Interrupted),
        reached = reach(&deployment, &mut sender, budget) => reached?,
    }
    let listener = listen(&deployment).await?;
    let session = Arc::new(Session::new(
        Arc::clone(&deployment),
        sender,
        listener,
        seed,
    ));
    watcher.begins(&selected);
    if budget.time.is_none() && selected.len() == checks::all().len() {
        estimate(&session.sender, watcher);
    }
    let mut checks = tokio::select! {
        checks = perform(&session, &selected, watcher, interruption) => checks,
        never = tick(&session, watcher) => match never {},
    };
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
        interrupted: interruption.peek().is_some(),
        summary: Summary::of(&checks),
        checks,
        compared: outlines.keys().map(|&name| name.to_owned()).collect(),
        drift: drift::drift(&outlines),
        hints: session.sender.hints(),
        outlines,
    })
}

/// Without an answer, or with keys that nothing takes, every check would fail,
/// and none would say why. Keys that are refused while others are not are left out.
async fn reach(
    deployment: &Deployment,
    sender: &mut Sender,
    budget: &Budget,
) -> Result<(), RunError> {
    let url = deployment.url.to_string();
    let request = Request::operation("get_job_report", &["pwj_0"]);
    let mut keys = sender.keys().to_vec();
    // Where requests are counted, few are spent on this.
    let most = if budget.requests.is_some() {
        3
    } else {
        keys.len()
    };
    let asked = keys.iter().take(most).map(|&number| {
        let request = request.clone().key(Key::Nth(number));
        let sender = &*sender;
        async move { (number, sender.send(&request).await) }
    });
    let mut refused = Vec::new();
    let mut why = String::new();
    for (number, answer) in join_all(asked).await {
        match answer {
            Ok(answer) if answer.status == StatusCode::UNAUTHORIZED => {
                refused.push(number);
                why = answer.summary();
            }
            // What is over before it begins is told by the checks.
            Ok(_) | Err(Unsent::Skipped(_)) => {}
            Err(Unsent::NoAnswer(why)) => return Err(RunError::Unreachable { url, why }),
        }
    }
    if refused.len() == most.min(keys.len()) {
        return Err(RunError::KeyRefused { url, why });
    }
    keys.retain(|number| !refused.contains(number));
    sender.use_keys(keys);
    if deployment.other_key.is_some()
        && let Ok(answer) = sender.send(&request.key(Key::Other)).await
    {
        sender.other_key_refused = answer.status == StatusCode::UNAUTHORIZED;
    }
    Ok(())
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

/// Webhooks that a run of all checks sends, of all operations the one whose limit
/// is reached first.
const WEBHOOKS: u64 = 90;

/// Says how long the limits will make a run of all checks take, where that is long.
fn estimate(sender: &Sender, watcher: &dyn Watcher) {
    let webhook = Document::get().operations.iter().find(|it| it.signed);
    let Some(webhook) = webhook else { return };
    let (_, own_key) = sender.rate_key();
    let keys = sender.keys().len();
    let at_once = u64::from(webhook.limit.requests) * keys.max(1) as u64;
    // Without a key of their own the checks of limits come after all others, and
    // wait for a fresh window first.
    let windows = WEBHOOKS / at_once.max(1) + if own_key { 1 } else { 3 };
    // The webhook was not asked yet; what was says how fast the clock runs.
    let told = Document::get().operations.iter();
    let window = told.map(|it| sender.window(it)).min().unwrap_or_default();
    let minutes = windows * window.as_secs() / 60;
    if minutes > 1 {
        watcher.takes(minutes, keys + usize::from(own_key));
    }
}

/// Tells the watcher what is waited for, for as long as it is polled.
async fn tick(session: &Session, watcher: &dyn Watcher) -> std::convert::Infallible {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        watcher.ticks(session.sender.waiting().as_ref());
    }
}

async fn perform(
    session: &Arc<Session>,
    selected: &[Check],
    watcher: &dyn Watcher,
    interruption: &Interruption,
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
    let mut reports = together(session, &others, &cases, watcher, interruption).await;
    reports.extend(together(session, &rates, &cases, watcher, interruption).await);
    reports.extend(together(session, &last, &cases, watcher, interruption).await);
    reports
}

async fn together(
    session: &Arc<Session>,
    checks: &[Check],
    cases: &Semaphore,
    watcher: &dyn Watcher,
    interruption: &Interruption,
) -> Vec<CheckReport> {
    let mut running: FuturesUnordered<_> = checks
        .iter()
        .map(|check| async move {
            let _permit = match check.stage {
                Stage::Cases => cases.acquire().await.ok(),
                _ => None,
            };
            watcher.starts(check);
            let report = one(session, check, interruption).await;
            watcher.ends(&report);
            session
                .sender
                .new_hints()
                .iter()
                .for_each(|hint| watcher.hint(hint));
            report
        })
        .collect();
    let mut reports = Vec::new();
    while let Some(report) = running.next().await {
        reports.push(report);
    }
    reports
}

async fn one(session: &Arc<Session>, check: &Check, interruption: &Interruption) -> CheckReport {
    let began = Instant::now();
    let mut probe = Probe::new(Arc::clone(session), check.clone());
    let outcome = tokio::select! {
        biased;
        () = interruption.clone() => Err(Stop::skipped(INTERRUPTED)),
        outcome = check.perform(&mut probe) => outcome,
    };
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

/// Now, to the second.
pub(crate) fn started_at() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}

pub(crate) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
