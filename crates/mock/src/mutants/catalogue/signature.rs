//! The webhook's signature.

use serde_json::Value;

use super::{Mutant, mutant};
use crate::mutants::effect::Effect;

pub(super) fn mutants() -> Vec<Mutant> {
    let signature =
        |id, clause, fault, verify| mutant(id, clause, fault, Effect::Signature(verify));
    let raw = "webhook.signature.raw-body";
    let format = "webhook.signature.format";
    vec![
        signature(
            "signature.optional",
            "webhook.auth.both-headers",
            "A webhook without a signature is accepted.",
            |secret, body, given| given.is_empty() || right(secret, body, given),
        ),
        signature(
            "signature.unverified",
            raw,
            "A signature has to be there, and is not verified.",
            |_, _, given| given.starts_with("sha256="),
        ),
        signature(
            "signature.any-body",
            raw,
            "A signature over an empty object is good for every body.",
            |secret, body, given| right(secret, b"{}", given) || right(secret, body, given),
        ),
        signature(
            "signature.re-serialised",
            raw,
            "The signature is verified over the body parsed and printed again.",
            |secret, body, given| right(secret, &compact(body), given),
        ),
        signature(
            "signature.either-form",
            raw,
            "A signature over the body parsed and printed again is accepted too.",
            |secret, body, given| {
                right(secret, body, given) || right(secret, &compact(body), given)
            },
        ),
        signature(
            "signature.trimmed",
            raw,
            "The signature is verified over the body without white space around it.",
            |secret, body, given| right(secret, body.trim_ascii(), given),
        ),
        signature(
            "signature.ascii",
            raw,
            "The signature is verified over the body with its unicode dropped.",
            |secret, body, given| {
                let ascii: Vec<u8> = body.iter().copied().filter(u8::is_ascii).collect();
                right(secret, &ascii, given)
            },
        ),
        signature(
            "signature.unescaped",
            raw,
            "The signature is verified over the body with its slashes unescaped.",
            |secret, body, given| {
                let text = String::from_utf8_lossy(body).replace("\\/", "/");
                right(secret, text.as_bytes(), given)
            },
        ),
        signature(
            "signature.without-prefix",
            format,
            "A signature without sha256= is accepted.",
            |secret, body, given| {
                right(secret, body, given) || right(secret, body, &format!("sha256={given}"))
            },
        ),
        signature(
            "signature.only-without-prefix",
            format,
            "A signature has to be hex alone; sha256= is refused.",
            |secret, body, given| right(secret, body, &format!("sha256={given}")),
        ),
        signature(
            "signature.any-prefix",
            format,
            "Whatever stands before the = is ignored.",
            |secret, body, given| {
                given
                    .split_once('=')
                    .is_some_and(|(_, hex)| right(secret, body, &format!("sha256={hex}")))
            },
        ),
        signature(
            "signature.cut-short",
            format,
            "As much of the signature as is sent is compared.",
            |secret, body, given| {
                given.len() > 7 && signature::sign(secret, body).starts_with(given)
            },
        ),
        mutant(
            "signature.after-parsing",
            raw,
            "The body is looked at before its signature.",
            Effect::ParseFirst,
        )
        .inferred(),
    ]
}

fn right(secret: &[u8], body: &[u8], given: &str) -> bool {
    signature::verify(secret, body, given).is_ok()
}

fn compact(body: &[u8]) -> Vec<u8> {
    let parsed: Result<Value, _> = serde_json::from_slice(body);
    parsed.map_or_else(|_| body.to_vec(), |value| value.to_string().into_bytes())
}
