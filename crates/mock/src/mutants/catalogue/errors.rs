//! How it is said that something is wrong.

use http::header::WWW_AUTHENTICATE;
use serde_json::json;

use super::{Mutant, answer, mutant};
use crate::mutants::effect::Effect;
use crate::mutants::reply::Reply;

const API: &str = "/api/";

pub(super) fn mutants() -> Vec<Mutant> {
    let any = |id, clause, fault, edit| mutant(id, clause, fault, Effect::AnyAnswer(edit));
    let router = |id, clause, fault, edit| mutant(id, clause, fault, Effect::Beside(API, edit));
    vec![
        any(
            "errors.401.as-403",
            "errors.401",
            "A missing or invalid key is answered with 403.",
            |reply| status(reply, 401, 403),
        ),
        any(
            "errors.401.without-detail",
            "errors.401",
            "401 has no detail.",
            |reply| reply.turn_into(401, 401, json!({})),
        ),
        any(
            "errors.401.page",
            "errors.401",
            "401 is a page to log in at.",
            |reply| {
                if reply.status() == 401 {
                    reply.set_text("text/html", "<h1>Log in</h1>");
                }
            },
        ),
        any(
            "errors.401.without-challenge",
            "errors.401",
            "401 does not say how to authenticate.",
            |reply| drop(reply.headers().remove(WWW_AUTHENTICATE)),
        )
        .inferred(),
        answer(
            "trigger_test_generation",
            "errors.401.challenge-without-scheme",
            "errors.401",
            "The challenge of the webhook's 401 names no scheme.",
            |reply| {
                if reply.headers().contains_key(WWW_AUTHENTICATE) {
                    reply.set_header(WWW_AUTHENTICATE, "header=\"X-Partner-Signature\"");
                }
            },
        )
        .inferred(),
        any(
            "errors.400.as-422",
            "errors.400",
            "Invalid bodies are answered with 422.",
            |reply| status(reply, 400, 422),
        ),
        any(
            "errors.400.as-500",
            "errors.400",
            "Invalid bodies are answered with 500.",
            |reply| status(reply, 400, 500),
        ),
        any(
            "errors.400.detail-is-a-list",
            "errors.detail",
            "The detail of 400 is a list of objects.",
            |reply| {
                let detail = json!({"detail": [{"loc": ["body"], "msg": "invalid"}]});
                reply.turn_into(400, 400, detail);
            },
        ),
        mutant(
            "errors.400.malformed-as-500",
            "errors.400",
            "A body that is no JSON is answered with 500.",
            Effect::MalformedIsInternal,
        ),
        answer(
            "get_job_report",
            "errors.404.message",
            "errors.404",
            "404 has a `message` in the place of `detail`.",
            |reply| reply.turn_into(404, 404, json!({"message": "There is no such job."})),
        ),
        answer(
            "get_job_report",
            "errors.404.plain",
            "errors.detail",
            "404 of a report is plain text.",
            |reply| {
                if reply.status() == 404 {
                    reply.set_text("text/plain", "not found");
                }
            },
        ),
        router(
            "errors.router.without-detail",
            "errors.detail",
            "A path that nobody knows is answered in the router's own shape.",
            |reply| reply.turn_into(404, 404, json!({"error": "Not Found"})),
        ),
        router(
            "errors.router.page",
            "api.base-url",
            "A path that nobody knows is answered with 200 and the application's page.",
            |reply| {
                if reply.status() == 404 {
                    reply.set_status(200);
                    reply.set_text("text/html", "<div id=app></div>");
                }
            },
        ),
        router(
            "errors.router.media-type",
            "errors.404",
            "404 of an unknown path does not say that it is JSON.",
            |reply| {
                if reply.status() == 404 {
                    reply.set_header(http::header::CONTENT_TYPE, "text/plain");
                }
            },
        ),
        router(
            "errors.method.empty",
            "errors.detail",
            "405 has no body.",
            |reply| {
                if reply.status() == 405 {
                    reply.set_text("text/plain", "");
                }
            },
        ),
        any(
            "errors.429.without-detail",
            "errors.429",
            "429 has no detail.",
            |reply| reply.turn_into(429, 429, json!({})),
        ),
        any(
            "errors.413.page",
            "errors.detail",
            "A body that is too large is answered with a proxy's page.",
            |reply| {
                if reply.status() == 413 {
                    reply.set_text("text/html", "<h1>413 Request Entity Too Large</h1>");
                }
            },
        ),
        any(
            "errors.415.empty",
            "errors.detail",
            "415 has no body.",
            |reply| {
                if reply.status() == 415 {
                    reply.set_text("text/plain", "");
                }
            },
        ),
        answer(
            "get_job_report",
            "errors.503.page",
            "errors.503",
            "A deployment that is just starting answers 503 with a proxy's page.",
            |reply| {
                if reply.status() == 404 && reply.turn == 1 {
                    reply.set_status(503);
                    reply.set_text("text/html", "<h1>503 Service Temporarily Unavailable</h1>");
                }
            },
        ),
        answer(
            "get_job_report",
            "errors.unknown-job.empty-report",
            "report.job-id",
            "A job that does not exist is answered with an empty report.",
            |reply| reply.turn_into(404, 200, json!({})),
        ),
        answer(
            "get_sast_scan",
            "errors.unknown-scan.internal",
            "sast.scan-id",
            "A scan that does not exist is answered with 500.",
            |reply| status(reply, 404, 500),
        ),
        answer(
            "get_gap_analysis",
            "errors.unknown-analysis.bad-request",
            "gap.job-id",
            "An analysis that does not exist is answered with 400.",
            |reply| status(reply, 404, 400),
        ),
        answer(
            "get_execution_screenshot",
            "errors.unknown-screenshot.placeholder",
            "artifacts.screenshot.execution-id",
            "An execution that does not exist leads to a placeholder.",
            |reply| {
                if reply.status() == 404 {
                    reply.set_status(302);
                    reply.set_header(http::header::LOCATION, "/static/placeholder.png");
                }
            },
        ),
        answer(
            "get_execution_video",
            "errors.unknown-video.empty",
            "artifacts.video.execution-id",
            "An execution that does not exist is answered with 204.",
            |reply| {
                if reply.status() == 404 {
                    reply.set_status(204);
                    reply.set_text("video/webm", "");
                }
            },
        ),
        answer(
            "get_execution_logs",
            "errors.unknown-logs.empty",
            "artifacts.logs.execution-id",
            "An execution that does not exist has empty logs.",
            |reply| {
                let logs = json!({"console_logs": [], "test_output": "", "error_message": null});
                reply.turn_into(404, 200, logs);
            },
        ),
    ]
}

pub(super) fn status(reply: &mut Reply, from: u16, to: u16) {
    if reply.status() == from {
        reply.set_status(to);
    }
}
