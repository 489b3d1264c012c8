//! Analyses as the database has them.

use std::collections::HashMap;
use std::num::NonZeroU64;

use contract::types::{self, GapCategory, GapStatus};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use crate::gap::{GapOptions, GapReport};
use crate::partner::PartnerId;
use crate::store::{Store, from_json, now, parsed, to_json};
use crate::{Refused, test_cases};

/// An analysis to be worked on.
#[derive(Debug)]
pub struct Due {
    pub id: String,
    pub repository: i64,
    pub project: i64,
    pub options: GapOptions,
}

impl FromRow<'_, SqliteRow> for Due {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let most: i64 = row.try_get("max_tests_per_category")?;
        Ok(Self {
            id: row.try_get("id")?,
            repository: row.try_get("repository_id")?,
            project: row.try_get("project_id")?,
            options: GapOptions {
                categories: from_json(row.try_get("categories")?)?,
                max_tests_per_category: usize::try_from(most).unwrap_or(1),
            },
        })
    }
}

pub(super) async fn insert(
    store: &Store,
    id: &str,
    partner: PartnerId,
    project: i64,
    request: &types::GapAnalysisRequest,
) -> Result<(), Refused> {
    let categories = if request.categories.is_empty() {
        GapOptions::default().categories
    } else {
        request.categories.clone()
    };
    let mut write = store.write().await?;
    sqlx::query(
        "INSERT INTO gap_analyses
             (id, partner_id, repository_id, project_id, categories, max_tests_per_category,
              status, queued_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7)",
    )
    .bind(id)
    .bind(partner)
    .bind(request.repository_id)
    .bind(project)
    .bind(to_json(&categories)?)
    .bind(i64::try_from(request.max_tests_per_category.get()).unwrap_or(i64::MAX))
    .bind(now())
    .execute(&mut *write)
    .await?;
    write.commit().await?;
    Ok(())
}

/// One that was taken up anew stands where it was until it is further.
pub(super) async fn advance(store: &Store, id: &str, progress: f64) -> Result<(), Refused> {
    let mut write = store.write().await?;
    sqlx::query("UPDATE gap_analyses SET progress = MAX(progress, $1) WHERE id = $2")
        .bind(progress)
        .bind(id)
        .execute(&mut *write)
        .await?;
    write.commit().await?;
    Ok(())
}

/// Test cases, gaps and the end, all or nothing.
pub(super) async fn complete(store: &Store, due: &Due, report: GapReport) -> Result<(), Refused> {
    let mut write = store.write().await?;
    for (position, gap) in report.gaps.into_iter().enumerate() {
        let request = gap.test_case.into_request(due.project);
        let test_case = test_cases::insert(&mut write, request).await?;
        sqlx::query(
            "INSERT INTO gaps
                 (analysis_id, position, category, unit, file, line, risk, test_case_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&due.id)
        .bind(i64::try_from(position).unwrap_or(i64::MAX))
        .bind(gap.category.to_string())
        .bind(gap.unit)
        .bind(gap.file)
        .bind(gap.line)
        .bind(gap.risk)
        .bind(test_case.id)
        .execute(&mut *write)
        .await?;
    }
    sqlx::query(
        "UPDATE gap_analyses SET status = 'completed', progress = 1, finished_at = $1
         WHERE id = $2",
    )
    .bind(now())
    .bind(&due.id)
    .execute(&mut *write)
    .await?;
    write.commit().await?;
    Ok(())
}

pub(super) async fn get(
    store: &Store,
    partner: PartnerId,
    id: &str,
) -> Result<types::GapAnalysis, Refused> {
    let row = sqlx::query(
        "SELECT partner_id, status, progress, categories, error_message FROM gap_analyses
         WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(store.read())
    .await?
    .ok_or_else(|| Refused::NotFound("There is no such gap analysis.".to_owned()))?;
    if row.try_get::<PartnerId, _>("partner_id")? != partner {
        return Err(Refused::Forbidden(
            "This gap analysis belongs to another partner.".to_owned(),
        ));
    }
    let status: GapStatus = parsed(row.try_get("status")?)?;
    let result = if status == GapStatus::Completed {
        Some(result(store, id, &row).await?)
    } else {
        None
    };
    Ok(types::GapAnalysis {
        job_id: id.to_owned(),
        status,
        progress: row.try_get("progress")?,
        result,
        error_message: row.try_get("error_message")?,
    })
}

async fn result(store: &Store, id: &str, row: &SqliteRow) -> Result<types::GapResult, Refused> {
    let rows = sqlx::query("SELECT * FROM gaps WHERE analysis_id = $1 ORDER BY position")
        .bind(id)
        .fetch_all(store.read())
        .await?;
    let gaps: Vec<types::Gap> = rows.iter().map(gap).collect::<Result<_, _>>()?;
    let categories: Vec<GapCategory> = from_json(row.try_get("categories")?)?;
    let mut counts: HashMap<String, i64> = categories
        .iter()
        .map(|category| (category.to_string(), 0))
        .collect();
    for gap in &gaps {
        *counts.entry(gap.category.to_string()).or_default() += 1;
    }
    Ok(types::GapResult {
        tests_generated: counts.values().sum(),
        categories: counts,
        gaps,
    })
}

fn gap(row: &SqliteRow) -> Result<types::Gap, Refused> {
    let line: i64 = row.try_get("line")?;
    Ok(types::Gap {
        category: parsed(row.try_get("category")?)?,
        unit: row.try_get("unit")?,
        file: row.try_get("file")?,
        line: u64::try_from(line)
            .ok()
            .and_then(NonZeroU64::new)
            .unwrap_or(NonZeroU64::MIN),
        risk: row.try_get("risk")?,
        test_case_id: row.try_get("test_case_id")?,
    })
}
