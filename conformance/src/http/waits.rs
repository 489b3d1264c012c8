//! What a run waits for just now, so that whoever watches is not left to guess.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A rate limit that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub operation: &'static str,
    /// How much longer.
    pub left: Duration,
}

#[derive(Default)]
pub(crate) struct Waits {
    until: Mutex<Vec<(&'static str, Instant)>>,
}

/// Over once it is dropped, also where a run is cut short.
pub(crate) struct Wait<'a> {
    waits: &'a Waits,
    entry: (&'static str, Instant),
}

impl Waits {
    pub(crate) fn begin(&self, operation: &'static str, time: Duration) -> Wait<'_> {
        let entry = (operation, Instant::now() + time);
        self.all().push(entry);
        Wait { waits: self, entry }
    }

    /// The one that ends last: what is not over before it.
    pub(crate) fn longest(&self) -> Option<Waiting> {
        let now = Instant::now();
        let all = self.all();
        let (operation, until) = all.iter().max_by_key(|(_, until)| *until)?;
        Some(Waiting {
            operation,
            left: until.saturating_duration_since(now),
        })
    }

    fn all(&self) -> std::sync::MutexGuard<'_, Vec<(&'static str, Instant)>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let mut all = self.waits.all();
        if let Some(at) = all.iter().position(|entry| *entry == self.entry) {
            all.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_that_ends_last_is_told_until_it_is_over() {
        let waits = Waits::default();
        assert_eq!(waits.longest(), None);
        let long = waits.begin("start_sast_scan", Duration::from_secs(60));
        let short = waits.begin("get_job_report", Duration::from_secs(2));
        let told = waits.longest().map(|it| it.operation);
        assert_eq!(told, Some("start_sast_scan"));
        drop(long);
        let told = waits.longest().map(|it| it.operation);
        assert_eq!(told, Some("get_job_report"));
        drop(short);
        assert_eq!(waits.longest(), None);
    }
}
