//! Executions and what they left behind: screenshot, video, logs.

use contract::types;

use crate::Refused;
use crate::partner::PartnerId;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

#[derive(Clone, Debug)]
pub struct Executions {}

impl Executions {
    pub async fn logs(
        &self,
        _partner: PartnerId,
        _execution_id: &str,
    ) -> Result<types::ExecutionLogs, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    /// Where the artifact can be fetched without a key for the next minutes:
    /// path and query below the public URL, `/static/test-executions/...`.
    /// It can't be guessed, and it expires.
    pub async fn artifact_path(
        &self,
        _partner: PartnerId,
        _execution_id: &str,
        _kind: ArtifactKind,
    ) -> Result<String, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    /// What such a path leads to: `file` is what stands behind
    /// `/static/test-executions/`, with its query. 404 once expired.
    pub async fn artifact(&self, _file: &str, _query: &str) -> Result<Artifact, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }
}
