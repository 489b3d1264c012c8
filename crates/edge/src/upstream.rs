//! Asking dropshot, which listens on a loopback port of its own.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use contract::Operation;
use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HeaderMap, HeaderName, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE,
};
use http::{Method, Request, Response, Uri, Version};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::headers::{SLOT, Slot};
use crate::problem::Problem;
use crate::upload::{self, Upload};
use crate::{BoxError, Limits};

/// Idle connections that are kept.
const KEPT: usize = 64;

pub(crate) struct Upstream {
    address: SocketAddr,
    idle: Mutex<Vec<SendRequest<Upload>>>,
}

impl Upstream {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            idle: Mutex::default(),
        }
    }

    /// Passes the request on and returns the whole answer.
    pub(crate) async fn ask(
        &self,
        request: Request<Incoming>,
        operation: &Operation,
        limits: &Limits,
    ) -> Result<Response<Bytes>, Problem> {
        let (parts, incoming) = request.into_parts();
        let mut request = Request::new(());
        *request.method_mut() = match parts.method {
            Method::HEAD => Method::GET,
            method => method,
        };
        *request.uri_mut() = parts
            .uri
            .into_parts()
            .path_and_query
            .map_or_else(Uri::default, Uri::from);
        *request.version_mut() = Version::HTTP_11;
        *request.headers_mut() = parts.headers;
        end_to_end(request.headers_mut());
        request.headers_mut().remove(CONTENT_LENGTH);
        let slot = Slot::new();
        request.headers_mut().insert(SLOT, slot.name());

        let (upload, sending) = match operation.max_body_bytes {
            Some(max_bytes) if !incoming.is_end_stream() => {
                upload::of(&mut request, incoming, max_bytes, limits).await?
            }
            _ => {
                request.headers_mut().remove(EXPECT);
                upload::none()
            }
        };

        let mut connection = self.connection().await?;
        let mut whole = false;
        let answer = async {
            let asking = connection.send_request(request.map(|()| upload));
            tokio::pin!(asking);
            let answer = tokio::select! {
                answer = &mut asking => answer,
                sent = sending => {
                    sent?;
                    whole = true;
                    asking.await
                }
            };
            let (parts, body) = answer.map_err(broken)?.into_parts();
            let body = body.collect().await.map_err(broken)?;
            Ok(Response::from_parts(parts, body.to_bytes()))
        };
        let answer = tokio::time::timeout(limits.answer_time, answer).await;
        match answer {
            Ok(Ok(mut answer)) => {
                if whole {
                    self.keep(connection);
                }
                end_to_end(answer.headers_mut());
                answer.headers_mut().remove(CONTENT_LENGTH);
                answer.headers_mut().extend(slot.take());
                Ok(answer)
            }
            Ok(Err(problem)) => Err(problem),
            Err(_) => {
                tracing::error!(operation = operation.id, "the handler did not answer");
                Err(Problem::unavailable(
                    "The service did not answer in time. Try again later.",
                    30,
                ))
            }
        }
    }

    async fn connection(&self) -> Result<SendRequest<Upload>, Problem> {
        loop {
            let kept = self.lock().pop();
            let Some(mut connection) = kept else { break };
            if connection.ready().await.is_ok() {
                return Ok(connection);
            }
        }
        self.connect().await.map_err(|error| {
            tracing::error!(error, "dropshot can't be reached");
            Problem::unavailable("The service is not ready. Try again later.", 5)
        })
    }

    async fn connect(&self) -> Result<SendRequest<Upload>, BoxError> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // Its errors come back with the answer.
        tokio::spawn(connection);
        Ok(sender)
    }

    fn keep(&self, connection: SendRequest<Upload>) {
        let mut idle = self.lock();
        if idle.len() < KEPT {
            idle.push(connection);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<SendRequest<Upload>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn broken(error: hyper::Error) -> Problem {
    tracing::error!(%error, "a handler broke off");
    Problem::unavailable("The service could not answer. Try again later.", 1)
}

/// Takes away what concerns one connection only.
fn end_to_end(headers: &mut HeaderMap) {
    let nominated: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in nominated {
        headers.remove(name);
    }
    for name in [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
    for name in ["keep-alive", "proxy-connection"] {
        headers.remove(name);
    }
}
