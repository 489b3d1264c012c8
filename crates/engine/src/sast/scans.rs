//! Scans that partners start: durable, worked on one after the other.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use contract::types::{self, ScanStatus, Severity};
use sqlx::Row;
use tempfile::TempDir;
use tokio::sync::Notify;
use ulid::Ulid;

use super::{Engine, ScanError, ScanOptions, ScanReport, scan};
use crate::Refused;
use crate::partner::PartnerId;
use crate::repository::Repositories;
use crate::store::{Store, from_json, now, to_json};
use crate::tools::Tools;

/// How long until one stored by another process is seen.
const POLL: Duration = Duration::from_secs(1);
/// Between attempts after a fault of ours.
const PAUSE: Duration = Duration::from_secs(5);
/// After so many attempts that did not end the fault is the repository's.
const STARTS: i64 = 3;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct SastScans {
    store: Store,
    repositories: Repositories,
    tools: Tools,
    /// Working copies live here while they are scanned.
    workspaces: PathBuf,
    /// Notified when a scan was queued.
    queued: Arc<Notify>,
}

/// A scan to be worked on.
#[derive(Debug)]
struct Due {
    id: String,
    partner: PartnerId,
    repository: i64,
    branch: Option<String>,
    engines: Vec<Engine>,
    /// How often it was taken up, this time included.
    starts: i64,
}

impl SastScans {
    pub(crate) fn new(
        store: Store,
        repositories: Repositories,
        tools: Tools,
        workspaces: PathBuf,
    ) -> Self {
        Self {
            store,
            repositories,
            tools,
            workspaces,
            queued: Arc::default(),
        }
    }

    /// Queues a scan of an imported repository. When it returns, the scan
    /// survives a crash. 404 where the repository was not imported, 403 where it
    /// is another partner's.
    pub async fn start(
        &self,
        partner: PartnerId,
        request: types::SastScanRequest,
    ) -> Result<types::SastScanStarted, Refused> {
        self.repositories
            .check(partner, request.repository_id)
            .await?;
        let id = format!("scan_{}", Ulid::generate().to_string().to_ascii_lowercase());
        let mut write = self.store.write().await?;
        sqlx::query(
            "INSERT INTO sast_scans
                 (id, partner_id, repository_id, branch, engines, status, queued_at)
             VALUES ($1, $2, $3, $4, $5, 'pending', $6)",
        )
        .bind(&id)
        .bind(partner)
        .bind(request.repository_id)
        .bind(request.branch)
        .bind(to_json(&request.engines)?)
        .bind(now())
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        self.queued.notify_one();
        Ok(types::SastScanStarted {
            status_url: format!("/api/v1/partner/sast/scan/{id}"),
            job_id: id,
            status: ScanStatus::Pending,
        })
    }

    /// How far a scan has come, and what it found. 404 where there is none, 403
    /// where it is another partner's.
    pub async fn get(&self, partner: PartnerId, id: &str) -> Result<types::SastScan, Refused> {
        let row = sqlx::query(
            "SELECT partner_id, status, verdict, findings, error_message FROM sast_scans
             WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(self.store.read())
        .await?
        .ok_or_else(|| Refused::NotFound("There is no such scan.".to_owned()))?;
        if row.try_get::<PartnerId, _>("partner_id")? != partner {
            return Err(Refused::Forbidden(
                "This scan belongs to another partner.".to_owned(),
            ));
        }
        let findings: Vec<types::Finding> = from_json(row.try_get("findings")?)?;
        let verdict: Option<&str> = row.try_get("verdict")?;
        let count = |severity| {
            let of = findings
                .iter()
                .filter(|finding| finding.severity == severity);
            i64::try_from(of.count()).unwrap_or(i64::MAX)
        };
        Ok(types::SastScan {
            scan_id: id.to_owned(),
            status: parsed(row.try_get("status")?)?,
            verdict: verdict.map(parsed).transpose()?,
            findings_count: i64::try_from(findings.len()).unwrap_or(i64::MAX),
            critical_count: count(Severity::Critical),
            high_count: count(Severity::High),
            medium_count: count(Severity::Medium),
            findings,
            error_message: row.try_get("error_message")?,
        })
    }

    /// Works on scans as long as it is polled, one at a time: the engines take
    /// all processors there are. Only one process may.
    pub(crate) async fn work(&self) {
        loop {
            match self.take_up().await {
                Ok(Some(due)) => self.run(&due).await,
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

    /// The oldest that has not ended; the last process may have left one running.
    async fn take_up(&self) -> Result<Option<Due>, Refused> {
        const OLDEST: &str = "SELECT MIN(id) FROM sast_scans WHERE finished_at IS NULL";
        let oldest: Option<String> = sqlx::query_scalar(OLDEST)
            .fetch_one(self.store.read())
            .await?;
        let Some(id) = oldest else {
            return Ok(None);
        };
        let mut write = self.store.write().await?;
        let row = sqlx::query(
            "UPDATE sast_scans SET status = 'running', starts = starts + 1
             WHERE id = $1 RETURNING partner_id, repository_id, branch, engines, starts",
        )
        .bind(&id)
        .fetch_one(&mut *write)
        .await?;
        write.commit().await?;
        Ok(Some(Due {
            id,
            partner: row.try_get("partner_id")?,
            repository: row.try_get("repository_id")?,
            branch: row.try_get("branch")?,
            engines: from_json(row.try_get("engines")?)?,
            starts: row.try_get("starts")?,
        }))
    }

    async fn run(&self, due: &Due) {
        let ended = match self.scan(due).await {
            Ok(report) => self.complete(&due.id, report).await,
            Err(Refused::Fault(cause) | Refused::Unavailable(cause)) if due.starts < STARTS => {
                tracing::error!(id = due.id, cause, "a scan was interrupted");
                return tokio::time::sleep(PAUSE).await;
            }
            Err(Refused::Fault(cause) | Refused::Unavailable(cause)) => {
                tracing::error!(id = due.id, cause, "a scan was given up");
                self.fail(&due.id, "The scan could not be completed.").await
            }
            Err(refused) => self.fail(&due.id, &refused.to_string()).await,
        };
        if let Err(fault) = ended {
            tracing::error!(id = due.id, %fault, "a scan can't be ended");
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn scan(&self, due: &Due) -> Result<ScanReport, Refused> {
        if due.starts > STARTS {
            return Err(Refused::Invalid(
                "The scan could not be completed.".to_owned(),
            ));
        }
        let copy = self.workspace()?;
        self.repositories
            .check_out(
                due.partner,
                due.repository,
                due.branch.as_deref(),
                copy.path(),
            )
            .await?;
        let options = ScanOptions {
            engines: due.engines.clone(),
            ..ScanOptions::default()
        };
        scan(copy.path(), &options, &self.tools, |_| {})
            .await
            .map_err(|error| match error {
                ScanError::Fault(cause) => Refused::Fault(cause),
                _ => Refused::Invalid(error.to_string()),
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

    async fn complete(&self, id: &str, report: ScanReport) -> Result<(), Refused> {
        let verdict = report.verdict();
        let findings: Vec<types::Finding> = report.findings.into_iter().map(Into::into).collect();
        let mut write = self.store.write().await?;
        sqlx::query(
            "UPDATE sast_scans
             SET status = 'completed', verdict = $1, findings = $2, finished_at = $3
             WHERE id = $4",
        )
        .bind(verdict.to_string())
        .bind(to_json(&findings)?)
        .bind(now())
        .bind(id)
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(())
    }

    async fn fail(&self, id: &str, why: &str) -> Result<(), Refused> {
        let mut write = self.store.write().await?;
        sqlx::query(
            "UPDATE sast_scans SET status = 'failed', error_message = $1, finished_at = $2
             WHERE id = $3",
        )
        .bind(why)
        .bind(now())
        .bind(id)
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(())
    }
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, Refused> {
    text.parse()
        .map_err(|_| Refused::Fault(format!("the database holds {text:?}")))
}
