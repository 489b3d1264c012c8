//! The callback: whether it arrives, how it is signed, what it says.

use serde_json::{Value, json};

use super::{Mutant, mutant, payload};
use crate::mutants::effect::Effect;
use crate::mutants::reply::{add, quote, remove, rename, set};

const TEST: &str = "/results/tests/0";

pub(super) fn mutants() -> Vec<Mutant> {
    [delivery(), signatures(), echo(), top(), results(), tests()]
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

fn echo() -> Vec<Mutant> {
    let echo = |id, clause, fault, edit| mutant(id, clause, fault, Effect::Echo(edit));
    vec![
        payload(
            "callback.custom-data.missing",
            "callback.custom-data",
            "custom_data is missing.",
            |it| drop(remove(it, "/custom_data")),
        ),
        echo(
            "callback.custom-data.text",
            "callback.custom-data",
            "custom_data comes back as text.",
            |data| *data = Value::String(data.to_string()),
        ),
        echo(
            "callback.custom-data.floats",
            "callback.custom-data",
            "Integers come back as floats.",
            |data| {
                each(data, &|value| {
                    if let Some(number) = value.as_i64() {
                        *value = json!(number as f64);
                    }
                })
            },
        ),
        echo(
            "callback.custom-data.number-texts",
            "webhook.custom-data.echo",
            "Numbers come back as text.",
            |data| {
                each(data, &|value| {
                    if value.is_number() {
                        *value = Value::String(value.to_string());
                    }
                })
            },
        ),
        echo(
            "callback.custom-data.flat",
            "callback.custom-data",
            "Nested objects come back empty.",
            |data| {
                for value in data
                    .as_object_mut()
                    .into_iter()
                    .flat_map(|it| it.values_mut())
                {
                    if value.is_object() {
                        *value = json!({});
                    }
                }
            },
        ),
        echo(
            "callback.custom-data.without-null",
            "callback.custom-data",
            "null is left out of lists.",
            |data| {
                each(data, &|value| {
                    if let Some(items) = value.as_array_mut() {
                        items.retain(|item| !item.is_null());
                    }
                })
            },
        ),
        echo(
            "callback.custom-data.normalised",
            "callback.custom-data",
            "Unicode comes back composed.",
            |data| {
                each(data, &|value| {
                    if let Some(text) = value.as_str() {
                        *value = json!(text.replace("e\u{301}", "\u{e9}"));
                    }
                })
            },
        ),
        echo(
            "callback.custom-data.ascii",
            "webhook.custom-data.echo",
            "What is not ASCII comes back as question marks.",
            |data| {
                each(data, &|value| {
                    if let Some(text) = value.as_str() {
                        *value = json!(text.replace(|c: char| !c.is_ascii(), "?"));
                    }
                })
            },
        ),
        echo(
            "callback.custom-data.escaped",
            "callback.custom-data",
            "Markup comes back escaped.",
            |data| {
                each(data, &|value| {
                    if let Some(text) = value.as_str() {
                        *value = json!(text.replace('<', "&lt;").replace('>', "&gt;"));
                    }
                })
            },
        ),
        echo(
            "callback.custom-data.without-empty",
            "callback.custom-data",
            "A field with an empty name is lost.",
            |data| {
                if let Some(object) = data.as_object_mut() {
                    object.shift_remove("");
                }
            },
        ),
        echo(
            "callback.custom-data.known-fields",
            "webhook.custom-data.echo",
            "Only deploy_id, branch and pr_number come back.",
            |data| {
                if let Some(object) = data.as_object_mut() {
                    object.retain(|name, _| {
                        ["deploy_id", "branch", "pr_number"].contains(&name.as_str())
                    });
                }
            },
        ),
    ]
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

/// Changes every value, the innermost first.
fn each(value: &mut Value, change: &dyn Fn(&mut Value)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| each(item, change)),
        Value::Object(fields) => fields.values_mut().for_each(|field| each(field, change)),
        _ => {}
    }
    change(value);
}

fn swap(payload: &mut Value, field: &str, from: &str, to: &str) {
    if let Some(Value::String(url)) = payload.pointer_mut(&format!("{TEST}/{field}")) {
        *url = url.replace(from, to);
    }
}
