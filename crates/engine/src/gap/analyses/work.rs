//! Working on analyses: the files are checked out, read, and what is found is
//! stored in one transaction. A process that ends before that leaves the
//! analysis to the next one.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use super::GapAnalyses;
use super::ledger::{self, Due};
use crate::Refused;
use crate::backlog::{PAUSE, STARTS, workspace};
use crate::gap::{self, GapError, GapReport};

/// How often the progress is written down.
const NOTE: Duration = Duration::from_millis(300);
/// For checking out and reading; a large repository takes a few seconds.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// The share of the work that is done once the files are there.
const CHECKED_OUT: f64 = 0.1;
/// The rest is storing.
const READ: f64 = 0.98;

impl GapAnalyses {
    /// Works on analyses as long as it is polled, two at a time, each on several
    /// threads. Only one process may.
    pub(crate) async fn work(&self) {
        tokio::join!(self.worker(), self.worker());
    }

    async fn worker(&self) {
        loop {
            let due = ledger::due(&self.store).await;
            match due.map(|due| self.backlog.claim(due)) {
                Ok(Some(claim)) => self.run(&claim.id).await,
                Ok(None) => self.backlog.wait().await,
                Err(fault) => {
                    tracing::error!(%fault, "gap analyses can't be taken up");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn run(&self, id: &str) {
        let outcome = async {
            let Some(due) = ledger::take_up(&self.store, id).await? else {
                return Ok(());
            };
            if due.starts > STARTS {
                return Err(Refused::Invalid(
                    "The analysis could not be completed.".to_owned(),
                ));
            }
            let report = tokio::time::timeout(LIMIT, self.analyse(&due))
                .await
                .unwrap_or_else(|_| {
                    Err(Refused::Invalid(
                        "The analysis took longer than 15 minutes.".to_owned(),
                    ))
                })?;
            ledger::complete(&self.store, &due, report).await
        };
        let why = match outcome.await {
            Ok(()) => return,
            Err(Refused::Fault(cause) | Refused::Unavailable(cause)) => {
                tracing::error!(id, cause, "a gap analysis was interrupted");
                return tokio::time::sleep(PAUSE).await;
            }
            Err(refused) => refused.to_string(),
        };
        if let Err(fault) = ledger::fail(&self.store, id, &why).await {
            tracing::error!(id, %fault, "a gap analysis can't be ended");
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn analyse(&self, due: &Due) -> Result<GapReport, Refused> {
        let copy = workspace(&self.workspaces, "gap-")?;
        self.checkouts
            .check_out(due.repository, None, copy.path())
            .await?;
        ledger::advance(&self.store, &due.id, CHECKED_OUT).await?;
        let mut reading = Reading::start(copy, due);
        let share = reading.share.clone();
        let noting = async {
            loop {
                tokio::time::sleep(NOTE).await;
                let read = f64::from_bits(share.load(Ordering::Relaxed));
                let done = CHECKED_OUT + read * (READ - CHECKED_OUT);
                if let Err(fault) = ledger::advance(&self.store, &due.id, done).await {
                    tracing::warn!(%fault, "the progress of a gap analysis can't be noted");
                }
            }
        };
        let report = tokio::select! {
            report = &mut reading.report => report,
            () = noting => unreachable!("it loops"),
        };
        report
            .map_err(|error| Refused::Fault(format!("the analysis broke off: {error}")))?
            .map_err(|error| match error {
                GapError::Stopped => Refused::Fault(error.to_string()),
                GapError::Tree { reason, .. } => {
                    Refused::Fault(format!("the working copy can't be read: {reason}"))
                }
            })
    }
}

/// An analysis on threads of its own; stops soon after it is dropped.
struct Reading {
    report: tokio::task::JoinHandle<Result<GapReport, GapError>>,
    /// The share that is done, as bits.
    share: Arc<AtomicU64>,
    _stop: Stop,
}

struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Reading {
    fn start(copy: TempDir, due: &Due) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let share = Arc::new(AtomicU64::new(0));
        let stop = Stop(stopped.clone());
        let shown = share.clone();
        let options = due.options.clone();
        let report = tokio::task::spawn_blocking(move || {
            let path: PathBuf = copy.path().to_owned();
            let report = gap::analyse_unless(&path, &options, &stopped, |done| {
                shown.store(done.to_bits(), Ordering::Relaxed);
            });
            // The copy goes when nobody reads it any more.
            drop(copy);
            report
        });
        Self {
            report,
            share,
            _stop: stop,
        }
    }
}
