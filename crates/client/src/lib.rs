//! A typed client of the QualityMax Partner API, generated from `openapi.json`,
//! with what a generator can't know: signing a webhook over the exact bytes
//! that are sent, verifying a callback, following an artifact's redirect.
//!
//! The crate is not on crates.io. Depend on it by git, with the revision that you
//! have tried, or by path where you have a checkout; its methods run on tokio:
//!
//! ```toml
//! [dependencies]
//! qualitymax-client = { git = "https://git.example/partner-api", rev = "..." }
//! # or qualitymax-client = { path = "../partner-api/crates/client" }
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
//!
//! Every operation of the contract is a method of [`Client`], named by its
//! `operationId`. An answer is a [`ResponseValue`], which derefs to the body and
//! holds status and headers; an error that the API answers is
//! [`Error::ErrorResponse`] with the contract's `detail`; as text an [`Error`] shows
//! the whole answer, headers too, which is for logs rather than for people.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use qualitymax_client::{ArtifactKind, Credentials, Error, connect, types};
//!
//! let client = connect("https://app.qualitymax.io", Credentials::new("qm-your-token", "your-webhook-secret"))?;
//! let webhook = types::WebhookRequest {
//!     url: "https://preview.app.com".parse()?,
//!     feature_description: "Test login".parse()?,
//!     callback_url: "https://api.you.com/results".parse()?,
//!     auth: None,
//!     custom_data: Default::default(),
//!     options: None,
//! };
//! let accepted = client.trigger_test_generation("veilstream", &webhook).await?;
//!
//! let report = match client.get_job_report(&accepted.job_id).await {
//!     Ok(report) => report,
//!     Err(Error::ErrorResponse(answer)) => return Err(answer.into_inner().detail.into()),
//!     Err(unanswered) => return Err(unanswered.into()),
//! };
//! println!("{:?}", report.job.status);
//! if let Some(execution) = report.executions.first().and_then(|run| run.execution_id.as_deref()) {
//!     std::fs::write("screenshot.png", client.artifact(execution, ArtifactKind::Screenshot).await?)?;
//! }
//! # Ok(()) }
//! ```
//!
//! Where the callback arrives, the signature is over its raw bytes:
//!
//! ```
//! use qualitymax_client::verify_callback;
//!
//! // X-QualityMax-Signature, and the body as it came, before anything parses it.
//! let header = "sha256=58fa7bb176199f720030b12d1dbc91d6289e1200e08e469b9272fd652d909eb2";
//! let body = br#"{"event":"test_results"}"#;
//! assert!(verify_callback(b"your-webhook-secret", body, header).is_ok());
//! assert!(verify_callback(b"another-secret", body, header).is_err());
//! ```

mod artifact;
mod connect;
mod signing;

#[allow(clippy::all, clippy::unwrap_used, unused_qualifications)]
#[path = "generated.rs"]
mod generated;

pub use artifact::{ArtifactError, ArtifactKind};
pub use connect::{connect, connect_with};
pub use generated::{Client, Error, ResponseValue, types};
pub use signature::{SignatureError, verify as verify_callback};
pub use signing::Credentials;
