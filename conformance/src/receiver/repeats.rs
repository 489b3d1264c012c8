//! Deliveries that build on each other. Whether something was processed twice
//! shows only where the receiver counts: at its state URL.

use futures::FutureExt;

use super::catalogue::{Outcome, ReceiverCheck, must, should};
use super::refuses::changed;
use super::visit::Visit;
use crate::http::{Request, Signature};

pub(super) fn checks() -> Vec<ReceiverCheck> {
    let checks = vec![
        should(
            "receiver.duplicate",
            &["callback.post"],
            "A callback that arrives twice is accepted twice, and processed once.",
            |visit| duplicate(visit).boxed(),
        ),
        should(
            "receiver.refused-first",
            &["callback.post"],
            "A forged callback does not use up the delivery id of the true one.",
            |visit| refused_first(visit).boxed(),
        ),
        must(
            "receiver.refused-not-processed",
            &["callback.signature.header", "callback.signature.raw-body"],
            "What is refused is not processed.",
            |visit| refused_not_processed(visit).boxed(),
        ),
    ];
    checks
        .into_iter()
        .map(|check| ReceiverCheck {
            alone: true,
            ..check
        })
        .collect()
}

async fn duplicate(visit: &mut Visit<'_>) -> Outcome {
    let before = visit.processed().await?;
    let request = visit.callback(visit.payload().to_string());
    visit.accepted("a callback", request.clone()).await;
    let again = request.header("X-QualityMax-Attempt", "2");
    visit.accepted("the same callback again", again).await;
    visit
        .grew(before, 1, "a callback that was delivered twice")
        .await
}

async fn refused_first(visit: &mut Visit<'_>) -> Outcome {
    let before = visit.processed().await?;
    let forged = changed(visit);
    let good = visit.callback(visit.payload().to_string());
    let good = same_delivery(good, &forged);
    visit
        .refused("a callback that was tampered with", forged)
        .await;
    let what = "the true callback with the same delivery id";
    visit.accepted(what, good).await;
    visit
        .grew(before, 1, "a true callback after a forged one")
        .await
}

async fn refused_not_processed(visit: &mut Visit<'_>) -> Outcome {
    let Some(before) = visit.processed().await? else {
        return Err("the receiver has no state URL (--state-url)".to_owned());
    };
    let forged = changed(visit);
    visit
        .refused("a callback that was tampered with", forged)
        .await;
    let unsigned = visit
        .callback(visit.payload().to_string())
        .signature(Signature::Missing);
    visit
        .refused("a callback without a signature", unsigned)
        .await;
    visit
        .grew(Some(before), 0, "two callbacks to be refused")
        .await
}

fn same_delivery(request: Request, other: &Request) -> Request {
    let name = "X-QualityMax-Delivery";
    let id = other.headers.iter().find(|header| header.0 == name);
    request.header(name, id.map(|header| header.1.clone()).unwrap_or_default())
}
