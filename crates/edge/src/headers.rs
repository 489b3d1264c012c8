//! Headers of an answer that dropshot has no place for: a handler's error type
//! can't carry any, and the contract's success types carry none. A handler
//! leaves them here, and the edge adds them to the answer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use contract::ApiError;
use dropshot::{
    HttpResponseFound, HttpResponseOk, RequestContext, ServerContext, http_response_found,
};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::Serialize;

/// Names the request's slot to the handler; a client's own is not let through.
pub(crate) const SLOT: HeaderName = HeaderName::from_static("x-edge-slot");

static SLOTS: LazyLock<Mutex<HashMap<u64, HeaderMap>>> = LazyLock::new(Mutex::default);

/// Sets a header of the answer to this request. Without an edge in front it
/// does nothing.
pub fn set_header<C: ServerContext>(
    rqctx: &RequestContext<C>,
    name: HeaderName,
    value: HeaderValue,
) {
    let mut slots = slots();
    let slot = rqctx.request.headers().get(SLOT);
    let slot = slot.and_then(|slot| slot.to_str().ok()?.parse::<u64>().ok());
    if let Some(headers) = slot.and_then(|slot| slots.get_mut(&slot)) {
        headers.insert(name, value);
    }
}

/// 200 with what a handler made; or its error, and what the error says in
/// headers, such as `Retry-After`.
pub fn ok<C: ServerContext, T>(
    rqctx: &RequestContext<C>,
    result: Result<T, ApiError>,
) -> Result<HttpResponseOk<T>, ApiError>
where
    T: Serialize + JsonSchema + Send + Sync + 'static,
{
    with_headers(rqctx, result).map(HttpResponseOk)
}

/// 302 to where a handler found what was asked for; or its error, as in [`ok`].
pub fn found<C: ServerContext>(
    rqctx: &RequestContext<C>,
    location: Result<String, ApiError>,
) -> Result<HttpResponseFound, ApiError> {
    let location = with_headers(rqctx, location)?;
    Ok(http_response_found(location)?)
}

fn with_headers<C: ServerContext, T>(
    rqctx: &RequestContext<C>,
    result: Result<T, ApiError>,
) -> Result<T, ApiError> {
    if let Err(error) = &result {
        for (name, value) in error.headers() {
            set_header(rqctx, name.clone(), value.clone());
        }
    }
    result
}

/// Where one request's handler leaves headers; gone when dropped.
pub(crate) struct Slot(u64);

impl Slot {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let slot = NEXT.fetch_add(1, Ordering::Relaxed);
        slots().insert(slot, HeaderMap::new());
        Self(slot)
    }

    pub(crate) fn name(&self) -> HeaderValue {
        self.0.into()
    }

    pub(crate) fn take(self) -> HeaderMap {
        slots().remove(&self.0).unwrap_or_default()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        slots().remove(&self.0);
    }
}

fn slots() -> MutexGuard<'static, HashMap<u64, HeaderMap>> {
    SLOTS.lock().unwrap_or_else(PoisonError::into_inner)
}
