//! Gap analyses.

use serde_json::json;

use super::errors::status;
use super::validation::replace;
use super::{Mutant, answer, body};
use crate::mutants::reply::Reply;

const START: &str = "start_gap_analysis";
const GET: &str = "get_gap_analysis";

pub(super) fn mutants() -> Vec<Mutant> {
    let start = |id, clause, fault, edit: fn(&mut Reply)| answer(START, id, clause, fault, edit);
    let poll = |id, clause, fault, edit: fn(&mut Reply)| answer(GET, id, clause, fault, edit);
    vec![
        start(
            "gap.started.internal",
            "gap.start",
            "An analysis that is started is answered with 500.",
            |reply| status(reply, 200, 500),
        ),
        start(
            "gap.started.job-id.missing",
            "gap.started.job-id",
            "`job_id` is missing.",
            |reply| reply.remove("/job_id"),
        ),
        start(
            "gap.started.status.missing",
            "gap.started.status",
            "A started analysis has no status.",
            |reply| reply.remove("/status"),
        ),
        start(
            "gap.status-url.relative",
            "gap.status-url",
            "`status_url` lacks the base path.",
            |reply| {
                let url = reply.json()["status_url"].as_str().unwrap_or_default();
                let url = url.replace("/api/v1/partner", "");
                reply.set("/status_url", url);
            },
        ),
        start(
            "gap.unknown-repository.internal",
            "gap.repository-id",
            "A repository that was never imported is answered with 500.",
            |reply| status(reply, 404, 500),
        ),
        body(
            START,
            "gap.categories.ignored",
            "gap.categories",
            "Every category is analysed, whatever is asked for.",
            |it| {
                let all = json!(["e2e", "security", "integration"]);
                replace(
                    it,
                    "/categories",
                    |value| value == &json!(["integration"]),
                    all,
                )
            },
        ),
        body(
            START,
            "gap.max-tests.ignored",
            "gap.max-tests",
            "max_tests_per_category is ignored.",
            |it| replace(it, "/max_tests_per_category", |value| value == 1, json!(10)),
        ),
        poll(
            "gap.poll.gone",
            "gap.poll",
            "An analysis is gone once it is completed.",
            |reply| {
                if reply.json()["status"] == "completed" {
                    reply.set_status(410);
                    reply.set_json(json!({"detail": "The results were fetched before."}));
                }
            },
        ),
        poll(
            "gap.job-id.other",
            "gap.answer.job-id",
            "An analysis is answered with another one's id.",
            |reply| reply.set("/job_id", "gap_analysis_another"),
        ),
        poll(
            "gap.status.number",
            "gap.status",
            "The status is a number at first.",
            |reply| {
                if reply.turn == 1 {
                    reply.set("/status", 2);
                }
            },
        ),
        poll(
            "gap.progress.text",
            "gap.progress",
            "`progress` is text.",
            |reply| reply.quote("/progress"),
        ),
        poll(
            "gap.progress.percent",
            "gap.progress",
            "`progress` goes to 100.",
            |reply| {
                let progress = reply.json()["progress"].as_f64().unwrap_or_default();
                reply.set("/progress", progress * 100.0);
            },
        )
        .inferred(),
        poll(
            "gap.progress.backwards",
            "gap.progress",
            "`progress` falls to nothing when it is completed.",
            |reply| {
                if reply.json()["status"] == "completed" {
                    reply.set("/progress", 0.0);
                }
            },
        )
        .inferred(),
        poll(
            "gap.result.null",
            "gap.result",
            "`result` is null when it is completed.",
            |reply| reply.set("/result", json!(null)),
        ),
        poll(
            "gap.tests-generated.off-by-one",
            "gap.result.tests-generated",
            "`tests_generated` is one more than the sum.",
            |reply| reply.add("/result/tests_generated", 1),
        ),
        poll(
            "gap.categories.list",
            "gap.result.categories",
            "`categories` is a list.",
            |reply| {
                if reply.json()["result"].is_object() {
                    reply.set("/result/categories", json!(["e2e"]));
                }
            },
        ),
        poll(
            "gap.status.missing",
            "gap.status",
            "A completed analysis has no status.",
            |reply| {
                if reply.json()["status"] == "completed" {
                    reply.remove("/status");
                }
            },
        ),
    ]
}
