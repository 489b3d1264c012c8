//! Gap analysis.

use contract::{ApiError, JsonBody, types};

use super::{Rqctx, admitted, not_yet};

pub(super) async fn start(
    rqctx: &Rqctx,
    body: JsonBody<types::GapAnalysisRequest>,
) -> Result<types::GapAnalysisStarted, ApiError> {
    let (_partner, _request) = admitted(rqctx, body).await?;
    Err(not_yet("Gap analysis"))
}

pub(super) async fn get(rqctx: &Rqctx, _job_id: &str) -> Result<types::GapAnalysis, ApiError> {
    rqctx.context().admission.admit(rqctx).await?;
    Err(not_yet("Gap analysis"))
}
