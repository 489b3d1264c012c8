//! AI test generation: a signed webhook becomes a job.

use contract::{ApiError, JsonBody, types};

use super::{Rqctx, parsed, refused};

pub(super) async fn trigger(
    rqctx: &Rqctx,
    partner_slug: &str,
    body: JsonBody<types::WebhookRequest>,
) -> Result<types::WebhookAccepted, ApiError> {
    let context = rqctx.context();
    let partner = context
        .admission
        .admit_to(rqctx, partner_slug)
        .await?
        .partner;
    let raw = body.read().await?;
    let bytes = raw.bytes().clone();
    context
        .admission
        .signature(rqctx.request.headers(), partner, &bytes)
        .await?;
    let request = parsed(raw).await?;
    let job_id = context
        .engine
        .jobs()
        .accept(partner, request, &bytes)
        .await
        .map_err(refused)?;
    Ok(types::WebhookAccepted {
        accepted: true,
        job_id,
        message: "Webhook accepted, processing started".to_owned(),
    })
}
