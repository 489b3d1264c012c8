//! Job reports.

use contract::{ApiError, types};

use super::{Rqctx, refused};

pub(super) async fn report(rqctx: &Rqctx, job_id: &str) -> Result<types::JobReport, ApiError> {
    let context = rqctx.context();
    let partner = context.admission.admit(rqctx).await?.partner;
    let jobs = context.engine.jobs();
    jobs.report(partner, job_id).await.map_err(refused)
}
