//! Which of a request's headers a recording passes on.

use http::header::{CONNECTION, HeaderMap};

/// What is not passed on of a request's headers: what is of one connection, what is
/// written anew, and what would have the answer come compressed, which a tape could
/// not show.
const OWN: [&str; 12] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// All but those of this connection.
pub(super) fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let named = headers.get_all(CONNECTION).iter();
    let of_connection: Vec<String> = named
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let mut passed = headers.clone();
    for name in OWN
        .into_iter()
        .chain(of_connection.iter().map(String::as_str))
    {
        passed.remove(name);
    }
    passed
}

#[cfg(test)]
mod tests {
    use http::header::HeaderValue;

    use super::*;

    #[test]
    fn all_headers_are_passed_on_but_those_of_the_connection() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("accept", "application/json"),
            ("x-request-id", "r1"),
            ("host", "127.0.0.1:4010"),
            ("connection", "keep-alive, X-Hop"),
            ("x-hop", "1"),
            ("accept-encoding", "gzip"),
            ("content-length", "2"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let mut names: Vec<String> = passed_on(&headers)
            .keys()
            .map(ToString::to_string)
            .collect();
        names.sort();
        assert_eq!(names, ["accept", "x-request-id"]);
    }
}
