//! Callbacks that did not come from the deployment, or not as they were sent.

use bytes::Bytes;
use futures::FutureExt;

use super::body;
use super::catalogue::{Outcome, ReceiverCheck, must, should};
use super::visit::Visit;
use crate::http::{Hmac, Request, Signature};

pub(super) fn checks() -> Vec<ReceiverCheck> {
    vec![
        must(
            "receiver.tampered",
            &["callback.signature.raw-body"],
            "A callback of which one byte was changed is refused.",
            |visit| tampered(visit).boxed(),
        ),
        must(
            "receiver.wrong-secret",
            &["callback.signature.raw-body"],
            "A callback signed with another secret is refused.",
            |visit| wrong_secret(visit).boxed(),
        ),
        must(
            "receiver.reserialised",
            &["callback.signature.raw-body"],
            "A signature over the same JSON written otherwise is refused.",
            |visit| reserialised(visit).boxed(),
        ),
        must(
            "receiver.unsigned",
            &["callback.signature.header"],
            "A callback without a signature, or with an empty one, is refused.",
            |visit| unsigned(visit).boxed(),
        ),
        must(
            "receiver.wrong-prefix",
            &["callback.signature.header"],
            "A right HMAC without the prefix sha256=, or with another, is refused.",
            |visit| wrong_prefix(visit).boxed(),
        ),
        must(
            "receiver.truncated",
            &["callback.signature.header"],
            "The beginning of a right signature is refused.",
            |visit| truncated(visit).boxed(),
        ),
        should(
            "receiver.garbled-signature",
            &["callback.signature.header"],
            "A header that is no signature at all is refused like a wrong one, and fails nothing.",
            |visit| garbled(visit).boxed(),
        ),
        should(
            "receiver.two-signatures",
            &["callback.signature.header"],
            "A callback with two signatures is refused, as nobody can say which one counts.",
            |visit| two_signatures(visit).boxed(),
        ),
    ]
}

/// The published callback with one byte changed, signed as it was before.
pub(super) fn changed(visit: &Visit<'_>) -> Request {
    let sent = visit.payload().to_string();
    let changed = sent.replacen("\"total_tests\":1", "\"total_tests\":7", 1);
    let over = Some(Bytes::from(sent));
    visit.callback(changed).signature(Signature::Made(Hmac {
        over,
        ..Hmac::right()
    }))
}

async fn tampered(visit: &mut Visit<'_>) -> Outcome {
    let request = changed(visit);
    visit
        .refused("a callback of which one byte was changed", request)
        .await;
    let sent = visit.payload().to_string();
    let over = Some(Bytes::from(sent.clone()));
    let longer = visit.callback(sent + " ").signature(Signature::Made(Hmac {
        over,
        ..Hmac::right()
    }));
    visit
        .refused("a callback to which one byte was added", longer)
        .await;
    Ok(())
}

async fn wrong_secret(visit: &mut Visit<'_>) -> Outcome {
    let secrets = [
        ("another secret", "another-secret"),
        // What a receiver verifies with whose secret is not set.
        ("an empty secret", ""),
    ];
    for (with, secret) in secrets {
        let request = published(
            visit,
            Hmac {
                secret: Some(secret.to_owned()),
                ..Hmac::right()
            },
        );
        let what = format!("a callback signed with {with}");
        visit.refused(&what, request).await;
    }
    Ok(())
}

async fn reserialised(visit: &mut Visit<'_>) -> Outcome {
    let payload = visit.payload();
    let mut accented = payload.clone();
    accented["workflow_summary"] = "Déploiement testé".into();
    let bodies = [
        (
            "the same JSON without its white space",
            body::spaced(&payload),
            payload.to_string(),
        ),
        (
            "the same JSON with its unicode escaped",
            accented.to_string(),
            body::ascii(&accented.to_string()),
        ),
    ];
    for (over_what, body, over) in bodies {
        let over = Some(Bytes::from(over));
        let request = visit.callback(body).signature(Signature::Made(Hmac {
            over,
            ..Hmac::right()
        }));
        let what = format!("a callback signed over {over_what}");
        visit.refused(&what, request).await;
    }
    Ok(())
}

async fn unsigned(visit: &mut Visit<'_>) -> Outcome {
    let body = visit.payload().to_string();
    let signatures = [
        ("no X-QualityMax-Signature", Signature::Missing),
        (
            "an empty X-QualityMax-Signature",
            Signature::Text(String::new()),
        ),
    ];
    for (with, signature) in signatures {
        let request = visit.callback(body.clone()).signature(signature);
        let what = format!("a callback with {with}");
        visit.refused(&what, request).await;
    }
    Ok(())
}

async fn wrong_prefix(visit: &mut Visit<'_>) -> Outcome {
    let prefixes = [
        ("no prefix", ""),
        ("the prefix sha1=", "sha1="),
        ("the prefix sha512=", "sha512="),
    ];
    for (with, prefix) in prefixes {
        let request = published(
            visit,
            Hmac {
                prefix,
                ..Hmac::right()
            },
        );
        let what = format!("a callback whose right HMAC has {with}");
        visit.refused(&what, request).await;
    }
    Ok(())
}

async fn truncated(visit: &mut Visit<'_>) -> Outcome {
    for (with, digits) in [
        ("the first half", 32),
        ("the first two digits", 2),
        ("none of the digits", 0),
    ] {
        let request = published(
            visit,
            Hmac {
                digits,
                ..Hmac::right()
            },
        );
        let what = format!("a callback with {with} of the right signature");
        visit.refused(&what, request).await;
    }
    Ok(())
}

async fn garbled(visit: &mut Visit<'_>) -> Outcome {
    let body = visit.payload().to_string();
    let texts = [
        ("one character", "x".to_owned()),
        (
            "characters beyond ASCII",
            format!("sha256={}", "é".repeat(64)),
        ),
        (
            "64 characters that are no hex",
            format!("sha256={}", "z".repeat(64)),
        ),
        ("600 digits", format!("sha256={}", "0".repeat(600))),
    ];
    for (with, text) in texts {
        let request = visit
            .callback(body.clone())
            .signature(Signature::Text(text));
        let what = format!("a callback with {with} for a signature");
        visit.refused(&what, request).await;
    }
    // The same number in another spelling, which no deployment sends.
    let request = published(
        visit,
        Hmac {
            upper_case: true,
            ..Hmac::right()
        },
    );
    visit
        .answered("a callback with its signature in upper case", request)
        .await;
    Ok(())
}

async fn two_signatures(visit: &mut Visit<'_>) -> Outcome {
    let name = "X-QualityMax-Signature";
    let body = visit.payload().to_string();
    let right = signature::sign(visit.target().secret.as_bytes(), body.as_bytes());
    let wrong = format!("sha256={}", "0".repeat(64));
    for (what, first, second) in [
        ("a right signature before a wrong one", &right, &wrong),
        ("a wrong signature before a right one", &wrong, &right),
    ] {
        let mut request = visit
            .callback(body.clone())
            .header(name, first.clone())
            .signature(Signature::Missing);
        request.headers.push((name, second.clone()));
        let what = format!("a callback with {what}");
        visit.refused(&what, request).await;
    }
    Ok(())
}

/// The published callback, signed like this.
fn published(visit: &Visit<'_>, hmac: Hmac) -> Request {
    visit
        .callback(visit.payload().to_string())
        .signature(Signature::Made(hmac))
}
