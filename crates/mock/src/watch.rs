//! What stands around every request: it is put into the journal, and its answer
//! is slowed or broken off where a scenario asks for it.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use edge::{Answer, Next};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use http::Request;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};

use crate::call::NUMBER;
use crate::clock::Clock;
use crate::scenario::Fault;
use crate::world::World;

/// A slow answer comes in so many pieces, with such a pause before each, by the
/// mock's clock.
const PIECES: usize = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Paths that are the mock's own and not put into the journal.
const OWN: &str = "/_mock";

/// Watches one request.
pub(crate) fn watch<'a>(
    world: &Arc<World>,
    mut request: Request<Incoming>,
    _client: SocketAddr,
    next: Next<'a>,
) -> BoxFuture<'a, Answer> {
    if request.uri().path().starts_with(OWN) {
        return next.run(request);
    }
    let world = Arc::clone(world);
    async move {
        let (mut head, body) = request.into_parts();
        head.headers.remove(&NUMBER);
        #[cfg(feature = "mutants")]
        crate::mutants::arrive(&world, &mut head);
        #[cfg(feature = "mutants")]
        let path = head.uri.path().to_owned();
        let number = world.journal.begin(world.clock.now(), &head);
        head.headers.insert(NUMBER, number.into());
        request = Request::from_parts(head, body);
        let (head, body) = next.run(request).await.into_parts();
        // Answers to what the journal tells of are whole before they are sent.
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => Bytes::new(),
        };
        #[cfg(feature = "mutants")]
        let (head, body) = crate::mutants::answer(&world, number, &path, head, body);
        let fault = world.journal.answered(number, head.status.as_u16(), &body);
        world.changed();
        let body = match fault {
            Some(Fault::Broken) => broken(),
            Some(Fault::Slow) => slow(world.clock.clone(), body),
            _ => Full::new(body).map_err(never).boxed_unsync(),
        };
        Answer::from_parts(head, body)
    }
    .boxed()
}

type Body =
    http_body_util::combinators::UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

fn broken() -> Body {
    let cut = stream::iter([Err(io::Error::from(io::ErrorKind::ConnectionReset).into())]);
    BodyExt::boxed_unsync(StreamBody::new(cut))
}

fn slow(clock: Clock, body: Bytes) -> Body {
    let size = body.len().div_ceil(PIECES).max(1);
    let mut due = clock.now();
    let pieces: Vec<(Duration, Bytes)> = (0..body.len())
        .step_by(size)
        .map(|from| {
            due += PAUSE;
            (due, body.slice(from..body.len().min(from + size)))
        })
        .collect();
    let pieces = stream::iter(pieces).then(move |(due, piece)| {
        let clock = clock.clone();
        async move {
            clock.sleep_until(due).await;
            Ok(Frame::data(piece))
        }
    });
    BodyExt::boxed_unsync(StreamBody::new(pieces))
}

fn never(never: Infallible) -> Box<dyn std::error::Error + Send + Sync> {
    match never {}
}
