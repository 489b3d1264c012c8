//! Who may do what, checked in the contract's order: key, partner, rate limit,
//! and on the webhook the signature over the raw body; all before the body is
//! parsed.

use std::fmt::Display;

use contract::{ApiError, Operation, RateLimit};
use dropshot::RequestContext;
use engine::Engine;
use engine::partner::{ApiKey, PartnerId};
use http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::handlers::{Context, refused};
use crate::limits::{Exceeded, Quota, RateLimits};

const API_KEY: &str = "x-qualitymax-api-key";
const PARTNER_SIGNATURE: &str = "x-partner-signature";
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

#[derive(Clone)]
pub(crate) struct Admission {
    engine: Engine,
    limits: RateLimits,
}

impl Admission {
    pub(crate) fn new(engine: Engine, limits: RateLimits) -> Self {
        Self { engine, limits }
    }

    /// Key, then rate limit: every operation but the webhook.
    pub(crate) async fn admit(
        &self,
        rqctx: &RequestContext<Context>,
    ) -> Result<PartnerId, ApiError> {
        let key = self.key(rqctx.request.headers()).await?;
        self.rate(rqctx, &key)?;
        Ok(key.partner)
    }

    /// Key, then partner, then rate limit: the webhook.
    pub(crate) async fn admit_to(
        &self,
        rqctx: &RequestContext<Context>,
        slug: &str,
    ) -> Result<PartnerId, ApiError> {
        let key = self.key(rqctx.request.headers()).await?;
        if key.partner_slug != slug {
            let other = self.engine.partners().by_slug(slug).await;
            return Err(match other.map_err(refused)? {
                Some(_) => ApiError::forbidden("This API key belongs to another partner."),
                None => ApiError::not_found("No partner has this slug."),
            });
        }
        self.rate(rqctx, &key)?;
        Ok(key.partner)
    }

    /// The webhook's signature, by any secret that is valid now.
    pub(crate) async fn signature(
        &self,
        headers: &HeaderMap,
        partner: PartnerId,
        body: &[u8],
    ) -> Result<(), ApiError> {
        let given = only(headers, PARTNER_SIGNATURE)
            .map_err(|fault| ApiError::unauthorized(format!(
                "{fault} signature. Send sha256=<hex HMAC-SHA256 of the raw body> in the X-Partner-Signature header."
            )))?;
        let secrets = self.engine.partners().webhook_secrets(partner).await;
        let mut verdict = Err(signature::SignatureError::Mismatch);
        for secret in secrets.map_err(refused)? {
            verdict = signature::verify(secret.0.as_bytes(), body, given);
            if verdict.is_ok() {
                break;
            }
        }
        verdict.map_err(|error| ApiError::unauthorized(format!("Invalid signature: {error}.")))
    }

    /// The key's record: 401 where there is none.
    pub(crate) async fn key(&self, headers: &HeaderMap) -> Result<ApiKey, ApiError> {
        let refuse = |fault: &dyn Display| {
            ApiError::unauthorized(format!(
                "{fault} API key. Send a valid one in the X-QualityMax-API-Key header."
            ))
        };
        let key = only(headers, API_KEY).map_err(|fault| refuse(&fault))?;
        let known = self.engine.partners().authenticate(key).await;
        known.map_err(refused)?.ok_or_else(|| refuse(&"Invalid"))
    }

    /// Counts a request that is no operation of the contract.
    pub(crate) fn count(
        &self,
        key: &ApiKey,
        what: &'static str,
        limit: RateLimit,
    ) -> Result<(), ApiError> {
        match self.limits.count(key.id, what, limit) {
            Ok(_) => Ok(()),
            Err(Exceeded(quota)) => Err(too_many(&quota)),
        }
    }

    fn rate(&self, rqctx: &RequestContext<Context>, key: &ApiKey) -> Result<(), ApiError> {
        let operation = Operation::by_id(&rqctx.endpoint.operation_id)
            .expect("dropshot routes to operations of the contract");
        let counted = self
            .limits
            .count(key.id, operation.id, operation.rate_limit);
        let (quota, verdict) = match counted {
            Ok(None) => return Ok(()),
            Ok(Some(quota)) => (quota, Ok(())),
            Err(Exceeded(quota)) => (quota, Err(too_many(&quota))),
        };
        edge::set_header(rqctx, RATE_LIMIT, text(&quota.left()));
        edge::set_header(rqctx, RATE_LIMIT_POLICY, text(&quota.policy()));
        verdict
    }
}

fn too_many(quota: &Quota) -> ApiError {
    let RateLimit {
        requests,
        window_seconds,
        ..
    } = quota.limit;
    let window = match window_seconds {
        60 => "a minute".to_owned(),
        seconds => format!("in {seconds} seconds"),
    };
    ApiError::too_many_requests(
        format!(
            "Rate limit exceeded: {requests} requests {window}. Retry in {} seconds.",
            quota.reset
        ),
        quota.reset,
    )
}

/// The header's value; what is wrong where there is none or more than one.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, &'static str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Err("Missing"),
        (Some(value), None) => value.to_str().map_err(|_| "Invalid"),
        (Some(_), Some(_)) => Err("More than one"),
    }
}

fn text(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("numbers and quotes are header text")
}
