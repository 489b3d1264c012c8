//! A hook around the answers to requests for the contract's paths and any other:
//! what stands here sees each request's head before it is passed on, and the
//! answer before it is sent.

use std::net::SocketAddr;
use std::sync::Arc;

use futures::future::BoxFuture;
use http::{Request, Response};
use hyper::body::Incoming;

use crate::Body;

/// An answer; its body may still be under way, and may break off.
pub type Answer = Response<Body>;

/// The rest of the way to the answer.
pub struct Next<'a> {
    pub(crate) go: Box<dyn FnOnce(Request<Incoming>) -> BoxFuture<'a, Answer> + Send + 'a>,
}

impl<'a> Next<'a> {
    pub fn run(self, request: Request<Incoming>) -> BoxFuture<'a, Answer> {
        (self.go)(request)
    }
}

pub(crate) type Around = Arc<
    dyn for<'a> Fn(Request<Incoming>, SocketAddr, Next<'a>) -> BoxFuture<'a, Answer> + Send + Sync,
>;

pub(crate) fn run<'a>(
    around: &Around,
    request: Request<Incoming>,
    client: SocketAddr,
    next: impl FnOnce(Request<Incoming>) -> BoxFuture<'a, Answer> + Send + 'a,
) -> BoxFuture<'a, Answer> {
    around(request, client, Next { go: Box::new(next) })
}
