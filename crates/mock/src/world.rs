//! What every part of the mock works with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use contract::ApiError;
use edge::Admission;
use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::journal::Journal;
use crate::options::Retries;
use crate::partners::Directory;
use crate::scenario::{AnswerFault, Chosen, Scenarios};
use crate::seed::Seed;
use crate::state::State;

/// Many jobs that end at once do not keep requests waiting, nor use up sockets.
const ATTEMPTS_AT_ONCE: usize = 256;

pub(crate) struct World {
    /// How it is reached, without a slash at the end.
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) seed: Seed,
    /// Proves the links to artifacts.
    pub(crate) links_key: String,
    pub(crate) directory: Directory,
    pub(crate) admission: Admission<Directory>,
    pub(crate) scenarios: Scenarios,
    pub(crate) retries: Retries,
    pub(crate) keep_jobs: usize,
    pub(crate) journal: Journal,
    pub(crate) http: reqwest::Client,
    /// Told where a delivery comes before what was to be the next.
    pub(crate) rescheduled: Notify,
    /// Callbacks that may be on their way at once.
    pub(crate) attempts: Semaphore,
    /// Ends deliveries and streams.
    pub(crate) stop: CancellationToken,
    pub(crate) state: Mutex<State>,
    pub(crate) settings: Mutex<Settings>,
    /// Requests that a fault was asked for, by key, operation and fault.
    pub(crate) asked: Mutex<HashMap<String, u64>>,
    #[cfg(feature = "mutants")]
    pub(crate) mutant: crate::mutants::Active,
    changes: watch::Sender<u64>,
}

/// What the admin API may change.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// For requests that choose none.
    pub(crate) scenario: Chosen,
    /// For every request, whatever its scenario.
    pub(crate) faults: Vec<AnswerFault>,
}

/// What a [`World`] is made of.
pub(crate) struct Parts {
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) seed: Seed,
    pub(crate) directory: Directory,
    pub(crate) admission: Admission<Directory>,
    pub(crate) scenarios: Scenarios,
    pub(crate) retries: Retries,
    pub(crate) keep_jobs: usize,
    pub(crate) http: reqwest::Client,
    pub(crate) settings: Settings,
    #[cfg(feature = "mutants")]
    pub(crate) mutant: Option<&'static crate::mutants::Mutant>,
}

impl World {
    pub(crate) fn new(parts: Parts) -> Arc<Self> {
        let stop = CancellationToken::new();
        Arc::new(Self {
            url: parts.url,
            clock: parts.clock,
            seed: parts.seed,
            links_key: parts.seed.id("links", 0),
            directory: parts.directory,
            admission: parts.admission,
            scenarios: parts.scenarios,
            retries: parts.retries,
            keep_jobs: parts.keep_jobs,
            journal: Journal::default(),
            http: parts.http,
            rescheduled: Notify::new(),
            attempts: Semaphore::new(ATTEMPTS_AT_ONCE),
            state: Mutex::new(State::new(stop.child_token())),
            stop,
            settings: Mutex::new(parts.settings),
            asked: Mutex::default(),
            #[cfg(feature = "mutants")]
            mutant: crate::mutants::Active::new(parts.mutant),
            changes: watch::Sender::new(0),
        })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, Settings> {
        locked(&self.settings)
    }

    /// The scenario named by a request, else the one that is set.
    pub(crate) fn scenario(&self, named: Option<&str>) -> Result<Chosen, ApiError> {
        match named {
            Some(name) => self.scenarios.get(name).map_err(|unknown| {
                ApiError::bad_request(format!("X-Mock-Scenario or a magic value: {unknown}."))
            }),
            None => Ok(self.settings().scenario.clone()),
        }
    }

    /// Something happened that a page or a waiting caller wants to see.
    pub(crate) fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Forgets all that was sent; settings, clock and rate windows stay.
    pub(crate) fn reset(&self) {
        {
            let mut state = self.state();
            state.epoch.cancel();
            *state = State::new(self.stop.child_token());
        }
        locked(&self.asked).clear();
        self.journal.clear();
        self.changed();
    }

    /// Waits until nothing is under way. A clock that stands still is advanced
    /// to whatever comes next. False when `limit` passed before.
    pub(crate) async fn idle(&self, limit: Duration) -> bool {
        const LOOK: Duration = Duration::from_millis(5);
        let began = tokio::time::Instant::now();
        loop {
            // Of what waits for the clock, slow answers are no part of the state.
            let held = self.clock.stands_still() && self.clock.is_awaited();
            if !held && !self.state().is_busy(self.clock.now()) {
                return true;
            }
            if began.elapsed() >= limit {
                return false;
            }
            if self.clock.stands_still() {
                self.clock.advance_to_next();
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
