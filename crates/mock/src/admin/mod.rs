//! What stands beside the contract: artifacts' files, the document, health, and
//! under `/_mock` the admin API.

pub(crate) mod callbacks;
mod files;

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, extract};
use contract::ApiError;
use dropshot::HttpResponseError;
use http::header::CONTENT_TYPE;

use crate::world::World;

type State = extract::State<Arc<World>>;

pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route(
            "/static/test-executions/{*file}",
            get(files::test_execution),
        )
        .route("/openapi.json", get(document))
        .route("/healthz", get(health))
        .route("/_mock/requests", get(requests))
        .route("/_mock/callbacks", get(callbacks::list))
        .route("/_mock/reset", post(reset))
        .with_state(world)
}

async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], contract::DOCUMENT)
}

async fn health() -> impl IntoResponse {
    Json(serde_json::json!({ "status": "ok" }))
}

async fn requests(extract::State(world): State) -> impl IntoResponse {
    Json(world.journal.last(usize::MAX))
}

async fn reset(extract::State(world): State) -> impl IntoResponse {
    world.reset();
    Json(serde_json::json!({}))
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
