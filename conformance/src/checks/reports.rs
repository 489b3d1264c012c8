//! The job report, and whether it tells the same as the callback.

use futures::FutureExt;
use reqwest::StatusCode;
use serde_json::Value;

use crate::check::{Check, Group, Outcome, Stage};
use crate::probe::Probe;

pub(super) fn checks() -> Vec<Check> {
    let checks = vec![
        Check::must(
            Group::Reports,
            "reports.body",
            &["report.full", "report.job-id"],
            "The report has the documented fields and types, at every moment of the job.",
            |probe| body(probe).boxed(),
        )
        .with_schema("JobReport"),
        Check::must(
            Group::Reports,
            "reports.job",
            &["report.job.id", "report.job.url", "report.job.status"],
            "The report is of the job that was asked for, with its URL, and ends in callback_sent.",
            |probe| job(probe).boxed(),
        ),
        Check::must(
            Group::Reports,
            "reports.agree",
            &[
                "report.executions",
                "report.executions.status",
                "report.executions.duration",
                "callback.test.execution-id",
                "report.job.duration",
                "report.job.tests-generated",
                "report.scripts",
            ],
            "The report tells the same tests, verdicts and durations as the callback.",
            |probe| agree(probe).boxed(),
        ),
    ];
    checks
        .into_iter()
        .map(|check| check.stage(Stage::Jobs))
        .collect()
}

async fn body(probe: &mut Probe) -> Outcome {
    let run = probe.job().await?;
    // The first, one under way, the last: the others differ in little.
    let picks = [0, run.reports.len() / 2, run.reports.len() - 1];
    for (number, pick) in picks.into_iter().enumerate() {
        if picks[..number].contains(&pick) {
            continue;
        }
        let answer = &run.reports[pick];
        let status = answer.status == StatusCode::OK;
        if probe.must(status, "report.full", "200 with the report", answer) {
            let request = &answer.request;
            probe.shape(
                "JobReport",
                &answer.json(),
                &answer.summary(),
                Some(request),
            );
        }
    }
    Ok(())
}

async fn job(probe: &mut Probe) -> Outcome {
    let run = probe.job().await?;
    let Some(answer) = run.report() else {
        return Ok(());
    };
    let job = &answer.json()["job"];
    let expected = format!("`job.id` to be {}", run.id);
    probe.must(
        job["id"] == run.id.as_str(),
        "report.job.id",
        expected,
        answer,
    );
    let url = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        text.trim_end_matches('/').to_owned()
    };
    let expected = format!("`job.url` to be the target, {}", run.sent["url"]);
    probe.must(
        url(&job["url"]) == url(&run.sent["url"]),
        "report.job.url",
        expected,
        answer,
    );
    if !run.deliveries.is_empty() {
        let expected = "`job.status` to be callback_sent, as the callback was answered with 200";
        probe.must(
            job["status"] == "callback_sent",
            "report.job.status",
            expected,
            answer,
        );
    }
    Ok(())
}

async fn agree(probe: &mut Probe) -> Outcome {
    let run = probe.job().await?;
    let (Some(answer), false) = (run.report(), run.deliveries.is_empty()) else {
        return Err(crate::Stop::skipped("no callback arrived"));
    };
    let (report, callback) = (answer.json(), run.callback());
    let results = &callback["results"];
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (tests, executions) = (list(&results["tests"]), list(&report["executions"]));
    let executed: Vec<&Value> = tests
        .iter()
        .filter(|test| test["status"] != "skipped")
        .collect();
    let clause = "report.executions";
    let expected = format!(
        "as many executions as the callback has executed tests, {}",
        executed.len()
    );
    probe.must(executions.len() == executed.len(), clause, expected, answer);
    for (test, execution) in executed.iter().zip(&executions) {
        let expected = format!(
            "the execution to be {}, as the callback says",
            test["status"]
        );
        probe.must(
            execution["status"] == test["status"],
            "report.executions.status",
            expected,
            answer,
        );
        let expected = format!(
            "the execution to take {} ms, as the callback says",
            test["duration_ms"]
        );
        probe.should(
            execution["duration"] == test["duration_ms"],
            "report.executions.duration",
            expected,
            answer,
        );
        if execution["execution_id"].is_string() && test["execution_id"].is_string() {
            let expected = format!(
                "the execution to be {}, as the callback says",
                test["execution_id"]
            );
            let holds = execution["execution_id"] == test["execution_id"];
            probe.must(holds, "callback.test.execution-id", expected, answer);
        }
    }
    let generated = &report["job"]["tests_generated"];
    let expected = format!(
        "`tests_generated` to be {}, as the callback says",
        results["total_tests"]
    );
    probe.must(
        generated == &results["total_tests"],
        "report.job.tests-generated",
        expected,
        answer,
    );
    let scripts = list(&report["scripts"]);
    let expected = format!("{generated} scripts, one a generated test");
    probe.should(
        generated.as_u64() == Some(scripts.len() as u64),
        "report.scripts",
        expected,
        answer,
    );
    if let (Some(seconds), Some(millis)) = (
        report["job"]["duration_seconds"].as_f64(),
        results["duration_ms"].as_f64(),
    ) {
        let expected = format!(
            "`duration_seconds` to be about {}, as the callback says",
            millis / 1000.0
        );
        let holds = (seconds - millis / 1000.0).abs() <= 2.0 + millis / 10_000.0;
        probe.should(holds, "report.job.duration", expected, answer);
    }
    Ok(())
}
