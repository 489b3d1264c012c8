//! The only way to a client: one that follows no redirect by itself.

use std::time::Duration;

use reqwest::ClientBuilder;
use reqwest::redirect::Policy;

use crate::{Client, Credentials};

/// Generating test cases with an LLM is answered when it is done.
const TIMEOUT: Duration = Duration::from_secs(120);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// A client of the deployment at `base_url`, such as `https://app.qualitymax.io`.
/// It waits 15 seconds for a connection and 120 for an answer.
///
/// Redirects are not followed: an artifact's redirect points to a URL that
/// needs no key, and the key must not travel there. [`Client::artifact`]
/// follows it without.
///
/// # Errors
///
/// Where `base_url` is no absolute URL. Nothing is sent yet.
pub fn connect(base_url: &str, credentials: Credentials) -> reqwest::Result<Client> {
    let http = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT);
    connect_with(base_url, credentials, http)
}

/// As [`connect`], with the caller's own timeouts, proxies and certificates.
/// Whatever `http` says of redirects, none is followed.
pub fn connect_with(
    base_url: &str,
    credentials: Credentials,
    http: ClientBuilder,
) -> reqwest::Result<Client> {
    let http = http.redirect(Policy::none()).build()?;
    let base_url = base_url.trim_end_matches('/');
    // A mistyped address is told here rather than by the first operation.
    http.get(base_url).build()?;
    Ok(Client::new_with_client(base_url, http, credentials))
}
