//! How it is said that something is wrong.

use futures::FutureExt;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::check::{Check, Group, Level, Outcome, Stage};
use crate::document::Document;
use crate::http::{Answer, Key, Request};
use crate::probe::{Probe, Stop};

const BASE: &str = "/api/v1/partner";

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::must(
            Group::Errors,
            "errors.unknown-path",
            &["errors.detail", "errors.404", "api.base-url"],
            "A path that is no operation's is answered with 404 and a detail.",
            |probe| unknown_path(probe).boxed(),
        ),
        Check::must(
            Group::Errors,
            "errors.wrong-method",
            &["errors.detail"],
            "A method that a path does not know is refused with a detail, at best as 405.",
            |probe| wrong_method(probe).boxed(),
        ),
        Check::must(
            Group::Errors,
            "errors.unknown-resource",
            &[
                "errors.404",
                "report.job-id",
                "artifacts.screenshot.execution-id",
                "artifacts.video.execution-id",
                "artifacts.logs.execution-id",
                "sast.scan-id",
                "gap.job-id",
            ],
            "An id that was never given out is answered with 404 and a detail.",
            |probe| unknown_resource(probe).boxed(),
        ),
        Check::must(
            Group::Errors,
            "errors.strange-ids",
            &["errors.detail"],
            "Ids of strange characters and lengths are refused with a detail, and break nothing.",
            |probe| strange_ids(probe).boxed(),
        ),
        Check::must(
            Group::Errors,
            "errors.malformed-json",
            &["errors.400", "errors.detail"],
            "A body that is no JSON object is answered with 400 and a detail.",
            |probe| malformed_json(probe).boxed(),
        )
        .stage(Stage::Cases),
        Check::must(
            Group::Errors,
            "errors.media-type",
            &["errors.detail"],
            "A body that is said not to be JSON, if refused, is refused with 415 or 400 and a detail.",
            |probe| media_type(probe).boxed(),
        )
        .stage(Stage::Cases),
        Check::should(
            Group::Errors,
            "errors.too-large",
            &["errors.detail"],
            "A body beyond the contract's limit is refused with 413 and a detail.",
            |probe| too_large(probe).boxed(),
        ),
        Check::should(
            Group::Errors,
            "errors.huge-header",
            &["errors.detail"],
            "A header beyond all measure is refused with a detail.",
            |probe| huge_header(probe).boxed(),
        ),
        Check::must(
            Group::Errors,
            "errors.unavailable",
            &["errors.503", "errors.detail"],
            "Whatever the whole run saw answered with 503 has a detail.",
            |probe| unavailable(probe).boxed(),
        )
        .stage(Stage::Last),
    ]
}

/// Refused, with a `detail`, as JSON, and not as a failure of the deployment's own.
fn refused(probe: &mut Probe, answer: &Answer, expected: &str) -> bool {
    probe.must(
        answer.status.is_client_error(),
        "errors.detail",
        expected,
        answer,
    ) && probe.detail(answer)
        && json_type(probe, answer)
}

fn json_type(probe: &mut Probe, answer: &Answer) -> bool {
    let holds = answer
        .header(CONTENT_TYPE)
        .is_some_and(|kind| kind.starts_with("application/json"));
    if !holds {
        let seen = format!(
            "Content-Type: {}",
            answer.header(CONTENT_TYPE).unwrap_or("none")
        );
        let expected = "an error to be JSON, and to say so in Content-Type";
        probe.fail(
            Level::Must,
            "errors.detail",
            expected,
            seen,
            Some(&answer.request),
        );
    }
    holds
}

async fn unknown_path(probe: &mut Probe) -> Outcome {
    let paths = [
        format!("{BASE}/unknown"),
        BASE.to_owned(),
        format!("{BASE}/jobs"),
        format!("{BASE}/jobs/pwj_0/report/more"),
        format!("{BASE}/artifacts/exec_0/trace"),
        "/api/webhooks".to_owned(),
        format!("{BASE}/test-cases/%00"),
    ];
    for path in paths {
        let answer = probe.send(Request::path(Method::GET, path)).await?;
        let expected = "404 as there is no such path";
        // `/test-cases/{...}` may be known for other methods.
        let status = answer.status.as_u16();
        if probe.must(
            matches!(status, 400 | 404 | 405),
            "errors.404",
            expected,
            &answer,
        ) {
            probe.detail(&answer);
            json_type(probe, &answer);
        }
    }
    Ok(())
}

async fn wrong_method(probe: &mut Probe) -> Outcome {
    for operation in &Document::get().operations {
        let method = match operation.method == Method::POST {
            true => Method::PUT,
            false => Method::DELETE,
        };
        let mut request = Request::operation(&operation.id, &[&probe.deployment.slug]);
        request.operation = None;
        request.method = method;
        let answer = probe.send(request).await?;
        if refused(probe, &answer, "405 as the path does not know this method") {
            let holds = matches!(answer.status.as_u16(), 404 | 405);
            let expected = "405 as the path does not know this method";
            probe.should(holds, "errors.detail", expected, &answer);
        }
    }
    Ok(())
}

async fn unknown_resource(probe: &mut Probe) -> Outcome {
    let ids = [
        ("get_job_report", "report.job-id", "pwj_"),
        (
            "get_execution_screenshot",
            "artifacts.screenshot.execution-id",
            "exec_",
        ),
        (
            "get_execution_video",
            "artifacts.video.execution-id",
            "exec_",
        ),
        ("get_execution_logs", "artifacts.logs.execution-id", "exec_"),
        ("get_sast_scan", "sast.scan-id", "scan_"),
        ("get_gap_analysis", "gap.job-id", "gap_analysis_"),
    ];
    for (operation, clause, prefix) in ids {
        let id = format!(
            "{prefix}{}",
            ulid::Ulid::generate().to_string().to_lowercase()
        );
        let answer = probe.send(Request::operation(operation, &[&id])).await?;
        probe.error(
            StatusCode::NOT_FOUND,
            clause,
            "as nothing has this id",
            &answer,
        );
    }
    Ok(())
}

async fn strange_ids(probe: &mut Probe) -> Outcome {
    let long = "a".repeat(1500);
    let ids = [
        "pwj_%20",
        "..%2F..%2Fetc%2Fpasswd",
        "%27%20OR%201%3D1",
        "%F0%9F%9A%80",
        "%FF%FE",
        "%00",
        "-1",
        &long,
    ];
    for id in ids {
        let answer = probe
            .send(Request::operation("get_job_report", &[id]))
            .await?;
        refused(probe, &answer, "404, or 400, as this is nobody's id");
    }
    Ok(())
}

async fn malformed_json(probe: &mut Probe) -> Outcome {
    let bodies: [&[u8]; 6] = [
        b"{\"url\": \"https://exa",
        b"",
        b"not json",
        b"[]",
        b"null",
        b"{\"title\": \"\xff\xfe\"}",
    ];
    for operation in &Document::get().operations {
        if operation.request.is_none() {
            continue;
        }
        // Every operation the first two, one operation all of them.
        let all = operation.id == "create_test_case";
        for body in bodies.into_iter().take(if all { bodies.len() } else { 2 }) {
            let request = Request::operation(&operation.id, &[&probe.deployment.slug]).bytes(body);
            let answer = probe.send(request).await?;
            let why = "as the body is no JSON object";
            probe.error(StatusCode::BAD_REQUEST, "errors.400", why, &answer);
        }
    }
    Ok(())
}

async fn media_type(probe: &mut Probe) -> Outcome {
    let body = json!({ "project_id": i64::MAX, "title": "Media type" });
    let request = Request::operation("create_test_case", &[]).json(&body);
    let kinds = [
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        None,
    ];
    for kind in kinds {
        let request = match kind {
            Some(kind) => request.clone().header("Content-Type", kind),
            None => request.clone().without_header("Content-Type"),
        };
        let answer = probe.send(request).await?;
        // The documentation does not ask for it; 404 is the project's.
        if refused(probe, &answer, "a refusal, as the project is nobody's") {
            let holds = matches!(answer.status.as_u16(), 400 | 404 | 415);
            let expected = "415 or 400 as the body is not said to be JSON";
            probe.should(holds, "errors.detail", expected, &answer);
        }
    }
    Ok(())
}

async fn too_large(probe: &mut Probe) -> Outcome {
    for operation in &Document::get().operations {
        let Some(most) = operation.max_body.filter(|&most| most <= 300_000) else {
            continue;
        };
        let body = format!("{{\"padding\":\"{}\"}}", "a".repeat(most));
        let request = Request::operation(&operation.id, &[&probe.deployment.slug]).bytes(body);
        let answer = probe.send(request).await?;
        let expected = format!("413 as the body is longer than {most} bytes");
        let holds = matches!(answer.status.as_u16(), 400 | 413);
        if probe.should(holds, "errors.detail", expected, &answer) {
            probe.detail(&answer);
        }
    }
    Ok(())
}

async fn huge_header(probe: &mut Probe) -> Outcome {
    let request = Request::operation("get_job_report", &["pwj_0"])
        .header("X-Padding", "a".repeat(200_000))
        .key(Key::Missing);
    let answer = probe.send(request).await?;
    let expected = "431, or 400, as the header is too large";
    let holds = matches!(answer.status.as_u16(), 400 | 401 | 413 | 431);
    if probe.should(holds, "errors.detail", expected, &answer) {
        let says = answer.json()["detail"].is_string();
        probe.should(
            says,
            "errors.detail",
            "a `detail` that is a string",
            &answer,
        );
    }
    Ok(())
}

async fn unavailable(probe: &mut Probe) -> Outcome {
    let seen = probe.sender.unavailable();
    if seen.is_empty() {
        return Err(Stop::skipped("nothing was answered with 503"));
    }
    for answer in seen {
        let detail = answer.json();
        let holds = detail["detail"]
            .as_str()
            .is_some_and(|text| !text.is_empty());
        probe.must(
            holds,
            "errors.503",
            "503 with a `detail` that says so",
            &answer,
        );
    }
    Ok(())
}
