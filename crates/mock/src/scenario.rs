//! What becomes of a request: one scenario says how its job ends, how its
//! callback arrives, and how the API itself answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod built_in;

/// A scenario; what is left out is as in `passed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// One line for people.
    pub description: String,
    /// How the job ends.
    pub outcome: Outcome,
    /// From acceptance to the end of scoring; scans and gap analyses take as
    /// long.
    #[serde(with = "time")]
    pub duration: Duration,
    /// Pages that the crawl visits.
    pub pages: u32,
    /// Tests that are generated.
    pub tests: u32,
    /// Quality score that the tests get, 0-100.
    pub quality: u8,
    /// What scans find, and whether scans and analyses can be completed.
    pub findings: Findings,
    /// How the callback arrives.
    pub callback: CallbackFaults,
    /// How the API answers.
    pub answers: Vec<AnswerFault>,
}

/// How a job ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every test passes.
    #[default]
    Passed,
    /// The last test fails.
    Failed,
    /// The target can't be visited.
    CrawlFailure,
    /// The target does not take the credentials.
    LoginRefused,
    /// The last test runs into its time limit.
    TimedOut,
    /// The quality stays below whatever threshold was asked for.
    BelowThreshold,
}

/// What scans find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Findings {
    /// One high, two medium: verdict `pass`.
    #[default]
    Some,
    /// A critical one too: verdict `fail`.
    Critical,
    /// Nothing.
    None,
    /// Scans and gap analyses end as `failed`.
    Failed,
}

/// How a callback arrives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallbackFaults {
    /// How long after the job ended.
    #[serde(with = "time")]
    pub delay: Duration,
    /// How many times, each with the same delivery id; 0: it never comes.
    pub copies: u32,
    /// Only after the callback of the next job, or ten seconds.
    pub after_the_next: bool,
    pub signature: Signature,
    /// Generated tests in the callback, for a huge one; at least the
    /// scenario's.
    pub min_tests: u32,
}

/// What signature a callback carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    #[default]
    Valid,
    /// By another secret.
    Bad,
    Missing,
}

/// How the API answers instead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerFault {
    pub fault: Fault,
    /// Operation ids; every operation where none is named.
    #[serde(default)]
    pub operations: Vec<String>,
    /// Only the first so many requests, of each key to each operation.
    #[serde(default)]
    pub first: Option<u64>,
    /// This share of the requests, drawn by the seed.
    #[serde(default)]
    pub rate: Option<f64>,
    /// What `Retry-After` says, in seconds.
    #[serde(default = "one")]
    pub retry_after: u64,
}

fn one() -> u64 {
    1
}

/// What happens to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 429 with `Retry-After`; nothing was done.
    RateLimited,
    /// 503 with `Retry-After`; nothing was done.
    Unavailable,
    /// 500; nothing was done.
    Internal,
    /// The connection breaks before the answer; the request took effect.
    Broken,
    /// The answer's body comes in small pieces, over two seconds.
    Slow,
}

/// A scenario that no deployment could follow as it is written.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    #[error("quality must be from 0 to 100")]
    Quality,
    #[error("{0} must be from {1} to {2}")]
    Number(&'static str, u32, u32),
    #[error("{0} must be at most 365 days")]
    Time(&'static str),
    #[error(transparent)]
    Fault(#[from] FaultError),
}

/// A fault that could never strike as it is written.
#[derive(Debug, thiserror::Error)]
pub enum FaultError {
    #[error("faults: there is no operation {0:?}; use an operationId of openapi.json")]
    Operation(String),
    #[error("faults: rate must be from 0 to 1")]
    Rate,
}

pub(crate) fn check_faults(faults: &[AnswerFault]) -> Result<(), FaultError> {
    for fault in faults {
        for operation in &fault.operations {
            if contract::Operation::by_id(operation).is_none() {
                return Err(FaultError::Operation(operation.clone()));
            }
        }
        if fault.rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            return Err(FaultError::Rate);
        }
    }
    Ok(())
}

/// `unavailable`, or `unavailable:0.2` for a share of the requests.
impl std::str::FromStr for AnswerFault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, rate) = match text.split_once(':') {
            Some((kind, rate)) => {
                let rate = rate.parse();
                let rate =
                    rate.map_err(|_| format!("{text:?}: the rate is a number from 0 to 1"))?;
                (kind, Some(rate))
            }
            None => (text, None),
        };
        let fault = serde_json::from_value(kind.into()).map_err(|_| {
            format!("{kind:?} is none of rate_limited, unavailable, internal, broken, slow")
        })?;
        let fault = Self {
            fault,
            operations: Vec::new(),
            first: None,
            rate,
            retry_after: one(),
        };
        check_faults(std::slice::from_ref(&fault)).map_err(|error| error.to_string())?;
        Ok(fault)
    }
}

impl Scenario {
    pub(crate) fn check(&self) -> Result<(), ScenarioError> {
        const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        if self.quality > 100 {
            return Err(ScenarioError::Quality);
        }
        for (name, number, least, most) in [
            ("tests", self.tests, 1, 100),
            ("pages", self.pages, 0, 10_000),
            ("callback.copies", self.callback.copies, 0, 100),
            ("callback.min_tests", self.callback.min_tests, 0, 10_000),
        ] {
            if !(least..=most).contains(&number) {
                return Err(ScenarioError::Number(name, least, most));
            }
        }
        if self.duration > YEAR {
            return Err(ScenarioError::Time("duration"));
        }
        if self.callback.delay > YEAR {
            return Err(ScenarioError::Time("callback.delay"));
        }
        Ok(check_faults(&self.answers)?)
    }
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            description: String::new(),
            outcome: Outcome::default(),
            duration: Duration::from_millis(250),
            pages: 1,
            tests: 1,
            quality: 96,
            findings: Findings::default(),
            callback: CallbackFaults::default(),
            answers: Vec::new(),
        }
    }
}

impl Default for CallbackFaults {
    fn default() -> Self {
        Self {
            delay: Duration::ZERO,
            copies: 1,
            after_the_next: false,
            signature: Signature::default(),
            min_tests: 0,
        }
    }
}

/// Those that are built in, and those that a file adds or replaces.
#[derive(Clone, Debug)]
pub(crate) struct Scenarios {
    named: BTreeMap<String, Arc<Scenario>>,
}

/// No scenario has this name.
#[derive(Debug, thiserror::Error)]
#[error("there is no scenario {name:?}; there are {known}")]
pub struct UnknownScenario {
    name: String,
    known: String,
}

impl Scenarios {
    pub(crate) fn new(more: BTreeMap<String, Scenario>) -> Self {
        let named = built_in::all().into_iter().chain(more);
        Self {
            named: named.map(|(name, it)| (name, Arc::new(it))).collect(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Result<Chosen, UnknownScenario> {
        match self.named.get_key_value(name) {
            Some((name, scenario)) => Ok(Chosen {
                name: name.clone(),
                scenario: Arc::clone(scenario),
            }),
            None => Err(UnknownScenario {
                name: name.to_owned(),
                known: self.named.keys().cloned().collect::<Vec<_>>().join(", "),
            }),
        }
    }

    pub(crate) fn all(&self) -> &BTreeMap<String, Arc<Scenario>> {
        &self.named
    }
}

/// A scenario by its name.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) name: String,
    pub(crate) scenario: Arc<Scenario>,
}

impl std::ops::Deref for Chosen {
    type Target = Scenario;

    fn deref(&self) -> &Scenario {
        &self.scenario
    }
}

/// `250ms`, `54s`, `2m 30s`
mod time {
    use super::*;

    pub(super) fn serialize<S: Serializer>(
        time: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&humantime::format_duration(*time))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        command_line::time(&text).map_err(serde::de::Error::custom)
    }
}
