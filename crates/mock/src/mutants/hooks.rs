//! Where a mutant meets what passes through the mock.

use bytes::Bytes;
use contract::{ApiError, Challenge, RawBody, Validated};
use dropshot::HttpResponseError;
use edge::Key;
use http::header::{HeaderMap, HeaderName};
use http::{request, response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::effect::{Effect, Keys, Rate};
use super::reply::Reply;
use crate::call::Rqctx;
use crate::partners::PartnerId;
use crate::world::World;

const SIGNATURE: &str = "x-partner-signature";
pub(super) const API_KEY: HeaderName = HeaderName::from_static("x-qualitymax-api-key");

pub(crate) fn arrive(world: &World, head: &mut request::Parts) {
    if let Some(Effect::Arrival(edit)) = world.mutant.effect() {
        let (own, others) = world.directory.all().split_at(1);
        let keys = |partners: &[crate::Partner]| {
            let keys = partners.iter().flat_map(|partner| partner.keys.clone());
            keys.collect()
        };
        let keys = Keys {
            own: keys(own),
            others: keys(others),
        };
        edit(head, &keys);
    }
}

pub(crate) fn answer(
    world: &World,
    number: u64,
    path: &str,
    head: response::Parts,
    body: Bytes,
) -> (response::Parts, Bytes) {
    let Some(effect) = world.mutant.effect() else {
        return (head, body);
    };
    let operation = world.journal.operation(number);
    let (edit, what) = match (effect, operation) {
        (Effect::Answer(of, edit), Some(id)) if id == of => (edit, of),
        (Effect::Beside(prefix, edit), None) if path.starts_with(prefix) => (edit, prefix),
        (Effect::AnyAnswer(edit), _) => (edit, ""),
        _ => return (head, body),
    };
    let turn = world.mutant.turn(&format!("{what} {}", head.status));
    let mut reply = Reply::new(head, body, turn);
    edit(&mut reply);
    reply.into_parts()
}

/// Counts otherwise than the contract.
pub(crate) async fn admitted(
    world: &World,
    rqctx: &Rqctx,
    verdict: Result<Key<PartnerId>, ApiError>,
) -> Result<Key<PartnerId>, ApiError> {
    let operation = rqctx.endpoint.operation_id.as_str();
    let limit = contract::Operation::by_id(operation).map(|it| it.rate_limit);
    let rate = match world.mutant.effect() {
        Some(Effect::Rate(of, rate)) if of == operation => rate,
        Some(Effect::RateClass(class, rate)) if limit.is_some_and(|it| it.class == class) => rate,
        _ => return verdict,
    };
    let refused = match &verdict {
        Ok(_) => false,
        Err(error) if error.status_code().as_u16() == 429 => true,
        Err(_) => return verdict,
    };
    let key = world.admission.key(rqctx.request.headers()).await?;
    let count = format!("{operation} {}", key.id);
    let too_many = || ApiError::too_many_requests("Rate limit exceeded. Retry in 1 seconds.", 1);
    match (rate, refused) {
        (Rate::Unlimited, true) => Ok(key),
        (Rate::OneMore, true) if world.mutant.turn(&count) == 1 => Ok(key),
        (Rate::OneMore, false) => {
            world.mutant.forget(&count);
            verdict
        }
        (Rate::OneFewer, false) => {
            let limit = limit.map_or(u64::MAX, |it| it.requests.into());
            match world.mutant.turn(&count) % limit {
                0 => Err(too_many()),
                _ => verdict,
            }
        }
        (Rate::ForGood, true) => {
            world.mutant.turn(&count);
            verdict
        }
        (Rate::ForGood, false) if world.mutant.has(&count) => Err(too_many()),
        _ => verdict,
    }
}

/// `None` where this mutant reads bodies as the contract says.
pub(crate) fn parse<T: DeserializeOwned>(
    world: &World,
    rqctx: &Rqctx,
    raw: &RawBody<T>,
) -> Option<Result<T, ApiError>> {
    let mut value: Option<Value> = serde_json::from_slice(raw.bytes()).ok();
    match (world.mutant.effect()?, &mut value) {
        (Effect::MalformedIsInternal, None) => Some(Err(ApiError::internal())),
        (Effect::Body(of, edit), Some(value)) if rqctx.endpoint.operation_id == of => {
            let edited = edit(value).map_err(ApiError::bad_request);
            let parsed = edited.and_then(|()| {
                T::from_json(value.to_string().as_bytes())
                    .map_err(|invalid| ApiError::bad_request(invalid.to_string()))
            });
            Some(parsed)
        }
        _ => None,
    }
}

/// `None` where this mutant verifies signatures as the contract says.
pub(crate) fn signed(
    world: &World,
    partner: PartnerId,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<Result<(), ApiError>> {
    let Some(Effect::Signature(verify)) = world.mutant.effect() else {
        return None;
    };
    let given = headers.get(SIGNATURE).and_then(|it| it.to_str().ok());
    let secret = world.directory.get(partner).secret.as_bytes();
    Some(match verify(secret, body, given.unwrap_or_default()) {
        true => Ok(()),
        false => Err(ApiError::unauthorized(
            Challenge::PartnerSignature,
            "Invalid signature.",
        )),
    })
}
