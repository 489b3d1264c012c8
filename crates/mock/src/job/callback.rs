//! The callback's payload: serialised once and signed once; what is sent on
//! every attempt are these bytes.

use std::time::Duration;

use contract::types::{self, ExecutionStatus, ResultStatus};
use serde::Serialize;
use serde_json::value::RawValue;

use super::report::millis;
use super::{Job, Message, Test};
use crate::artifacts::{self, Kind};
use crate::scenario::Signature;
use crate::world::World;

/// How long a callback's links lead somewhere.
const LINKS_VALID_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// [`types::CallbackPayload`] with `custom_data` as it was sent.
#[derive(Serialize)]
struct Payload<'a> {
    event: types::CallbackPayloadEvent,
    custom_data: &'a RawValue,
    workflow_summary: String,
    results: types::CallbackResults,
}

pub(super) fn message(world: &World, job: &Job) -> Message {
    let payload = Payload {
        event: types::CallbackPayloadEvent::TestResults,
        custom_data: &job.custom_data,
        workflow_summary: summary(job),
        results: results(world, job),
    };
    let body = serde_json::to_vec(&payload).expect("a payload is JSON");
    #[cfg(feature = "mutants")]
    let body = world.mutant.payload(body);
    let secret = world.directory.get(job.partner).secret.as_bytes();
    let signature = match job.scenario.callback.signature {
        Signature::Valid => Some(signature::sign(secret, &body)),
        Signature::Bad => Some(signature::sign(b"not-the-secret", &body)),
        Signature::Missing => None,
    };
    let message = Message {
        body: body.into(),
        signature,
    };
    #[cfg(feature = "mutants")]
    let message = world.mutant.signed(message, secret);
    message
}

fn results(world: &World, job: &Job) -> types::CallbackResults {
    let course = &job.course;
    let tests: Vec<types::CallbackTest> = course
        .tests
        .iter()
        .map(|test| callback_test(world, test))
        .collect();
    let has_failed = |status| matches!(status, ExecutionStatus::Failed | ExecutionStatus::TimedOut);
    let mut failures: Vec<types::CallbackFailure> = tests
        .iter()
        .zip(&course.tests)
        .filter(|(test, _)| has_failed(test.status))
        .map(|(test, of)| types::CallbackFailure {
            test: test.test.clone(),
            message: of
                .run
                .as_ref()
                .and_then(|run| run.error_message.clone())
                .unwrap_or_else(|| "The test failed.".to_owned()),
            screenshot_url: test.screenshot_url.clone(),
            execution_id: test.execution_id.clone(),
        })
        .collect();
    if let Some((stage, why)) = &course.failure {
        failures.push(types::CallbackFailure {
            test: (*stage).to_owned(),
            message: why.clone(),
            screenshot_url: None,
            execution_id: None,
        });
    }
    let count = |wanted: &dyn Fn(ExecutionStatus) -> bool| {
        tests.iter().filter(|test| wanted(test.status)).count() as i64
    };
    types::CallbackResults {
        status: course.result,
        total_tests: tests.len() as i64,
        passed: count(&|status| status == ExecutionStatus::Passed),
        failed: count(&has_failed),
        duration_ms: millis(course.ends.score + course.longer),
        report_app_url: format!("{}/#/projects/{}", world.url, job.project),
        tests,
        failures,
    }
}

fn callback_test(world: &World, test: &Test) -> types::CallbackTest {
    let Some(run) = &test.run else {
        return types::CallbackTest {
            test: test.title.clone(),
            status: ExecutionStatus::Skipped,
            duration_ms: 0,
            screenshot_url: None,
            video_url: None,
            execution_id: None,
        };
    };
    let link = |kind| {
        let path = artifacts::link(world, &run.execution_id, kind, LINKS_VALID_FOR);
        Some(format!("{}{path}", world.url))
    };
    types::CallbackTest {
        test: test.title.clone(),
        status: run.status,
        duration_ms: run.duration_ms,
        screenshot_url: link(Kind::Screenshot),
        video_url: link(Kind::Video),
        execution_id: Some(run.execution_id.clone()),
    }
}

/// One sentence for people, as the published example words it.
fn summary(job: &Job) -> String {
    let generated = match job.course.tests.len() {
        1 => "1 test generated".to_owned(),
        count => format!("{count} tests generated"),
    };
    match job.course.result {
        ResultStatus::Passed | ResultStatus::Failed => {
            format!("AI crawl completed, {generated} and executed")
        }
        ResultStatus::NotExecuted => {
            format!("AI crawl completed, {generated}, not executed as auto_execute is off")
        }
        ResultStatus::BelowThreshold => format!(
            "AI crawl completed, {generated}, not executed as its quality is below the threshold"
        ),
        ResultStatus::Error => "AI crawl failed".to_owned(),
    }
}
