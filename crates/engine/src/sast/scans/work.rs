//! Working on scans: the files are checked out and scanned, and what is found is
//! stored. A process that ends before that leaves the scan to the next one.

use std::collections::HashSet;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

use super::Scans;
use super::ledger::{self, Due};
use crate::Refused;
use crate::sast::{ScanError, ScanOptions, ScanReport, scan};

/// How long until one stored by another process is seen.
const POLL: Duration = Duration::from_secs(1);
/// After so many attempts that did not end the fault is the repository's.
const STARTS: i64 = 3;
/// Between attempts after a fault of ours.
const PAUSE: Duration = Duration::from_secs(5);

impl Scans {
    /// Works on scans as long as it is polled, two at a time. Only one process
    /// may.
    pub(crate) async fn work(&self) {
        tokio::join!(self.worker(), self.worker());
    }

    async fn worker(&self) {
        loop {
            match self.claim().await {
                Ok(Some(claim)) => self.run(&claim.id).await,
                Ok(None) => {
                    let _ = tokio::time::timeout(POLL, self.queued.notified()).await;
                }
                Err(fault) => {
                    tracing::error!(%fault, "scans can't be taken up");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// The oldest that nobody works on. The last process may have left some
    /// running; what this one works on it knows.
    async fn claim(&self) -> Result<Option<Claim>, Refused> {
        for id in ledger::due(&self.store).await? {
            if self.lock().insert(id.clone()) {
                return Ok(Some(Claim {
                    scans: self.clone(),
                    id,
                }));
            }
        }
        Ok(None)
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(&self, id: &str) {
        let outcome = async {
            let Some(due) = ledger::take_up(&self.store, id).await? else {
                return Ok(());
            };
            if due.starts > STARTS {
                return Err(Refused::Invalid(
                    "The scan could not be completed.".to_owned(),
                ));
            }
            let report = self.scan(&due).await?;
            note(&due, &report);
            let findings: Vec<_> = report.findings.into_iter().map(Into::into).collect();
            ledger::complete(&self.store, &due.id, &findings).await
        };
        let why = match outcome.await {
            Ok(()) => return,
            Err(Refused::Fault(cause)) => {
                tracing::error!(id, cause, "a scan was interrupted");
                return tokio::time::sleep(PAUSE).await;
            }
            Err(refused) => refused.to_string(),
        };
        tracing::warn!(id, why, "a scan failed");
        if let Err(fault) = ledger::fail(&self.store, id, &why).await {
            tracing::error!(id, %fault, "a scan can't be ended");
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn scan(&self, due: &Due) -> Result<ScanReport, Refused> {
        let copy = self.workspace()?;
        let branch = due.branch.as_deref();
        self.checkouts
            .check_out(due.repository, branch, copy.path())
            .await?;
        let options = ScanOptions {
            engines: due.engines.clone(),
            ..self.options.clone()
        };
        scan(copy.path(), &options, &self.tools, |_| {})
            .await
            .map_err(|error| match error {
                ScanError::Fault(cause) => Refused::Fault(cause),
                error => Refused::Invalid(error.to_string()),
            })
    }

    fn workspace(&self) -> Result<TempDir, Refused> {
        let made = std::fs::create_dir_all(&self.workspaces).and_then(|()| {
            tempfile::Builder::new()
                .prefix("scan-")
                .tempdir_in(&self.workspaces)
        });
        made.map_err(|error| Refused::Fault(format!("a workspace can't be made: {error}")))
    }
}

/// For the log: the contract has no place for it.
fn note(due: &Due, report: &ScanReport) {
    let warnings: usize = report.runs.iter().map(|run| run.warnings.len()).sum();
    tracing::info!(
        id = due.id,
        files = report.files,
        findings = report.findings.len(),
        read_in_part = warnings,
        left_out = report.skipped.values().sum::<usize>(),
        "a scan is done"
    );
}

/// Gives the scan back when it is dropped.
struct Claim {
    scans: Scans,
    id: String,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.scans.lock().remove(&self.id);
    }
}
