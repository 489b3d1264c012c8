//! URLs from outside, refused as a deployment refuses them; only this machine
//! may be named, because a mock is run beside what it calls.

use std::net::IpAddr;

use contract::ApiError;
use url::{Host, Url};

/// 400 where a deployment would not follow it.
pub(crate) fn url(field: &str, text: &str) -> Result<Url, ApiError> {
    let refused = |why: &str| ApiError::bad_request(format!("{field}: {why}"));
    let url = Url::parse(text).map_err(|_| refused("must be an absolute URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("a URL must not carry a user name or password"));
    }
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(address.to_canonical()),
        Some(Host::Domain(_)) => None,
        None => return Err(refused("the URL names no host")),
    };
    match address {
        Some(address) if !may_be_called(address) => {
            Err(refused(&format!("{address} is not a public address")))
        }
        _ => Ok(url),
    }
}

/// Not what is private, link-local (metadata of clouds) or no single host.
fn may_be_called(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && (64..128).contains(&v4.octets()[1]);
            !(v4.is_private()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.is_unspecified()
                || shared)
        }
        IpAddr::V6(v6) => {
            !(v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6.is_multicast()
                || v6.is_unspecified())
        }
    }
}

/// Names a project after where its target is: host and port.
pub(crate) fn site(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_inside_is_refused_and_this_machine_is_not() {
        for inside in [
            "http://10.0.0.1/",
            "http://169.254.169.254/latest",
            "http://192.168.1.1/",
            "http://[fd00::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://0.0.0.0/",
            "http://u:p@app.example/",
        ] {
            assert!(url("url", inside).is_err(), "{inside}");
        }
        for fine in [
            "http://127.0.0.1:3000/",
            "http://localhost/",
            "http://[::1]/",
            "https://app.example/",
        ] {
            assert!(url("url", fine).is_ok(), "{fine}");
        }
    }
}
