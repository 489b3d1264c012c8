//! What a webhook is answered with, and which job comes of it.

use serde_json::json;

use super::validation::replace;
use super::{Mutant, answer, body, mutant};
use crate::mutants::effect::Effect;

const TRIGGER: &str = "trigger_test_generation";
const REPORT: &str = "get_job_report";

pub(super) fn mutants() -> Vec<Mutant> {
    vec![
        mutant(
            "webhook.any-slug",
            "webhook.partner-slug",
            "Every slug is taken for the key's own.",
            Effect::Arrival(|head, _| {
                let path = head.uri.path();
                if path.starts_with("/api/webhooks/") && path.len() > "/api/webhooks/".len() {
                    head.uri = http::Uri::from_static("/api/webhooks/veilstream");
                }
            }),
        ),
        answer(
            TRIGGER,
            "webhook.accepted.false",
            "webhook.response.accepted",
            "`accepted` is false, though it was.",
            |reply| reply.set("/accepted", false),
        ),
        answer(
            TRIGGER,
            "webhook.accepted.text",
            "webhook.response.accepted",
            "`accepted` is text.",
            |reply| reply.quote("/accepted"),
        ),
        answer(
            TRIGGER,
            "webhook.job-id.missing",
            "webhook.response.job-id",
            "`job_id` is missing.",
            |reply| {
                reply.remove("/job_id");
            },
        ),
        answer(
            TRIGGER,
            "webhook.job-id.number",
            "webhook.response.job-id",
            "`job_id` is a number.",
            |reply| reply.set("/job_id", 42),
        ),
        answer(
            TRIGGER,
            "webhook.message.missing",
            "webhook.response.message",
            "`message` is missing.",
            |reply| reply.remove("/message"),
        ),
        answer(
            REPORT,
            "webhook.pipeline.nothing",
            "api.purpose",
            "A job ends well, and nothing was crawled, generated or executed.",
            |reply| {
                reply.set("/crawl/pages_crawled", 0);
                reply.set("/scripts", json!([]));
                reply.set("/executions", json!([]));
            },
        ),
        answer(
            REPORT,
            "webhook.pipeline.no-crawl",
            "webhook.pipeline",
            "No page is crawled.",
            |reply| reply.set("/crawl/pages_crawled", 0),
        ),
        answer(
            REPORT,
            "webhook.pipeline.no-script",
            "webhook.pipeline",
            "No script is generated.",
            |reply| reply.set("/scripts", json!([])),
        ),
        answer(
            REPORT,
            "webhook.pipeline.not-executed",
            "webhook.pipeline",
            "What was generated is not executed.",
            |reply| reply.set("/executions", json!([])),
        ),
        answer(
            REPORT,
            "webhook.pipeline.not-scored",
            "webhook.pipeline",
            "The quality is never scored.",
            |reply| reply.set("/job/quality_score", json!(null)),
        ),
        body(
            TRIGGER,
            "webhook.auto-execute.default-off",
            "webhook.options.auto-execute",
            "Tests are not executed unless it is asked for.",
            |request| {
                default(request, "auto_execute", json!(false));
                Ok(())
            },
        ),
        body(
            TRIGGER,
            "webhook.auto-execute.ignored",
            "webhook.options.auto-execute",
            "Tests are executed even where it is switched off.",
            |request| {
                if let Some(options) = request["options"].as_object_mut() {
                    options.insert("auto_execute".to_owned(), json!(true));
                }
                Ok(())
            },
        ),
        body(
            TRIGGER,
            "webhook.browser.only-chromium",
            "webhook.options.browser",
            "webkit is refused.",
            |request| match request.pointer("/options/browser") == Some(&json!("webkit")) {
                true => Err("options.browser: is not installed"),
                false => Ok(()),
            },
        ),
        body(
            TRIGGER,
            "webhook.quality-threshold.default-100",
            "webhook.options.quality-threshold",
            "The threshold is 100 where none is given.",
            |request| {
                default(request, "quality_threshold", json!(100));
                Ok(())
            },
        ),
        body(
            TRIGGER,
            "webhook.quality-threshold.ignored",
            "webhook.options.quality-threshold",
            "The threshold is 45, whatever is given.",
            |request| {
                replace(
                    request,
                    "/options/quality_threshold",
                    |it| it == 100,
                    json!(45),
                )
            },
        )
        .inferred(),
        answer(
            REPORT,
            "webhook.status.backwards",
            "report.job.status",
            "A job is shown as crawling after it was shown as scoring.",
            |reply| match reply.turn {
                1 => reply.set("/job/status", "scoring"),
                2 => reply.set("/job/status", "crawling"),
                _ => {}
            },
        )
        .inferred(),
    ]
}

/// A default other than the contract's.
fn default(request: &mut serde_json::Value, option: &str, value: serde_json::Value) {
    if let Some(request) = request.as_object_mut() {
        let options = request.entry("options").or_insert_with(|| json!({}));
        if let Some(options) = options.as_object_mut() {
            options.entry(option).or_insert(value);
        }
    }
}
