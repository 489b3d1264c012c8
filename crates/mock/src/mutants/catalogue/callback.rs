//! The callback: whether it arrives, how it is signed, what it says.

mod custom_data;
mod payload;

use super::{Mutant, mutant};
use crate::mutants::effect::Effect;

pub(super) fn mutants() -> Vec<Mutant> {
    [
        delivery(),
        signatures(),
        custom_data::mutants(),
        payload::mutants(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn delivery() -> Vec<Mutant> {
    let delivery = |id, clause, fault, edit| mutant(id, clause, fault, Effect::Delivery(edit));
    vec![
        delivery(
            "callback.never-sent",
            "callback.post",
            "The callback is never sent, and reported as sent.",
            |_| None,
        ),
        delivery(
            "callback.put",
            "callback.post",
            "The callback is PUT.",
            |request| {
                let mut request = request.build().ok()?;
                *request.method_mut() = reqwest::Method::PUT;
                Some(reqwest::RequestBuilder::from_parts(
                    reqwest::Client::new(),
                    request,
                ))
            },
        ),
        delivery(
            "callback.signature.other-header",
            "callback.signature.header",
            "The signature is sent as X-Signature.",
            |request| {
                let mut request = request.build().ok()?;
                if let Some(value) = request.headers_mut().remove("x-qualitymax-signature") {
                    request.headers_mut().insert("x-signature", value);
                }
                Some(reqwest::RequestBuilder::from_parts(
                    reqwest::Client::new(),
                    request,
                ))
            },
        ),
        mutant(
            "callback.no-retry",
            "callback.post",
            "A callback that is answered with 500 is not sent again.",
            Effect::NoRetry,
        )
        .inferred()
        .slow(),
    ]
}

fn signatures() -> Vec<Mutant> {
    let message = |id, clause, fault, edit| mutant(id, clause, fault, Effect::Message(edit));
    vec![
        message(
            "callback.signature.missing",
            "callback.signature.header",
            "The callback is not signed.",
            |draft| draft.signature = None,
        ),
        message(
            "callback.signature.without-prefix",
            "callback.signature.header",
            "The signature has no sha256= before it.",
            |draft| draft.rewrite(|it| it.trim_start_matches("sha256=").to_owned()),
        ),
        message(
            "callback.signature.upper-case",
            "callback.signature.header",
            "The signature's hex is in upper case.",
            |draft| draft.rewrite(|it| it.to_uppercase().replace("SHA256=", "sha256=")),
        ),
        message(
            "callback.signature.re-serialised",
            "callback.signature.raw-body",
            "The signature is over the payload printed in another way.",
            |draft| {
                let printed = serde_json::to_vec_pretty(&draft.json()).unwrap_or_default();
                draft.sign_over(&printed);
            },
        ),
        message(
            "callback.signature.results-only",
            "callback.signature.raw-body",
            "The signature is over the results alone.",
            |draft| {
                let results = draft.json()["results"].to_string();
                draft.sign_over(results.as_bytes());
            },
        ),
        message(
            "callback.signature.other-secret",
            "callback.signature.raw-body",
            "The callback is signed with another secret.",
            |draft| draft.signature = Some(signature::sign(b"another-secret", &draft.body)),
        ),
        message(
            "callback.signature.timestamped",
            "callback.signature.raw-body",
            "The signature is over a time and the body.",
            |draft| {
                let timed = [b"1700000000.".as_slice(), &draft.body].concat();
                draft.sign_over(&timed);
            },
        ),
        message(
            "callback.signature.before-newline",
            "callback.signature.raw-body",
            "A line end is sent after the body that was signed.",
            |draft| draft.body.push(b'\n'),
        ),
    ]
}
