//! The one error shape: `{"detail": "..."}`.

use std::fmt;

use dropshot::{ErrorStatusCode, HttpError, HttpResponseError};
use http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
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

/// What a 401 asks for. HTTP has no scheme for keys and signatures in headers of
/// their own, so each is named as the document's security scheme is; one that
/// browsers know would make them ask for a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// A valid API key.
    ApiKey,
    /// The webhook's signature, over the body as it is sent.
    PartnerSignature,
}

impl Challenge {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::ApiKey => {
                r#"ApiKey realm="QualityMax Partner API", header="X-QualityMax-API-Key""#
            }
            Self::PartnerSignature => {
                r#"PartnerSignature realm="QualityMax Partner API", header="X-Partner-Signature""#
            }
        })
    }
}

impl ApiError {
    /// 400: invalid parameters or missing fields.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(ErrorStatusCode::BAD_REQUEST, detail)
    }

    /// 401: missing or invalid API key or signature; `WWW-Authenticate` says which.
    pub fn unauthorized(challenge: Challenge, detail: impl Into<String>) -> Self {
        Self::new(ErrorStatusCode::UNAUTHORIZED, detail)
            .with_header(WWW_AUTHENTICATE, challenge.header())
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_challenge_is_named_as_the_security_scheme_and_says_where_its_value_goes() {
        let document: Value = serde_json::from_str(include_str!("../../../openapi.json")).unwrap();
        let components = &document["components"];
        let title = &document["info"]["title"];
        for (challenge, scheme, name) in [
            (Challenge::ApiKey, "apiKey", "ApiKey"),
            (
                Challenge::PartnerSignature,
                "partnerSignature",
                "PartnerSignature",
            ),
        ] {
            // Names of schemes are compared regardless of case.
            assert!(scheme.eq_ignore_ascii_case(name));
            let header = &components["securitySchemes"][scheme]["name"];
            let expected = format!("{name} realm={title}, header={header}");
            assert_eq!(challenge.header(), expected);
        }
        let example = &components["headers"]["WWW-Authenticate"]["example"];
        assert_eq!(
            Some(Challenge::ApiKey.header().to_str().unwrap()),
            example.as_str()
        );
    }
}
