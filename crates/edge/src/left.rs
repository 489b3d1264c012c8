//! What a handler leaves beside what it returns. dropshot's success types carry
//! no headers, and an error that a handler returns is not to be seen outside of
//! dropshot; so both are left here, and the edge makes the answer from them. The
//! handler's context is left as well, for the next request.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use contract::ApiError;
use dropshot::{
    HttpResponseError, HttpResponseFound, HttpResponseOk, RequestContext, ServerContext,
    http_response_found,
};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::Serialize;

use crate::problem::Problem;

tokio::task_local! {
    static LEFT: Left;
}

/// Where one request's handler leaves things.
#[derive(Clone, Default)]
pub(crate) struct Left(Arc<Mutex<Things>>);

#[derive(Default)]
struct Things {
    headers: HeaderMap,
    refusal: Option<Problem>,
    context: Option<Box<dyn Any + Send>>,
}

impl Left {
    /// A handler that runs within `answering` leaves its things here.
    pub(crate) async fn during<F: Future>(&self, answering: F) -> F::Output {
        LEFT.scope(self.clone(), answering).await
    }

    /// The first reason stays: what follows it follows from it.
    pub(crate) fn refuse(&self, problem: Problem) {
        self.lock().refusal.get_or_insert(problem);
    }

    pub(crate) fn taken(&self) -> (HeaderMap, Option<Problem>) {
        let things = std::mem::take(&mut *self.lock());
        (things.headers, things.refusal)
    }

    pub(crate) fn context<C: ServerContext>(&self) -> Option<RequestContext<C>> {
        let context = self.lock().context.take()?;
        context.downcast().ok().map(|context| *context)
    }

    fn lock(&self) -> MutexGuard<'_, Things> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sets a header of the answer that the calling handler is about to give.
/// Without an edge in front it does nothing.
pub fn set_header(name: HeaderName, value: HeaderValue) {
    let _ = LEFT.try_with(|left| left.lock().headers.insert(name, value));
}

/// 200 with what a handler made; or its error, and what the error says in
/// headers, such as `Retry-After`. The handler ends with it, and gives up its
/// context. An error that does not pass through here or through [`found`] is
/// answered 500.
pub fn ok<C: ServerContext, T>(
    result: Result<T, ApiError>,
    rqctx: RequestContext<C>,
) -> Result<HttpResponseOk<T>, ApiError>
where
    T: Serialize + JsonSchema + Send + Sync + 'static,
{
    leave(result, rqctx).map(HttpResponseOk)
}

/// 302 to where a handler found what was asked for; or its error, as in [`ok`].
pub fn found<C: ServerContext>(
    location: Result<String, ApiError>,
    rqctx: RequestContext<C>,
) -> Result<HttpResponseFound, ApiError> {
    let found = |location| http_response_found(location).map_err(ApiError::from);
    leave(location.and_then(found), rqctx)
}

fn leave<C: ServerContext, T>(
    result: Result<T, ApiError>,
    rqctx: RequestContext<C>,
) -> Result<T, ApiError> {
    let _ = LEFT.try_with(|left| {
        let mut things = left.lock();
        things.context = Some(Box::new(rqctx));
        if let Err(error) = &result {
            things.headers.extend(error.headers().clone());
            let status = error.status_code().as_status();
            let problem = Problem::new(status, error.detail().to_owned());
            things.refusal.get_or_insert(problem);
        }
    });
    result
}
