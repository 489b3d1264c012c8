//! Screenshots, videos and logs.

use futures::FutureExt;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use url::Url;

use crate::check::{Check, Group, Level, Outcome, Stage};
use crate::http::{Answer, Request};
use crate::probe::{Probe, Stop};

pub(super) fn checks() -> Vec<Check> {
    let checks = vec![
        Check::must(
            Group::Artifacts,
            "artifacts.screenshot",
            &[
                "artifacts.screenshot.redirect",
                "artifacts.screenshot.execution-id",
            ],
            "The screenshot is a 302 whose Location serves an image, without the key.",
            |probe| screenshot(probe).boxed(),
        ),
        Check::must(
            Group::Artifacts,
            "artifacts.video",
            &["artifacts.video.redirect", "artifacts.video.execution-id"],
            "The video is a 302 whose Location serves WebM or MP4, without the key.",
            |probe| video(probe).boxed(),
        ),
        Check::must(
            Group::Artifacts,
            "artifacts.logs",
            &["artifacts.logs", "artifacts.logs.execution-id"],
            "The logs have the documented fields and types.",
            |probe| logs(probe).boxed(),
        )
        .with_schema("ExecutionLogs"),
        Check::must(
            Group::Artifacts,
            "artifacts.links",
            &[
                "callback.test.screenshot-url",
                "callback.test.video-url",
                "callback.report-app-url",
            ],
            "The callback's links to screenshot and video serve these without the key; the report's is a URL.",
            |probe| links(probe).boxed(),
        ),
        Check::must(
            Group::Artifacts,
            "artifacts.report-page",
            &["callback.report-app-url"],
            "Where report_app_url leads there is something: no 404 and no failure of the deployment's own.",
            |probe| report_page(probe).boxed(),
        ),
    ];
    checks
        .into_iter()
        .map(|check| check.stage(Stage::Jobs))
        .collect()
}

/// The execution that the callback or the report names.
pub(super) async fn execution(probe: &Probe) -> Result<String, Stop> {
    let job = probe.job().await?;
    let callback = job.callback();
    let report = job.report().map(Answer::json).unwrap_or_default();
    let named = callback["results"]["tests"][0]["execution_id"].as_str();
    let id = named.or_else(|| report["executions"][0]["execution_id"].as_str());
    id.map(str::to_owned)
        .ok_or_else(|| Stop::skipped("neither callback nor report names an execution"))
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";
const WEBM: &[u8] = b"\x1a\x45\xdf\xa3";

fn is_image(body: &[u8]) -> bool {
    body.starts_with(PNG) || body.starts_with(JPEG) || body.get(8..12) == Some(b"WEBP")
}

fn is_video(body: &[u8]) -> bool {
    body.starts_with(WEBM) || body.get(4..8) == Some(b"ftyp")
}

async fn screenshot(probe: &mut Probe) -> Outcome {
    redirect(
        probe,
        "get_execution_screenshot",
        "artifacts.screenshot.redirect",
        "image/",
        is_image,
    )
    .await
}

async fn video(probe: &mut Probe) -> Outcome {
    redirect(
        probe,
        "get_execution_video",
        "artifacts.video.redirect",
        "video/",
        is_video,
    )
    .await
}

async fn redirect(
    probe: &mut Probe,
    operation: &str,
    clause: &str,
    kind: &str,
    right: fn(&[u8]) -> bool,
) -> Outcome {
    let id = execution(probe).await?;
    let answer = probe.send(Request::operation(operation, &[&id])).await?;
    let expected = "302 to the file";
    if !probe.must(
        answer.status == StatusCode::FOUND,
        clause,
        expected,
        &answer,
    ) {
        return Ok(());
    }
    let url = format!(
        "{}{}",
        probe.deployment.url.as_str().trim_end_matches('/'),
        answer.request.path
    );
    let location = answer.header(LOCATION).unwrap_or_default();
    let target = Url::parse(&url).and_then(|base| base.join(location));
    let Some(target) = target.ok().filter(|_| !location.is_empty()) else {
        probe.must(false, clause, "a Location that is a URL", &answer);
        return Ok(());
    };
    media(probe, clause, target, kind, right).await
}

/// What is there is media of this kind, by its bytes and by what is said of it.
async fn media(
    probe: &mut Probe,
    clause: &str,
    url: Url,
    kind: &str,
    right: fn(&[u8]) -> bool,
) -> Outcome {
    let file = probe.follow(url.clone()).await?;
    let said = file
        .header(CONTENT_TYPE)
        .unwrap_or("no Content-Type")
        .to_owned();
    let begins: String = file
        .body
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let seen = format!(
        "{} {said}, {} bytes that begin with {begins}, from {url}",
        file.status.as_u16(),
        file.body.len()
    );
    if !file.status.is_success() || !right(&file.body) {
        let expected = format!("the {kind} file");
        probe.fail(
            Level::Must,
            clause,
            expected,
            seen.clone(),
            Some(&file.request),
        );
    } else if !said.starts_with(kind) {
        let expected = format!("Content-Type {kind}");
        probe.fail(Level::Must, clause, expected, seen, Some(&file.request));
    }
    Ok(())
}

async fn logs(probe: &mut Probe) -> Outcome {
    let id = execution(probe).await?;
    let answer = probe
        .send(Request::operation("get_execution_logs", &[&id]))
        .await?;
    if let Some(body) = probe.success("artifacts.logs", "ExecutionLogs", &answer) {
        let said = body["test_output"]
            .as_str()
            .is_some_and(|text| !text.is_empty());
        let expected = "`test_output` to say how the test ran";
        probe.must(said, "logs.test-output", expected, &answer);
        let job = probe.job().await?;
        if job.callback()["results"]["status"] == "passed" {
            let expected = "`error_message` to be null, as the test passed";
            probe.must(
                body["error_message"].is_null(),
                "logs.error-message",
                expected,
                &answer,
            );
        }
    }
    Ok(())
}

async fn links(probe: &mut Probe) -> Outcome {
    let job = probe.job().await?;
    let results = &job.callback()["results"];
    let test = &results["tests"][0];
    let url = |value: &serde_json::Value| value.as_str().and_then(|text| Url::parse(text).ok());
    if let Some(target) = url(&test["screenshot_url"]) {
        media(
            probe,
            "callback.test.screenshot-url",
            target,
            "image/",
            is_image,
        )
        .await?;
    }
    if let Some(target) = url(&test["video_url"]) {
        media(probe, "callback.test.video-url", target, "video/", is_video).await?;
    }
    let page = url(&results["report_app_url"]);
    if page.is_none_or(|page| !page.has_host()) {
        let seen = results["report_app_url"].to_string();
        let expected = "`report_app_url` to be a URL that people can open";
        probe.fail(Level::Must, "callback.report-app-url", expected, seen, None);
    }
    Ok(())
}

async fn report_page(probe: &mut Probe) -> Outcome {
    let job = probe.job().await?;
    let text = job.callback()["results"]["report_app_url"].clone();
    let page = text.as_str().and_then(|text| Url::parse(text).ok());
    let Some(page) = page.filter(Url::has_host) else {
        return Err(Stop::skipped("the callback has no report_app_url"));
    };
    // Nobody asked other people's servers to be visited.
    if page.host() != probe.deployment.url.host() {
        let host = page.host_str().unwrap_or_default();
        let why = format!("{host} is another host than the deployment's, and is left alone");
        return Err(Stop::Skipped(why));
    }
    let answer = probe.follow(page).await?;
    // A page to log in at, or on the way there, is something.
    let leads = !answer.status.is_server_error() && !matches!(answer.status.as_u16(), 404 | 410);
    let expected = "a page for people, or where they log in";
    probe.must(leads, "callback.report-app-url", expected, &answer);
    Ok(())
}
