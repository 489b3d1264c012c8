//! dropshot's handlers, called in this process.
//!
//! dropshot 0.18 serves from a listener of its own and from nowhere else. Its
//! router can be had without one, though, and what it routes to can be called;
//! only the context that a handler takes is made by dropshot alone, for a
//! request that it received: see [`Contexts`]. What remains of dropshot is its
//! routing, extraction and serialization, without a second hop over HTTP, and
//! without a port that leads around the edge.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use contract::Operation;
use dropshot::{ApiDescription, Body, HEADER_REQUEST_ID, RequestInfo, ServerContext};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::Limits;
use crate::contexts::Contexts;
use crate::left::Left;
use crate::problem::Problem;
use crate::serve::ServeError;
use crate::upload::Upload;

pub(crate) struct Handlers {
    call: Call,
    /// A client that goes away does not end a handler halfway.
    running: TaskTracker,
}

/// Calls the handler of a request, which has that id, and leaves its things.
type Call = Box<dyn Fn(Request<Body>, SocketAddr, Uuid, Left) -> Answering + Send + Sync>;

/// `None` where the handler refused: the reason is what it left.
type Answering = BoxFuture<'static, Result<Option<Response<Body>>, Problem>>;

impl Handlers {
    pub(crate) fn of<C: ServerContext>(
        api: ApiDescription<C>,
        context: C,
    ) -> Result<Self, ServeError> {
        let router = Arc::new(api.into_router());
        let contexts = Arc::new(Contexts::new(context)?);
        let call = move |request: Request<Body>, client, id: Uuid, left: Left| {
            let (router, contexts) = (Arc::clone(&router), Arc::clone(&contexts));
            async move {
                let path = request.uri().path();
                let routed = router
                    .lookup_route(request.method(), path.into(), None)
                    .map_err(|error| Problem::of(error.status_code.as_status()))?;
                let mut context = contexts.take().await.map_err(|error| {
                    tracing::error!(error, "dropshot makes no context");
                    Problem::unavailable("The service is not ready. Try again later.", 5)
                })?;
                context.endpoint = routed.endpoint;
                context.request_id = id.to_string();
                context.request = RequestInfo::new(&request, client);
                let answering = routed.handler.handle_request(context, request);
                let answer = left.during(answering).await;
                if let Some(context) = left.context() {
                    contexts.give_back(context);
                }
                Ok(answer.ok())
            }
            .boxed()
        };
        Ok(Self {
            call: Box::new(call),
            running: TaskTracker::new(),
        })
    }

    /// Has the operation's handler answer, and returns the whole answer.
    pub(crate) async fn ask(
        &self,
        request: Request<Incoming>,
        client: SocketAddr,
        operation: &Operation,
        limits: &Limits,
    ) -> Result<Response<Bytes>, Problem> {
        let left = Left::default();
        let (mut parts, incoming) = request.into_parts();
        if parts.method == Method::HEAD {
            parts.method = Method::GET;
        }
        let body = match operation.max_body_bytes {
            Some(max_bytes) if !incoming.is_end_stream() => {
                Body::wrap(Upload::new(incoming, max_bytes, limits, left.clone())?)
            }
            _ => Body::empty(),
        };
        let request = Request::from_parts(parts, body);
        let id = Uuid::new_v4();
        let answering = (self.call)(request, client, id, left.clone());
        let mut answering = AssertUnwindSafe(answering).catch_unwind().boxed();
        // Most have all that they need; a task of their own would cost them more
        // than they do.
        let answer = match answering.as_mut().now_or_never() {
            Some(answer) => answer,
            None => {
                let answering = self.running.spawn(answering);
                let Ok(answer) = tokio::time::timeout(limits.answer_time, answering).await else {
                    tracing::error!(operation = operation.id, "the handler did not answer");
                    let detail = "The service did not answer in time. Try again later.";
                    return Err(Problem::unavailable(detail, 30));
                };
                answer.unwrap_or_else(|ended| Err(Box::new(ended)))
            }
        };
        let Ok(answer) = answer else {
            tracing::error!(operation = operation.id, "the handler broke down");
            let detail = "The service could not answer. Try again later.";
            return Err(Problem::unavailable(detail, 1));
        };
        let (headers, refusal) = left.taken();
        let mut answer = match (answer?, refusal) {
            (_, Some(refusal)) => refusal.into_response(),
            (Some(answer), None) => whole(answer).await?,
            (None, None) => {
                tracing::error!(operation = operation.id, "refused without a reason");
                Problem::internal().into_response()
            }
        };
        answer.headers_mut().remove(CONTENT_LENGTH);
        answer.headers_mut().extend(headers);
        let mut buffer = Uuid::encode_buffer();
        if let Ok(id) = HeaderValue::from_str(id.hyphenated().encode_lower(&mut buffer)) {
            answer.headers_mut().insert(HEADER_REQUEST_ID, id);
        }
        Ok(answer)
    }

    /// Resolves when no handler runs any more.
    pub(crate) async fn done(&self) {
        self.running.close();
        self.running.wait().await;
    }
}

async fn whole(answer: Response<Body>) -> Result<Response<Bytes>, Problem> {
    let (parts, body) = answer.into_parts();
    match body.collect().await {
        Ok(body) => Ok(Response::from_parts(parts, body.to_bytes())),
        Err(error) => {
            tracing::error!(%error, "an answer broke off");
            Err(Problem::internal())
        }
    }
}
