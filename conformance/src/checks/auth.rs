//! Who is let in.

use futures::FutureExt;
use reqwest::header::WWW_AUTHENTICATE;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::check::{Check, Group, Level, Outcome};
use crate::document::{Document, Operation};
use crate::http::{Answer, Key, Request, Signature};
use crate::probe::{Probe, Stop};

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::must(
            Group::Auth,
            "auth.missing-key",
            &["auth.key-required", "errors.401"],
            "Every operation answers 401 with a detail when no API key is sent.",
            |probe| missing_key(probe).boxed(),
        ),
        Check::must(
            Group::Auth,
            "auth.unknown-key",
            &["auth.key-required", "errors.401"],
            "A key that was never issued is answered with 401, in either format.",
            |probe| unknown_key(probe).boxed(),
        ),
        Check::must(
            Group::Auth,
            "auth.malformed-key",
            &["auth.key-required", "errors.401"],
            "What is no key at all (empty, a prefix, a bearer token) is answered with 401.",
            |probe| malformed_key(probe).boxed(),
        ),
        Check::must(
            Group::Auth,
            "auth.only-the-header",
            &["auth.key-required"],
            "The key counts in its own header only, not as a bearer token or in the query.",
            |probe| only_the_header(probe).boxed(),
        ),
        Check::must(
            Group::Auth,
            "auth.key-formats",
            &["auth.key-formats"],
            "Both documented key formats, qm-... and qm_..., are let in.",
            |probe| key_formats(probe).boxed(),
        ),
        Check::must(
            Group::Auth,
            "auth.other-partner",
            &["errors.403", "webhook.partner-slug"],
            "A partner's key can't send another partner's webhook.",
            |probe| other_partner(probe).boxed(),
        ),
        Check::should(
            Group::Auth,
            "auth.before-the-body",
            &["errors.401"],
            "A missing key is answered with 401 even where the body is malformed.",
            |probe| before_the_body(probe).boxed(),
        ),
        Check::should(
            Group::Auth,
            "auth.challenge",
            &["errors.401"],
            "401, for the key and for the webhook's signature, says in WWW-Authenticate how to authenticate.",
            |probe| challenge(probe).boxed(),
        ),
    ]
}

/// A request to each operation, good but for what the check changes.
fn every_operation(probe: &Probe) -> Vec<Request> {
    let request = |operation: &Operation| {
        let parameter = match operation.signed {
            true => probe.deployment.slug.as_str(),
            false => "unknown0",
        };
        let request = Request::operation(&operation.id, &[parameter]);
        match operation.request {
            Some(_) => request.json(&json!({})),
            None => request,
        }
    };
    Document::get().operations.iter().map(request).collect()
}

/// An operation that needs nothing but a key.
fn any() -> Request {
    Request::operation("get_job_report", &["pwj_0"])
}

async fn refuse(probe: &mut Probe, request: Request, why: &str) -> Outcome {
    let answer = probe.send(request).await?;
    let clause = probe.check.clauses[0].clone();
    probe.error(StatusCode::UNAUTHORIZED, &clause, why, &answer);
    Ok(())
}

async fn missing_key(probe: &mut Probe) -> Outcome {
    for request in every_operation(probe) {
        refuse(probe, request.key(Key::Missing), "as there is no API key").await?;
    }
    Ok(())
}

async fn unknown_key(probe: &mut Probe) -> Outcome {
    for prefix in Document::get().key_prefixes() {
        let key = format!(
            "{prefix}{}",
            ulid::Ulid::generate().to_string().to_lowercase()
        );
        for request in [
            any(),
            Request::operation("create_test_case", &[]).json(&json!({})),
        ] {
            refuse(
                probe,
                request.key(Key::Text(key.clone())),
                "as nobody has this key",
            )
            .await?;
        }
    }
    Ok(())
}

async fn malformed_key(probe: &mut Probe) -> Outcome {
    let mut keys = vec!["".to_owned(), "undefined".to_owned()];
    for prefix in Document::get().key_prefixes() {
        keys.push(prefix.to_owned());
        keys.push(format!("Bearer {prefix}token"));
        keys.push(format!("{prefix}{}", "a".repeat(4000)));
    }
    for key in keys {
        refuse(probe, any().key(Key::Text(key)), "as this is no API key").await?;
    }
    Ok(())
}

async fn only_the_header(probe: &mut Probe) -> Outcome {
    let Some(key) = probe.deployment.keys.first().cloned() else {
        return Ok(());
    };
    // The commands that are printed hold no key, so these say where it would be.
    let places = [
        any().header("Authorization", format!("Bearer {key}")),
        any().header("X-API-Key", key.clone()),
        Request {
            path: format!("{}?api_key={key}", any().path),
            ..any()
        },
    ];
    for request in places {
        let answer = probe.send(request.key(Key::Missing)).await?;
        let answer = answer.with_request(any().key(Key::Missing));
        probe.error(
            StatusCode::UNAUTHORIZED,
            "auth.key-required",
            "as the key is not in X-QualityMax-API-Key, but in Authorization, X-API-Key or the query",
            &answer,
        );
    }
    Ok(())
}

async fn key_formats(probe: &mut Probe) -> Outcome {
    let mut missing = Vec::new();
    for prefix in Document::get().key_prefixes() {
        let keys = &probe.deployment.keys;
        let Some(number) = keys.iter().position(|key| key.starts_with(prefix)) else {
            missing.push(prefix);
            continue;
        };
        let answer = probe.send(any().key(Key::Nth(number))).await?;
        let expected = format!("no 401, as a key that begins with {prefix} is valid");
        let holds = answer.status != StatusCode::UNAUTHORIZED;
        probe.must(holds, "auth.key-formats", expected, &answer);
    }
    match missing.as_slice() {
        [] => Ok(()),
        missing => Err(Stop::skipped(format!(
            "no key that begins with {} was given",
            missing.join(" or ")
        ))),
    }
}

async fn other_partner(probe: &mut Probe) -> Outcome {
    probe.other_key()?;
    let slug = probe.deployment.slug.clone();
    let request = Request::operation("trigger_test_generation", &[&slug])
        .json(&json!({}))
        .key(Key::Other);
    let answer = probe.send(request).await?;
    let refused = matches!(answer.status.as_u16(), 401 | 403 | 404);
    let expected = "403 as the slug is another partner's";
    if probe.must(refused, "errors.403", expected, &answer) {
        probe.should(
            answer.status == StatusCode::FORBIDDEN,
            "errors.403",
            expected,
            &answer,
        );
        probe.detail(&answer);
    }
    Ok(())
}

async fn before_the_body(probe: &mut Probe) -> Outcome {
    for operation in Document::get().operations.iter() {
        if operation.method != Method::POST {
            continue;
        }
        let request = Request::operation(&operation.id, &[&probe.deployment.slug])
            .bytes("{\"")
            .key(Key::Missing);
        let answer = probe.send(request).await?;
        let expected = "401 as there is no API key, before the body is looked at";
        let holds = answer.status == StatusCode::UNAUTHORIZED;
        probe.should(holds, "errors.401", expected, &answer);
    }
    Ok(())
}

async fn challenge(probe: &mut Probe) -> Outcome {
    let slug = probe.deployment.slug.clone();
    let webhook = Request::operation("trigger_test_generation", &[&slug]).json(&json!({}));
    let wrong = Signature::Text(format!("sha256={}", "0".repeat(64)));
    for (request, what) in [
        (any().key(Key::Missing), "the API key"),
        (webhook.clone().key(Key::Missing), "the API key"),
        (webhook.signature(wrong), "the signature"),
    ] {
        let answer = probe.send(request).await?;
        // Other checks ask whether it is 401.
        if answer.status != StatusCode::UNAUTHORIZED || challenges(&answer) {
            continue;
        }
        let given = answer.headers.get(WWW_AUTHENTICATE);
        let seen = given.map_or_else(
            || "no WWW-Authenticate".to_owned(),
            |value| format!("WWW-Authenticate: {}", value.to_str().unwrap_or("no text")),
        );
        let expected =
            format!("401 to come with a challenge for {what} in WWW-Authenticate, as HTTP demands");
        probe.fail(
            Level::Should,
            "errors.401",
            expected,
            seen,
            Some(&answer.request),
        );
    }
    Ok(())
}

/// Whether there is a challenge, and each can be read.
fn challenges(answer: &Answer) -> bool {
    let mut values = answer.headers.get_all(WWW_AUTHENTICATE).iter().peekable();
    values.peek().is_some()
        && values.all(|value| {
            let read = value.to_str().ok().map(http_auth::parse_challenges);
            matches!(read, Some(Ok(challenges)) if !challenges.is_empty())
        })
}
