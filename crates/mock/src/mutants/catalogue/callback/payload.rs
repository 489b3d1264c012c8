//! What the payload says of the run.

use serde_json::{Value, json};

use super::super::{Mutant, payload};
use crate::mutants::reply::{add, quote, remove, rename, set};

const TEST: &str = "/results/tests/0";

pub fn mutants() -> Vec<Mutant> {
    [top(), results(), tests()].into_iter().flatten().collect()
}

fn top() -> Vec<Mutant> {
    vec![
        payload(
            "callback.event.other",
            "callback.event",
            "`event` is test.results.",
            |it| set(it, "/event", json!("test.results")),
        ),
        payload(
            "callback.event.missing",
            "callback.event",
            "`event` is missing.",
            |it| drop(remove(it, "/event")),
        ),
        payload(
            "callback.workflow-summary.missing",
            "callback.workflow-summary",
            "`workflow_summary` is missing.",
            |it| drop(remove(it, "/workflow_summary")),
        ),
        payload(
            "callback.results.renamed",
            "callback.results",
            "`results` is called `result`.",
            |it| rename(it, "/results", "result"),
        ),
    ]
}

fn results() -> Vec<Mutant> {
    vec![
        payload(
            "callback.status.unknown",
            "callback.status",
            "`status` is success.",
            |it| set(it, "/results/status", json!("success")),
        )
        .inferred(),
        payload(
            "callback.status.wrong",
            "callback.status",
            "`status` is failed, though every test passed.",
            |it| set(it, "/results/status", json!("failed")),
        ),
        payload(
            "callback.total-tests.off-by-one",
            "callback.total-tests",
            "`total_tests` is one more than there are.",
            |it| add(it, "/results/total_tests", 1),
        ),
        payload(
            "callback.passed.zero",
            "callback.passed",
            "`passed` counts one fewer than passed.",
            |it| add(it, "/results/passed", -1),
        ),
        payload(
            "callback.passed.text",
            "callback.passed",
            "`passed` is text.",
            |it| quote(it, "/results/passed"),
        ),
        payload(
            "callback.failed.one",
            "callback.failed",
            "`failed` counts one where none failed.",
            |it| add(it, "/results/failed", 1),
        ),
        payload(
            "callback.duration.seconds",
            "callback.duration",
            "`duration_ms` is in seconds.",
            |it| {
                if let Some(place) = it.pointer_mut("/results/duration_ms") {
                    *place = json!(place.as_f64().unwrap_or_default() / 1000.0 + 0.001);
                }
            },
        ),
        payload(
            "callback.report-app-url.missing",
            "callback.report-app-url",
            "`report_app_url` is missing.",
            |it| drop(remove(it, "/results/report_app_url")),
        ),
        payload(
            "callback.report-app-url.path",
            "callback.report-app-url",
            "`report_app_url` is a path without a host.",
            |it| {
                set(it, "/results/report_app_url", json!("/#/projects/15"));
            },
        ),
        payload(
            "callback.report-app-url.dead",
            "callback.report-app-url",
            "`report_app_url` leads nowhere.",
            |it| {
                if let Some(url) = it
                    .pointer("/results/report_app_url")
                    .and_then(Value::as_str)
                {
                    let url = url.replace("/#/", "/app/");
                    set(it, "/results/report_app_url", json!(url));
                }
            },
        ),
        payload(
            "callback.tests.counted",
            "callback.tests",
            "`tests` is a number.",
            |it| set(it, "/results/tests", json!(1)),
        ),
        payload(
            "callback.failures.missing",
            "callback.failures",
            "`failures` is missing where nothing failed.",
            |it| drop(remove(it, "/results/failures")),
        ),
        payload(
            "callback.failures.null",
            "callback.failures",
            "`failures` is null where nothing failed.",
            |it| set(it, "/results/failures", Value::Null),
        ),
    ]
}

fn tests() -> Vec<Mutant> {
    vec![
        payload(
            "callback.test.title.renamed",
            "callback.test.title",
            "A test's title is called `name`.",
            |it| rename(it, &format!("{TEST}/test"), "name"),
        ),
        payload(
            "callback.test.status.unknown",
            "callback.test.status",
            "A test's status is ok.",
            |it| set(it, &format!("{TEST}/status"), json!("ok")),
        )
        .inferred(),
        payload(
            "callback.test.status.number",
            "callback.test.status",
            "A test's status is a number.",
            |it| set(it, &format!("{TEST}/status"), json!(0)),
        ),
        payload(
            "callback.test.duration.missing",
            "callback.test.duration",
            "A test's duration is missing.",
            |it| drop(remove(it, &format!("{TEST}/duration_ms"))),
        ),
        payload(
            "callback.test.duration.longer",
            "callback.duration",
            "A test takes longer than its job.",
            |it| add(it, &format!("{TEST}/duration_ms"), 10_000_000),
        ),
        payload(
            "callback.test.screenshot-url.dead",
            "callback.test.screenshot-url",
            "A screenshot's link leads nowhere.",
            |it| swap(it, "screenshot_url", "screenshot.png", "gone.png"),
        ),
        payload(
            "callback.test.screenshot-url.number",
            "callback.test.screenshot-url",
            "A screenshot's link is a number.",
            |it| set(it, &format!("{TEST}/screenshot_url"), json!(7)),
        ),
        payload(
            "callback.test.video-url.dead",
            "callback.test.video-url",
            "A video's link leads nowhere.",
            |it| swap(it, "video_url", "video.webm", "gone.webm"),
        ),
        payload(
            "callback.test.video-url.screenshot",
            "callback.test.video-url",
            "A video's link leads to the screenshot.",
            |it| {
                let other = it.pointer(&format!("{TEST}/screenshot_url")).cloned();
                set(it, &format!("{TEST}/video_url"), other.unwrap_or_default());
            },
        ),
        payload(
            "callback.test.execution-id.other",
            "callback.test.execution-id",
            "A test's execution is not the one of the report.",
            |it| set(it, &format!("{TEST}/execution_id"), json!("exec_0000other")),
        ),
        payload(
            "callback.test.execution-id.number",
            "callback.test.execution-id",
            "A test's execution is a number.",
            |it| set(it, &format!("{TEST}/execution_id"), json!(7)),
        ),
    ]
}

fn swap(payload: &mut Value, field: &str, from: &str, to: &str) {
    if let Some(Value::String(url)) = payload.pointer_mut(&format!("{TEST}/{field}")) {
        *url = url.replace(from, to);
    }
}
