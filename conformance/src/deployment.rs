//! What is told of the deployment under test.

use std::fmt;
use std::net::SocketAddr;

use url::{Host, Url};

/// A deployment, as a partner knows it.
#[derive(Clone)]
pub struct Deployment {
    /// Its base, such as `https://app.qualitymax.io`.
    pub url: Url,
    pub slug: String,
    /// API keys of the partner `slug`; at least one. Limits are per key, so more
    /// keys are more speed. Of several the last one is kept for rate limits.
    pub keys: Vec<String>,
    /// A key of another partner, for what must be kept apart.
    pub other_key: Option<String>,
    /// The webhook secret.
    pub secret: String,
    /// Where the suite listens for callbacks, and serves the page to be tested.
    pub receiver: Receiver,
    /// A page to be tested that shows the text `Conformance` as a heading;
    /// the suite's own where there is none.
    pub target_url: Option<Url>,
    /// The repository to import.
    pub repository_url: Option<Url>,
}

/// The suite's own listener.
#[derive(Clone, Debug)]
pub struct Receiver {
    pub bind: SocketAddr,
    /// How the deployment reaches it; the bound address if not given.
    pub url: Option<Url>,
}

impl Default for Receiver {
    fn default() -> Self {
        Self {
            bind: ([127, 0, 0, 1], 0).into(),
            url: None,
        }
    }
}

impl Deployment {
    /// Whether the deployment is on this machine, and so reaches loopback.
    pub(crate) fn is_local(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

/// Secrets stay out of logs.
impl fmt::Debug for Deployment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Deployment")
            .field("url", &self.url.as_str())
            .field("slug", &self.slug)
            .field("keys", &self.keys.len())
            .field("other_key", &self.other_key.is_some())
            .field("receiver", &self.receiver)
            .finish_non_exhaustive()
    }
}
