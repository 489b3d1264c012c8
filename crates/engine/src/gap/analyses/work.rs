//! Working on an analysis: the files are checked out, read, and what is found is
//! stored in one transaction.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use super::GapAnalyses;
use super::ledger::{self, Due};
use crate::Refused;
use crate::backlog::{Work, workspace};
use crate::gap::{self, GapError, GapReport};

/// How often the progress is written down.
const NOTE: Duration = Duration::from_millis(300);
/// For checking out and reading; a large repository takes a few seconds.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// The share of the work that is done once the files are there.
const CHECKED_OUT: f64 = 0.1;
/// The rest is storing.
const READ: f64 = 0.98;

impl Work for GapAnalyses {
    const TABLE: &'static str = "gap_analyses";
    const CALLED: &'static str = "analysis";
    type Due = Due;

    async fn carry_out(&self, due: Due) -> Result<(), Refused> {
        let report = tokio::time::timeout(LIMIT, self.analyse(&due))
            .await
            .unwrap_or_else(|_| {
                Err(Refused::Invalid(
                    "The analysis took longer than 15 minutes.".to_owned(),
                ))
            })?;
        ledger::complete(&self.store, &due, report).await
    }
}

impl GapAnalyses {
    /// Works on analyses, each on several threads, as long as it is polled. Only
    /// one process may.
    pub(crate) async fn work(&self) {
        self.backlog.work(self).await;
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
