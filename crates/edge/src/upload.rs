//! A request's body on its way to dropshot.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, Stream, StreamExt, stream};
use http::header::{EXPECT, HeaderValue};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::body::{Body as _, Frame, Incoming};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::front::head_bytes;
use crate::problem::Problem;
use crate::{BoxError, Limits};

/// What dropshot is sent.
pub(crate) type Upload = Either<Full<Bytes>, StreamBody<Pieces>>;
type Pieces = BoxStream<'static, Result<Frame<Bytes>, BoxError>>;

/// Done when the whole body was passed on; never, where nobody wants it.
pub(crate) type Sending = BoxFuture<'static, Result<(), Problem>>;

/// Head and body of a request that is sent in one piece. dropshot reads as much
/// at once, so it has it all even where it answers without having wanted it.
const ONE_PIECE: usize = 6 * 1024;

/// A request without a body.
pub(crate) fn none() -> (Upload, Sending) {
    let body = Either::Left(Full::default());
    (body, futures::future::ok(()).boxed())
}

/// The body of `request`, which is sent along where it is small and there, and
/// else not read before dropshot wants it: that is not before key, partner and
/// rate limit were checked.
pub(crate) async fn of(
    request: &mut Request<()>,
    mut incoming: Incoming,
    max_bytes: usize,
    limits: &Limits,
) -> Result<(Upload, Sending), Problem> {
    let size = incoming.size_hint();
    if size.lower() > max_bytes as u64 {
        return Err(Problem::body_too_large(max_bytes));
    }
    // A client that expects a 100 sends nothing before it.
    let waits = request.headers_mut().remove(EXPECT).is_some();
    let small = size
        .exact()
        .is_some_and(|size| head_bytes(request) + size as usize <= ONE_PIECE);
    let mut first = Bytes::new();
    if small && !waits {
        first = arrived(&mut incoming).await?;
        if incoming.is_end_stream() {
            let body = Either::Left(Full::new(first));
            return Ok((body, futures::future::ok(()).boxed()));
        }
    }

    request
        .headers_mut()
        .insert(EXPECT, HeaderValue::from_static("100-continue"));
    let wanted = CancellationToken::new();
    let wants = wanted.clone();
    hyper::ext::on_informational(request, move |informational| {
        if informational.status() == StatusCode::CONTINUE {
            wants.cancel();
        }
    });
    let (sender, receiver) = mpsc::channel(1);
    let limit = limits.time_for(max_bytes);
    let sending = async move {
        wanted.cancelled().await;
        in_time(limit, send(first, incoming, max_bytes, sender)).await
    };
    let body = Either::Right(StreamBody::new(received(receiver).boxed()));
    Ok((body, sending.boxed()))
}

/// What lies ready of a body. The connection delivers it when this task gives
/// way, once it has been asked.
async fn arrived(incoming: &mut Incoming) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    for _ in 0..3 {
        while let Some(Some(frame)) = incoming.frame().now_or_never() {
            if let Ok(data) = frame.map_err(|_| Problem::body_broke_off())?.into_data() {
                bytes.extend_from_slice(&data);
            }
        }
        if incoming.is_end_stream() {
            break;
        }
        tokio::task::yield_now().await;
    }
    Ok(bytes.freeze())
}

async fn in_time(
    limit: Duration,
    sending: impl Future<Output = Result<(), Problem>>,
) -> Result<(), Problem> {
    tokio::time::timeout(limit, sending)
        .await
        .unwrap_or_else(|_| Err(Problem::too_slow(limit)))
}

/// A piece of a body. Its end is said, because a sender that is gone must not
/// make what arrived look like all there is.
enum Piece {
    Data(Bytes),
    End,
}

async fn send(
    first: Bytes,
    mut incoming: Incoming,
    max_bytes: usize,
    sender: mpsc::Sender<Piece>,
) -> Result<(), Problem> {
    let mut left = max_bytes.saturating_sub(first.len());
    let mut gone = sender.send(Piece::Data(first)).await.is_err();
    while let (false, Some(frame)) = (gone, incoming.frame().await) {
        let Ok(data) = frame.map_err(|_| Problem::body_broke_off())?.into_data() else {
            continue;
        };
        left = left
            .checked_sub(data.len())
            .ok_or_else(|| Problem::body_too_large(max_bytes))?;
        gone = sender.send(Piece::Data(data)).await.is_err();
    }
    if gone || sender.send(Piece::End).await.is_err() {
        // Nobody listens any more; the answer says why.
        return std::future::pending().await;
    }
    Ok(())
}

fn received(
    receiver: mpsc::Receiver<Piece>,
) -> impl Stream<Item = Result<Frame<Bytes>, BoxError>> + Send {
    stream::try_unfold(receiver, |mut receiver| async move {
        match receiver.recv().await {
            Some(Piece::Data(data)) => Ok(Some((Frame::data(data), receiver))),
            Some(Piece::End) => Ok(None),
            None => Err("the body broke off".into()),
        }
    })
}
