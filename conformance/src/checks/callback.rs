//! The callback: it arrives, signed, and says what happened.

use std::time::Duration;

use axum::http::StatusCode;
use futures::FutureExt;
use serde_json::{Value, json};

use crate::check::{Check, Group, Level, Outcome, Stage};
use crate::http::Request;
use crate::listener::Delivery;
use crate::probe::{Probe, Stop};
use crate::scene::job::{DESCRIPTION, JobRun, PATIENCE};

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
                "callback.failures",
                "callback.duration",
            ],
            "Totals, verdict and failures agree with the tests that are listed.",
            |probe| totals(probe).boxed(),
        ),
        Check::should(
            Group::Callback,
            "callback.retried",
            &["callback.post", "callback.signature.raw-body"],
            "A callback that was answered with 500 is sent again, byte for byte and signed alike.",
            |probe| retried(probe).boxed(),
        ),
        Check::must(
            Group::Callback,
            "callback.failing",
            &[
                "callback.failures",
                "callback.status",
                "webhook.feature-description.max-length",
            ],
            "Of a description that the page does not keep, a callback comes too, and its totals agree.",
            |probe| failing(probe).boxed(),
        ),
        Check::must(
            Group::Callback,
            "callback.not-executed",
            &["webhook.options.auto-execute", "callback.custom-data"],
            "With auto_execute false a test is generated and not executed; the callback comes all the same.",
            |probe| not_executed(probe).boxed(),
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

/// So long may the first retry take.
const RETRY: Duration = Duration::from_secs(75);

async fn retried(probe: &mut Probe) -> Outcome {
    // Where none arrives at all, none need be waited for here.
    delivered(probe).await?;
    let inbox = probe
        .listener()?
        .inbox(&[StatusCode::INTERNAL_SERVER_ERROR]);
    let body = json!({
        "url": probe.target()?,
        "feature_description": DESCRIPTION,
        "callback_url": inbox.url,
    });
    let request =
        Request::operation("trigger_test_generation", &[&probe.deployment.slug]).json(&body);
    let answer = probe.send(request).await?;
    if !answer.status.is_success() || !inbox.wait_for(1, PATIENCE).await {
        return Err(Stop::skipped("no callback arrived"));
    }
    let clause = "callback.post";
    if !inbox.wait_for(2, RETRY).await {
        let expected = "a second attempt, as the first was answered with 500";
        let seen = format!("none within {} s", RETRY.as_secs());
        probe.fail(Level::Should, clause, expected, seen, Some(&answer.request));
        return Ok(());
    }
    let attempts = inbox.deliveries();
    let (first, second) = (&attempts[0], &attempts[1]);
    if first.body != second.body {
        let expected = "the same bytes at each attempt";
        probe.fail(
            Level::Should,
            clause,
            expected,
            shown(second),
            Some(&answer.request),
        );
    }
    let signature = |delivery: &Delivery| delivery.headers.get("x-qualitymax-signature").cloned();
    let right = signature::sign(probe.deployment.secret.as_bytes(), &second.body);
    if signature(second).is_none_or(|header| header != right.as_str()) {
        let expected = format!("X-QualityMax-Signature: {right} on the second attempt too");
        let clause = "callback.signature.raw-body";
        probe.fail(
            Level::Should,
            clause,
            expected,
            shown(second),
            Some(&answer.request),
        );
    }
    let identity = |delivery: &Delivery| delivery.headers.get("x-qualitymax-delivery").cloned();
    if identity(first) != identity(second) {
        let expected = "the same X-QualityMax-Delivery at each attempt";
        let seen = format!("{:?}, then {:?}", identity(first), identity(second));
        probe.fail(Level::Should, clause, expected, seen, Some(&answer.request));
    }
    Ok(())
}

async fn failing(probe: &mut Probe) -> Outcome {
    let inbox = probe.listener()?.inbox(&[]);
    let body = json!({
        "url": probe.target()?,
        "feature_description": "The page shows the heading 'Nowhere to be seen'",
        "callback_url": inbox.url,
    });
    let job = probe.run_job(body, inbox, 1).await?;
    let Some(delivery) = job.deliveries.first() else {
        return Err(Stop::skipped("no callback arrived"));
    };
    let callback = job.callback();
    let request = Some(&*job.accepted.request);
    probe.shape("CallbackPayload", &callback, &shown(delivery), request);
    for (holds, clause, expected) in agreement(&callback["results"]) {
        if !holds {
            probe.fail(Level::Must, clause, expected, shown(delivery), request);
        }
    }
    Ok(())
}

async fn not_executed(probe: &mut Probe) -> Outcome {
    let inbox = probe.listener()?.inbox(&[]);
    let body = json!({
        "url": probe.target()?,
        "feature_description": DESCRIPTION,
        "callback_url": inbox.url,
        "options": { "auto_execute": false },
    });
    let job = probe.run_job(body, inbox, 1).await?;
    let clause = "webhook.options.auto-execute";
    if let Some(answer) = job.report() {
        let executions = answer.json()["executions"].as_array().map_or(0, Vec::len);
        let expected = "no executions, as auto_execute is false";
        probe.must(executions == 0, clause, expected, answer);
    }
    let Some(delivery) = job.deliveries.first() else {
        return Err(Stop::skipped("no callback arrived"));
    };
    let callback = job.callback();
    let request = Some(&*job.accepted.request);
    let ran = ["passed", "failed"]
        .iter()
        .any(|field| callback["results"][*field].as_u64() != Some(0));
    if ran {
        let expected = "none passed and none failed, as auto_execute is false";
        probe.fail(Level::Must, clause, expected, shown(delivery), request);
    }
    if callback["custom_data"] != json!({}) {
        let expected = "`custom_data` to be empty, as none was sent";
        probe.fail(
            Level::Should,
            "callback.custom-data",
            expected,
            shown(delivery),
            request,
        );
    }
    Ok(())
}
