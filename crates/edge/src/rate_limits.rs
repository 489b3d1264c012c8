//! Rate limits: a sliding log per API key and operation, so that in any window
//! no more than the documented number passes.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use contract::{RateClass, RateLimit};

/// One process's count. Only keys that are valid are counted, and a log holds
/// no more entries than its limit, so its memory is bounded by the keys issued.
#[derive(Clone)]
pub struct RateLimits {
    counting: Option<Arc<Counting>>,
}

struct Counting {
    clock: Box<dyn Fn() -> Instant + Send + Sync>,
    /// Seconds of the clock in a second of the caller's.
    speed: f64,
    logs: Mutex<Logs>,
}

#[derive(Default)]
struct Logs {
    of: HashMap<(i64, &'static str), VecDeque<Instant>>,
    swept: Option<Instant>,
}

/// What is to be said of a request that was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) limit: RateLimit,
    /// The limit's window, in the caller's seconds.
    pub(crate) window: u64,
    pub(crate) remaining: u32,
    /// The caller's seconds until there is one more.
    pub(crate) reset: u64,
}

/// Past the limit; `reset` says when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exceeded(pub(crate) Quota);

impl RateLimits {
    /// The documented ones.
    pub fn documented() -> Self {
        Self::with_clock(Instant::now)
    }

    /// The documented ones, by another clock.
    pub fn with_clock(clock: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Self::with_fast_clock(clock, 1.0)
    }

    /// By a clock that runs `speed` times as fast as the callers'; they are told
    /// their own seconds.
    pub fn with_fast_clock(
        clock: impl Fn() -> Instant + Send + Sync + 'static,
        speed: f64,
    ) -> Self {
        Self {
            counting: Some(Arc::new(Counting {
                clock: Box::new(clock),
                speed,
                logs: Mutex::default(),
            })),
        }
    }

    /// None, for measurements.
    pub fn disabled() -> Self {
        Self { counting: None }
    }

    /// Counts a request of `key` to `operation`; nothing to say where limits
    /// are disabled.
    pub(crate) fn count(
        &self,
        key: i64,
        operation: &'static str,
        limit: RateLimit,
    ) -> Result<Option<Quota>, Exceeded> {
        let Some(counting) = &self.counting else {
            return Ok(None);
        };
        let window = Duration::from_secs(limit.window_seconds.into());
        let mut logs = counting.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (counting.clock)();
        logs.sweep(now, window);
        let log = logs.of.entry((key, operation)).or_default();
        while log
            .front()
            .is_some_and(|&at| now.duration_since(at) >= window)
        {
            log.pop_front();
        }
        let passes = log.len() < limit.requests as usize;
        if passes {
            log.push_back(now);
        }
        let oldest = log.front().copied().unwrap_or(now);
        let wait = window.saturating_sub(now.duration_since(oldest));
        let told = |time: Duration| time.div_f64(counting.speed).as_millis().div_ceil(1000) as u64;
        let quota = Quota {
            limit,
            window: told(window),
            remaining: limit.requests - u32::try_from(log.len()).unwrap_or(limit.requests),
            reset: told(wait),
        };
        if passes {
            Ok(Some(quota))
        } else {
            Err(Exceeded(quota))
        }
    }
}

impl fmt::Debug for RateLimits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RateLimits")
            .field("enabled", &self.counting.is_some())
            .finish_non_exhaustive()
    }
}

impl Logs {
    /// Once a window, forgets the keys that have been silent for one.
    fn sweep(&mut self, now: Instant, window: Duration) {
        let swept = *self.swept.get_or_insert(now);
        if now.duration_since(swept) < window {
            return;
        }
        self.swept = Some(now);
        self.of.retain(|_, log| {
            log.back()
                .is_some_and(|&last| now.duration_since(last) < window)
        });
    }
}

impl Quota {
    /// `RateLimit-Policy`
    pub(crate) fn policy(&self) -> String {
        format!(
            "\"{}\";q={};w={}",
            self.class(),
            self.limit.requests,
            self.window
        )
    }

    /// `RateLimit`
    pub(crate) fn left(&self) -> String {
        format!("\"{}\";r={};t={}", self.class(), self.remaining, self.reset)
    }

    fn class(&self) -> &'static str {
        match self.limit.class {
            RateClass::Free => "free",
            RateClass::Llm => "llm",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    const TEN: RateLimit = RateLimit {
        class: RateClass::Llm,
        requests: 10,
        window_seconds: 60,
    };

    /// Limits, and a clock in milliseconds to set.
    fn limits() -> (RateLimits, Arc<AtomicU64>) {
        let clock = Arc::new(AtomicU64::new(0));
        let (start, shared) = (Instant::now(), Arc::clone(&clock));
        let limits = RateLimits::with_clock(move || {
            start + Duration::from_millis(shared.load(Ordering::Relaxed))
        });
        (limits, clock)
    }

    #[test]
    fn no_window_of_a_minute_ever_holds_more_than_ten() {
        let (limits, clock) = limits();
        let mut passed = Vec::new();
        // A request every 1.7 seconds for five minutes.
        for at in (0..300_000_u64).step_by(1700) {
            clock.store(at, Ordering::Relaxed);
            if limits.count(1, "op", TEN).is_ok() {
                passed.push(at);
            }
        }
        for (index, &from) in passed.iter().enumerate() {
            let within = passed[index..]
                .iter()
                .filter(|&&at| at < from + 60_000)
                .count();
            assert!(within <= 10, "{within} from {from}");
        }
        assert_eq!(passed.len(), 50);
    }

    #[test]
    fn the_tenth_passes_the_eleventh_waits_as_long_as_it_is_told() {
        let (limits, clock) = limits();
        for left in (0..10).rev() {
            let quota = limits.count(1, "op", TEN).unwrap().unwrap();
            assert_eq!(quota.remaining, left);
            clock.fetch_add(1000, Ordering::Relaxed);
        }
        let Exceeded(quota) = limits.count(1, "op", TEN).unwrap_err();
        assert_eq!((quota.remaining, quota.reset), (0, 50));
        assert_eq!(quota.left(), "\"llm\";r=0;t=50");
        assert_eq!(quota.policy(), "\"llm\";q=10;w=60");
        clock.fetch_add(quota.reset * 1000 - 1, Ordering::Relaxed);
        assert!(limits.count(1, "op", TEN).is_err());
        clock.fetch_add(1, Ordering::Relaxed);
        assert!(limits.count(1, "op", TEN).is_ok());
    }

    #[test]
    fn a_fast_clock_is_told_in_the_callers_seconds() {
        let began = Instant::now();
        let limits = RateLimits::with_fast_clock(move || began, 20.0);
        let quota = limits.count(1, "op", TEN).unwrap().unwrap();
        assert_eq!(quota.policy(), "\"llm\";q=10;w=3");
        assert_eq!(quota.left(), "\"llm\";r=9;t=3");
    }

    #[test]
    fn keys_and_operations_are_counted_apart() {
        let (limits, _) = limits();
        for _ in 0..10 {
            limits.count(1, "op", TEN).unwrap();
        }
        assert!(limits.count(1, "op", TEN).is_err());
        assert!(limits.count(2, "op", TEN).is_ok());
        assert!(limits.count(1, "other", TEN).is_ok());
    }

    #[test]
    fn silent_keys_are_forgotten() {
        let (limits, clock) = limits();
        for key in 0..1000 {
            limits.count(key, "op", TEN).unwrap();
        }
        clock.store(60_000, Ordering::Relaxed);
        limits.count(1, "op", TEN).unwrap();
        let counting = limits.counting.unwrap();
        assert_eq!(counting.logs.lock().unwrap().of.len(), 1);
    }
}
