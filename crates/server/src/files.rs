//! `/static/test-executions/...`: screenshots and videos behind URLs that need
//! no key, can't be guessed, and expire.

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use engine::execution::Artifact;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, HeaderMap, RANGE,
};
use http::{HeaderValue, StatusCode};
use http_range_header::parse_range_header;

use crate::app::Failure;
use crate::handlers::{Context, refused};

pub(crate) async fn test_execution(
    State(context): State<Context>,
    Path(file): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let artifact = context.engine.executions().artifact(&file, &query).await;
    Ok(deliver(artifact.map_err(refused)?, headers.get(RANGE)))
}

/// The whole file, or the range of it that a video player asks for. Of several
/// ranges none is taken up: a whole answer is always right.
fn deliver(artifact: Artifact, range: Option<&HeaderValue>) -> Response {
    let length = artifact.bytes.len();
    let wanted = range
        .and_then(|range| range.to_str().ok())
        .and_then(|range| parse_range_header(range).ok())
        .map(|ranges| ranges.validate(length as u64));
    let mut response = match wanted {
        Some(Ok(ranges)) if ranges.len() == 1 => {
            let (first, last) = (*ranges[0].start(), *ranges[0].end());
            let part = artifact.bytes.slice(first as usize..=last as usize);
            let mut response = (StatusCode::PARTIAL_CONTENT, part).into_response();
            let range = format!("bytes {first}-{last}/{length}");
            response.headers_mut().insert(CONTENT_RANGE, header(&range));
            response
        }
        Some(Err(_)) => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            let range = format!("bytes */{length}");
            response.headers_mut().insert(CONTENT_RANGE, header(&range));
            return response;
        }
        _ => artifact.bytes.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, artifact.content_type),
        (CONTENT_DISPOSITION, "inline"),
        (ACCEPT_RANGES, "bytes"),
        (CACHE_CONTROL, "private, max-age=300"),
        // What was recorded came from a page of somebody else's.
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn header(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("digits are header text")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(range: Option<&str>) -> (u16, Option<String>, Vec<u8>) {
        let artifact = Artifact {
            content_type: "video/webm",
            bytes: b"0123456789".as_slice().into(),
        };
        let range = range.map(|range| HeaderValue::from_str(range).unwrap());
        let response = deliver(artifact, range.as_ref());
        let status = response.status().as_u16();
        let range = response
            .headers()
            .get(CONTENT_RANGE)
            .map(|range| range.to_str().unwrap().to_owned());
        let body = axum::body::to_bytes(response.into_body(), 100).await;
        (status, range, body.unwrap().to_vec())
    }

    #[tokio::test]
    async fn a_player_gets_the_part_that_it_asks_for() {
        let whole = (200, None, b"0123456789".to_vec());
        assert_eq!(get(None).await, whole);
        let part = |range: &str, bytes: &[u8]| (206, Some(range.to_owned()), bytes.to_vec());
        assert_eq!(
            get(Some("bytes=0-")).await,
            part("bytes 0-9/10", b"0123456789")
        );
        assert_eq!(get(Some("bytes=2-4")).await, part("bytes 2-4/10", b"234"));
        assert_eq!(get(Some("bytes=-3")).await, part("bytes 7-9/10", b"789"));
        assert_eq!(get(Some("bytes=8-99")).await, part("bytes 8-9/10", b"89"));
        assert_eq!(get(Some("nonsense")).await, whole);
        assert_eq!(get(Some("bytes=0-1,4-5")).await, whole);
        let beyond = (416, Some("bytes */10".to_owned()), Vec::new());
        assert_eq!(get(Some("bytes=10-")).await, beyond);
    }
}
