//! Working on a scan: the files are checked out and scanned, and what is found is
//! stored.

use super::Scans;
use super::ledger::{self, Due};
use crate::Refused;
use crate::backlog::{Work, workspace};
use crate::sast::{ScanError, ScanOptions, ScanReport, scan};

impl Work for Scans {
    const TABLE: &'static str = "scans";
    const CALLED: &'static str = "scan";
    type Due = Due;

    async fn carry_out(&self, due: Due) -> Result<(), Refused> {
        let report = self.scan(&due).await?;
        note(&due, &report);
        let findings: Vec<_> = report.findings.into_iter().map(Into::into).collect();
        ledger::complete(&self.store, &due.id, &findings).await
    }
}

impl Scans {
    /// Works on scans as long as it is polled. Only one process may.
    pub(crate) async fn work(&self) {
        self.backlog.work(self).await;
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
