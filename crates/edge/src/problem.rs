//! Answers of the edge's own, in the contract's error shape.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, Response, StatusCode};

/// Why the edge answers instead of the operation.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) detail: Cow<'static, str>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            detail: detail.into(),
            header: None,
        }
    }

    /// What is said of a status when nobody said anything better.
    pub(crate) fn of(status: StatusCode) -> Self {
        let detail = match status {
            StatusCode::BAD_REQUEST => "The request can't be understood.",
            StatusCode::NOT_FOUND => {
                "There is nothing at this path. The API lives under /api/v1/partner and /api/webhooks."
            }
            StatusCode::METHOD_NOT_ALLOWED => "This method is not allowed here.",
            StatusCode::SERVICE_UNAVAILABLE => "The service is unavailable. Try again later.",
            status if status.is_server_error() => "Internal error. Try again later.",
            status => return Self::new(status, status.canonical_reason().unwrap_or("Refused")),
        };
        Self::new(status, detail)
    }

    pub(crate) fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn malformed() -> Self {
        Self::bad_request("The request is not valid HTTP/1.1.")
    }

    pub(crate) fn body_broke_off() -> Self {
        Self::bad_request("The body broke off before its end.")
    }

    /// `allowed`: the methods that the path knows.
    pub(crate) fn method_not_allowed(method: &Method, allowed: &[&str]) -> Self {
        let mut problem = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!(
                "Method {method} is not allowed here. Use {}.",
                allowed.join(" or ")
            ),
        );
        problem.header = Some((ALLOW, allow(allowed)));
        problem
    }

    pub(crate) fn too_slow(limit: Duration) -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            format!(
                "The request did not arrive within {} seconds.",
                limit.as_secs()
            ),
        )
    }

    pub(crate) fn body_too_large(max_bytes: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("The body is larger than {max_bytes} bytes."),
        )
    }

    pub(crate) fn head_too_large(max_bytes: usize) -> Self {
        Self::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            format!("The request's headers are larger than {max_bytes} bytes, or more than 100."),
        )
    }

    pub(crate) fn unavailable(detail: &'static str, retry_after: u64) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, detail);
        problem.header = Some((RETRY_AFTER, retry_after.into()));
        problem
    }

    pub(crate) fn internal() -> Self {
        Self::of(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn body(&self) -> Bytes {
        serde_json::json!({ "detail": self.detail })
            .to_string()
            .into()
    }

    pub(crate) fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(self.body());
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.header);
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }

    /// The answer as it goes over the wire where no HTTP could be spoken; the
    /// connection is closed after it.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        let mut response = self.into_response();
        mark(response.headers_mut());
        let status = response.status();
        let mut head = format!(
            "HTTP/1.1 {} {}\r\nconnection: close\r\ncontent-length: {}\r\ndate: {}\r\n",
            status.as_u16(),
            status.canonical_reason().unwrap_or_default(),
            response.body().len(),
            httpdate::fmt_http_date(SystemTime::now()),
        )
        .into_bytes();
        for (name, value) in response.headers() {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head.extend_from_slice(response.body());
        head
    }
}

/// Headers that every answer of an operation carries, and every error.
pub(crate) fn mark(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// `Allow`: what the document names, with what follows from it.
pub(crate) fn allow(methods: &[&str]) -> HeaderValue {
    let mut all = methods.to_vec();
    if methods.contains(&"GET") {
        all.push("HEAD");
    }
    all.push("OPTIONS");
    HeaderValue::from_str(&all.join(", ")).expect("methods are tokens")
}
