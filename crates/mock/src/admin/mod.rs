//! What stands beside the contract: artifacts' files, the document, health, and
//! under `/_mock` the admin API and its page.

pub(crate) mod callbacks;
mod control;
mod files;
mod hosts;
mod page;

use std::sync::Arc;

use axum::extract::{self, FromRequest, Request};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use bytes::Bytes;
use contract::ApiError;
use dropshot::HttpResponseError;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, ORIGIN};
use serde::de::DeserializeOwned;

use crate::world::World;

pub use hosts::HostError;
pub(crate) use hosts::Hosts;

type State = extract::State<Arc<World>>;

pub(crate) fn router(world: Arc<World>, hosts: Hosts) -> Router {
    let admin = Router::new()
        .route("/page.css", get(page::style))
        .route("/page.js", get(page::script))
        .route("/events", get(page::events))
        .route("/status", get(control::status))
        .route("/requests", get(control::requests))
        .route("/jobs", get(control::jobs))
        .route("/callbacks", get(callbacks::list))
        .route("/callbacks/{job}/replay", post(callbacks::replay_one))
        .route("/scenarios", get(control::scenarios))
        .route("/scenario", put(control::set_scenario))
        .route("/faults", put(control::set_faults))
        .route("/advance", post(control::advance))
        .route("/idle", post(control::idle))
        .route("/reset", post(control::reset))
        .layer(from_fn(own_pages_only));
    let admin = Router::new()
        .route("/_mock", get(page::page))
        .route("/_mock/", get(page::page))
        .nest("/_mock", admin)
        .layer(from_fn_with_state(hosts, hosts::known_only));
    Router::new()
        .route(
            "/static/test-executions/{*file}",
            get(files::test_execution),
        )
        .route("/openapi.json", get(document))
        .route("/healthz", get(health))
        // Where `report_app_url` leads.
        .route("/", get(|| async { Redirect::temporary("/_mock/") }))
        .merge(admin)
        .with_state(world)
}

async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], contract::DOCUMENT)
}

async fn health() -> impl IntoResponse {
    Json(serde_json::json!({ "status": "ok" }))
}

/// A page of somebody else's, open in the same browser, must not command the
/// mock: it would come with its own origin.
async fn own_pages_only(request: Request, next: Next) -> Result<Response, Failure> {
    if is_foreign(request.headers()) {
        return Err(ApiError::forbidden("The admin API is not for pages of other origins.").into());
    }
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    Ok(response)
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let own = header(HOST);
    header(ORIGIN).is_some_and(|origin| origin.strip_prefix("http://") != own)
}

/// A body of JSON, whatever its content type says; none is an empty object.
pub(crate) struct Sent<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let refused = |why: String| Failure(ApiError::bad_request(why));
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|why| refused(why.body_text()))?;
        let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(bytes)
            .map(Self)
            .map_err(|why| refused(format!("The body can't be taken: {why}.")))
    }
}

/// The contract's error, outside of dropshot.
pub(crate) struct Failure(ApiError);

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0.status_code().as_status(), Json(self.0)).into_response()
    }
}
