//! The one way out: every URL from outside (target, callback, repository,
//! specification, each redirect, whatever a page loads) is held against one
//! policy, and the connection goes to the very address that was checked.
//!
//! [`Client`] is for the engine's own requests, [`Proxy`] for those of others:
//! a browser, git, a library that brings its own HTTP.

mod address;
mod client;
mod proxy;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use url::{Host, Url};

pub use client::{Client, FetchError, Fetched};
pub use proxy::Proxy;

/// How long a name may take to resolve, and a connection to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What may be reached. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Development only: loopback addresses count as public.
    pub allow_loopback: bool,
}

/// Why a URL from outside is not followed; fit to be shown to who gave it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("only http and https URLs are followed")]
    Scheme,
    #[error("a URL must not carry a user name or password")]
    Credentials,
    #[error("the URL names no host")]
    NoHost,
    /// Which address it was is not told: that would map out a private network.
    #[error("{0} is not a public address")]
    NotPublic(String),
    #[error("{0} can't be resolved")]
    Unresolved(String),
}

impl Policy {
    /// What can be said of a URL without asking the network.
    pub fn check_url(&self, url: &Url) -> Result<(), Denied> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Denied::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Denied::Credentials);
        }
        match url.host().ok_or(Denied::NoHost)? {
            // RFC 6761: these never leave the machine, whatever a resolver says.
            Host::Domain(name) if !self.allow_loopback && is_localhost(name) => {
                Err(Denied::NotPublic(name.to_owned()))
            }
            Host::Domain(_) => Ok(()),
            Host::Ipv4(address) => self.check_literal(address.into()),
            Host::Ipv6(address) => self.check_literal(address.into()),
        }
    }

    /// The addresses that `host` may be reached at: resolved once, so connect to
    /// these and to nothing else.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Denied> {
        let mut found = resolve(host, port).await?;
        found.retain(|found| self.allows(found.ip()));
        if found.is_empty() {
            return Err(Denied::NotPublic(host.to_owned()));
        }
        Ok(found)
    }

    /// [`Self::check_url`], and that its host resolves to something allowed now.
    pub async fn check_reachable(&self, url: &Url) -> Result<(), Denied> {
        self.check_url(url)?;
        let host = url.host_str().ok_or(Denied::NoHost)?;
        let port = url.port_or_known_default().ok_or(Denied::Scheme)?;
        self.resolve(host, port).await.map(drop)
    }

    /// Whether a connection to `address` may be made.
    pub fn allows(&self, address: IpAddr) -> bool {
        address::is_public(address) || (self.allow_loopback && address.is_loopback())
    }

    fn check_literal(&self, address: IpAddr) -> Result<(), Denied> {
        if self.allows(address) {
            Ok(())
        } else {
            Err(Denied::NotPublic(address.to_string()))
        }
    }
}

/// `localhost`, or a name below it. A parsed URL's name is in lower case.
fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

/// Every address of `host`, which may be one itself.
async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Denied> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let unresolved = || Denied::Unresolved(host.to_owned());
    let found = tokio::time::timeout(CONNECT_TIMEOUT, tokio::net::lookup_host((bare, port)))
        .await
        .map_err(|_| unresolved())?
        .map_err(|_| unresolved())?
        .collect::<Vec<_>>();
    if found.is_empty() {
        return Err(unresolved());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Policy = Policy {
        allow_loopback: false,
    };
    const DEVELOPMENT: Policy = Policy {
        allow_loopback: true,
    };

    fn check(policy: Policy, url: &str) -> Result<(), Denied> {
        policy.check_url(&Url::parse(url).unwrap())
    }

    #[test]
    fn only_http_without_credentials_is_followed() {
        assert_eq!(check(STRICT, "https://app.example/login"), Ok(()));
        assert_eq!(check(STRICT, "http://app.example:8080/"), Ok(()));
        for url in ["file:///etc/passwd", "ftp://app.example/", "javascript:1"] {
            assert_eq!(check(STRICT, url), Err(Denied::Scheme), "{url}");
        }
        for url in ["https://u@app.example/", "https://:p@app.example/"] {
            assert_eq!(check(STRICT, url), Err(Denied::Credentials), "{url}");
        }
    }

    #[test]
    fn no_spelling_of_a_private_address_passes() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:a9fe:a9fe]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http://１２７.0.0.1/",
            "http://localhost/",
            "http://LocalHost.:8080/",
            "http://app.localhost/",
        ] {
            assert!(
                matches!(check(STRICT, url), Err(Denied::NotPublic(_))),
                "{url}"
            );
        }
    }

    #[test]
    fn development_opens_loopback_and_nothing_else() {
        assert_eq!(check(DEVELOPMENT, "http://127.0.0.1:3000/"), Ok(()));
        assert_eq!(check(DEVELOPMENT, "http://[::1]:3000/"), Ok(()));
        assert_eq!(check(DEVELOPMENT, "http://localhost:3000/"), Ok(()));
        assert_eq!(check(STRICT, "http://localhost.example/"), Ok(()));
        for url in [
            "http://10.0.0.1/",
            "http://169.254.169.254/",
            "http://0.0.0.0/",
            "http://[::ffff:127.0.0.1]/",
            "http://[fe80::1]/",
        ] {
            assert!(check(DEVELOPMENT, url).is_err(), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_is_judged_by_what_it_resolves_to() {
        assert_eq!(
            STRICT.resolve("localhost", 80).await,
            Err(Denied::NotPublic("localhost".to_owned()))
        );
        let addresses = DEVELOPMENT.resolve("localhost", 80).await.unwrap();
        assert!(addresses.iter().all(|address| address.ip().is_loopback()));
        assert_eq!(
            STRICT.resolve("no-such-host.invalid", 80).await,
            Err(Denied::Unresolved("no-such-host.invalid".to_owned()))
        );
    }
}
