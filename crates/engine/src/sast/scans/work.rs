//! Working on scans: the files are checked out and scanned, and what is found is
//! stored. A process that ends before that leaves the scan to the next one.

use super::Scans;
use super::ledger::{self, Due};
use crate::Refused;
use crate::backlog::{PAUSE, STARTS, workspace};
use crate::sast::{ScanError, ScanOptions, ScanReport, scan};

impl Scans {
    /// Works on scans as long as it is polled, two at a time. Only one process
    /// may.
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
                    tracing::error!(%fault, "scans can't be taken up");
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
        let copy = workspace(&self.workspaces, "scan-")?;
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
