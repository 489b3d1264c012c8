//! Holds any deployment of the QualityMax Partner API against the documented
//! contract. It knows a URL, API keys, a webhook secret and a partner slug, and
//! nothing of what answers.
//!
//! Each [`Check`] proves clauses of the published documentation. What that
//! documentation says is a MUST; what only the contract decides is a SHOULD, and
//! fails no deployment.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use qualitymax_conformance::{Budget, Deployment, Selection, run};
//!
//! let deployment = Deployment {
//!     url: "http://127.0.0.1:8080".parse()?,
//!     slug: "veilstream".to_owned(),
//!     keys: vec!["qm-your-token".to_owned()],
//!     other_key: None,
//!     secret: "your-webhook-secret".to_owned(),
//!     receiver: Default::default(),
//!     target_url: None,
//!     repository_url: None,
//! };
//! let report = run(&deployment, &Selection::default(), &Budget::default(), &()).await?;
//! assert!(report.conforms(false), "{}", report.to_json());
//! # Ok(()) }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod catalogue;
pub mod check;
pub mod checks;
pub mod cli;
mod deployment;
mod document;
pub mod drift;
pub mod http;
mod listener;
mod probe;
pub mod receiver;
pub mod report;
mod run;
mod scene;
mod selection;
mod session;
mod shape;
mod strategy;

pub use check::{Check, Group, Level};
pub use deployment::{Deployment, Receiver};
pub use document::{Clause, Document, Limit, Operation};
pub use probe::{Probe, Stop};
pub use report::Report;
pub use run::{Budget, Interruption, RunError, Watcher, run, run_until, uninterrupted};
pub use selection::Selection;
pub use session::Session;
