//! One client connection, from accept to a close that loses no answer.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures::FutureExt;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::front::Front;
use crate::problem::Problem;
use crate::wire::Wire;

/// Serves the requests of one connection until it is closed; when `stop` is
/// cancelled, the one under way is still answered.
pub(crate) async fn serve(
    stream: TcpStream,
    client: SocketAddr,
    front: Arc<Front>,
    stop: CancellationToken,
) {
    // Answers are written whole.
    let _ = stream.set_nodelay(true);
    let limits = front.limits.clone();
    let service = service_fn(|request: Request<Incoming>| {
        let front = Arc::clone(&front);
        async move { Ok::<_, Infallible>(front.answer(request, client).await) }.boxed()
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(limits.head_bytes)
        .serve_connection(TokioIo::new(Wire::new(stream, limits.write_time)), service);

    let mut stopped = pin!(stop.cancelled().fuse());
    let ended = poll_fn(|context| {
        if let Poll::Ready(()) = stopped.as_mut().poll(context) {
            Pin::new(&mut connection).graceful_shutdown();
        }
        connection.poll_without_shutdown(context)
    })
    .await;

    let parts = connection.into_parts();
    let mut wire = parts.io.into_inner();
    let problem = match (wire.refused(), ended) {
        (Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE | StatusCode::URI_TOO_LONG), _) => {
            Some(Problem::head_too_large(limits.head_bytes))
        }
        (Some(_), _) => Some(Problem::malformed()),
        (None, Err(error)) if error.is_parse() => Some(Problem::malformed()),
        // Silence on an idle connection is no request that came too late.
        (None, Err(error)) if error.is_timeout() && !parts.read_buf.is_empty() => {
            Some(Problem::too_slow(limits.head_time))
        }
        (None, _) => None,
    };
    if let Some(problem) = problem {
        tracing::info!(%client, status = problem.status.as_u16(), detail = %problem.detail, "refused");
        let _ = wire.write_all(&problem.into_bytes()).await;
    }
    linger(wire).await;
}

/// Answers a connection that is one too many.
pub(crate) async fn turn_away(mut stream: TcpStream) {
    let problem = Problem::unavailable("Too many open connections. Try again later.", 1);
    let _ = stream.write_all(&problem.into_bytes()).await;
    linger(stream).await;
}

/// Closes only after the client had the time to read: closing a socket with
/// unread bytes resets it, and an answer on its way would be lost.
async fn linger(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    const AT_MOST: Duration = Duration::from_secs(10);
    const SILENCE: Duration = Duration::from_secs(2);
    const BYTES: usize = 64 * 1024 * 1024;

    let drain = async {
        stream.shutdown().await?;
        let mut scratch = vec![0; 16 * 1024];
        let mut left = BYTES;
        while left > 0 {
            match tokio::time::timeout(SILENCE, stream.read(&mut scratch)).await {
                Ok(Ok(read)) if read > 0 => left = left.saturating_sub(read),
                _ => break,
            }
        }
        std::io::Result::Ok(())
    };
    let _ = tokio::time::timeout(AT_MOST, drain).await;
}
