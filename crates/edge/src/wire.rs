//! The socket, watched for two things that hyper leaves open: a client that
//! does not take up its answer, and hyper's own refusals.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// hyper answers what is no HTTP by itself, without a body, and offers no hook.
/// Such an answer is the last thing it writes; it is held back here, so that
/// the edge can say it in the contract's shape.
pub(crate) struct Wire {
    stream: TcpStream,
    write_time: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    refused: Option<StatusCode>,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, write_time: Duration) -> Self {
        Self {
            stream,
            write_time,
            stalled: None,
            refused: None,
        }
    }

    /// The status with which hyper would have refused what was sent.
    pub(crate) fn refused(&self) -> Option<StatusCode> {
        self.refused
    }

    fn write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let limit = self.write_time;
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(limit)))
            .as_mut();
        stalled
            .poll(context)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

/// Where in `bytes` a refusal of hyper's begins. An answer of ours always
/// carries `X-Content-Type-Options`.
fn refusal(bytes: &[u8]) -> Option<(usize, StatusCode)> {
    const LONGEST: usize = 256;
    if !bytes.ends_with(b"\r\n\r\n") {
        return None;
    }
    let from = bytes.len().saturating_sub(LONGEST);
    let start = b"HTTP/1.";
    let at = from
        + bytes[from..]
            .windows(start.len())
            .rposition(|window| window == start)?;
    let head = std::str::from_utf8(&bytes[at..]).ok()?;
    let status = StatusCode::from_bytes(head.get(9..12)?.as_bytes()).ok()?;
    let ours = head.contains("x-content-type-options");
    let empty = head.contains("content-length: 0\r\n");
    (status.is_client_error() && empty && !ours).then_some((at, status))
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match refusal(bytes) {
            None => self.write(context, bytes),
            Some((0, status)) => {
                self.refused = Some(status);
                Poll::Ready(Ok(bytes.len()))
            }
            // First the rest of the answer before it.
            Some((at, _)) => self.write(context, &bytes[..at]),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_refusal_of_hyper_from_an_answer_of_ours() {
        let theirs = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\ndate: x\r\n\r\n";
        let found = Some((0, StatusCode::BAD_REQUEST));
        assert_eq!(refusal(theirs), found);
        let behind_another = [b"{\"detail\":1}".as_slice(), theirs].concat();
        assert_eq!(
            refusal(&behind_another),
            Some((12, StatusCode::BAD_REQUEST))
        );
        let ours = b"HTTP/1.1 404 Not Found\r\nx-content-type-options: nosniff\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(refusal(ours), None);
        assert_eq!(refusal(b"HTTP/1.1 100 Continue\r\n\r\n"), None);
        assert_eq!(refusal(b"\xff\xff\r\n\r\n"), None);
    }
}
