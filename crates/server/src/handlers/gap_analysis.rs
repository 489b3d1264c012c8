//! Gap analysis.

use contract::{ApiError, JsonBody, types};

use super::{Rqctx, admitted, refused};

pub(super) async fn start(
    rqctx: &Rqctx,
    body: JsonBody<types::GapAnalysisRequest>,
) -> Result<types::GapAnalysisStarted, ApiError> {
    let (partner, request) = admitted(rqctx, body).await?;
    let analyses = rqctx.context().engine.gap_analyses();
    analyses.start(partner, request).await.map_err(refused)
}

pub(super) async fn get(rqctx: &Rqctx, job_id: &str) -> Result<types::GapAnalysis, ApiError> {
    let partner = rqctx.context().admission.admit(rqctx).await?.partner;
    let analyses = rqctx.context().engine.gap_analyses();
    analyses.get(partner, job_id).await.map_err(refused)
}
