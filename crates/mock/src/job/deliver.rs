//! Delivery: the callback is POSTed until it arrives, is declined for good, or
//! the attempts are used up.

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::admin::callbacks::Attempt;

use super::{DeliveryStatus, Job, Message, callback, report};
use crate::world::World;

/// How long a callback is held back for the next job's to come first.
const WAIT_FOR_NEXT: Duration = Duration::from_secs(10);

/// A job to be delivered, as long as it is not forgotten.
#[derive(Clone)]
struct Due {
    world: Arc<World>,
    index: usize,
    epoch: CancellationToken,
}

impl Due {
    fn new(world: &Arc<World>, index: usize) -> Self {
        Self {
            world: Arc::clone(world),
            index,
            epoch: world.state().epoch.clone(),
        }
    }

    /// `None` once it is forgotten: another job may stand in its place.
    fn with<T>(&self, then: impl FnOnce(&mut Job) -> T) -> Option<T> {
        let mut state = self.world.state();
        if self.epoch.is_cancelled() {
            return None;
        }
        state.jobs.get_mut(self.index).map(then)
    }
}

/// Lets the job at `index` go to its end and delivers its callback.
pub(super) fn start(world: &Arc<World>, index: usize) {
    let due = Due::new(world, index);
    spawn(due.clone(), async move {
        deliver(&due).await;
    });
}

/// Sends the job's callback once more, whatever became of it. False where it
/// has none yet.
pub(crate) fn replay(world: &Arc<World>, index: usize) -> bool {
    let due = Due::new(world, index);
    let begun = due.with(|job| {
        let has_message = job.delivery.message.is_some();
        job.delivery.under_way += usize::from(has_message);
        has_message
    });
    if begun == Some(true) {
        spawn(due.clone(), async move {
            attempts(&due).await;
        });
    }
    begun == Some(true)
}

/// Until it is done, forgotten, or the mock ends.
fn spawn(due: Due, work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(async move {
        tokio::select! {
            () = due.epoch.cancelled() => {}
            () = work => {
                due.with(|job| job.delivery.under_way -= 1);
                due.world.changed();
            }
        }
    });
}

async fn deliver(due: &Due) -> Option<()> {
    let world = &due.world;
    let (ends_at, faults) = due.with(|job| (job.ends_at(), job.scenario.callback.clone()))?;
    world.clock.sleep_until(ends_at).await;
    due.with(|job| job.delivery.message = Some(callback::message(world, job)))?;
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
