//! One call of an operation: who makes it, with which scenario, and what is to
//! happen to its answer. Every handler goes through here.

use std::sync::Arc;

use contract::{ApiError, JsonBody, RawBody};
use dropshot::RequestContext;
use http::header::HeaderName;
use serde::de::DeserializeOwned;

use crate::magic::Magic;
use crate::partners::PartnerId;
use crate::scenario::{AnswerFault, Chosen, Fault};
use crate::world::{World, locked};

pub(crate) type Rqctx = RequestContext<Arc<World>>;

/// Names the request in the journal to its handler; a client's own is not let
/// through.
pub(crate) const NUMBER: HeaderName = HeaderName::from_static("x-mock-request");

const SCENARIO: &str = "x-mock-scenario";

/// A call that was admitted.
pub(crate) struct Call<'a> {
    pub(crate) world: &'a Arc<World>,
    pub(crate) partner: PartnerId,
    rqctx: &'a Rqctx,
    number: u64,
    key: i64,
}

impl<'a> Call<'a> {
    /// Key, then rate limit.
    pub(crate) async fn admit(rqctx: &'a Rqctx) -> Result<Self, ApiError> {
        let call = Self::begin(rqctx);
        let key = call.world.admission.admit(rqctx).await;
        #[cfg(feature = "mutants")]
        let key = crate::mutants::admitted(call.world, rqctx, key).await;
        let key = key?;
        Ok(call.of(key))
    }

    /// Key, then partner, then rate limit.
    pub(crate) async fn admit_to(rqctx: &'a Rqctx, slug: &str) -> Result<Self, ApiError> {
        let call = Self::begin(rqctx);
        let key = call.world.admission.admit_to(rqctx, slug).await;
        #[cfg(feature = "mutants")]
        let key = crate::mutants::admitted(call.world, rqctx, key).await;
        let key = key?;
        Ok(call.of(key))
    }

    /// Reads the body, as it was sent.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        body: JsonBody<T>,
    ) -> Result<RawBody<T>, ApiError> {
        let raw = body.read().await?;
        self.world.journal.read(self.number, raw.bytes());
        Ok(raw)
    }

    /// 400 where the body is not what the contract asks for.
    pub(crate) fn parse<T: DeserializeOwned>(&self, raw: &RawBody<T>) -> Result<T, ApiError> {
        #[cfg(feature = "mutants")]
        if let Some(parsed) = crate::mutants::parse(self.world, self.rqctx, raw) {
            return parsed;
        }
        raw.parse()
    }

    pub(crate) async fn signed(&self, bytes: &[u8]) -> Result<(), ApiError> {
        let headers = self.rqctx.request.headers();
        let admission = &self.world.admission;
        #[cfg(feature = "mutants")]
        if let Some(verdict) = crate::mutants::signed(self.world, self.partner, headers, bytes) {
            return verdict;
        }
        admission.signature(headers, self.partner, bytes).await
    }

    /// The scenario of a request without a body.
    pub(crate) fn play(&self) -> Result<Chosen, ApiError> {
        self.play_by(&())
    }

    /// The scenario: by header, else by a magic value of the request, else the
    /// one that is set. An error that it asks for is returned as one.
    pub(crate) fn play_by(&self, request: &impl Magic) -> Result<Chosen, ApiError> {
        let named = self.named(request)?;
        let chosen = self.world.scenario(named.as_deref())?;
        let settings = self.world.settings().faults.clone();
        let fault = settings
            .iter()
            .chain(&chosen.answers)
            .find(|fault| self.strikes(&chosen.name, fault));
        let journal = &self.world.journal;
        journal.chosen(self.number, &chosen.name, fault.map(|fault| fault.fault));
        match fault.map(|fault| (fault.fault, fault.retry_after)) {
            Some((Fault::RateLimited, after)) => Err(ApiError::too_many_requests(
                format!("Rate limit exceeded. Retry in {after} seconds."),
                after,
            )),
            Some((Fault::Unavailable, after)) => Err(ApiError::unavailable(
                "The service is unavailable. Try again later.",
                after,
            )),
            Some((Fault::Internal, _)) => Err(ApiError::internal()),
            // Those are done to the answer on its way out.
            Some((Fault::Broken | Fault::Slow, _)) | None => Ok(chosen),
        }
    }

    /// The scenario that the request names, by header or magic value.
    pub(crate) fn named(&self, request: &impl Magic) -> Result<Option<String>, ApiError> {
        let header = self.rqctx.request.headers().get(SCENARIO);
        match header.map(http::HeaderValue::to_str) {
            Some(Ok(name)) => Ok(Some(name.trim().to_owned())),
            Some(Err(_)) => Err(ApiError::bad_request("X-Mock-Scenario: not text.")),
            None => Ok(request.scenario()),
        }
    }

    fn strikes(&self, scenario: &str, fault: &AnswerFault) -> bool {
        let operation = self.rqctx.endpoint.operation_id.as_str();
        if !fault.operations.is_empty() && !fault.operations.iter().any(|it| it == operation) {
            return false;
        }
        if fault.first.is_some() || fault.rate.is_some() {
            let what = format!("{scenario} {:?} {operation} {}", fault.fault, self.key);
            let turn = {
                let mut asked = locked(&self.world.asked);
                let turn = asked.entry(what.clone()).or_default();
                *turn += 1;
                *turn
            };
            let early = fault.first.is_none_or(|first| turn <= first);
            let drawn = fault
                .rate
                .is_none_or(|rate| self.world.seed.share(&what, turn) < rate);
            return early && drawn;
        }
        true
    }

    fn begin(rqctx: &'a Rqctx) -> Self {
        let number = rqctx.request.headers().get(&NUMBER);
        let number = number.and_then(|number| number.to_str().ok()?.parse().ok());
        let world = rqctx.context();
        let number = number.unwrap_or_default();
        world.journal.called(number, &rqctx.endpoint.operation_id);
        Self {
            world,
            partner: PartnerId::NOBODY,
            rqctx,
            number,
            key: 0,
        }
    }

    fn of(mut self, key: edge::Key<PartnerId>) -> Self {
        self.partner = key.partner;
        self.key = key.id;
        let journal = &self.world.journal;
        journal.admitted(self.number, &key.partner_slug);
        self
    }
}
