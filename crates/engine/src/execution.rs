//! Executions and what they left behind: screenshot, video, logs.

use std::time::Duration;

use contract::types;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use crate::Refused;
use crate::artifacts::Artifacts;
use crate::partner::PartnerId;
use crate::store::{Store, from_json};

/// How long a redirect of the API leads somewhere.
const REDIRECT_VALID_FOR: Duration = Duration::from_secs(10 * 60);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum ArtifactKind {
    Screenshot,
    Video,
}

/// An artifact's bytes with what to say of them.
#[derive(Debug)]
pub struct Artifact {
    /// `image/png`, `video/webm`, `video/mp4`
    pub content_type: &'static str,
    pub bytes: bytes::Bytes,
}

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Executions {
    store: Store,
    artifacts: Artifacts,
}

#[derive(FromRow)]
struct Logs {
    partner_id: PartnerId,
    console_logs: String,
    test_output: String,
    error_message: Option<String>,
}

impl Executions {
    pub(crate) fn new(store: Store, artifacts: Artifacts) -> Self {
        Self { store, artifacts }
    }

    /// 404 where there is no such execution, 403 where it is another partner's.
    pub async fn logs(
        &self,
        partner: PartnerId,
        execution_id: &str,
    ) -> Result<types::ExecutionLogs, Refused> {
        let logs: Option<Logs> = sqlx::query_as(
            "SELECT j.partner_id, e.console_logs, e.test_output, e.error_message
             FROM executions e JOIN webhook_jobs j ON j.id = e.job_id WHERE e.id = $1",
        )
        .bind(execution_id)
        .fetch_optional(self.store.read())
        .await?;
        let logs = logs.ok_or_else(unknown)?;
        check_owner(logs.partner_id, partner)?;
        Ok(types::ExecutionLogs {
            console_logs: from_json(&logs.console_logs)?,
            test_output: logs.test_output,
            error_message: logs.error_message,
        })
    }

    /// Where the artifact can be fetched without a key for the next minutes:
    /// path and query below the public URL, `/static/test-executions/...`.
    /// It can't be guessed, and it expires. Errors as [`Self::logs`], and 404
    /// where the execution left no such artifact.
    pub async fn artifact_path(
        &self,
        partner: PartnerId,
        execution_id: &str,
        kind: ArtifactKind,
    ) -> Result<String, Refused> {
        let found: Option<(PartnerId, Option<String>)> = sqlx::query_as(
            "SELECT j.partner_id, a.object
             FROM executions e JOIN webhook_jobs j ON j.id = e.job_id
             LEFT JOIN artifacts a ON a.execution_id = e.id AND a.kind = $1 WHERE e.id = $2",
        )
        .bind(kind)
        .bind(execution_id)
        .fetch_optional(self.store.read())
        .await?;
        let (owner, object) = found.ok_or_else(unknown)?;
        check_owner(owner, partner)?;
        let object = object.ok_or_else(|| {
            Refused::NotFound(match kind {
                ArtifactKind::Screenshot => "The execution has no screenshot.".to_owned(),
                ArtifactKind::Video => "The execution has no video.".to_owned(),
            })
        })?;
        Ok(self.artifacts.link(&object, REDIRECT_VALID_FOR))
    }

    /// What such a path leads to: `file` is what stands behind
    /// `/static/test-executions/`, with its query. 404 once expired.
    pub async fn artifact(&self, file: &str, query: &str) -> Result<Artifact, Refused> {
        self.artifacts.open_link(file, query).await
    }
}

fn unknown() -> Refused {
    Refused::NotFound("There is no such execution.".to_owned())
}

fn check_owner(owner: PartnerId, partner: PartnerId) -> Result<(), Refused> {
    if owner == partner {
        Ok(())
    } else {
        Err(Refused::Forbidden(
            "The execution belongs to another partner.".to_owned(),
        ))
    }
}
