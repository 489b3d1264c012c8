//! The mock's clock: it runs as fast as it is told, or stands still, and can be
//! advanced. Rate windows, job states and retries go by it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// Where the clock ends, some 317 years after it began: what is added to its
/// time, and its time to an instant, must not overflow.
const END: Duration = Duration::from_secs(10_000_000_000);

/// Time since the mock began. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    began: Instant,
    /// Its seconds in a second on the wall; 0 stands still.
    speed: f64,
    advanced: watch::Sender<Duration>,
    /// What is waited for, so that a clock that stands still can be advanced to
    /// what comes next.
    awaited: Mutex<BTreeSet<(Duration, u64)>>,
}

impl Clock {
    pub(crate) fn new(speed: f64) -> Self {
        Self {
            inner: Arc::new(Inner {
                began: Instant::now(),
                speed,
                advanced: watch::Sender::new(Duration::ZERO),
                awaited: Mutex::default(),
            }),
        }
    }

    pub(crate) fn now(&self) -> Duration {
        let inner = &self.inner;
        let passed = inner.began.elapsed().mul_f64(inner.speed);
        inner.advanced.borrow().saturating_add(passed).min(END)
    }

    pub(crate) fn instant(&self) -> Instant {
        self.inner.began + self.now()
    }

    pub(crate) fn stands_still(&self) -> bool {
        self.inner.speed == 0.0
    }

    /// How many of its seconds pass in one of the caller's, where it is told
    /// what to wait: with a clock that stands still, callers count by the clock.
    pub(crate) fn told_speed(&self) -> f64 {
        if self.stands_still() {
            1.0
        } else {
            self.inner.speed
        }
    }

    /// As far as the clock goes.
    pub(crate) fn advance(&self, by: Duration) {
        let further = |advanced: &mut Duration| *advanced = advanced.saturating_add(by).min(END);
        self.inner.advanced.send_modify(further);
    }

    /// Whether anybody waits for it to move.
    pub(crate) fn is_awaited(&self) -> bool {
        !self.awaited().is_empty()
    }

    /// Advances to what is waited for next, if anything is.
    pub(crate) fn advance_to_next(&self) -> bool {
        let next = self.awaited().first().map(|(at, _)| *at);
        if let Some(at) = next {
            self.advance(at.saturating_sub(self.now()));
        }
        next.is_some()
    }

    pub(crate) async fn sleep(&self, time: Duration) {
        self.sleep_until(self.now().saturating_add(time)).await;
    }

    pub(crate) async fn sleep_until(&self, at: Duration) {
        // What has passed need not be told to whoever advances the clock.
        if at <= self.now() {
            return;
        }
        let mut advanced = self.inner.advanced.subscribe();
        let _awaited = Awaited::new(self, at);
        loop {
            advanced.borrow_and_update();
            let left = at.saturating_sub(self.now());
            if left.is_zero() {
                return;
            }
            let pass = async {
                if self.stands_still() {
                    std::future::pending::<()>().await;
                }
                // A hair more: a sleep of nothing would spin.
                let left = left.div_f64(self.inner.speed) + Duration::from_micros(50);
                tokio::time::sleep(left).await;
            };
            tokio::select! {
                () = pass => {}
                _ = advanced.changed() => {}
            }
        }
    }

    fn awaited(&self) -> std::sync::MutexGuard<'_, BTreeSet<(Duration, u64)>> {
        self.inner
            .awaited
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

struct Awaited<'a> {
    clock: &'a Clock,
    entry: (Duration, u64),
}

impl<'a> Awaited<'a> {
    fn new(clock: &'a Clock, at: Duration) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let entry = (at, NEXT.fetch_add(1, Ordering::Relaxed));
        clock.awaited().insert(entry);
        Self { clock, entry }
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.clock.awaited().remove(&self.entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_clock_that_stands_still_moves_only_when_advanced() {
        let clock = Clock::new(0.0);
        let sleeper = clock.clone();
        let slept = tokio::spawn(async move { sleeper.sleep(Duration::from_secs(3600)).await });
        while !clock.advance_to_next() {
            tokio::task::yield_now().await;
        }
        slept.await.unwrap();
        assert_eq!(clock.now(), Duration::from_secs(3600));
    }

    #[test]
    fn a_clock_that_is_advanced_beyond_all_measure_goes_on() {
        let clock = Clock::new(0.0);
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), END);
        assert!(clock.instant() > Instant::now());
    }

    #[tokio::test]
    async fn a_fast_clock_passes_an_hour_in_no_time() {
        let clock = Clock::new(1_000_000.0);
        tokio::time::timeout(
            Duration::from_secs(5),
            clock.sleep(Duration::from_secs(3600)),
        )
        .await
        .unwrap();
    }
}
