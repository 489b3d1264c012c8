//! A request's body on its way to a handler. Nothing of it is read before the
//! handler asks: that is not before key, partner and rate limit were checked.
//! A client that waits to be told to continue is told so by then.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::left::Left;
use crate::problem::Problem;
use crate::{BoxError, Limits};

/// Bounded in bytes and time. What is wrong with it is left as the refusal.
pub(crate) struct Upload {
    incoming: Incoming,
    max_bytes: usize,
    bytes: usize,
    limit: Duration,
    /// Runs from the first time that the handler had to wait.
    deadline: Option<Pin<Box<Sleep>>>,
    left: Left,
}

impl Upload {
    /// Refuses a body that says of itself that it is too large.
    pub(crate) fn new(
        incoming: Incoming,
        max_bytes: usize,
        limits: &Limits,
        left: Left,
    ) -> Result<Self, Problem> {
        if incoming.size_hint().lower() > max_bytes as u64 {
            return Err(Problem::body_too_large(max_bytes));
        }
        Ok(Self {
            incoming,
            max_bytes,
            bytes: 0,
            limit: limits.time_for(max_bytes),
            deadline: None,
            left,
        })
    }

    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Problem>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(context) else {
            let limit = self.limit;
            let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(limit)));
            ready!(deadline.as_mut().poll(context));
            return Poll::Ready(Some(Err(Problem::too_slow(limit))));
        };
        Poll::Ready(frame.map(|frame| {
            let frame = frame.map_err(|_| Problem::body_broke_off())?;
            self.bytes += frame.data_ref().map_or(0, Bytes::len);
            if self.bytes > self.max_bytes {
                return Err(Problem::body_too_large(self.max_bytes));
            }
            Ok(frame)
        }))
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(self.next(context));
        Poll::Ready(frame.map(|frame| {
            frame.map_err(|problem| {
                let said = problem.detail.clone().into();
                self.left.refuse(problem);
                said
            })
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
