//! What stands between the network and dropshot.
//!
//! dropshot 0.18 answers its router's own 404 and 405 in a shape of its own, and
//! has no read timeouts. So the edge owns the listener, and calls dropshot's
//! handlers:
//!
//! - every answer to a bad request is `{"detail": "..."}`, also where the
//!   request is no valid HTTP, too large, too slow, or leads nowhere;
//! - heads, bodies, connections and waiting are bounded;
//! - a body is not read before the handler asks for it, so whoever has no key
//!   is refused without an upload;
//! - an answer reaches the client even while it is still sending;
//! - who may do what is checked in the contract's order, within its rate limits;
//! - other routes (report app, files, health) are mounted beside the contract.
//!
//! It speaks HTTP/1.0 and HTTP/1.1. TLS and HTTP/2 belong to the proxy in front.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod admission;
mod around;
mod connection;
mod contexts;
mod front;
mod handlers;
mod left;
mod problem;
mod rate_limits;
mod routes;
mod serve;
mod upload;
mod wire;

use std::time::Duration;

pub use admission::{Admission, Key, Partners};
pub use around::{Answer, Next};
pub use left::{found, ok, set_header};
pub use rate_limits::RateLimits;
pub use serve::{Edge, ServeError};

/// How much, and how long.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections; the next one is answered 503.
    pub connections: usize,
    /// Bytes of a request's head: its line and headers. 431 past it.
    pub head_bytes: usize,
    /// For a head to arrive (408), and for an idle connection to be kept.
    pub head_time: Duration,
    /// For a body to arrive, and [`SECONDS_PER_MIB`] more for each MiB that the
    /// operation takes. 408 past it.
    pub body_time: Duration,
    /// For a handler to answer. 503 past it.
    pub answer_time: Duration,
    /// For a client to take up a part of its answer; then it is cut off.
    pub write_time: Duration,
    /// For answers under way when the edge is told to stop.
    pub drain_time: Duration,
}

/// A large body gets longer, so that the limit on time means a speed.
const SECONDS_PER_MIB: u64 = 5;

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1000,
            head_bytes: 32 * 1024,
            head_time: Duration::from_secs(15),
            body_time: Duration::from_secs(15),
            answer_time: Duration::from_secs(300),
            write_time: Duration::from_secs(30),
            drain_time: Duration::from_secs(20),
        }
    }
}

impl Limits {
    /// For a body of at most `max_bytes` to arrive.
    fn time_for(&self, max_bytes: usize) -> Duration {
        let mib = (max_bytes / (1024 * 1024)) as u64;
        self.body_time + Duration::from_secs(mib * SECONDS_PER_MIB)
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Body = http_body_util::combinators::UnsyncBoxBody<bytes::Bytes, BoxError>;
