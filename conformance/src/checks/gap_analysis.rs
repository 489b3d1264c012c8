//! Gap analyses.

use futures::FutureExt;
use reqwest::StatusCode;
use serde_json::json;

use super::sast::{pollable, started};
use crate::check::{Check, Group, Outcome, Stage};
use crate::document::Document;
use crate::http::{Answer, Request};
use crate::probe::Probe;

pub(super) fn checks() -> Vec<Check> {
    let checks = vec![
        Check::must(
            Group::GapAnalysis,
            "gap.start",
            &["gap.start", "gap.repository-id"],
            "An analysis of an imported repository starts and is answered with a job id.",
            |probe| start(probe).boxed(),
        )
        .with_schema("GapAnalysisStarted"),
        Check::must(
            Group::GapAnalysis,
            "gap.status-url",
            &["gap.status-url", "gap.job-id"],
            "status_url leads to the analysis that was started.",
            |probe| status_url(probe).boxed(),
        ),
        Check::must(
            Group::GapAnalysis,
            "gap.poll",
            &["gap.poll"],
            "The analysis has the documented fields and types, and results when completed.",
            |probe| poll(probe).boxed(),
        )
        .with_schema("GapAnalysis"),
        Check::must(
            Group::GapAnalysis,
            "gap.sum",
            &["gap.result.tests-generated", "gap.result.categories"],
            "tests_generated is the sum over the categories.",
            |probe| sum(probe).boxed(),
        ),
        Check::should(
            Group::GapAnalysis,
            "gap.progress",
            &["gap.progress"],
            "progress stays within 0 and 1, never goes backwards, and is 1 when completed.",
            |probe| progress(probe).boxed(),
        ),
        Check::must(
            Group::GapAnalysis,
            "gap.chosen",
            &["gap.categories", "gap.max-tests"],
            "Only the categories that were asked for are generated, and no more than asked for.",
            |probe| chosen(probe).boxed(),
        ),
    ];
    let mut checks: Vec<Check> = checks
        .into_iter()
        .map(|check| check.stage(Stage::Jobs))
        .collect();
    checks.push(Check::must(
        Group::GapAnalysis,
        "gap.unknown-repository",
        &["gap.repository-id", "errors.404"],
        "An analysis of a repository that was never imported is answered with 404.",
        |probe| unknown_repository(probe).boxed(),
    ));
    checks
}

async fn start(probe: &mut Probe) -> Outcome {
    match probe.gap().await {
        Ok(gap) => {
            probe.success("gap.start", "GapAnalysisStarted", &gap.started);
            Ok(())
        }
        Err(stop) => {
            let operation = "start_gap_analysis";
            Err(started(
                probe,
                "gap.start",
                operation,
                "GapAnalysisStarted",
                stop,
            ))
        }
    }
}

async fn status_url(probe: &mut Probe) -> Outcome {
    let gap = probe.gap().await?;
    let started = gap.started.json();
    pollable(
        probe,
        "gap.status-url",
        &started,
        "get_gap_analysis",
        "job_id",
        &gap.started,
    )
    .await
}

async fn poll(probe: &mut Probe) -> Outcome {
    let gap = probe.gap().await?;
    for answer in &gap.polls {
        if let Some(body) = probe.success("gap.poll", "GapAnalysis", answer) {
            let expected = format!("`job_id` to be {}", gap.id);
            probe.must(
                body["job_id"] == gap.id.as_str(),
                "gap.answer.job-id",
                expected,
                answer,
            );
        }
    }
    let body = gap.completed()?;
    let expected = "`result`, as the analysis is completed";
    probe.must(
        body["result"].is_object(),
        "gap.result",
        expected,
        gap.last(),
    );
    Ok(())
}

async fn sum(probe: &mut Probe) -> Outcome {
    let gap = probe.gap().await?;
    gap.completed()?;
    adds_up(probe, gap.last());
    Ok(())
}

fn adds_up(probe: &mut Probe, answer: &Answer) {
    let result = &answer.json()["result"];
    let categories = result["categories"].as_object();
    let sum: i64 = categories
        .into_iter()
        .flat_map(|categories| categories.values())
        .filter_map(serde_json::Value::as_i64)
        .sum();
    let expected = format!("`tests_generated` to be {sum}, the sum over the categories");
    probe.must(
        result["tests_generated"] == sum,
        "gap.result.tests-generated",
        expected,
        answer,
    );
}

async fn progress(probe: &mut Probe) -> Outcome {
    let gap = probe.gap().await?;
    let range = Document::get().property("GapAnalysis", "progress");
    let end = |keyword: &str| range[keyword].as_f64().expect("progress has a range");
    let (mut before, most) = (end("minimum"), end("maximum"));
    for answer in &gap.polls {
        let Some(now) = answer.json()["progress"].as_f64() else {
            continue;
        };
        let expected = format!("`progress` between {before} and {most}");
        probe.should(
            (before..=most).contains(&now),
            "gap.progress",
            expected,
            answer,
        );
        before = now;
    }
    gap.completed()?;
    let holds = gap.last().json()["progress"].as_f64() == Some(most);
    let expected = format!("`progress` to be {most}, as it is completed");
    probe.should(holds, "gap.progress", expected, gap.last());
    Ok(())
}

async fn chosen(probe: &mut Probe) -> Outcome {
    let import = probe.import().await?;
    let chosen = Document::get().values("GapCategory").pop();
    let chosen = chosen.expect("there are categories");
    let body = json!({
        "repository_id": import.repository,
        "categories": [chosen],
        "max_tests_per_category": 1,
    });
    let gap = probe
        .poll("start_gap_analysis", body, "get_gap_analysis")
        .await?;
    let result = &gap.completed()?["result"];
    for (category, count) in result["categories"].as_object().into_iter().flatten() {
        let asked = category == chosen || count == 0;
        let expected = format!("no category but {chosen}, as only it was asked for");
        probe.must(asked, "gap.categories", expected, gap.last());
        let few = count.as_i64().is_some_and(|count| count <= 1);
        let expected = "at most one test, as max_tests_per_category says";
        probe.must(few, "gap.max-tests", expected, gap.last());
    }
    adds_up(probe, gap.last());
    Ok(())
}

async fn unknown_repository(probe: &mut Probe) -> Outcome {
    let request = Request::operation("start_gap_analysis", &[])
        .json(&json!({ "repository_id": 9_007_199_254_740_991_i64 }));
    let answer = probe.send(request).await?;
    let why = "as no repository has this id";
    probe.error(StatusCode::NOT_FOUND, "gap.repository-id", why, &answer);
    Ok(())
}
