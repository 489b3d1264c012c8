//! Security scans.

use futures::FutureExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::check::{Check, Group, Outcome, Stage};
use crate::document::Document;
use crate::http::{Answer, Request};
use crate::probe::Probe;

pub(super) fn checks() -> Vec<Check> {
    let checks = vec![
        Check::must(
            Group::Sast,
            "sast.start",
            &["sast.start", "sast.repository-id"],
            "A scan of an imported repository starts and is answered with a job id.",
            |probe| start(probe).boxed(),
        )
        .with_schema("SastScanStarted"),
        Check::must(
            Group::Sast,
            "sast.status-url",
            &["sast.status-url", "sast.scan-id"],
            "status_url leads to the scan that was started.",
            |probe| status_url(probe).boxed(),
        ),
        Check::must(
            Group::Sast,
            "sast.results",
            &["sast.results"],
            "The scan has the documented fields and types, under way and when completed.",
            |probe| results(probe).boxed(),
        )
        .with_schema("SastScan"),
        Check::must(
            Group::Sast,
            "sast.counts",
            &[
                "sast.findings-count",
                "sast.critical-count",
                "sast.high-count",
                "sast.medium-count",
            ],
            "The counts agree with the findings, in all and a severity.",
            |probe| counts(probe).boxed(),
        ),
        Check::should(
            Group::Sast,
            "sast.verdict",
            &["sast.verdict"],
            "The verdict is fail with a critical finding, else pass; null until completed.",
            |probe| verdict(probe).boxed(),
        ),
        Check::must(
            Group::Sast,
            "sast.engine-choice",
            &["sast.engines", "sast.engines.choice"],
            "Each engine may be asked for alone.",
            |probe| engine_choice(probe).boxed(),
        ),
    ];
    let mut checks: Vec<Check> = checks
        .into_iter()
        .map(|check| check.stage(Stage::Jobs))
        .collect();
    checks.push(Check::must(
        Group::Sast,
        "sast.unknown-repository",
        &["sast.repository-id", "errors.404"],
        "A scan of a repository that was never imported is answered with 404.",
        |probe| unknown_repository(probe).boxed(),
    ));
    checks
}

async fn start(probe: &mut Probe) -> Outcome {
    match probe.scan().await {
        Ok(scan) => {
            probe.success("sast.start", "SastScanStarted", &scan.started);
            Ok(())
        }
        Err(stop) => Err(started(
            probe,
            "sast.start",
            "start_sast_scan",
            "SastScanStarted",
            stop,
        )),
    }
}

/// Of an imported repository something has to start: what was answered instead
/// is a fault and no reason to skip.
pub(super) fn started(
    probe: &mut Probe,
    clause: &str,
    operation: &str,
    schema: &str,
    stop: crate::Stop,
) -> crate::Stop {
    if let Some(answer) = probe.not_started(operation) {
        probe.success(clause, schema, &answer);
    }
    stop
}

async fn status_url(probe: &mut Probe) -> Outcome {
    let scan = probe.scan().await?;
    let started = scan.started.json();
    pollable(
        probe,
        "sast.status-url",
        &started,
        "get_sast_scan",
        "scan_id",
        &scan.started,
    )
    .await
}

/// What `status_url` leads to is what was started.
pub(super) async fn pollable(
    probe: &mut Probe,
    clause: &str,
    started: &Value,
    operation: &str,
    id: &str,
    answer: &Answer,
) -> Outcome {
    let url = started["status_url"].as_str().unwrap_or_default();
    let base = probe.deployment.url.clone();
    let joined = base.join(url).ok().filter(|_| !url.is_empty());
    let Some(joined) = joined.filter(|joined| joined.origin() == base.origin()) else {
        probe.must(
            false,
            clause,
            "`status_url` to be a path of the deployment",
            answer,
        );
        return Ok(());
    };
    let mut request = Request::path(Method::GET, joined.path());
    request.operation = Some(Document::get().operation(operation));
    let polled = probe.send(request).await?;
    let same = polled.status == StatusCode::OK && polled.json()[id] == started["job_id"];
    let expected = format!("200 with `{id}` {}, as status_url says", started["job_id"]);
    probe.must(same, clause, expected, &polled);
    Ok(())
}

async fn results(probe: &mut Probe) -> Outcome {
    let scan = probe.scan().await?;
    for answer in [&scan.polls[0], scan.last()] {
        if let Some(body) = probe.success("sast.results", "SastScan", answer) {
            let expected = format!("`scan_id` to be {}", scan.id);
            probe.must(
                body["scan_id"] == scan.id.as_str(),
                "sast.answer.scan-id",
                expected,
                answer,
            );
        }
    }
    scan.completed().map(drop)
}

async fn counts(probe: &mut Probe) -> Outcome {
    let scan = probe.scan().await?;
    let body = scan.completed()?;
    let findings = body["findings"].as_array().cloned().unwrap_or_default();
    let of = |severity: &str| {
        findings
            .iter()
            .filter(|finding| finding["severity"] == severity)
            .count()
    };
    let counts = [
        ("findings_count", "sast.findings-count", findings.len()),
        ("critical_count", "sast.critical-count", of("critical")),
        ("high_count", "sast.high-count", of("high")),
        ("medium_count", "sast.medium-count", of("medium")),
    ];
    for (field, clause, count) in counts {
        let expected = format!("`{field}` to be {count}, as the findings say");
        probe.must(body[field] == count, clause, expected, scan.last());
    }
    Ok(())
}

async fn verdict(probe: &mut Probe) -> Outcome {
    let scan = probe.scan().await?;
    for answer in &scan.polls {
        let body = answer.json();
        if body["status"] != "completed" {
            let expected = "`verdict` to be null until the scan is completed";
            probe.should(body["verdict"].is_null(), "sast.verdict", expected, answer);
        }
    }
    let body = scan.completed()?;
    let critical = body["findings"].as_array().into_iter().flatten();
    let critical = critical
        .filter(|finding| finding["severity"] == "critical")
        .count();
    let verdict = if critical > 0 { "fail" } else { "pass" };
    let expected = format!("`verdict` to be {verdict} with {critical} critical findings");
    probe.should(
        body["verdict"] == verdict,
        "sast.verdict",
        expected,
        scan.last(),
    );
    Ok(())
}

async fn engine_choice(probe: &mut Probe) -> Outcome {
    let import = probe.import().await?;
    for engine in Document::get().values("SastEngine") {
        let body = json!({ "repository_id": import.repository, "engines": [engine] });
        let polled = probe.poll("start_sast_scan", body, "get_sast_scan").await;
        let scan = match polled {
            Ok(scan) => scan,
            Err(stop) => {
                let clause = "sast.engines.choice";
                let (start, schema) = ("start_sast_scan", "SastScanStarted");
                return Err(started(probe, clause, start, schema, stop));
            }
        };
        let completed = scan.last().json()["status"] == "completed";
        let expected = format!("a completed scan with {engine}");
        probe.must(completed, "sast.engines.choice", expected, scan.last());
    }
    Ok(())
}

async fn unknown_repository(probe: &mut Probe) -> Outcome {
    let request = Request::operation("start_sast_scan", &[])
        .json(&json!({ "repository_id": 9_007_199_254_740_991_i64 }));
    let answer = probe.send(request).await?;
    let why = "as no repository has this id";
    probe.error(StatusCode::NOT_FOUND, "sast.repository-id", why, &answer);
    Ok(())
}
