//! Rate limits: exactly the documented number passes, the next is refused, and
//! the window recovers.

use futures::FutureExt;
use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::json;

use crate::check::{Check, Group, Level, Outcome, Stage};
use crate::document::{Document, Operation};
use crate::http::{Answer, Key, Request};
use crate::probe::{Probe, Stop};

/// So many more are sent than may pass.
const BEYOND: u32 = 2;

pub(super) fn checks() -> Vec<Check> {
    Document::get()
        .operations
        .iter()
        .map(|operation| {
            let (own, class) = clauses(operation);
            let id = format!("rate-limits.{}", operation.id.replace('_', "-"));
            let proves = format!(
                "Exactly {} requests {} pass to {}; the next one is answered with 429 and a detail, and after a wait requests pass again.",
                operation.limit.requests,
                operation.limit.per(),
                operation.id
            );
            let clauses = [own.as_str(), class, "errors.429"];
            Check::must(Group::RateLimits, &id, &clauses, &proves, move |probe| {
                limit(probe, operation).boxed()
            })
            .stage(Stage::Rates)
        })
        .collect()
}

/// The operation's own clause, and its class's.
fn clauses(operation: &Operation) -> (String, &'static str) {
    let item = &Document::get().root()["paths"][operation.path.as_str()];
    let described = &item[operation.method.as_str().to_ascii_lowercase()];
    let own = crate::document::clauses_at(described)
        .into_iter()
        .map(|clause| clause.id)
        .find(|id| id.ends_with(".rate"))
        .unwrap_or_else(|| "errors.429".to_owned());
    let class = match described["x-rate-limit"]["class"] == "llm" {
        true => "rates.llm",
        false => "rates.free",
    };
    (own, class)
}

/// A request that counts and does as little as possible: it asks for what is not
/// there, or lacks what is required.
fn cheap(probe: &Probe, operation: &Operation, key: usize) -> Request {
    let parameter = match operation.signed {
        true => probe.deployment.slug.as_str(),
        false => "unknown0",
    };
    let request = Request::operation(&operation.id, &[parameter]).key(Key::Nth(key));
    match operation.request {
        Some(_) => request.json(&json!({})),
        None => request,
    }
}

async fn limit(probe: &mut Probe, operation: &'static Operation) -> Outcome {
    let (key, own) = probe.sender.rate_key();
    if !own {
        // What was sent with this key before must not count any more.
        let window = probe.sender.window(operation);
        probe.sleep_for_limit(operation, window).await?;
    }
    let (clause, _) = clauses(operation);
    let allowed = operation.limit.requests;
    let request = cheap(probe, operation, key);
    let mut burst = vec![probe.send_now(request.clone()).await?];
    if burst[0].status == StatusCode::UNAUTHORIZED {
        let why = "the key that is kept for rate limits, the last one, is answered with 401";
        return Err(Stop::skipped(why));
    }
    // An earlier run may have used the key within the last window.
    let fresh = crate::http::rate_limit(&burst[0].headers)
        .is_some_and(|(left, _)| left.checked_add(1) == Some(allowed));
    burst.extend(send(probe, &request, allowed + BEYOND - 1).await?);
    let mut passed = passing(&burst);
    if passed == allowed + BEYOND {
        // A window that is counted from the full minute on may have ended
        // within the burst, and lets twice as many through; nothing lets more.
        burst.extend(send(probe, &request, allowed).await?);
        passed = passing(&burst);
    }
    let doubtful = match passed < allowed {
        true => !fresh,
        false => passed > allowed && burst.iter().any(is_refused),
    };
    if doubtful {
        let told = probe.sender.window(operation);
        probe.sleep_for_limit(operation, told).await?;
        burst = send(probe, &request, allowed + BEYOND).await?;
        passed = passing(&burst);
        let documented = operation.limit.window;
        if passed < allowed && told < documented {
            // Only the documented window is a MUST, whatever the headers say.
            probe.sleep_for_limit(operation, documented).await?;
            burst = send(probe, &request, allowed + BEYOND).await?;
            passed = passing(&burst);
        }
    }
    if passed != allowed {
        let elsewhere = match passed < allowed {
            true => "; is the key in use elsewhere, by another run or other traffic?",
            false => "",
        };
        let seen = format!(
            "{passed} of {} requests passed, sent at once with one key{elsewhere}",
            burst.len()
        );
        let per = operation.limit.per();
        let expected = format!("exactly {allowed} requests {per} to pass");
        probe.fail(Level::Must, &clause, expected, seen, Some(&request));
    }
    let Some(refused) = burst.iter().find(|&answer| is_refused(answer)) else {
        return Ok(());
    };
    probe.detail(refused);
    let told = crate::http::retry_after(&refused.headers);
    probe.should(
        told.is_some(),
        "errors.429",
        "Retry-After in seconds",
        refused,
    );
    let pause = probe.sender.pause(refused);
    probe.sleep_for_limit(operation, pause).await?;
    let again = probe.send_now(request.clone()).await?;
    let expected = "requests to pass again after the wait";
    if is_refused(&again) {
        // The contract alone says what Retry-After means; the window is documented.
        probe.should(false, "errors.429", expected, &again);
        let window = operation.limit.window;
        probe.sleep_for_limit(operation, window).await?;
        let again = probe.send_now(request).await?;
        probe.must(!is_refused(&again), &clause, expected, &again);
    }
    Ok(())
}

fn is_refused(answer: &Answer) -> bool {
    answer.status == StatusCode::TOO_MANY_REQUESTS
}

fn passing(burst: &[Answer]) -> u32 {
    let passed = burst.iter().filter(|answer| !is_refused(answer)).count();
    u32::try_from(passed).unwrap_or(u32::MAX)
}

async fn send(probe: &Probe, request: &Request, number: u32) -> Result<Vec<Answer>, Stop> {
    let sent = (0..number).map(|_| probe.send_now(request.clone()));
    join_all(sent).await.into_iter().collect()
}
