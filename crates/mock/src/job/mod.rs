//! The webhook job: its course is laid down when it is accepted and shown as far
//! as the clock has come; its callback is really delivered.

pub(crate) mod callback;
mod course;
pub(crate) mod deliver;
mod kept;
mod report;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use contract::{ApiError, types};
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

pub(crate) use course::{Course, Run, Test};
pub(crate) use kept::Jobs;
pub(crate) use report::status;

use crate::admin::callbacks::Attempt;
use crate::outside;
use crate::partners::PartnerId;
use crate::scenario::Chosen;
use crate::world::World;

#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) partner: PartnerId,
    pub(crate) project: i64,
    pub(crate) target: String,
    pub(crate) callback_url: Url,
    /// As it was sent, to the digit.
    pub(crate) custom_data: Box<RawValue>,
    pub(crate) browser: types::Browser,
    pub(crate) scenario: Chosen,
    pub(crate) accepted_at: Duration,
    pub(crate) course: Course,
    pub(crate) delivery: Delivery,
}

/// The callback of a job.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) id: String,
    /// Serialised and signed once, when the job has ended.
    pub(crate) message: Option<Message>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) status: DeliveryStatus,
    /// Deliveries under way: the first, and replays.
    pub(crate) under_way: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) body: Bytes,
    pub(crate) signature: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryStatus {
    Pending,
    Sent,
    Failed,
}

impl Job {
    pub(crate) fn ends_at(&self) -> Duration {
        self.accepted_at + self.course.ends.score
    }

    pub(crate) fn is_done(&self) -> bool {
        self.delivery.under_way == 0
    }
}

/// Accepts a webhook whose body was `bytes`, and lets its job go its way.
pub(crate) fn accept(
    world: &Arc<World>,
    partner: PartnerId,
    request: types::WebhookRequest,
    bytes: &[u8],
    scenario: Chosen,
) -> Result<types::WebhookAccepted, ApiError> {
    let target = outside::url("url", &request.url)?;
    let callback_url = outside::url("callback_url", &request.callback_url)?;
    let options = request.options.unwrap_or_default();
    let mut state = world.state();
    let index = state.jobs.next_index();
    let number = index as u64 + 1;
    let id = world.seed.id("pwj_", number);
    let project = state.ensure_project(partner, &outside::site(&target));
    let course = Course::lay(
        world.seed,
        &mut state,
        &course::Wish {
            job: number,
            target: &request.url,
            description: &request.feature_description,
            options: &options,
            with_login: request.auth.is_some(),
            scenario: &scenario,
        },
    );
    let job = Job {
        id: id.clone(),
        partner,
        project,
        target: request.url,
        callback_url,
        custom_data: custom_data(bytes)?,
        browser: options.browser,
        scenario,
        accepted_at: world.clock.now(),
        course,
        delivery: Delivery {
            id: world.seed.id("dlv_", number),
            message: None,
            attempts: Vec::new(),
            status: DeliveryStatus::Pending,
            under_way: 1,
        },
    };
    state.jobs.push(job, world.keep_jobs);
    deliver::when_ended(world, &mut state, index);
    drop(state);
    world.changed();
    Ok(types::WebhookAccepted {
        accepted: true,
        job_id: id,
        message: "Webhook accepted, processing started".to_owned(),
    })
}

/// As it was sent: a number parsed and printed again is not always the same.
fn custom_data(body: &[u8]) -> Result<Box<RawValue>, ApiError> {
    #[derive(Deserialize)]
    struct Body {
        custom_data: Option<Box<RawValue>>,
    }
    let body: Body = serde_json::from_slice(body)
        .map_err(|error| ApiError::bad_request(format!("the body can't be read: {error}")))?;
    Ok(body.custom_data.unwrap_or_else(|| {
        RawValue::from_string("{}".to_owned()).expect("an empty object is JSON")
    }))
}

/// 404 where there is none, 403 where it is another partner's.
pub(crate) fn report(
    world: &World,
    partner: PartnerId,
    id: &str,
) -> Result<types::JobReport, ApiError> {
    let state = world.state();
    let job = state
        .jobs
        .by_id(id)
        .ok_or_else(|| ApiError::not_found("There is no such job, or none any more."))?;
    if job.partner != partner {
        return Err(ApiError::forbidden("The job belongs to another partner."));
    }
    Ok(report::of(job, world.clock.now()))
}
