//! The page: jobs, requests and callbacks, as they happen.

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse};
use futures::{Stream, StreamExt, stream};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};

pub(super) async fn page() -> impl IntoResponse {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
        connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    (
        [(CONTENT_SECURITY_POLICY, POLICY)],
        Html(include_str!("page.html")),
    )
}

pub(super) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css")], include_str!("page.css"))
}

pub(super) async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript")], include_str!("page.js"))
}

/// One event at once, and one whenever something happened.
pub(super) async fn events(
    State(world): super::State,
) -> Sse<impl Stream<Item = Result<Event, std::convert::Infallible>>> {
    let changes = world.changes();
    let stop = world.stop.clone();
    let events = stream::unfold((changes, true), |(mut changes, first)| async move {
        if !first && changes.changed().await.is_err() {
            return None;
        }
        let count = *changes.borrow_and_update();
        let event = Event::default().data(count.to_string());
        Some((Ok(event), (changes, false)))
    });
    Sse::new(events.take_until(stop.cancelled_owned())).keep_alive(KeepAlive::default())
}
