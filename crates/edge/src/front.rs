//! What becomes of a request that is valid HTTP.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue, REFERRER_POLICY};
use http::{Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body as HttpBody, Incoming};
use serde_json::Value;
use tower_service::Service;

use crate::around::{self, Around};
use crate::handlers::Handlers;
use crate::problem::{Problem, allow, mark};
use crate::routes::{Found, Routes};
use crate::{Body, BoxError, Limits};

pub(crate) struct Front {
    pub(crate) routes: Routes,
    pub(crate) handlers: Handlers,
    pub(crate) beside: Option<Beside>,
    pub(crate) around: Option<Around>,
    pub(crate) limits: Limits,
}

/// What answers the paths that are not the contract's.
pub(crate) type Beside =
    Arc<dyn Fn(Request<Full<Bytes>>) -> BoxFuture<'static, Response<Body>> + Send + Sync>;

/// For bodies of requests that are not the contract's.
const BESIDE_MAX_BYTES: usize = 1024 * 1024;

/// An error's body that is longer is no error of the contract.
const ERROR_MAX_BYTES: usize = 64 * 1024;

impl Front {
    pub(crate) async fn answer(
        &self,
        request: Request<Incoming>,
        client: SocketAddr,
    ) -> Response<Body> {
        let begun = Instant::now();
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let response = match &self.around {
            None => self.found(request, client).await,
            Some(around) => {
                let next = |request| self.found(request, client).boxed();
                around::run(around, request, client, next).await
            }
        };
        let request_id = response.headers().get("x-request-id");
        tracing::info!(
            %client,
            %method,
            path,
            status = response.status().as_u16(),
            micros = begun.elapsed().as_micros() as u64,
            request_id = request_id.and_then(|id| id.to_str().ok()),
            "answered"
        );
        response
    }

    async fn found(&self, request: Request<Incoming>, client: SocketAddr) -> Response<Body> {
        let response = match self.dispatch(request, client).await {
            Ok(response) => response,
            Err(problem) => whole(problem.into_response()),
        };
        shaped(response).await
    }

    async fn dispatch(
        &self,
        request: Request<Incoming>,
        client: SocketAddr,
    ) -> Result<Response<Body>, Problem> {
        // hyper's own limit takes effect only between two reads.
        if head_bytes(&request) > self.limits.head_bytes {
            return Err(Problem::head_too_large(self.limits.head_bytes));
        }
        let hosts = request.headers().get_all(HOST).iter().count();
        if hosts != 1 && request.version() == Version::HTTP_11 {
            return Err(Problem::bad_request("Send exactly one Host header."));
        }
        match self.routes.find(request.method(), request.uri().path())? {
            Found::Operation(operation) => {
                let mut answer = self
                    .handlers
                    .ask(request, client, operation, &self.limits)
                    .await?;
                mark(answer.headers_mut());
                Ok(whole(answer))
            }
            Found::Methods(methods) if request.method() == Method::OPTIONS => {
                let mut answer = Response::new(Bytes::new());
                *answer.status_mut() = StatusCode::NO_CONTENT;
                answer.headers_mut().insert(ALLOW, allow(methods));
                Ok(whole(answer))
            }
            Found::Methods(methods) => Err(Problem::method_not_allowed(request.method(), methods)),
            Found::Nothing => {
                if let Some(meant) = self.routes.meant(request.uri().path()) {
                    return Err(Problem::new(
                        StatusCode::NOT_FOUND,
                        format!("There is nothing at this path. Did you mean {meant}?"),
                    ));
                }
                match &self.beside {
                    Some(beside) => Ok(beside(self.collected(request, client).await?).await),
                    None => Err(Problem::of(StatusCode::NOT_FOUND)),
                }
            }
        }
    }

    async fn collected(
        &self,
        request: Request<Incoming>,
        client: SocketAddr,
    ) -> Result<Request<Full<Bytes>>, Problem> {
        let limit = self.limits.time_for(BESIDE_MAX_BYTES);
        let (mut parts, incoming) = request.into_parts();
        if incoming.size_hint().lower() > BESIDE_MAX_BYTES as u64 {
            return Err(Problem::body_too_large(BESIDE_MAX_BYTES));
        }
        let body = tokio::time::timeout(limit, Limited::new(incoming, BESIDE_MAX_BYTES).collect())
            .await
            .map_err(|_| Problem::too_slow(limit))?
            .map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Problem::body_too_large(BESIDE_MAX_BYTES)
                } else {
                    Problem::body_broke_off()
                }
            })?;
        parts.extensions.insert(client);
        Ok(Request::from_parts(parts, Full::new(body.to_bytes())))
    }
}

/// As they stood on the wire, or nearly so.
pub(crate) fn head_bytes<B>(request: &Request<B>) -> usize {
    let line = request.uri().path().len() + request.uri().query().map_or(0, str::len);
    let headers = request.headers().iter();
    line + headers
        .map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len())
        .sum::<usize>()
}

pub(crate) fn beside<S, B>(service: S) -> Beside
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    Arc::new(move |request| {
        let mut service = service.clone();
        async move {
            let ready = std::future::poll_fn(|context| service.poll_ready(context)).await;
            let answer = match ready {
                Ok(()) => service.call(request).await,
                Err(never) => Err(never),
            };
            match answer {
                Ok(answer) => answer.map(|body| body.map_err(Into::into).boxed_unsync()),
                Err(never) => match never {},
            }
        }
        .boxed()
    })
}

fn whole(response: Response<Bytes>) -> Response<Body> {
    response.map(|bytes| {
        Full::new(bytes)
            .map_err(|never| match never {})
            .boxed_unsync()
    })
}

/// Gives an error the contract's shape where it has another: dropshot's router
/// and the routes beside the contract have their own.
async fn shaped(response: Response<Body>) -> Response<Body> {
    let status = response.status();
    let mut response = if status.is_client_error() || status.is_server_error() {
        let (mut parts, body) = response.into_parts();
        let body = match collected_error(body).await {
            Some(body) if has_detail(&body) => body,
            _ => Problem::of(status).into_response().into_body(),
        };
        parts.headers.remove(CONTENT_LENGTH);
        parts
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        mark(&mut parts.headers);
        whole(Response::from_parts(parts, body))
    } else {
        response
    };
    let headers = response.headers_mut();
    headers.insert(
        http::header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
    response
}

async fn collected_error(mut body: Body) -> Option<Bytes> {
    let mut collected = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.ok()?.into_data() {
            collected.extend_from_slice(&data);
        }
        if collected.len() > ERROR_MAX_BYTES {
            return None;
        }
    }
    Some(collected.into())
}

fn has_detail(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body)
        .is_ok_and(|body| body.get("detail").is_some_and(Value::is_string))
}
