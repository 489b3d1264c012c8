//! Within the rate limits: which key has a request left for an operation, and
//! when the next one comes free. Believes the deployment's headers, and counts
//! for itself where there are none.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::document::{Limit, Operation};

/// What was sent with each key to each operation.
#[derive(Default)]
pub(crate) struct Pace {
    lanes: Mutex<HashMap<(&'static str, usize), Lane>>,
    /// Windows as the deployment says that they are.
    windows: Mutex<HashMap<&'static str, Duration>>,
}

#[derive(Default)]
struct Lane {
    /// When requests were sent, for as long as they may count.
    sent: VecDeque<Instant>,
    under_way: u32,
    /// What the deployment last said is left.
    left: Option<u32>,
    /// Not before.
    until: Option<Instant>,
}

impl Pace {
    /// A key of these with a request left, now counted as sent; else how long to wait.
    pub(crate) fn reserve(
        &self,
        operation: &'static Operation,
        keys: &[usize],
    ) -> Result<usize, Duration> {
        let now = Instant::now();
        let limit = Limit {
            window: self.window(operation),
            ..operation.limit
        };
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut soonest = Duration::MAX;
        let mut best = None;
        for &key in keys {
            let lane = lanes.entry((operation.id.as_str(), key)).or_default();
            match lane.free(now, limit) {
                Ok(left) if best.is_none_or(|(most, _)| left > most) => best = Some((left, key)),
                Ok(_) => {}
                Err(wait) => soonest = soonest.min(wait),
            }
        }
        let (_, key) = best.ok_or(soonest)?;
        if let Some(lane) = lanes.get_mut(&(operation.id.as_str(), key)) {
            lane.sent.push_back(now);
            lane.under_way += 1;
            lane.left = lane.left.map(|left| left.saturating_sub(1));
        }
        Ok(key)
    }

    /// Takes the deployment's word for a window; one that is longer than documented
    /// would break the contract, and is not waited for.
    pub(crate) fn note_window(&self, operation: &'static Operation, headers: &HeaderMap) {
        if let Some(window) = policy_window(headers) {
            let window = window.min(operation.limit.window);
            let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
            windows.insert(operation.id.as_str(), window);
        }
    }

    pub(crate) fn window(&self, operation: &'static Operation) -> Duration {
        let windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let told = windows.get(operation.id.as_str()).copied();
        told.unwrap_or(operation.limit.window)
    }

    /// What an answer says of the limit.
    pub(crate) fn learn(
        &self,
        operation: &'static Operation,
        key: usize,
        answer: Option<(StatusCode, &HeaderMap)>,
    ) {
        let now = Instant::now();
        let window = self.window(operation);
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry((operation.id.as_str(), key)).or_default();
        lane.under_way = lane.under_way.saturating_sub(1);
        let Some((status, headers)) = answer else {
            return;
        };
        if status == StatusCode::TOO_MANY_REQUESTS {
            lane.left = Some(0);
            lane.until = Some(now + retry_after(headers).unwrap_or(window));
        } else if let Some((left, reset)) = rate_limit(headers) {
            let left = left.saturating_sub(lane.under_way);
            lane.left = Some(left);
            lane.until = (left == 0).then(|| now + reset);
        }
    }
}

impl Lane {
    /// How many are left, or how long until there is one.
    fn free(&mut self, now: Instant, limit: Limit) -> Result<u32, Duration> {
        if let Some(until) = self.until {
            if now < until {
                return Err(until - now);
            }
            self.until = None;
            self.left = Some(1);
            self.sent.clear();
        }
        if let Some(left) = self.left {
            // Answers under way will say how long.
            return match left {
                0 => Err(Duration::from_millis(50)),
                left => Ok(left),
            };
        }
        while self
            .sent
            .front()
            .is_some_and(|&at| now.duration_since(at) >= limit.window)
        {
            self.sent.pop_front();
        }
        let sent = u32::try_from(self.sent.len()).unwrap_or(u32::MAX);
        match (limit.requests.saturating_sub(sent), self.sent.front()) {
            // The first answers will say how long the window is.
            (0, _) if self.under_way > 0 => Err(Duration::from_millis(50)),
            (0, Some(&oldest)) => Err(limit.window - now.duration_since(oldest)),
            (left, _) => Ok(left),
        }
    }
}

/// `Retry-After` in seconds.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// Left and reset of `RateLimit: "free";r=59;t=60`.
pub(crate) fn rate_limit(headers: &HeaderMap) -> Option<(u32, Duration)> {
    let text = headers.get("ratelimit")?.to_str().ok()?;
    let left = parameter(text, "r")?.parse().ok()?;
    let reset = parameter(text, "t")?.parse().ok()?;
    Some((left, Duration::from_secs(reset)))
}

/// The window of `RateLimit-Policy: "free";q=60;w=60`.
fn policy_window(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("ratelimit-policy")?.to_str().ok()?;
    let seconds = parameter(text, "w")?.parse().ok()?;
    Some(Duration::from_secs(seconds)).filter(|window| !window.is_zero())
}

fn parameter<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.split(';')
        .filter_map(|part| part.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn a_window_is_as_long_as_the_deployment_says_but_not_longer_than_documented() {
        let operation = &Document::get().operations[0];
        let documented = operation.limit.window;
        for (policy, window) in [
            ("\"free\";q=60;w=1", Duration::from_secs(1)),
            ("\"free\";q=60;w=86400", documented),
            ("\"free\";q=60", documented),
            ("\"free\";q=60;w=0", documented),
            ("\"free\";q=60;w=soon", documented),
        ] {
            let pace = Pace::default();
            let mut headers = HeaderMap::new();
            headers.insert("ratelimit-policy", policy.parse().unwrap());
            pace.note_window(operation, &headers);
            assert_eq!(pace.window(operation), window, "{policy}");
        }
    }
}
