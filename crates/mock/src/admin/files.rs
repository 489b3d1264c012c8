//! `/static/test-executions/...`: screenshots and videos behind URLs that need
//! no key, can't be guessed, and expire.

use axum::extract::{Path, RawQuery, State};
use axum::response::IntoResponse;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::Failure;
use crate::artifacts;

pub(super) async fn test_execution(
    State(world): super::State,
    Path(file): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<impl IntoResponse, Failure> {
    let artifact = artifacts::open(&world, &file, &query.unwrap_or_default())?;
    Ok((
        [
            (CONTENT_TYPE, artifact.content_type),
            (CACHE_CONTROL, "private, max-age=300"),
        ],
        artifact.bytes,
    ))
}
