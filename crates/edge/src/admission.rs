//! Who may do what, checked in the contract's order: key, partner, rate limit,
//! and on the webhook the signature over the raw body; all before the body is
//! parsed.

use std::fmt::Display;

use contract::{ApiError, Challenge, Operation, RateLimit};
use dropshot::{RequestContext, ServerContext};
use http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::left::set_header;
use crate::rate_limits::{Exceeded, Quota, RateLimits};

const API_KEY: &str = "x-qualitymax-api-key";
const PARTNER_SIGNATURE: &str = "x-partner-signature";
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What an implementation knows of its partners.
pub trait Partners: Clone + Send + Sync + 'static {
    /// Names a partner to the implementation.
    type Partner: Copy + Send + Sync + 'static;

    /// The record of an API key; `None` where there is none that is valid.
    fn authenticate(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Option<Key<Self::Partner>>, ApiError>> + Send;

    /// Whether any partner has this slug.
    fn has_slug(&self, slug: &str) -> impl Future<Output = Result<bool, ApiError>> + Send;

    /// The webhook secrets that are valid now.
    fn webhook_secrets(
        &self,
        partner: Self::Partner,
    ) -> impl Future<Output = Result<Vec<String>, ApiError>> + Send;
}

/// A valid API key.
#[derive(Clone, Debug)]
pub struct Key<P> {
    /// Rate limits count per key.
    pub id: i64,
    pub partner: P,
    pub partner_slug: String,
}

#[derive(Clone)]
pub struct Admission<P> {
    partners: P,
    limits: RateLimits,
}

impl<P: Partners> Admission<P> {
    pub fn new(partners: P, limits: RateLimits) -> Self {
        Self { partners, limits }
    }

    /// Key, then rate limit: every operation but the webhook.
    pub async fn admit<C: ServerContext>(
        &self,
        rqctx: &RequestContext<C>,
    ) -> Result<Key<P::Partner>, ApiError> {
        let key = self.key(rqctx.request.headers()).await?;
        self.rate(rqctx, &key)?;
        Ok(key)
    }

    /// Key, then partner, then rate limit: the webhook.
    pub async fn admit_to<C: ServerContext>(
        &self,
        rqctx: &RequestContext<C>,
        slug: &str,
    ) -> Result<Key<P::Partner>, ApiError> {
        let key = self.key(rqctx.request.headers()).await?;
        if key.partner_slug != slug {
            return Err(if self.partners.has_slug(slug).await? {
                ApiError::forbidden("This API key belongs to another partner.")
            } else {
                ApiError::not_found("No partner has this slug.")
            });
        }
        self.rate(rqctx, &key)?;
        Ok(key)
    }

    /// The webhook's signature, by any secret that is valid now.
    pub async fn signature(
        &self,
        headers: &HeaderMap,
        partner: P::Partner,
        body: &[u8],
    ) -> Result<(), ApiError> {
        let refuse = |detail| ApiError::unauthorized(Challenge::PartnerSignature, detail);
        let given = only(headers, PARTNER_SIGNATURE)
            .map_err(|fault| refuse(format!(
                "{fault} signature. Send sha256=<hex HMAC-SHA256 of the raw body> in the X-Partner-Signature header."
            )))?;
        let mut verdict = Err(signature::SignatureError::Mismatch);
        for secret in self.partners.webhook_secrets(partner).await? {
            verdict = signature::verify(secret.as_bytes(), body, given);
            if verdict.is_ok() {
                break;
            }
        }
        verdict.map_err(|error| refuse(format!("Invalid signature: {error}.")))
    }

    /// The key's record: 401 where there is none.
    pub async fn key(&self, headers: &HeaderMap) -> Result<Key<P::Partner>, ApiError> {
        let refuse = |fault: &dyn Display| {
            let detail =
                format!("{fault} API key. Send a valid one in the X-QualityMax-API-Key header.");
            ApiError::unauthorized(Challenge::ApiKey, detail)
        };
        let key = only(headers, API_KEY).map_err(|fault| refuse(&fault))?;
        let known = self.partners.authenticate(key).await?;
        known.ok_or_else(|| refuse(&"Invalid"))
    }

    /// Counts a request that is no operation of the contract.
    pub fn count(
        &self,
        key: &Key<P::Partner>,
        what: &'static str,
        limit: RateLimit,
    ) -> Result<(), ApiError> {
        match self.limits.count(key.id, what, limit) {
            Ok(_) => Ok(()),
            Err(Exceeded(quota)) => Err(too_many(&quota)),
        }
    }

    fn rate<C: ServerContext>(
        &self,
        rqctx: &RequestContext<C>,
        key: &Key<P::Partner>,
    ) -> Result<(), ApiError> {
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
        set_header(RATE_LIMIT, text(&quota.left()));
        set_header(RATE_LIMIT_POLICY, text(&quota.policy()));
        verdict
    }
}

fn too_many(quota: &Quota) -> ApiError {
    let window = match quota.window {
        60 => "a minute".to_owned(),
        seconds => format!("in {seconds} seconds"),
    };
    ApiError::too_many_requests(
        format!(
            "Rate limit exceeded: {} requests {window}. Retry in {} seconds.",
            quota.limit.requests, quota.reset
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
