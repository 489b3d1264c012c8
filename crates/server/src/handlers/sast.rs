//! SAST security scanning.

use contract::{ApiError, JsonBody, types};

use super::{Rqctx, admitted, not_yet};

pub(super) async fn start(
    rqctx: &Rqctx,
    body: JsonBody<types::SastScanRequest>,
) -> Result<types::SastScanStarted, ApiError> {
    let (_partner, _request) = admitted(rqctx, body).await?;
    Err(not_yet("SAST scanning"))
}

pub(super) async fn get(rqctx: &Rqctx, _scan_id: &str) -> Result<types::SastScan, ApiError> {
    rqctx.context().admission.admit(rqctx).await?;
    Err(not_yet("SAST scanning"))
}
