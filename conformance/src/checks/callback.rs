//! The callback: it arrives, signed, and says what happened.

use futures::FutureExt;
use serde_json::Value;

use crate::check::{Check, Group, Level, Outcome, Stage};
use crate::listener::Delivery;
use crate::probe::{Probe, Stop};
use crate::scene::job::JobRun;

pub(super) fn checks() -> Vec<Check> {
    let checks = vec![
        Check::must(
            Group::Callback,
            "callback.arrives",
            &["callback.post"],
            "The results are POSTed to callback_url when the job is done.",
            |probe| arrives(probe).boxed(),
        ),
        Check::must(
            Group::Callback,
            "callback.signature",
            &["callback.signature.header", "callback.signature.raw-body"],
            "The callback is signed: sha256= and the HMAC of its raw bytes, with the webhook secret.",
            |probe| signature(probe).boxed(),
        ),
        Check::must(
            Group::Callback,
            "callback.body",
            &["callback.results"],
            "The callback's body has the documented fields and types.",
            |probe| body(probe).boxed(),
        )
        .with_schema("CallbackPayload"),
        Check::must(
            Group::Callback,
            "callback.echo",
            &["callback.custom-data", "webhook.custom-data.echo"],
            "custom_data comes back exactly: types, nesting, unicode, empty values.",
            |probe| echo(probe).boxed(),
        ),
        Check::must(
            Group::Callback,
            "callback.totals",
            &[
                "callback.total-tests",
                "callback.passed",
                "callback.failed",
                "callback.status",
            ],
            "Totals, verdict and failures agree with the tests that are listed.",
            |probe| totals(probe).boxed(),
        ),
    ];
    checks
        .into_iter()
        .map(|check| check.stage(Stage::Jobs))
        .collect()
}

/// The job and the first callback that came of it.
async fn delivered(probe: &Probe) -> Result<(std::sync::Arc<JobRun>, Delivery), Stop> {
    let job = probe.job().await?;
    match job.deliveries.first().cloned() {
        Some(delivery) => Ok((job, delivery)),
        None => Err(Stop::skipped("no callback arrived")),
    }
}

/// The callback as it is shown in a failure.
fn shown(delivery: &Delivery) -> String {
    let text = String::from_utf8_lossy(&delivery.body);
    format!("a callback with {}", crate::http::abridged(&text, 600))
}

async fn arrives(probe: &mut Probe) -> Outcome {
    let job = probe.job().await?;
    let clause = "callback.post";
    let Some(delivery) = job.deliveries.first() else {
        let seen = format!(
            "nothing in {} s, and the report says {}",
            job.waited.as_secs(),
            job.report()
                .map(crate::http::Answer::summary)
                .unwrap_or_default()
        );
        let expected = "a POST to callback_url when processing completes";
        probe.fail(
            Level::Must,
            clause,
            expected,
            seen,
            Some(&job.accepted.request),
        );
        return Ok(());
    };
    if delivery.method != axum::http::Method::POST {
        let seen = delivery.method.to_string();
        probe.fail(Level::Must, clause, "a POST", seen, None);
    }
    let kind = delivery.headers.get("content-type");
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("none");
    if !kind.starts_with("application/json") {
        let seen = format!("Content-Type: {kind}");
        let expected = "a callback that is said to be JSON";
        probe.fail(Level::Should, clause, expected, seen, None);
    }
    Ok(())
}

async fn signature(probe: &mut Probe) -> Outcome {
    let (_, delivery) = delivered(probe).await?;
    let secret = probe.deployment.secret.clone();
    let mut headers = delivery.headers.get_all("x-qualitymax-signature").iter();
    let Some(header) = headers.next() else {
        let expected = "X-QualityMax-Signature on the callback";
        probe.fail(
            Level::Must,
            "callback.signature.header",
            expected,
            "no such header",
            None,
        );
        return Ok(());
    };
    let header = header.to_str().unwrap_or("no text");
    let right = signature::sign(secret.as_bytes(), &delivery.body);
    if header == right {
        return Ok(());
    }
    let clause = match header.starts_with("sha256=") {
        // The published verification compares texts.
        true => "callback.signature.raw-body",
        false => "callback.signature.header",
    };
    let expected = format!(
        "X-QualityMax-Signature: {right}, over the {} raw bytes of the body",
        delivery.body.len()
    );
    let seen = format!("X-QualityMax-Signature: {header} on {}", shown(&delivery));
    probe.fail(Level::Must, clause, expected, seen, None);
    Ok(())
}

async fn body(probe: &mut Probe) -> Outcome {
    let (_, delivery) = delivered(probe).await?;
    match serde_json::from_slice::<Value>(&delivery.body) {
        Ok(value) => probe.shape("CallbackPayload", &value, &shown(&delivery), None),
        Err(error) => {
            let seen = format!("{error}: {}", shown(&delivery));
            probe.fail(Level::Must, "callback.results", "a JSON body", seen, None);
        }
    }
    Ok(())
}

async fn echo(probe: &mut Probe) -> Outcome {
    let (job, delivery) = delivered(probe).await?;
    let (sent, echoed) = (&job.sent["custom_data"], &job.callback()["custom_data"]);
    if sent != echoed {
        let expected = format!("custom_data exactly as sent: {sent}");
        let seen = match echoed {
            Value::Null => shown(&delivery),
            echoed => echoed.to_string(),
        };
        probe.fail(
            Level::Must,
            "callback.custom-data",
            expected,
            seen,
            Some(&job.accepted.request),
        );
    }
    Ok(())
}

async fn totals(probe: &mut Probe) -> Outcome {
    let (job, delivery) = delivered(probe).await?;
    let callback = job.callback();
    for (holds, clause, expected) in agreement(&callback["results"]) {
        if !holds {
            probe.fail(Level::Must, clause, expected, shown(&delivery), None);
        }
    }
    Ok(())
}

/// What has to hold within a callback's `results`.
fn agreement(results: &Value) -> Vec<(bool, &'static str, String)> {
    let tests: Vec<&Value> = results["tests"].as_array().into_iter().flatten().collect();
    let of = |status: &str| tests.iter().filter(|test| test["status"] == status).count();
    let (passed, failed) = (of("passed"), of("failed") + of("timed_out"));
    let number = |name: &str| results[name].as_u64();
    let same = |name: &str, count: usize| number(name) == Some(count as u64);
    let failures = results["failures"].as_array().map_or(0, Vec::len);
    let verdict = results["status"].as_str().unwrap_or_default();
    vec![
        (
            same("total_tests", tests.len()),
            "callback.total-tests",
            format!("`total_tests` to be {}, the number of `tests`", tests.len()),
        ),
        (
            same("passed", passed),
            "callback.passed",
            format!("`passed` to be {passed}, the number of `tests` that passed"),
        ),
        (
            same("failed", failed),
            "callback.failed",
            format!("`failed` to be {failed}, the number of `tests` that failed"),
        ),
        (
            verdict != "passed" || failed == 0 && passed > 0,
            "callback.status",
            "`status` to be `passed` only where a test passed and none failed".to_owned(),
        ),
        (
            verdict != "failed" || failed > 0,
            "callback.status",
            "`status` to be `failed` only where a test failed".to_owned(),
        ),
        (
            failed == 0 || failures > 0,
            "callback.failures",
            "`failures` to tell of the tests that failed".to_owned(),
        ),
        (
            verdict != "passed" || failures == 0,
            "callback.failures",
            "`failures` to be empty where all passed".to_owned(),
        ),
        (
            tests
                .iter()
                .filter_map(|test| test["duration_ms"].as_u64())
                .all(|each| number("duration_ms").is_none_or(|all| each <= all)),
            "callback.duration",
            "no test to take longer than the job, in `duration_ms`".to_owned(),
        ),
    ]
}
