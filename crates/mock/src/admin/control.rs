//! Looking at the mock, and telling it what to do.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use contract::ApiError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Failure, Sent};
use crate::job;
use crate::journal::Request;
use crate::scenario::{AnswerFault, check_faults};

/// For whoever waits without saying how long.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn status(State(world): super::State) -> Json<Value> {
    let settings = world.settings().clone();
    let slugs = world.directory.all().iter().map(|partner| &partner.slug);
    let now = world.clock.now();
    let idle = !world.state().is_busy(now);
    Json(json!({
        "url": world.url,
        "partners": slugs.collect::<Vec<_>>(),
        "scenario": settings.scenario.name,
        "faults": settings.faults,
        "clock_ms": u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
        "idle": idle,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    operation: Option<String>,
    partner: Option<String>,
    status: Option<u16>,
    limit: Option<usize>,
}

/// The newest last.
pub(super) async fn requests(
    State(world): super::State,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Vec<Request>>, Failure> {
    let Query(wanted) = wanted.map_err(|why| ApiError::bad_request(format!("{why}.")))?;
    let mut requests = world.journal.all(world.directory.all());
    requests.retain(|request| {
        let fits =
            |wanted: &Option<String>, has: &Option<String>| wanted.is_none() || wanted == has;
        fits(&wanted.operation, &request.operation)
            && fits(&wanted.partner, &request.partner)
            && (wanted.status.is_none() || wanted.status == request.status)
    });
    let skipped = requests.len() - wanted.limit.unwrap_or(usize::MAX).min(requests.len());
    Ok(Json(requests.split_off(skipped)))
}

#[derive(Serialize)]
pub(super) struct JobLine {
    id: String,
    partner: String,
    scenario: String,
    status: contract::types::JobStatus,
    /// What it came to, or will come to.
    result: contract::types::ResultStatus,
    url: String,
    accepted_ms: u64,
}

/// The newest last.
pub(super) async fn jobs(State(world): super::State) -> Json<Vec<JobLine>> {
    let now = world.clock.now();
    let state = world.state();
    let lines = state.jobs.iter().map(|job| JobLine {
        id: job.id.clone(),
        partner: world.directory.get(job.partner).slug.clone(),
        scenario: job.scenario.name.clone(),
        status: job::status(job, now),
        result: job.course.result,
        url: job.target.clone(),
        accepted_ms: u64::try_from(job.accepted_at.as_millis()).unwrap_or(u64::MAX),
    });
    Json(lines.collect())
}

pub(super) async fn scenarios(State(world): super::State) -> Json<Value> {
    let all = world.scenarios.all().iter();
    let all: BTreeMap<_, _> = all.map(|(name, it)| (name, &**it)).collect();
    Json(json!(all))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    name: String,
}

pub(super) async fn set_scenario(
    State(world): super::State,
    Sent(named): Sent<Named>,
) -> Result<Json<Value>, Failure> {
    let scenario = world
        .scenarios
        .get(&named.name)
        .map_err(|unknown| ApiError::bad_request(format!("name: {unknown}.")))?;
    world.settings().scenario = scenario;
    world.changed();
    Ok(Json(json!({ "scenario": named.name })))
}

pub(super) async fn set_faults(
    State(world): super::State,
    Sent(faults): Sent<Vec<AnswerFault>>,
) -> Result<Json<Value>, Failure> {
    check_faults(&faults).map_err(|error| ApiError::bad_request(format!("{error}.")))?;
    world.settings().faults.clone_from(&faults);
    world.changed();
    Ok(Json(json!({ "faults": faults })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    /// `90s`, `2m`
    by: String,
}

pub(super) async fn advance(
    State(world): super::State,
    Sent(advance): Sent<Advance>,
) -> Result<Json<Value>, Failure> {
    world.clock.advance(time("by", &advance.by)?);
    world.changed();
    let now = u64::try_from(world.clock.now().as_millis()).unwrap_or(u64::MAX);
    Ok(Json(json!({ "clock_ms": now })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Idle {
    /// By the wall's clock; 10 s if omitted.
    timeout: Option<String>,
}

pub(super) async fn idle(
    State(world): super::State,
    Sent(idle): Sent<Idle>,
) -> Result<Json<Value>, Failure> {
    let limit = match idle.timeout {
        Some(text) => time("timeout", &text)?,
        None => PATIENCE,
    };
    Ok(Json(json!({ "idle": world.idle(limit).await })))
}

pub(super) async fn reset(State(world): super::State) -> Json<Value> {
    world.reset();
    Json(json!({}))
}

fn time(field: &str, text: &str) -> Result<Duration, ApiError> {
    command_line::time(text).map_err(|error| ApiError::bad_request(format!("{field}: {error}")))
}
