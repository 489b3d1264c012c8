//! The callback's payload: serialised once and stored. What is sent later, on
//! every attempt, are these bytes; they are signed when they are sent.

use std::time::Duration;

use contract::types::{self, ExecutionStatus, ResultStatus};
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::SqliteConnection;
use ulid::Ulid;
use url::Url;

use super::ledger::{Job, Outcome};
use super::report::{ExecutionRow, ScriptRow, executions, scripts};
use crate::Refused;
use crate::artifacts::Artifacts;
use crate::execution::ArtifactKind;
use crate::store::{self, now, parsed};

/// How long a callback's links lead somewhere.
const LINKS_VALID_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What a payload is made of, beside the rows of scripts and executions.
pub(super) struct Facts<'a> {
    pub job: &'a Job,
    pub outcome: &'a Outcome,
    pub duration_ms: i64,
    pub artifacts: &'a Artifacts,
    pub public_url: &'a Url,
}

/// [`types::CallbackPayload`] in the source's order, with `custom_data` as it
/// was sent: a number parsed and printed again is not always the same number.
#[derive(Serialize)]
struct Payload<'a> {
    event: types::CallbackPayloadEvent,
    custom_data: &'a RawValue,
    workflow_summary: String,
    results: Results,
}

/// [`types::CallbackResults`] in the source's order.
#[derive(Serialize)]
struct Results {
    status: ResultStatus,
    total_tests: usize,
    passed: usize,
    failed: usize,
    duration_ms: i64,
    report_app_url: String,
    tests: Vec<types::CallbackTest>,
    failures: Vec<types::CallbackFailure>,
}

/// Stores the payload, due at once.
pub(super) async fn store(write: &mut SqliteConnection, facts: &Facts<'_>) -> Result<(), Refused> {
    let body = payload(write, facts).await?;
    sqlx::query(
        "INSERT INTO callbacks (job_id, delivery_id, url, body, next_attempt_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&facts.job.id)
    .bind(store::id("dlv", Ulid::generate()))
    .bind(&facts.job.callback_url)
    .bind(&body)
    .bind(now())
    .execute(write)
    .await?;
    Ok(())
}

async fn payload(write: &mut SqliteConnection, facts: &Facts<'_>) -> Result<Vec<u8>, Refused> {
    let scripts = scripts(&mut *write, &facts.job.id).await?;
    let executions = executions(&mut *write, &facts.job.id).await?;
    let links = links(write, facts).await?;
    let mut tests = Vec::new();
    let mut failures = Vec::new();
    for script in &scripts {
        let execution = executions.iter().find(|run| run.script_id == script.id);
        let test = test(script, execution, &links)?;
        if matches!(
            test.status,
            ExecutionStatus::Failed | ExecutionStatus::TimedOut
        ) {
            failures.push(types::CallbackFailure {
                test: test.test.clone(),
                message: execution
                    .and_then(|run| run.error_message.clone())
                    .unwrap_or_else(|| "The test failed.".to_owned()),
                screenshot_url: test.screenshot_url.clone(),
                execution_id: test.execution_id.clone(),
            });
        }
        tests.push(test);
    }
    if let Some((stage, why)) = &facts.outcome.failure {
        failures.push(types::CallbackFailure {
            test: (*stage).to_owned(),
            message: why.clone(),
            screenshot_url: None,
            execution_id: None,
        });
    }
    let count = |wanted: &[ExecutionStatus]| {
        tests
            .iter()
            .filter(|test| wanted.contains(&test.status))
            .count()
    };
    let payload = Payload {
        event: types::CallbackPayloadEvent::TestResults,
        custom_data: serde_json::from_str(&facts.job.custom_data).map_err(unserialisable)?,
        workflow_summary: summary(facts, tests.len()),
        results: Results {
            status: facts.outcome.result,
            total_tests: tests.len(),
            passed: count(&[ExecutionStatus::Passed]),
            failed: count(&[ExecutionStatus::Failed, ExecutionStatus::TimedOut]),
            duration_ms: facts.duration_ms,
            report_app_url: below(
                facts.public_url,
                &format!("/#/projects/{}", facts.job.project_id),
            ),
            tests,
            failures,
        },
    };
    serde_json::to_vec(&payload).map_err(unserialisable)
}

fn unserialisable(error: serde_json::Error) -> Refused {
    Refused::Fault(format!("the callback's payload: {error}"))
}

/// Where an artifact of an execution is found.
struct Link {
    execution_id: String,
    kind: ArtifactKind,
    url: String,
}

async fn links(write: &mut SqliteConnection, facts: &Facts<'_>) -> Result<Vec<Link>, Refused> {
    let artifacts: Vec<(String, ArtifactKind, String)> = sqlx::query_as(
        "SELECT a.execution_id, a.kind, a.object FROM artifacts a
         JOIN executions e ON e.id = a.execution_id WHERE e.job_id = $1",
    )
    .bind(&facts.job.id)
    .fetch_all(write)
    .await?;
    let link = |(execution_id, kind, object): (String, ArtifactKind, String)| Link {
        execution_id,
        kind,
        url: below(
            facts.public_url,
            &facts.artifacts.link(&object, LINKS_VALID_FOR),
        ),
    };
    Ok(artifacts.into_iter().map(link).collect())
}

fn test(
    script: &ScriptRow,
    execution: Option<&ExecutionRow>,
    links: &[Link],
) -> Result<types::CallbackTest, Refused> {
    let Some(execution) = execution else {
        return Ok(types::CallbackTest {
            test: script.title.clone(),
            status: ExecutionStatus::Skipped,
            duration_ms: 0,
            screenshot_url: None,
            video_url: None,
            execution_id: None,
        });
    };
    let link = |kind: ArtifactKind| {
        links
            .iter()
            .find(|link| link.execution_id == execution.id && link.kind == kind)
            .map(|link| link.url.clone())
    };
    Ok(types::CallbackTest {
        test: script.title.clone(),
        status: parsed(&execution.status)?,
        duration_ms: execution.duration_ms,
        screenshot_url: link(ArtifactKind::Screenshot),
        video_url: link(ArtifactKind::Video),
        execution_id: Some(execution.id.clone()),
    })
}

/// One sentence for people, as the source words it: "AI crawl completed, 1 test
/// generated and executed".
fn summary(facts: &Facts<'_>, generated: usize) -> String {
    let outcome = facts.outcome;
    let failed = outcome.failure.as_ref().map(|(stage, _)| *stage);
    let generated_any = generated > 0;
    let generated = match generated {
        1 => "1 test generated".to_owned(),
        count => format!("{count} tests generated"),
    };
    match (outcome.result, failed) {
        (ResultStatus::Passed | ResultStatus::Failed, _) => {
            format!("AI crawl completed, {generated} and executed")
        }
        (ResultStatus::NotExecuted, _) => {
            format!("AI crawl completed, {generated}, not executed as auto_execute is off")
        }
        (ResultStatus::BelowThreshold | ResultStatus::Error, Some("plan")) if generated_any => {
            format!("AI crawl completed, {generated}, not executed as it asserts nothing")
        }
        (ResultStatus::BelowThreshold, _) => format!(
            "AI crawl completed, {generated}, not executed as its quality is below the threshold"
        ),
        (ResultStatus::Error, Some("crawl")) => "AI crawl failed".to_owned(),
        (ResultStatus::Error, Some("plan")) => {
            "AI crawl completed, test generation failed".to_owned()
        }
        (ResultStatus::Error, Some("execute")) => {
            format!("AI crawl completed, {generated}, execution failed")
        }
        (ResultStatus::Error, _) => "The job ended early".to_owned(),
    }
}

/// `path` below the public URL, which may have a path of its own.
fn below(public_url: &Url, path: &str) -> String {
    format!("{}{path}", public_url.as_str().trim_end_matches('/'))
}
