//! Good callbacks: what a receiver has to take.

use futures::FutureExt;
use serde_json::json;

use super::body;
use super::catalogue::{Outcome, ReceiverCheck, must, should};
use super::visit::Visit;

/// The contract sets no limit; this is past the default of Express (100 KB).
const LARGE: usize = 160 * 1024;
/// And this past those of nginx (1 MB) and axum (2 MB).
const HUGE: usize = 2_500_000;

pub(super) fn checks() -> Vec<ReceiverCheck> {
    vec![
        must(
            "receiver.good",
            &["callback.post", "callback.signature.header"],
            "The published callback, rightly signed, is accepted.",
            |visit| good(visit).boxed(),
        ),
        must(
            "receiver.raw-bytes",
            &["callback.signature.raw-body"],
            "The signature is verified over the bytes as they came: white space, key order, escapes and numbers count.",
            |visit| raw_bytes(visit).boxed(),
        ),
        must(
            "receiver.unicode",
            &["callback.signature.raw-body"],
            "The bytes are taken as UTF-8, whatever is written with them.",
            |visit| unicode(visit).boxed(),
        ),
        must(
            "receiver.custom-data",
            &["callback.custom-data"],
            "custom_data may hold whatever was sent with the webhook: nulls, nesting, nothing, 4 KB.",
            |visit| custom_data(visit).boxed(),
        ),
        should(
            "receiver.in-time",
            &["callback.post"],
            "Callbacks are answered in time, before the results are worked on.",
            |visit| in_time(visit).boxed(),
        ),
        should(
            "receiver.large",
            &["callback.failures"],
            "A callback of 160 KB is accepted: the contract sets no limit.",
            |visit| large(visit).boxed(),
        ),
        should(
            "receiver.huge",
            &["callback.failures"],
            "A callback of 2.5 MB is accepted: the contract sets no limit.",
            |visit| huge(visit).boxed(),
        ),
        should(
            "receiver.no-tests",
            &["callback.tests"],
            "A job that came to nothing (status error, no tests) is accepted.",
            |visit| no_tests(visit).boxed(),
        ),
        should(
            "receiver.statuses",
            &["callback.status"],
            "Every status is accepted, not only passed and failed.",
            |visit| statuses(visit).boxed(),
        ),
        should(
            "receiver.optional-fields",
            &["callback.test.screenshot-url"],
            "A test without screenshot, video and execution is accepted.",
            |visit| optional_fields(visit).boxed(),
        ),
        should(
            "receiver.unknown-fields",
            &["callback.results"],
            "Fields that are new are accepted, at every level.",
            |visit| unknown_fields(visit).boxed(),
        ),
        should(
            "receiver.late",
            &["callback.post"],
            "A callback that arrives only with the last attempt, hours later, is accepted.",
            |visit| late(visit).boxed(),
        ),
    ]
}

async fn good(visit: &mut Visit<'_>) -> Outcome {
    let request = visit.callback(visit.payload().to_string());
    visit.accepted("the published callback", request).await;
    Ok(())
}

async fn raw_bytes(visit: &mut Visit<'_>) -> Outcome {
    let payload = visit.payload();
    let bodies = [
        ("unusual white space", body::spaced(&payload)),
        ("another key order", body::reversed(&payload).to_string()),
        ("escapes where none are needed", body::escaped(&payload)),
        ("numbers such as 1.0 and 1e2", body::with_numbers(&payload)),
    ];
    for (with, body) in bodies {
        let what = format!("a rightly signed callback with {with}");
        let request = visit.callback(body);
        visit.accepted(&what, request).await;
    }
    Ok(())
}

async fn unicode(visit: &mut Visit<'_>) -> Outcome {
    let texts = [
        ("accents", "é, and the same decomposed: e\u{301}"),
        (
            "four-byte characters and right-to-left text",
            "🚀 東京 \u{5e9}\u{5dc}\u{5d5}\u{5dd}",
        ),
        ("a line separator", "before\u{2028}after\u{feff}"),
    ];
    for (with, text) in texts {
        let mut payload = visit.payload();
        payload["workflow_summary"] = json!(text);
        let payload = body::with_custom_data(payload, json!({ text: text }));
        let request = visit.callback(payload.to_string());
        let what = format!("a rightly signed callback with {with}, not escaped");
        visit.accepted(&what, request).await;
    }
    Ok(())
}

async fn custom_data(visit: &mut Visit<'_>) -> Outcome {
    let kinds = [
        ("a null", json!({ "pr_number": null })),
        ("nesting", json!({ "a": { "b": [[], {}, [null, false]] } })),
        (
            "an integer beyond 2^53",
            json!({ "build": 9_007_199_254_740_993_u64 }),
        ),
        ("an empty key", json!({ "": "" })),
        ("3900 bytes", json!({ "notes": "n".repeat(3900) })),
    ];
    for (with, more) in kinds {
        let payload = body::with_custom_data(visit.payload(), more);
        let request = visit.callback(payload.to_string());
        let what = format!("a callback with {with} in custom_data");
        visit.accepted(&what, request).await;
    }
    if visit.target().custom_data.is_none() {
        let mut payload = visit.payload();
        payload["custom_data"] = json!({});
        let request = visit.callback(payload.to_string());
        let what = "a callback with nothing in custom_data";
        visit.accepted(what, request).await;
    }
    Ok(())
}

async fn in_time(visit: &mut Visit<'_>) -> Outcome {
    let request = visit.callback(body::failed(visit.payload(), 200).to_string());
    visit
        .answered("a callback, as soon as it is verified", request)
        .await;
    Ok(())
}

async fn large(visit: &mut Visit<'_>) -> Outcome {
    let request = visit.callback(body::failed(visit.payload(), LARGE).to_string());
    visit.accepted("a callback of 160 KB", request).await;
    Ok(())
}

async fn huge(visit: &mut Visit<'_>) -> Outcome {
    let request = visit.callback(body::failed(visit.payload(), HUGE).to_string());
    visit.accepted("a callback of 2.5 MB", request).await;
    Ok(())
}

async fn no_tests(visit: &mut Visit<'_>) -> Outcome {
    let mut payload = body::ended(visit.payload(), "error", json!([]));
    payload["workflow_summary"] =
        json!("AI crawl failed: https://preview-abc.env.yourapp.com could not be reached");
    payload["results"]["failures"] = json!([{
        "test": "AI crawl",
        "message": "https://preview-abc.env.yourapp.com could not be reached",
    }]);
    let request = visit.callback(payload.to_string());
    visit
        .accepted("a callback of a job that came to nothing", request)
        .await;
    Ok(())
}

async fn statuses(visit: &mut Visit<'_>) -> Outcome {
    let generated = json!([{ "test": "Login and Dashboard Verification", "status": "skipped", "duration_ms": 0 }]);
    let ended = |status| body::ended(visit.payload(), status, generated.clone());
    let mut timed_out = body::failed(visit.payload(), 100);
    timed_out["results"]["tests"][0]["status"] = json!("timed_out");
    let bodies = [
        ("failed", timed_out),
        ("below_threshold", ended("below_threshold")),
        ("not_executed", ended("not_executed")),
        ("error", ended("error")),
    ];
    for (status, body) in bodies {
        let request = visit.callback(with_links(body).to_string());
        let what = format!("a callback with the status {status}");
        visit.accepted(&what, request).await;
    }
    Ok(())
}

/// So that only the status is unusual.
fn with_links(mut payload: serde_json::Value) -> serde_json::Value {
    let test = &mut payload["results"]["tests"][0];
    test["screenshot_url"] = json!("https://app.qualitymax.io/static/test-executions/...");
    payload
}

async fn optional_fields(visit: &mut Visit<'_>) -> Outcome {
    let mut payload = visit.payload();
    payload["results"]["tests"] = json!([
        { "test": "Login and Dashboard Verification", "status": "passed", "duration_ms": 4200 }
    ]);
    let request = visit.callback(payload.to_string());
    let what = "a callback whose test has no screenshot, video and execution";
    visit.accepted(what, request).await;
    Ok(())
}

async fn unknown_fields(visit: &mut Visit<'_>) -> Outcome {
    let mut payload = visit.payload();
    payload["schema_version"] = json!(2);
    payload["results"]["flaky"] = json!([]);
    payload["results"]["tests"][0]["retries"] = json!({ "count": 1 });
    let request = visit.callback(payload.to_string());
    visit
        .accepted("a callback with fields that are new", request)
        .await;
    Ok(())
}

async fn late(visit: &mut Visit<'_>) -> Outcome {
    let request = visit
        .callback(visit.payload().to_string())
        .header("X-QualityMax-Attempt", "10");
    visit
        .accepted(
            "the tenth attempt of a callback that did not arrive before",
            request,
        )
        .await;
    Ok(())
}
