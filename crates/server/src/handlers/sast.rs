//! SAST security scanning.

use contract::{ApiError, JsonBody, types};

use super::{Rqctx, admitted, refused};

pub(super) async fn start(
    rqctx: &Rqctx,
    body: JsonBody<types::SastScanRequest>,
) -> Result<types::SastScanStarted, ApiError> {
    let (partner, request) = admitted(rqctx, body).await?;
    let scans = rqctx.context().engine.scans();
    scans.start(partner, request).await.map_err(refused)
}

pub(super) async fn get(rqctx: &Rqctx, scan_id: &str) -> Result<types::SastScan, ApiError> {
    let partner = rqctx.context().admission.admit(rqctx).await?.partner;
    let scans = rqctx.context().engine.scans();
    scans.get(partner, scan_id).await.map_err(refused)
}
