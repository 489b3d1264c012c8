//! Screenshots, videos, logs.

use http::header::{CONTENT_TYPE, LOCATION};
use serde_json::json;

use super::{Mutant, answer, mutant};
use crate::mutants::effect::Effect;
use crate::mutants::reply::Reply;

const SCREENSHOT: &str = "get_execution_screenshot";
const VIDEO: &str = "get_execution_video";
const LOGS: &str = "get_execution_logs";

pub(super) fn mutants() -> Vec<Mutant> {
    let to_screenshot = "artifacts.screenshot.redirect";
    let to_video = "artifacts.video.redirect";
    vec![
        answer(
            SCREENSHOT,
            "artifacts.screenshot.not-redirected",
            to_screenshot,
            "The screenshot's link is answered with 200.",
            |reply| redirect(reply, 200),
        ),
        answer(
            SCREENSHOT,
            "artifacts.screenshot.temporary",
            to_screenshot,
            "The screenshot is answered with 307.",
            |reply| redirect(reply, 307),
        ),
        answer(
            SCREENSHOT,
            "artifacts.screenshot.no-location",
            to_screenshot,
            "302 leads nowhere, without a Location.",
            |reply| {
                reply.headers().remove(LOCATION);
            },
        ),
        answer(
            SCREENSHOT,
            "artifacts.screenshot.dead",
            to_screenshot,
            "302 leads to what is not there.",
            |reply| lead(reply, |to| to.replace("screenshot.png", "gone.png")),
        ),
        mutant(
            "artifacts.screenshot.page",
            to_screenshot,
            "The screenshot is said to be HTML.",
            Effect::Beside("/static/", |reply| {
                if is(reply, "image/png") {
                    reply.set_header(CONTENT_TYPE, "text/html");
                }
            }),
        ),
        mutant(
            "artifacts.screenshot.empty",
            to_screenshot,
            "The screenshot is an empty file.",
            Effect::Beside("/static/", |reply| {
                if is(reply, "image/png") {
                    reply.set_text("image/png", "");
                }
            }),
        ),
        answer(
            VIDEO,
            "artifacts.video.moved",
            to_video,
            "The video is answered with 301.",
            |reply| redirect(reply, 301),
        ),
        answer(
            VIDEO,
            "artifacts.video.dead",
            to_video,
            "302 leads to what is not there.",
            |reply| lead(reply, |to| to.replace("video.webm", "gone.webm")),
        ),
        mutant(
            "artifacts.video.bytes",
            to_video,
            "The video is said to be bytes.",
            Effect::Beside("/static/", |reply| {
                if is(reply, "video/webm") {
                    reply.set_header(CONTENT_TYPE, "application/octet-stream");
                }
            }),
        ),
        answer(
            LOGS,
            "artifacts.logs.text",
            "artifacts.logs",
            "Logs are plain text.",
            |reply| {
                if reply.succeeded() {
                    reply.set_text("text/plain", "Running 1 test...");
                }
            },
        ),
        answer(
            LOGS,
            "artifacts.logs.console.missing",
            "logs.console",
            "`console_logs` is missing.",
            |reply| reply.remove("/console_logs"),
        ),
        answer(
            LOGS,
            "artifacts.logs.console.lines",
            "logs.console",
            "`console_logs` holds lines of text.",
            |reply| reply.set("/console_logs", json!(["Navigation to /"])),
        ),
        answer(
            LOGS,
            "artifacts.logs.message.renamed",
            "logs.console.message",
            "A line's message is called `text`.",
            |reply| reply.rename("/console_logs/0/message", "text"),
        ),
        answer(
            LOGS,
            "artifacts.logs.type.missing",
            "logs.console.type",
            "A line's type is missing.",
            |reply| reply.remove("/console_logs/0/type"),
        ),
        answer(
            LOGS,
            "artifacts.logs.test-output.missing",
            "logs.test-output",
            "`test_output` is missing.",
            |reply| reply.remove("/test_output"),
        ),
        answer(
            LOGS,
            "artifacts.logs.test-output.empty",
            "logs.test-output",
            "`test_output` is empty.",
            |reply| reply.set("/test_output", ""),
        ),
        answer(
            LOGS,
            "artifacts.logs.error-message.none",
            "logs.error-message",
            "`error_message` of a test that passed is the text None.",
            |reply| reply.set("/error_message", "None"),
        ),
    ]
}

fn redirect(reply: &mut Reply, status: u16) {
    if reply.status() == 302 {
        reply.set_status(status);
    }
}

fn lead(reply: &mut Reply, elsewhere: fn(&str) -> String) {
    let location = reply
        .headers()
        .get(LOCATION)
        .and_then(|it| it.to_str().ok());
    let other = location.and_then(|it| elsewhere(it).parse().ok());
    if let Some(other) = other {
        reply.headers().insert(LOCATION, other);
    }
}

/// Whether a file of this media type is answered.
fn is(reply: &mut Reply, media_type: &str) -> bool {
    let given = reply.headers().get(CONTENT_TYPE);
    given.is_some_and(|given| given == media_type)
}
