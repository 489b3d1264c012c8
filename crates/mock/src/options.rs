//! How a mock is set up: in code, by flags, or by a YAML file.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;

use crate::partners::Partner;
use crate::scenario::{AnswerFault, Scenario};

/// How a mock is set up. The default needs no thought: the partners of the
/// published examples, a free port of this machine, every job passes.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    pub partners: Vec<Partner>,
    /// For requests that choose none.
    pub scenario: String,
    /// Beside those that are built in; the same name replaces.
    pub scenarios: BTreeMap<String, Scenario>,
    /// For every request, whatever its scenario.
    pub faults: Vec<AnswerFault>,
    /// Seconds of the mock's clock in a second on the wall; 0 makes a clock
    /// that moves only when it is advanced.
    pub speed: f64,
    /// Of all that is random: ids, durations, faults at a rate.
    pub seed: u64,
    /// The documented ones; false answers whatever comes.
    pub rate_limits: bool,
    pub retries: Retries,
    /// So many jobs; then the oldest is forgotten, once its callback is done
    /// with. A mock under load for days must not grow.
    pub keep_jobs: usize,
    /// Hosts by which the admin API may be asked, beside those of this machine and
    /// the address it listens on; without scheme and port.
    pub admin_hosts: Vec<String>,
    /// The one clause that is broken.
    #[cfg(feature = "mutants")]
    pub mutant: Option<&'static crate::mutants::Mutant>,
}

/// When a callback that did not arrive is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retries {
    /// With the first.
    pub attempts: u32,
    /// Milliseconds after the first attempt, by the mock's clock; give or take
    /// a fifth.
    pub first_ms: u64,
    /// By which each next pause is longer.
    pub factor: u32,
}

/// What a YAML file may say; what it leaves out is as in [`Options`].
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct File {
    pub(crate) partners: Option<Vec<Partner>>,
    pub(crate) scenario: Option<String>,
    pub(crate) scenarios: BTreeMap<String, Scenario>,
    pub(crate) faults: Vec<AnswerFault>,
    pub(crate) speed: Option<f64>,
    pub(crate) seed: Option<u64>,
    pub(crate) rate_limits: Option<bool>,
    pub(crate) retries: Option<Retries>,
    pub(crate) keep_jobs: Option<usize>,
    pub(crate) admin_hosts: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 0).into(),
            partners: vec![Partner::of_the_examples(), Partner::acme()],
            scenario: "passed".to_owned(),
            scenarios: BTreeMap::new(),
            faults: Vec::new(),
            speed: 1.0,
            seed: 0,
            rate_limits: true,
            retries: Retries::default(),
            keep_jobs: 10_000,
            admin_hosts: Vec::new(),
            #[cfg(feature = "mutants")]
            mutant: None,
        }
    }
}

impl Default for Retries {
    /// Five attempts: after a quarter of a second, 1 s, 2 s and 7 s.
    fn default() -> Self {
        Self {
            attempts: 5,
            first_ms: 250,
            factor: 3,
        }
    }
}

/// Retries that no deployment could make as they are written.
#[derive(Debug, thiserror::Error)]
pub enum RetriesError {
    #[error("retries: attempts must be from 1 to 100")]
    Attempts,
    #[error("retries: factor must be from 1 to 100")]
    Factor,
}

impl Retries {
    pub(crate) fn check(&self) -> Result<(), RetriesError> {
        if !(1..=100).contains(&self.attempts) {
            return Err(RetriesError::Attempts);
        }
        if !(1..=100).contains(&self.factor) {
            return Err(RetriesError::Factor);
        }
        Ok(())
    }

    /// The pause after `made` attempts.
    pub(crate) fn pause_after(&self, made: u32) -> Duration {
        let growth = self.factor.saturating_pow(made.saturating_sub(1));
        Duration::from_millis(self.first_ms).saturating_mul(growth)
    }
}

impl Options {
    /// Takes what a file says.
    pub(crate) fn take(&mut self, file: File) {
        if let Some(partners) = file.partners {
            self.partners = partners;
        }
        if let Some(scenario) = file.scenario {
            self.scenario = scenario;
        }
        self.scenarios.extend(file.scenarios);
        self.faults.extend(file.faults);
        self.speed = file.speed.unwrap_or(self.speed);
        self.seed = file.seed.unwrap_or(self.seed);
        self.rate_limits = file.rate_limits.unwrap_or(self.rate_limits);
        self.retries = file.retries.unwrap_or(self.retries);
        self.keep_jobs = file.keep_jobs.unwrap_or(self.keep_jobs);
        self.admin_hosts.extend(file.admin_hosts);
    }
}
