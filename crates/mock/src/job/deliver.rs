//! Delivery: the callback is POSTed until it arrives, is declined for good, or
//! the attempts are used up.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::admin::callbacks::Attempt;

use super::{DeliveryStatus, Job, Message, callback, report};
use crate::state::State;
use crate::world::World;

/// How long a callback is held back for the next job's to come first.
const WAIT_FOR_NEXT: Duration = Duration::from_secs(10);

/// A delivery to come.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scheduled {
    /// By the mock's clock.
    at: Duration,
    /// Of the job.
    index: usize,
    kind: Kind,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// As the job's scenario has it.
    First,
    /// What was delivered already, once more.
    Replay,
}

/// The next on top.
pub(crate) type Schedule = BinaryHeap<Reverse<Scheduled>>;

/// A job to be delivered, as long as it is not forgotten.
struct Due {
    world: Arc<World>,
    index: usize,
    epoch: CancellationToken,
}

impl Due {
    /// `None` once it is forgotten: another job may stand in its place.
    fn with<T>(&self, then: impl FnOnce(&mut Job) -> T) -> Option<T> {
        let mut state = self.world.state();
        if self.epoch.is_cancelled() {
            return None;
        }
        state.jobs.get_mut(self.index).map(then)
    }
}

/// Has the callback of the job at `index` delivered when the job ends.
pub(super) fn when_ended(world: &World, state: &mut State, index: usize) {
    if let Some(at) = state.jobs.get(index).map(Job::ends_at) {
        let kind = Kind::First;
        schedule(world, state, Scheduled { at, index, kind });
    }
}

/// Sends the job's callback once more, whatever became of it. False where it
/// has none yet.
pub(crate) fn replay(world: &World, index: usize) -> bool {
    let mut state = world.state();
    let Some(job) = state.jobs.get_mut(index) else {
        return false;
    };
    if job.delivery.message.is_none() {
        return false;
    }
    job.delivery.under_way += 1;
    let (at, kind) = (world.clock.now(), Kind::Replay);
    schedule(world, &mut state, Scheduled { at, index, kind });
    true
}

fn schedule(world: &World, state: &mut State, new: Scheduled) {
    let next = state.schedule.peek();
    // Whoever waits for an earlier one looks again by then.
    let earliest = next.is_none_or(|Reverse(next)| new.at < next.at);
    state.schedule.push(Reverse(new));
    if earliest {
        world.rescheduled.notify_one();
    }
}

/// Delivers callbacks until the mock ends: all in one task, as one for each,
/// which mostly sleeps, would cost more than the delivery.
pub(crate) async fn run(world: Arc<World>) {
    while !world.stop.is_cancelled() {
        let epoch = world.state().epoch.clone();
        tokio::select! {
            () = epoch.cancelled() => {}
            () = deliver_scheduled(&world, &epoch) => {}
        }
    }
}

/// Makes the deliveries that are scheduled, until their epoch ends.
async fn deliver_scheduled(world: &Arc<World>, epoch: &CancellationToken) {
    let mut under_way = FuturesUnordered::new();
    loop {
        let next = {
            let mut state = world.state();
            if epoch.is_cancelled() {
                return;
            }
            let now = world.clock.now();
            while let Some(next) = state.schedule.peek_mut()
                && next.0.at <= now
            {
                let Reverse(Scheduled { index, kind, .. }) = PeekMut::pop(next);
                let due = Due {
                    world: Arc::clone(world),
                    index,
                    epoch: epoch.clone(),
                };
                under_way.push(run_scheduled(due, kind));
            }
            state.schedule.peek().map(|Reverse(next)| next.at)
        };
        let due = async {
            match next {
                Some(at) => world.clock.sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let working = async {
            under_way.by_ref().collect::<()>().await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = due => {}
            () = world.rescheduled.notified() => {}
            () = working => {}
        }
    }
}

async fn run_scheduled(due: Due, kind: Kind) {
    // None of them fails: what is forgotten on the way ends on the way.
    match kind {
        Kind::First => deliver(&due).await,
        Kind::Replay => attempts(&due).await,
    };
    due.with(|job| job.delivery.under_way -= 1);
    due.world.changed();
}

async fn deliver(due: &Due) -> Option<()> {
    let world = &due.world;
    let (ends_at, faults) = due.with(|job| {
        job.delivery.message = Some(callback::message(world, job));
        (job.ends_at(), job.scenario.callback.clone())
    })?;
    world.changed();
    world.clock.sleep_until(ends_at + faults.delay).await;
    if faults.after_the_next {
        tokio::select! {
            () = world.clock.sleep(WAIT_FOR_NEXT) => {}
            () = next_is_done(due) => {}
        }
    }
    for _ in 0..faults.copies {
        attempts(due).await?;
    }
    Some(())
}

async fn next_is_done(due: &Due) {
    let mut changes = due.world.changes();
    loop {
        changes.borrow_and_update();
        let next = due
            .world
            .state()
            .jobs
            .get(due.index + 1)
            .map(|next| next.delivery.status);
        let done = next.is_some_and(|status| status != DeliveryStatus::Pending);
        if done || changes.changed().await.is_err() {
            return;
        }
    }
}

async fn attempts(due: &Due) -> Option<()> {
    let world = &due.world;
    for made in 1.. {
        let (status, last) = match attempt(due).await? {
            Some(status) if status.is_success() => (DeliveryStatus::Sent, true),
            Some(StatusCode::GONE) => (DeliveryStatus::Failed, true),
            #[cfg(feature = "mutants")]
            _ if world.mutant.never_retries() => (DeliveryStatus::Failed, true),
            _ if made >= world.retries.attempts => (DeliveryStatus::Failed, true),
            _ => (DeliveryStatus::Pending, false),
        };
        if last {
            // What was delivered once stays delivered.
            due.with(|job| match job.delivery.status {
                DeliveryStatus::Sent => {}
                _ => job.delivery.status = status,
            })?;
            break;
        }
        world.changed();
        let jitter = 0.8 + 0.4 * world.seed.share("retry", u64::from(made));
        let pause = world.retries.pause_after(made).mul_f64(jitter);
        world.clock.sleep(pause).await;
    }
    world.changed();
    Some(())
}

/// Makes one attempt and puts it on record; what the receiver answered, if it
/// did.
async fn attempt(due: &Due) -> Option<Option<StatusCode>> {
    let world = &due.world;
    // Never closed, so there is always a turn.
    let _turn = world.attempts.acquire().await;
    let at = world.clock.now();
    let (url, id, number, message) = due.with(|job| {
        let delivery = &mut job.delivery;
        let message = delivery.message.clone()?;
        let number = delivery.attempts.len() + 1;
        // On record before it is made, so that no two have one number.
        delivery.attempts.push(Attempt {
            attempt: number,
            at_ms: u64::try_from(report::millis(at)).unwrap_or_default(),
            status: None,
            error: None,
        });
        Some((
            job.callback_url.clone(),
            delivery.id.clone(),
            number,
            message,
        ))
    })??;
    let answer = post(world, url.clone(), &id, number, message).await;
    let (status, error) = match answer {
        Ok(status) => (Some(status), None),
        Err(why) => (None, Some(why)),
    };
    let code = status.map(|status| status.as_u16());
    tracing::info!(%url, attempt = number, status = code, error, "callback");
    due.with(|job| {
        let attempt = &mut job.delivery.attempts[number - 1];
        attempt.status = code;
        attempt.error = error;
    })?;
    Some(status)
}

async fn post(
    world: &World,
    url: Url,
    delivery: &str,
    attempt: usize,
    message: Message,
) -> Result<StatusCode, String> {
    let mut request = world
        .http
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .header("x-qualitymax-delivery", delivery)
        .header("x-qualitymax-attempt", attempt)
        .body(message.body);
    if let Some(signature) = message.signature {
        request = request.header("x-qualitymax-signature", signature);
    }
    #[cfg(feature = "mutants")]
    let request = match world.mutant.delivery(request) {
        Some(request) => request,
        None => return Ok(StatusCode::OK),
    };
    match request.send().await {
        Ok(answer) => Ok(answer.status()),
        Err(error) => Err(cause(&error)),
    }
}

/// The innermost cause says it best: "Connection refused".
fn cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => cause(source),
        None => error.to_string(),
    }
}
