//! The job report.

use serde_json::json;

use super::{Mutant, answer};
use crate::mutants::reply::Reply;

pub(super) fn mutants() -> Vec<Mutant> {
    let report =
        |id, clause, fault, edit: fn(&mut Reply)| answer("get_job_report", id, clause, fault, edit);
    vec![
        report(
            "report.wrapped",
            "report.full",
            "The report is wrapped in `data`, its status and id beside it.",
            |reply| {
                reply.edit(|json| {
                    let whole = json.take();
                    *json = json!({ "data": whole, "job": { "status": "callback_sent" } });
                });
            },
        ),
        report(
            "report.job.missing",
            "report.job",
            "`job` is missing at first.",
            |reply| {
                if reply.turn == 1 {
                    reply.remove("/job");
                }
            },
        ),
        report(
            "report.job.missing-id",
            "report.job.id",
            "`job.id` is called `job_id`.",
            |reply| reply.rename("/job/id", "job_id"),
        ),
        report(
            "report.job.other-id",
            "report.job.id",
            "The report names another job.",
            |reply| reply.set("/job/id", "pwj_another0000000000"),
        ),
        report(
            "report.status.number",
            "report.job.status",
            "The status is a number at first.",
            |reply| {
                if reply.turn == 1 {
                    reply.set("/job/status", 3);
                }
            },
        ),
        report(
            "report.status.undelivered",
            "report.job.status",
            "A callback that arrived is shown as failed.",
            |reply| {
                if reply.json()["job"]["status"] == "callback_sent" {
                    reply.set("/job/status", "callback_failed");
                }
            },
        ),
        report(
            "report.url.missing",
            "report.job.url",
            "`job.url` is missing.",
            |reply| reply.remove("/job/url"),
        ),
        report(
            "report.url.other",
            "report.job.url",
            "`job.url` is not what was tested.",
            |reply| reply.set("/job/url", "https://example.com/other"),
        ),
        report(
            "report.tests-generated.off-by-one",
            "report.job.tests-generated",
            "`tests_generated` is one more than there are.",
            |reply| reply.add("/job/tests_generated", 1),
        ),
        report(
            "report.duration.text",
            "report.job.duration",
            "`duration_seconds` is text.",
            |reply| reply.quote("/job/duration_seconds"),
        ),
        report(
            "report.duration.milliseconds",
            "report.job.duration",
            "`duration_seconds` is in milliseconds.",
            |reply| {
                let seconds = reply.json()["job"]["duration_seconds"].as_f64();
                reply.set(
                    "/job/duration_seconds",
                    seconds.unwrap_or_default() * 1000.0,
                );
            },
        )
        .inferred(),
        report(
            "report.quality-score.text",
            "report.job.quality-score",
            "`quality_score` is text.",
            |reply| {
                if reply.json()["job"]["quality_score"].is_number() {
                    reply.quote("/job/quality_score");
                }
            },
        ),
        report(
            "report.crawl.missing",
            "report.crawl",
            "`crawl` is missing.",
            |reply| reply.remove("/crawl"),
        ),
        report(
            "report.crawl.status.boolean",
            "report.crawl.status",
            "`crawl.status` is a boolean.",
            |reply| reply.set("/crawl/status", true),
        ),
        report(
            "report.crawl.pages.list",
            "report.crawl.pages",
            "`pages_crawled` is a list.",
            |reply| reply.set("/crawl/pages_crawled", json!(["/"])),
        ),
        report(
            "report.scripts.missing",
            "report.scripts",
            "`scripts` is missing.",
            |reply| reply.remove("/scripts"),
        ),
        report(
            "report.scripts.id.text",
            "report.scripts.id",
            "A script's id is text.",
            |reply| reply.quote("/scripts/0/id"),
        ),
        report(
            "report.scripts.name.missing",
            "report.scripts.name",
            "A script's name is missing.",
            |reply| reply.remove("/scripts/0/name"),
        ),
        report(
            "report.scripts.framework.other",
            "report.scripts.framework",
            "A script's framework is null.",
            |reply| reply.set("/scripts/0/framework", json!(null)),
        ),
        report(
            "report.executions.missing",
            "report.executions",
            "`executions` is missing.",
            |reply| reply.remove("/executions"),
        ),
        report(
            "report.executions.disagree",
            "report.executions.status",
            "An execution that passed is reported as failed.",
            |reply| reply.set("/executions/0/status", "failed"),
        ),
        report(
            "report.executions.duration.missing",
            "report.executions.duration",
            "An execution's duration is missing.",
            |reply| reply.remove("/executions/0/duration"),
        ),
    ]
}
