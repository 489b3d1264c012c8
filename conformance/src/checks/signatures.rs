//! The webhook's signature: over the raw bytes, before anything parses them.

use bytes::Bytes;
use futures::FutureExt;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::check::{Check, Group, Outcome};
use crate::http::{Hmac, Request, Signature};
use crate::probe::Probe;
use crate::scene::job::DESCRIPTION;

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::must(
            Group::Signatures,
            "signatures.missing",
            &["webhook.auth.both-headers"],
            "A webhook without X-Partner-Signature is refused.",
            |probe| missing(probe).boxed(),
        ),
        Check::must(
            Group::Signatures,
            "signatures.wrong",
            &["webhook.signature.raw-body", "webhook.auth.both-headers"],
            "A signature with another secret, or over other bytes, is refused.",
            |probe| wrong(probe).boxed(),
        ),
        Check::must(
            Group::Signatures,
            "signatures.format",
            &["webhook.signature.format"],
            "A right HMAC in another form (no prefix, another prefix, cut short) is refused.",
            |probe| format(probe).boxed(),
        ),
        Check::must(
            Group::Signatures,
            "signatures.raw-body",
            &["webhook.signature.raw-body"],
            "The signature is over the bytes as they are sent: white space, key order, escapes and unicode count.",
            |probe| raw_body(probe).boxed(),
        ),
        Check::must(
            Group::Signatures,
            "signatures.not-normalised",
            &["webhook.signature.raw-body"],
            "A signature over the same JSON written otherwise is refused.",
            |probe| not_normalised(probe).boxed(),
        ),
        Check::should(
            Group::Signatures,
            "signatures.before-parsing",
            &["webhook.signature.raw-body"],
            "A wrong signature is told before anything that is wrong with the body.",
            |probe| before_parsing(probe).boxed(),
        ),
    ]
}

/// A body that is refused for what it lacks, so that a signature that is let
/// through starts no job.
fn lacking() -> Value {
    json!({ "url": "https://example.com/", "callback_url": "https://example.com/callback" })
}

/// A body that would be accepted.
fn whole(probe: &Probe) -> Result<Value, crate::Stop> {
    let inbox = probe.listener()?.inbox(&[]);
    Ok(json!({
        "url": probe.target()?,
        "feature_description": DESCRIPTION,
        "callback_url": inbox.url,
    }))
}

fn webhook(probe: &Probe) -> Request {
    Request::operation("trigger_test_generation", &[&probe.deployment.slug])
}

/// 401 by the contract; that it is refused is what the documentation asks for.
async fn refused(probe: &mut Probe, clause: &str, why: &str, request: Request) -> Outcome {
    let answer = probe.send(request).await?;
    let expected = format!("401 {why}");
    let refused = matches!(answer.status.as_u16(), 400..=403);
    if probe.must(refused, clause, expected.clone(), &answer) {
        probe.detail(&answer);
        probe.should(
            answer.status == StatusCode::UNAUTHORIZED,
            clause,
            expected,
            &answer,
        );
    }
    Ok(())
}

/// A good signature is let through: what is left to complain of is the body.
async fn let_through(probe: &mut Probe, clause: &str, why: &str, request: Request) -> Outcome {
    let answer = probe.send(request).await?;
    let expected =
        format!("400 for the missing feature_description: the signature is right, {why}");
    probe.must(
        answer.status == StatusCode::BAD_REQUEST,
        clause,
        expected,
        &answer,
    );
    Ok(())
}

async fn missing(probe: &mut Probe) -> Outcome {
    let request = webhook(probe)
        .json(&whole(probe)?)
        .signature(Signature::Missing);
    let why = "as there is no X-Partner-Signature";
    refused(probe, "webhook.auth.both-headers", why, request).await
}

async fn wrong(probe: &mut Probe) -> Outcome {
    let body = whole(probe)?;
    let signatures = [
        (
            "as it is made with another secret",
            Hmac {
                secret: Some("another-secret".to_owned()),
                ..Hmac::right()
            },
        ),
        (
            "as it is over another body",
            Hmac {
                over: Some(Bytes::from_static(b"{}")),
                ..Hmac::right()
            },
        ),
    ];
    for (why, hmac) in signatures {
        let request = webhook(probe).json(&body).signature(Signature::Made(hmac));
        refused(probe, "webhook.signature.raw-body", why, request).await?;
    }
    Ok(())
}

async fn format(probe: &mut Probe) -> Outcome {
    let clause = "webhook.signature.format";
    let right = webhook(probe).json(&lacking());
    let_through(probe, clause, "in the documented form", right).await?;
    let body = whole(probe)?;
    let made = |prefix, digits| {
        Signature::Made(Hmac {
            prefix,
            digits,
            ..Hmac::right()
        })
    };
    let signatures = [
        ("as it has no prefix", made("", 64)),
        ("as its prefix names another hash", made("sha1=", 64)),
        ("as it is cut short", made("sha256=", 32)),
        ("as it is empty", Signature::Text("sha256=".to_owned())),
        (
            "as it is no hex",
            Signature::Text(format!("sha256={}", "z".repeat(64))),
        ),
    ];
    for (why, signature) in signatures {
        let request = webhook(probe).json(&body).signature(signature);
        refused(probe, clause, why, request).await?;
    }
    Ok(())
}

async fn raw_body(probe: &mut Probe) -> Outcome {
    let clause = "webhook.signature.raw-body";
    let spaced = "{\n\t\"url\" :  \"https://example.com/\" ,\r\n  \"callback_url\":\"https://example.com/callback\"\n}\n";
    let escaped =
        r#"{"callback_url":"https:\/\/example.com\/callback","url":"https://example.com/\u0061"}"#;
    let unicode = r#"{"url":"https://example.com/","callback_url":"https://example.com/callback","custom_data":{"é東🚀":"e\u0301"}}"#;
    let bodies = [
        ("over its white space too", spaced),
        ("over its escapes and key order", escaped),
        ("over its UTF-8", unicode),
    ];
    for (why, body) in bodies {
        let_through(probe, clause, why, webhook(probe).bytes(body)).await?;
    }
    Ok(())
}

async fn not_normalised(probe: &mut Probe) -> Outcome {
    let body = whole(probe)?;
    let pretty = serde_json::to_vec_pretty(&body).unwrap_or_default();
    let over = Some(Bytes::from(body.to_string()));
    let request = webhook(probe)
        .bytes(pretty)
        .signature(Signature::Made(Hmac {
            over,
            ..Hmac::right()
        }));
    let why = "as it is over the same JSON without white space, and not over these bytes";
    refused(probe, "webhook.signature.raw-body", why, request).await
}

async fn before_parsing(probe: &mut Probe) -> Outcome {
    let wrong = Signature::Text(format!("sha256={}", "0".repeat(64)));
    for body in ["{\"url\"", "{}"] {
        let request = webhook(probe).bytes(body).signature(wrong.clone());
        let answer = probe.send(request).await?;
        let holds = answer.status == StatusCode::UNAUTHORIZED;
        let expected = "401 as the signature is wrong, before the body is looked at";
        probe.should(holds, "webhook.signature.raw-body", expected, &answer);
    }
    Ok(())
}
