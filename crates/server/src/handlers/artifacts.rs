//! Artifact downloads: screenshot, video, logs.

use contract::{ApiError, types};
use engine::execution::ArtifactKind;

use super::{Rqctx, refused};

/// Where the file can be fetched without a key, for a while.
pub(super) async fn locate(
    rqctx: &Rqctx,
    execution_id: &str,
    kind: ArtifactKind,
) -> Result<String, ApiError> {
    let context = rqctx.context();
    let partner = context.admission.admit(rqctx).await?.partner;
    let path = context
        .engine
        .executions()
        .artifact_path(partner, execution_id, kind)
        .await
        .map_err(refused)?;
    Ok(match &context.public_url {
        Some(url) => format!("{}{path}", url.as_str().trim_end_matches('/')),
        None => path,
    })
}

pub(super) async fn logs(
    rqctx: &Rqctx,
    execution_id: &str,
) -> Result<types::ExecutionLogs, ApiError> {
    let context = rqctx.context();
    let partner = context.admission.admit(rqctx).await?.partner;
    let executions = context.engine.executions();
    executions
        .logs(partner, execution_id)
        .await
        .map_err(refused)
}
