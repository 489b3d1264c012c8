//! By which hosts the admin API may be asked. A page of somebody else's can have
//! its own name resolve to this machine (DNS rebinding), and is then of the same
//! origin as the mock, but for the `Host` that its requests say.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use contract::ApiError;
use http::header::{HOST, HeaderMap};
use http::uri::Authority;
use url::Host;

use super::Failure;

/// Names of this machine always; others where they were asked for.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    listens_on: IpAddr,
    more: Vec<Host>,
}

/// A host that is none.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no host; write it without scheme and port, such as mock or 192.0.2.1")]
pub struct HostError(String);

impl Hosts {
    pub(crate) fn new(listens_on: IpAddr, more: &[String]) -> Result<Self, HostError> {
        Ok(Self {
            listens_on,
            more: more
                .iter()
                .map(|name| host(name))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Whatever the port: the mock's may be published under another one.
    fn admit(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let mut given = headers.get_all(HOST).iter();
        let (Some(value), None) = (given.next(), given.next()) else {
            return Err(ApiError::forbidden("The admin API needs one Host header."));
        };
        let authority = Authority::try_from(value.as_bytes()).ok();
        let named = authority.and_then(|authority| host(authority.host()).ok());
        match named {
            Some(named) if self.knows(&named) => Ok(()),
            Some(named) => Err(ApiError::forbidden(format!(
                "The admin API is not asked as {named}, which is no name of this machine and may be \
                 that of somebody else's page. Use localhost, or start the mock with --admin-host {named}."
            ))),
            None => Err(ApiError::forbidden("The Host header names no host.")),
        }
    }

    fn knows(&self, named: &Host) -> bool {
        let address = match named {
            Host::Domain(name) => {
                let own = name == "localhost" || name.ends_with(".localhost");
                return own || self.more.contains(named);
            }
            Host::Ipv4(address) => IpAddr::V4(*address),
            Host::Ipv6(address) => IpAddr::V6(*address),
        };
        // What is written as an address is resolved by nobody.
        address.to_canonical().is_loopback()
            || self.listens_on.is_unspecified()
            || self.listens_on == address
            || self.more.contains(named)
    }
}

/// `localhost` of `LOCALHOST.`
fn host(text: &str) -> Result<Host, HostError> {
    let address = text.parse::<IpAddr>();
    let parsed = match address {
        Ok(IpAddr::V4(address)) => Ok(Host::Ipv4(address)),
        Ok(IpAddr::V6(address)) => Ok(Host::Ipv6(address)),
        Err(_) => Host::parse(text.strip_suffix('.').unwrap_or(text)),
    };
    parsed.map_err(|_| HostError(text.to_owned()))
}

pub(super) async fn known_only(
    State(hosts): State<Hosts>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    hosts.admit(request.headers())?;
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn admits(listens_on: &str, more: &[&str], host: &str) -> bool {
        let more: Vec<String> = more.iter().map(|&name| name.to_owned()).collect();
        let hosts = Hosts::new(listens_on.parse().unwrap(), &more).unwrap();
        let headers = [(HOST, HeaderValue::from_str(host).unwrap())];
        hosts.admit(&headers.into_iter().collect()).is_ok()
    }

    #[test]
    fn names_of_this_machine_are_admitted_on_any_port() {
        for host in [
            "localhost",
            "localhost:4010",
            "LOCALHOST.:80",
            "mock.localhost:4010",
            "127.0.0.1:4010",
            "127.8.0.1",
            "[::1]:4010",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(admits("127.0.0.1", &[], host), "{host}");
        }
    }

    #[test]
    fn other_names_and_addresses_are_not() {
        for host in [
            "evil.example:4010",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evillocalhost",
            "192.0.2.1:4010",
            "mock:4010",
            "",
            ":4010",
            "a b",
        ] {
            assert!(!admits("127.0.0.1", &[], host), "{host}");
        }
        let hosts = Hosts::new([127, 0, 0, 1].into(), &[]).unwrap();
        assert!(hosts.admit(&HeaderMap::new()).is_err());
        let twice = ["localhost", "evil.example"].map(|it| (HOST, HeaderValue::from_static(it)));
        assert!(hosts.admit(&twice.into_iter().collect()).is_err());
    }

    #[test]
    fn the_address_that_it_listens_on_is_admitted() {
        assert!(admits("192.0.2.1", &[], "192.0.2.1:4010"));
        assert!(admits("2001:db8::1", &[], "[2001:db8::1]:4010"));
        assert!(!admits("192.0.2.1", &[], "192.0.2.2:4010"));
        // On all of them, whichever they are.
        assert!(admits("0.0.0.0", &[], "192.0.2.1:4010"));
        assert!(!admits("0.0.0.0", &[], "evil.example:4010"));
    }

    #[test]
    fn what_was_asked_for_is_admitted() {
        let more = ["mock", "Mock.Internal", "192.0.2.7", "2001:db8::7"];
        for host in ["mock:4010", "mock.internal", "192.0.2.7", "[2001:db8::7]:1"] {
            assert!(admits("127.0.0.1", &more, host), "{host}");
        }
        assert!(!admits("127.0.0.1", &more, "a.mock"));
        for wrong in ["http://mock", "mock:4010", "", "a b"] {
            assert!(
                Hosts::new([127, 0, 0, 1].into(), &[wrong.to_owned()]).is_err(),
                "{wrong}"
            );
        }
    }
}
