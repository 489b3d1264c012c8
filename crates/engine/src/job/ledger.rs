//! What is written down of a job on its way: how far it has come, and what each
//! stage handed to the next.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use contract::types;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, SqliteConnection};
use tokio::sync::Notify;
use ulid::Ulid;
use url::Url;

use super::JobRequest;
use super::callback;
use super::crawl::Crawl;
use super::execute::Run;
use super::generate::Script;
use super::login::SealedLogin;
use super::queue;
use super::steps::Plan;
use crate::Refused;
use crate::artifacts::Artifacts;
use crate::execution::ArtifactKind;
use crate::partner::{PartnerId, Partners};
use crate::seal::Seal;
use crate::store::{self, Store, from_json, now, parsed, to_json};

/// A row of `webhook_jobs`.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Job {
    pub id: String,
    pub partner_id: PartnerId,
    pub project_id: i64,
    pub status: String,
    pub target_url: String,
    pub feature_description: String,
    pub callback_url: String,
    pub custom_data: String,
    pub options: String,
    pub credentials: Option<Vec<u8>>,
    pub accepted_at: i64,
    pub starts: i64,
    pub finished_at: Option<i64>,
    pub pages_crawled: Option<i64>,
    pub quality_score: Option<i64>,
    pub error_message: Option<String>,
}

impl Job {
    pub fn status(&self) -> Result<types::JobStatus, Refused> {
        parsed(&self.status)
    }

    /// With the login opened, where there is one.
    pub fn request(&self, seal: &Seal) -> Result<JobRequest, Refused> {
        let login = self.credentials.clone().map(SealedLogin);
        Ok(JobRequest {
            partner: self.partner_id,
            target: Url::parse(&self.target_url)
                .map_err(|error| Refused::Fault(format!("a stored target: {error}")))?,
            feature_description: self.feature_description.clone(),
            credentials: login
                .map(|login| login.open(seal, &self.id))
                .transpose()?
                .map(|login| login.described_in(&self.feature_description)),
            options: from_json(&self.options)?,
        })
    }
}

/// The test that was generated, with the plan it comes from.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Chosen {
    pub plan: Plan,
    pub script: Script,
    /// Before it was run.
    pub quality: types::Quality,
    /// 0 until it is stored.
    pub script_id: i64,
}

impl Chosen {
    pub fn new(plan: Plan, script: Script, quality: types::Quality) -> Self {
        Self {
            plan,
            script,
            quality,
            script_id: 0,
        }
    }
}

/// A run, its artifacts in the artifact store.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Executed {
    pub execution_id: String,
    pub run: Run,
    browser: types::Browser,
    artifacts: Vec<(ArtifactKind, String)>,
}

impl Executed {
    /// Moves what the run left in its workspace to the artifact store.
    pub async fn keep(
        artifacts: &Artifacts,
        run: Run,
        browser: types::Browser,
        workspace: &Path,
    ) -> Result<Self, Refused> {
        let mut kept = Vec::new();
        for (kind, file) in [
            (ArtifactKind::Screenshot, &run.screenshot),
            (ArtifactKind::Video, &run.video),
        ] {
            let Some(file) = file else { continue };
            match tokio::fs::read(workspace.join(file)).await {
                Ok(bytes) => kept.push((kind, artifacts.put(kind, Bytes::from(bytes)).await?)),
                // The verdict stands without it.
                Err(error) => tracing::warn!(?kind, %error, "a run's artifact can't be read"),
            }
        }
        Ok(Self {
            execution_id: store::id("exec", Ulid::generate()),
            run,
            browser,
            artifacts: kept,
        })
    }
}

/// How a job ended.
#[derive(Debug)]
pub(super) struct Outcome {
    pub result: types::ResultStatus,
    /// Of which script, where one was generated.
    pub quality: Option<(i64, types::Quality)>,
    /// The stage that kept the job from a verdict, and why.
    pub failure: Option<(&'static str, String)>,
}

impl Outcome {
    pub fn error(stage: &'static str, message: &str) -> Self {
        Self {
            result: types::ResultStatus::Error,
            quality: None,
            failure: Some((stage, message.to_owned())),
        }
    }
}

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    pub store: Store,
    pub seal: Seal,
    pub artifacts: Artifacts,
    pub partners: Partners,
    pub public_url: Url,
    /// Notified when a callback was stored.
    pub finished: Arc<Notify>,
}

impl Ledger {
    /// The job, unless it has ended; counts how often it was taken up.
    pub async fn take_up(&self, id: &str) -> Result<Option<Job>, Refused> {
        let mut write = self.store.write().await?;
        let job = sqlx::query_as(
            "UPDATE webhook_jobs SET starts = starts + 1
             WHERE id = $1 AND finished_at IS NULL RETURNING *",
        )
        .bind(id)
        .fetch_optional(&mut *write)
        .await?;
        write.commit().await?;
        Ok(job)
    }

    /// Shows `status`, unless the job has shown a later one.
    pub async fn advance(&self, id: &str, status: types::JobStatus) -> Result<(), Refused> {
        let mut write = self.store.write().await?;
        advance(&mut write, id, status).await?;
        write.commit().await?;
        Ok(())
    }

    /// What a stage handed on before the job was interrupted. What another
    /// version wrote and this one can't read counts as never written.
    pub async fn output<T: DeserializeOwned>(
        &self,
        id: &str,
        stage: &str,
        attempt: u32,
    ) -> Result<Option<T>, Refused> {
        let output: Option<String> = sqlx::query_scalar(
            "SELECT output FROM job_stages WHERE job_id = $1 AND stage = $2 AND attempt = $3",
        )
        .bind(id)
        .bind(stage)
        .bind(attempt)
        .fetch_optional(self.store.read())
        .await?;
        Ok(output.and_then(|output| from_json(&output).ok()))
    }

    pub async fn crawled(&self, id: &str, crawl: &Crawl) -> Result<(), Refused> {
        let mut write = self.store.write().await?;
        keep(&mut write, id, "crawl", 1, crawl).await?;
        sqlx::query("UPDATE webhook_jobs SET pages_crawled = $1 WHERE id = $2")
            .bind(i64::try_from(crawl.pages.len()).unwrap_or(i64::MAX))
            .bind(id)
            .execute(&mut *write)
            .await?;
        advance(&mut write, id, types::JobStatus::Generating).await?;
        write.commit().await?;
        Ok(())
    }

    pub async fn planned(&self, id: &str, attempt: u32, plan: &Plan) -> Result<(), Refused> {
        let mut write = self.store.write().await?;
        keep(&mut write, id, "plan", attempt, plan).await?;
        write.commit().await?;
        Ok(())
    }

    /// Stores the script and returns the choice with its id.
    pub async fn generated(&self, id: &str, mut chosen: Chosen) -> Result<Chosen, Refused> {
        let mut write = self.store.write().await?;
        chosen.script_id = sqlx::query_scalar(
            "INSERT INTO scripts (job_id, framework, name, title, source, quality)
             VALUES ($1, 'playwright', $2, $3, $4, $5) RETURNING id",
        )
        .bind(id)
        .bind(&chosen.script.name)
        .bind(&chosen.script.title)
        .bind(&chosen.script.source)
        .bind(to_json(&chosen.quality)?)
        .fetch_one(&mut *write)
        .await?;
        set_score(&mut write, id, chosen.quality.score).await?;
        keep(&mut write, id, "generate", 1, &chosen).await?;
        write.commit().await?;
        Ok(chosen)
    }

    pub async fn executed(
        &self,
        id: &str,
        script_id: i64,
        executed: &Executed,
    ) -> Result<(), Refused> {
        let run = &executed.run;
        let mut write = self.store.write().await?;
        sqlx::query(
            "INSERT INTO executions
                 (id, job_id, script_id, status, browser, duration_ms, console_logs, test_output,
                  error_message)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&executed.execution_id)
        .bind(id)
        .bind(script_id)
        .bind(run.status.to_string())
        .bind(executed.browser.to_string())
        .bind(i64::try_from(run.duration_ms).unwrap_or(i64::MAX))
        .bind(to_json(&run.console_logs)?)
        .bind(&run.test_output)
        .bind(&run.error_message)
        .execute(&mut *write)
        .await?;
        for (kind, object) in &executed.artifacts {
            sqlx::query("INSERT INTO artifacts (execution_id, kind, object) VALUES ($1, $2, $3)")
                .bind(&executed.execution_id)
                .bind(kind)
                .bind(object)
                .execute(&mut *write)
                .await?;
        }
        keep(&mut write, id, "execute", 1, executed).await?;
        advance(&mut write, id, types::JobStatus::Scoring).await?;
        write.commit().await?;
        Ok(())
    }

    /// Ends the job: its outcome and its callback, serialised, in one
    /// transaction; the login and what the stages handed on are wiped.
    pub async fn finish(&self, job: &Job, outcome: Outcome) -> Result<(), Refused> {
        let secrets = self.partners.webhook_secrets(job.partner_id).await?;
        let mut write = self.store.write().await?;
        if let Some((script_id, quality)) = &outcome.quality {
            sqlx::query("UPDATE scripts SET quality = $1 WHERE id = $2")
                .bind(to_json(quality)?)
                .bind(script_id)
                .execute(&mut *write)
                .await?;
            set_score(&mut write, &job.id, quality.score).await?;
        }
        let finished_at = now();
        sqlx::query(
            "UPDATE webhook_jobs SET finished_at = $1, result = $2, failed_stage = $3,
                 error_message = $4, credentials = NULL WHERE id = $5",
        )
        .bind(finished_at)
        .bind(outcome.result.to_string())
        .bind(outcome.failure.as_ref().map(|(stage, _)| *stage))
        .bind(outcome.failure.as_ref().map(|(_, why)| why.as_str()))
        .bind(&job.id)
        .execute(&mut *write)
        .await?;
        sqlx::query("DELETE FROM job_stages WHERE job_id = $1")
            .bind(&job.id)
            .execute(&mut *write)
            .await?;
        // Of the jobs before: this one's entry is not done yet.
        queue::forget_done(&mut write).await?;
        if secrets.is_empty() {
            // A callback that nobody could verify is not sent.
            tracing::error!(job = job.id, "the partner has no webhook secret");
            advance(&mut write, &job.id, types::JobStatus::Failed).await?;
        } else {
            let facts = callback::Facts {
                job,
                outcome: &outcome,
                duration_ms: (finished_at - job.accepted_at).max(0),
                artifacts: &self.artifacts,
                public_url: &self.public_url,
            };
            callback::store(&mut write, &facts).await?;
            advance(&mut write, &job.id, types::JobStatus::CallbackPending).await?;
        }
        write.commit().await?;
        self.finished.notify_one();
        Ok(())
    }
}

async fn advance(
    write: &mut SqliteConnection,
    id: &str,
    status: types::JobStatus,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE webhook_jobs SET status = $1 WHERE id = $2
             AND (SELECT position FROM job_statuses s WHERE s.status = webhook_jobs.status)
                 < (SELECT position FROM job_statuses s WHERE s.status = $1)",
    )
    .bind(status.to_string())
    .bind(id)
    .execute(write)
    .await?;
    Ok(())
}

async fn keep<T: Serialize>(
    write: &mut SqliteConnection,
    id: &str,
    stage: &str,
    attempt: u32,
    output: &T,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO job_stages (job_id, stage, attempt, output, stored_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (job_id, stage, attempt) DO UPDATE SET
             output = excluded.output, stored_at = excluded.stored_at",
    )
    .bind(id)
    .bind(stage)
    .bind(attempt)
    .bind(to_json(output)?)
    .bind(now())
    .execute(write)
    .await?;
    Ok(())
}

async fn set_score(write: &mut SqliteConnection, id: &str, score: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE webhook_jobs SET quality_score = $1 WHERE id = $2")
        .bind(score)
        .bind(id)
        .execute(write)
        .await?;
    Ok(())
}
