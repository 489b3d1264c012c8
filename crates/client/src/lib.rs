//! A typed client of the QualityMax Partner API, generated from `openapi.json`,
//! with what a generator can't know: signing a webhook over the exact bytes
//! that are sent, verifying a callback, following an artifact's redirect.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use qualitymax_client::{Credentials, connect, types};
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
//! println!("{}", *accepted.job_id);
//! # Ok(()) }
//! ```

mod artifact;
mod signing;

#[allow(clippy::all, unused_qualifications)]
#[path = "generated.rs"]
mod generated;

pub use artifact::{ArtifactError, ArtifactKind};
pub use generated::{Client, Error, ResponseValue, types};
pub use signature::{SignatureError, verify as verify_callback};
pub use signing::Credentials;

/// A client of the deployment at `base_url`, such as `https://app.qualitymax.io`.
///
/// Redirects are not followed: an artifact's redirect points to a URL that
/// needs no key, and the key must not travel there.
pub fn connect(base_url: &str, credentials: Credentials) -> reqwest::Result<Client> {
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    Ok(Client::new_with_client(
        base_url.trim_end_matches('/'),
        http,
        credentials,
    ))
}
