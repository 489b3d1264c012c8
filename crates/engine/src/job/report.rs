//! The job report, from stored rows alone.

use contract::types;
use sqlx::{FromRow, SqliteExecutor};

use super::Jobs;
use super::ledger::Job;
use crate::Refused;
use crate::partner::PartnerId;
use crate::store::{from_json, now, parsed};

/// A row of `scripts`.
#[derive(FromRow)]
pub(super) struct ScriptRow {
    pub id: i64,
    pub framework: String,
    pub name: String,
    pub title: String,
    pub source: String,
    pub quality: String,
}

/// A row of `executions`, without its logs.
#[derive(FromRow)]
pub(super) struct ExecutionRow {
    pub id: String,
    pub script_id: i64,
    pub status: String,
    pub browser: String,
    pub duration_ms: i64,
    pub error_message: Option<String>,
}

impl Jobs {
    /// 404 where there is none, 403 where it is another partner's.
    pub async fn report(
        &self,
        partner: PartnerId,
        job_id: &str,
    ) -> Result<types::JobReport, Refused> {
        let read = self.store.read();
        let job: Option<Job> = sqlx::query_as("SELECT * FROM webhook_jobs WHERE id = $1")
            .bind(job_id)
            .fetch_optional(read)
            .await?;
        let job = job.ok_or_else(|| Refused::NotFound("There is no such job.".to_owned()))?;
        if job.partner_id != partner {
            return Err(Refused::Forbidden(
                "The job belongs to another partner.".to_owned(),
            ));
        }
        let scripts = scripts(read, job_id).await?;
        let executions = executions(read, job_id).await?;
        Ok(types::JobReport {
            job: summary(&job, i64::try_from(scripts.len()).unwrap_or(i64::MAX))?,
            crawl: crawl(&job)?,
            scripts: scripts
                .into_iter()
                .map(script_summary)
                .collect::<Result<_, _>>()?,
            executions: executions
                .into_iter()
                .map(execution_summary)
                .collect::<Result<_, _>>()?,
        })
    }

    /// What the callback says of the partner's job; none until it has ended.
    pub async fn result(
        &self,
        partner: PartnerId,
        job_id: &str,
    ) -> Result<Option<types::ResultStatus>, Refused> {
        let result: Option<Option<String>> =
            sqlx::query_scalar("SELECT result FROM webhook_jobs WHERE id = $1 AND partner_id = $2")
                .bind(job_id)
                .bind(partner)
                .fetch_optional(self.store.read())
                .await?;
        result.flatten().map(|result| parsed(&result)).transpose()
    }

    /// The newest jobs of a project, newest first, at most `limit`.
    pub async fn of_project(
        &self,
        partner: PartnerId,
        project: i64,
        limit: u32,
    ) -> Result<Vec<types::JobSummary>, Refused> {
        let jobs: Vec<Listed> = sqlx::query_as(
            "SELECT *, (SELECT COUNT(*) FROM scripts s WHERE s.job_id = j.id) AS generated
             FROM webhook_jobs j WHERE project_id = $1 AND partner_id = $2
             ORDER BY id DESC LIMIT $3",
        )
        .bind(project)
        .bind(partner)
        .bind(limit)
        .fetch_all(self.store.read())
        .await?;
        jobs.iter()
            .map(|listed| summary(&listed.job, listed.generated))
            .collect()
    }
}

#[derive(FromRow)]
struct Listed {
    #[sqlx(flatten)]
    job: Job,
    generated: i64,
}

pub(super) async fn scripts(
    read: impl SqliteExecutor<'_>,
    job: &str,
) -> Result<Vec<ScriptRow>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM scripts WHERE job_id = $1 ORDER BY id")
        .bind(job)
        .fetch_all(read)
        .await
}

pub(super) async fn executions(
    read: impl SqliteExecutor<'_>,
    job: &str,
) -> Result<Vec<ExecutionRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, script_id, status, browser, duration_ms, error_message
         FROM executions WHERE job_id = $1 ORDER BY id",
    )
    .bind(job)
    .fetch_all(read)
    .await
}

fn summary(job: &Job, tests_generated: i64) -> Result<types::JobSummary, Refused> {
    // A clock set back must not make a duration negative.
    let millis = (job.finished_at.unwrap_or_else(now) - job.accepted_at).max(0);
    Ok(types::JobSummary {
        id: job.id.clone(),
        status: job.status()?,
        url: job.target_url.clone(),
        tests_generated,
        duration_seconds: millis as f64 / 1000.0,
        quality_score: job.quality_score,
        error_message: job.error_message.clone(),
    })
}

fn crawl(job: &Job) -> Result<types::CrawlSummary, Refused> {
    let status = if job.pages_crawled.is_some() {
        types::StageStatus::Completed
    } else if job.finished_at.is_some() {
        types::StageStatus::Failed
    } else if job.status()? == types::JobStatus::Accepted {
        types::StageStatus::Pending
    } else {
        types::StageStatus::Running
    };
    Ok(types::CrawlSummary {
        status,
        pages_crawled: job.pages_crawled.unwrap_or(0),
    })
}

fn script_summary(row: ScriptRow) -> Result<types::ScriptSummary, Refused> {
    Ok(types::ScriptSummary {
        id: row.id,
        framework: parsed(&row.framework)?,
        name: row.name,
        title: Some(row.title),
        source: Some(row.source),
        quality: Some(from_json(&row.quality)?),
    })
}

fn execution_summary(row: ExecutionRow) -> Result<types::ExecutionSummary, Refused> {
    Ok(types::ExecutionSummary {
        execution_id: Some(row.id),
        script_id: Some(row.script_id),
        status: parsed(&row.status)?,
        browser: Some(parsed(&row.browser)?),
        duration: row.duration_ms,
        error_message: row.error_message,
    })
}
