//! The one error shape: `{"detail": "..."}`.

use std::fmt;

use dropshot::{ErrorStatusCode, HttpError, HttpResponseError};
use http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use schemars::JsonSchema;
use serde::Serialize;

use crate::types;

/// An error as the contract shows it: status, `detail`, and headers such as
/// `Retry-After`.
#[derive(Debug)]
pub struct ApiError {
    status: ErrorStatusCode,
    detail: String,
    // Boxed: errors should be cheap to pass on.
    headers: Box<HeaderMap>,
}

impl ApiError {
    /// 400: invalid parameters or missing fields.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(ErrorStatusCode::BAD_REQUEST, detail)
    }

    /// 401: missing or invalid API key or signature.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(ErrorStatusCode::UNAUTHORIZED, detail)
    }

    /// 403: no access to this resource.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(ErrorStatusCode::FORBIDDEN, detail)
    }

    /// 404: the resource does not exist.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(ErrorStatusCode::NOT_FOUND, detail)
    }

    /// 413: the body is larger than `max_bytes`.
    pub fn payload_too_large(max_bytes: usize) -> Self {
        Self::new(
            ErrorStatusCode::PAYLOAD_TOO_LARGE,
            format!("The body is larger than {max_bytes} bytes."),
        )
    }

    /// 415: the body is not JSON by its Content-Type.
    pub fn unsupported_media_type() -> Self {
        Self::new(
            ErrorStatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send the body as application/json.",
        )
    }

    /// 429: wait `retry_after` seconds.
    pub fn too_many_requests(detail: impl Into<String>, retry_after: u64) -> Self {
        Self::new(ErrorStatusCode::TOO_MANY_REQUESTS, detail)
            .with_header(RETRY_AFTER, retry_after.into())
    }

    /// 503: try again in `retry_after` seconds.
    pub fn unavailable(detail: impl Into<String>, retry_after: u64) -> Self {
        Self::new(ErrorStatusCode::SERVICE_UNAVAILABLE, detail)
            .with_header(RETRY_AFTER, retry_after.into())
    }

    /// 500: a fault of ours, of which the caller learns nothing more; log it.
    pub fn internal() -> Self {
        Self::new(
            ErrorStatusCode::INTERNAL_SERVER_ERROR,
            "Internal error. Try again later.",
        )
    }

    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// dropshot lets no error type send headers: whoever stands in front of it
    /// adds these.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    fn new(status: ErrorStatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            headers: Box::default(),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.status.as_u16(), self.detail)
    }
}

impl std::error::Error for ApiError {}

/// Whatever dropshot's extractors refuse keeps its status; a fault keeps its
/// cause to itself.
impl From<HttpError> for ApiError {
    fn from(error: HttpError) -> Self {
        if error.status_code.as_u16() >= 500 {
            return Self::internal();
        }
        Self::new(error.status_code, error.external_message)
    }
}

impl HttpResponseError for ApiError {
    fn status_code(&self) -> ErrorStatusCode {
        self.status
    }
}

impl Serialize for ApiError {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        types::Error {
            detail: self.detail.clone(),
        }
        .serialize(serializer)
    }
}

impl JsonSchema for ApiError {
    fn schema_name() -> String {
        types::Error::schema_name()
    }

    fn json_schema(generator: &mut schemars::r#gen::SchemaGenerator) -> schemars::schema::Schema {
        types::Error::json_schema(generator)
    }
}
