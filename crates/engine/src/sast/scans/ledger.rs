//! Scans as the database has them.

use contract::types::{self, ScanStatus, Severity};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use crate::Refused;
use crate::partner::PartnerId;
use crate::sast::{Engine, verdict};
use crate::store::{Store, from_json, now, parsed, to_json};

/// A scan to be worked on.
#[derive(Debug)]
pub struct Due {
    pub id: String,
    pub repository: i64,
    pub branch: Option<String>,
    pub engines: Vec<Engine>,
}

impl FromRow<'_, SqliteRow> for Due {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            repository: row.try_get("repository_id")?,
            branch: row.try_get("branch")?,
            engines: from_json(row.try_get("engines")?)?,
        })
    }
}

pub(super) async fn insert(
    store: &Store,
    id: &str,
    partner: PartnerId,
    request: &types::SastScanRequest,
) -> Result<(), Refused> {
    let mut write = store.write().await?;
    sqlx::query(
        "INSERT INTO scans (id, partner_id, repository_id, branch, engines, status, queued_at)
         VALUES ($1, $2, $3, $4, $5, 'pending', $6)",
    )
    .bind(id)
    .bind(partner)
    .bind(request.repository_id)
    .bind(&request.branch)
    .bind(to_json(&request.engines)?)
    .bind(now())
    .execute(&mut *write)
    .await?;
    write.commit().await?;
    Ok(())
}

pub(super) async fn complete(
    store: &Store,
    id: &str,
    findings: &[types::Finding],
) -> Result<(), Refused> {
    let mut write = store.write().await?;
    sqlx::query(
        "UPDATE scans SET status = 'completed', findings = $1, finished_at = $2 WHERE id = $3",
    )
    .bind(to_json(&findings)?)
    .bind(now())
    .bind(id)
    .execute(&mut *write)
    .await?;
    write.commit().await?;
    Ok(())
}

pub(super) async fn get(
    store: &Store,
    partner: PartnerId,
    id: &str,
) -> Result<types::SastScan, Refused> {
    let row =
        sqlx::query("SELECT partner_id, status, findings, error_message FROM scans WHERE id = $1")
            .bind(id)
            .fetch_optional(store.read())
            .await?
            .ok_or_else(|| Refused::NotFound("There is no such scan.".to_owned()))?;
    if row.try_get::<PartnerId, _>("partner_id")? != partner {
        return Err(Refused::Forbidden(
            "This scan belongs to another partner.".to_owned(),
        ));
    }
    let status: ScanStatus = parsed(row.try_get("status")?)?;
    let findings: Vec<types::Finding> = row
        .try_get::<Option<&str>, _>("findings")?
        .map_or(Ok(Vec::new()), from_json)?;
    let count = |severity| {
        let of = findings.iter().filter(|one| one.severity == severity);
        i64::try_from(of.count()).unwrap_or(i64::MAX)
    };
    let critical_count = count(Severity::Critical);
    Ok(types::SastScan {
        scan_id: id.to_owned(),
        status,
        verdict: (status == ScanStatus::Completed).then(|| verdict(critical_count > 0)),
        findings_count: i64::try_from(findings.len()).unwrap_or(i64::MAX),
        critical_count,
        high_count: count(Severity::High),
        medium_count: count(Severity::Medium),
        findings,
        error_message: row.try_get("error_message")?,
    })
}
