//! The mock of the Partner API: the contract's trait over scenarios. It starts
//! in milliseconds, needs nothing, and behaves as a deployment does: stateful,
//! signed, rate-limited, with callbacks that are really delivered.
//!
//! ```no_run
//! # async fn a_test() -> Result<(), Box<dyn std::error::Error>> {
//! use qualitymax_mock::{Mock, Options};
//!
//! let mock = Mock::start(Options::default()).await?;
//! // Point the integration at mock.url(), with the partner of the published
//! // examples: slug `veilstream`, key `qm-your-token`.
//! assert!(mock.idle(std::time::Duration::from_secs(10)).await);
//! assert_eq!(mock.requests().len(), 0);
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod admin;
mod api_tests;
mod artifacts;
mod call;
pub mod cli;
mod clock;
mod gaps;
mod handlers;
mod job;
mod journal;
mod magic;
mod mock;
#[cfg(feature = "mutants")]
pub mod mutants;
mod options;
mod outside;
mod partners;
mod repositories;
mod scans;
mod scenario;
mod seed;
mod state;
mod tape;
mod test_cases;
mod texts;
mod watch;
mod world;

pub use admin::HostError;
pub use admin::callbacks::{Attempt, Callback};
pub use journal::Request;
pub use mock::{Mock, StartError};
pub use options::{Options, Retries, RetriesError};
pub use partners::{Partner, PartnerError};
pub use scenario::{
    AnswerFault, CallbackFaults, Fault, FaultError, Findings, Outcome, Scenario, ScenarioError,
    Signature, UnknownScenario,
};
