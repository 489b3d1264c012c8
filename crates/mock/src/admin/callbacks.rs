//! Callbacks as they are shown, and sent once more.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use contract::ApiError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Failure;
use crate::job::{self, DeliveryStatus, Job};
use crate::world::World;

/// The callback of one job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Callback {
    pub job_id: String,
    /// Slug.
    pub partner: String,
    pub scenario: String,
    /// `X-QualityMax-Delivery`
    pub delivery_id: String,
    pub url: String,
    /// `pending`, `sent`, `failed`
    pub status: String,
    pub attempts: Vec<Attempt>,
    /// `X-QualityMax-Signature`; absent where none is sent, or not yet.
    pub signature: Option<String>,
    /// The payload; null while the job is under way.
    pub body: Value,
}

/// One attempt at delivery.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// From 1.
    pub attempt: usize,
    /// Milliseconds of the mock's clock.
    pub at_ms: u64,
    /// What the receiver answered; absent where it did not.
    pub status: Option<u16>,
    pub error: Option<String>,
}

pub(super) async fn list(State(world): super::State) -> impl IntoResponse {
    Json(all(&world))
}

pub(super) async fn replay_one(
    State(world): super::State,
    Path(job): Path<String>,
) -> Result<Json<Value>, Failure> {
    if replay(&world, &job) {
        return Ok(Json(serde_json::json!({ "replayed": job })));
    }
    let why = "There is no such job, or it has no callback yet.";
    Err(ApiError::not_found(why).into())
}

pub(crate) fn all(world: &World) -> Vec<Callback> {
    let state = world.state();
    state.jobs.iter().map(|job| shown(world, job)).collect()
}

pub(crate) fn replay(world: &Arc<World>, job_id: &str) -> bool {
    let index = world.state().jobs.index_of(job_id);
    index.is_some_and(|index| job::deliver::replay(world, index))
}

fn shown(world: &World, job: &Job) -> Callback {
    let delivery = &job.delivery;
    let message = delivery.message.as_ref();
    Callback {
        job_id: job.id.clone(),
        partner: world.directory.get(job.partner).slug.clone(),
        scenario: job.scenario.name.clone(),
        delivery_id: delivery.id.clone(),
        url: job.callback_url.to_string(),
        status: match delivery.status {
            DeliveryStatus::Pending => "pending",
            DeliveryStatus::Sent => "sent",
            DeliveryStatus::Failed => "failed",
        }
        .to_owned(),
        attempts: delivery.attempts.clone(),
        signature: message.and_then(|message| message.signature.clone()),
        body: message
            .and_then(|message| serde_json::from_slice(&message.body).ok())
            .unwrap_or_default(),
    }
}
