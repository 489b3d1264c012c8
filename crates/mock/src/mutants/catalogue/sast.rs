//! Security scans.

use serde_json::{Value, json};

use super::errors::status;
use super::{Mutant, answer, body};
use crate::mutants::reply::Reply;

const START: &str = "start_sast_scan";
const GET: &str = "get_sast_scan";

pub(super) fn mutants() -> Vec<Mutant> {
    let start = |id, clause, fault, edit: fn(&mut Reply)| answer(START, id, clause, fault, edit);
    let scan = |id, clause, fault, edit: fn(&mut Reply)| answer(GET, id, clause, fault, edit);
    vec![
        start(
            "sast.start.internal",
            "sast.start",
            "A scan that is started is answered with 500.",
            |reply| status(reply, 200, 500),
        ),
        start(
            "sast.job-id.renamed",
            "sast.job-id",
            "`job_id` is called `scan_id`.",
            |reply| reply.rename("/job_id", "scan_id"),
        ),
        start(
            "sast.started.status.missing",
            "sast.started.status",
            "A started scan has no status.",
            |reply| reply.remove("/status"),
        ),
        start(
            "sast.status-url.missing",
            "sast.status-url",
            "`status_url` is missing.",
            |reply| reply.remove("/status_url"),
        ),
        start(
            "sast.status-url.dead",
            "sast.status-url",
            "`status_url` leads nowhere.",
            |reply| {
                reply.set(
                    "/status_url",
                    "/api/v1/partner/sast/scan/scan_0000000000000000",
                )
            },
        ),
        start(
            "sast.status-url.elsewhere",
            "sast.status-url",
            "`status_url` leads to another host.",
            |reply| reply.set("/status_url", "https://internal.example/sast/scan/1"),
        ),
        start(
            "sast.unknown-repository.bad-request",
            "sast.repository-id",
            "A repository that was never imported is answered with 400.",
            |reply| status(reply, 404, 400),
        ),
        body(
            START,
            "sast.repository-id.optional",
            "sast.repository-id",
            "A scan of no repository is accepted as one of the first.",
            |it| super::validation::fill(it, "repository_id", 1),
        )
        .inferred(),
        body(
            START,
            "sast.engines.no-bandit",
            "sast.engines",
            "Bandit is not there.",
            |it| match it["engines"].as_array() {
                Some(engines) if engines.contains(&json!("bandit")) => {
                    Err("engines: bandit is not installed")
                }
                _ => Ok(()),
            },
        ),
        body(
            START,
            "sast.engines.refused",
            "sast.engines.choice",
            "A choice of engines is refused.",
            |it| match it["engines"].is_array() {
                true => Err("engines: can't be chosen"),
                false => Ok(()),
            },
        ),
        body(
            START,
            "sast.branch.any",
            "sast.branch",
            "branch may be other than text.",
            |it| super::validation::replace(it, "/branch", |it| !it.is_string(), json!("main")),
        ),
        scan(
            "sast.scan-id.other",
            "sast.answer.scan-id",
            "A scan is answered with another one's id.",
            |reply| reply.set("/scan_id", "scan_another"),
        ),
        scan(
            "sast.status.number",
            "sast.status",
            "The status is a number at first.",
            |reply| {
                if reply.turn == 1 {
                    reply.set("/status", 2);
                }
            },
        ),
        scan(
            "sast.verdict.number",
            "sast.verdict",
            "The verdict is a number.",
            |reply| when_completed(reply, |json| json["verdict"] = json!(1)),
        ),
        scan(
            "sast.verdict.always-fail",
            "sast.verdict",
            "The verdict is fail with any finding.",
            |reply| when_completed(reply, |json| json["verdict"] = json!("fail")),
        )
        .inferred(),
        scan(
            "sast.findings-count.off-by-one",
            "sast.findings-count",
            "`findings_count` is one more than there are.",
            |reply| reply.add("/findings_count", 1),
        ),
        scan(
            "sast.critical-count.off-by-one",
            "sast.critical-count",
            "`critical_count` is one more than there are.",
            |reply| reply.add("/critical_count", 1),
        ),
        scan(
            "sast.high-count.missing",
            "sast.high-count",
            "`high_count` is missing.",
            |reply| reply.remove("/high_count"),
        ),
        scan(
            "sast.high-count.off-by-one",
            "sast.high-count",
            "`high_count` is one more than there are.",
            |reply| reply.add("/high_count", 1),
        ),
        scan(
            "sast.medium-count.off-by-one",
            "sast.medium-count",
            "`medium_count` is one more than there are.",
            |reply| reply.add("/medium_count", 1),
        ),
        scan(
            "sast.findings.missing",
            "sast.findings",
            "`findings` is missing.",
            |reply| reply.remove("/findings"),
        ),
        scan(
            "sast.finding.rule-id.missing",
            "sast.finding.rule-id",
            "A finding's rule is missing.",
            |reply| reply.remove("/findings/0/rule_id"),
        ),
        scan(
            "sast.finding.severity.number",
            "sast.finding.severity",
            "A finding's severity is a number.",
            |reply| reply.set("/findings/0/severity", 3),
        ),
        scan(
            "sast.finding.file.missing",
            "sast.finding.file",
            "A finding's file is missing.",
            |reply| reply.remove("/findings/0/file"),
        ),
        scan(
            "sast.finding.line.text",
            "sast.finding.line",
            "A finding's line is text.",
            |reply| reply.quote("/findings/0/line_start"),
        ),
        scan(
            "sast.finding.message.missing",
            "sast.finding.message",
            "A finding's message is missing.",
            |reply| reply.remove("/findings/0/message"),
        ),
        scan(
            "sast.finding.cwe.number",
            "sast.finding.cwe",
            "A finding's CWE is a number.",
            |reply| reply.set("/findings/0/cwe_id", 89),
        ),
        scan(
            "sast.results.empty",
            "sast.results",
            "A completed scan is answered with its status alone.",
            |reply| when_completed(reply, |json| *json = json!({"status": "completed"})),
        ),
    ]
}

fn when_completed(reply: &mut Reply, edit: fn(&mut Value)) {
    if reply.json()["status"] == "completed" {
        reply.edit(edit);
    }
}
