//! The public listener.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dropshot::{ApiDescription, ServerContext};
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Body as HttpBody, Incoming};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use crate::around::{Answer, Around, Next};
use crate::front::{self, Beside, Front};
use crate::handlers::Handlers;
use crate::routes::Routes;
use crate::{BoxError, Limits, connection};

/// Connections that are told of being too many; past them they are dropped.
const TURNED_AWAY: usize = 64;

/// The edge, before it serves.
pub struct Edge {
    listener: TcpListener,
    limits: Limits,
    beside: Option<Beside>,
    around: Option<Around>,
}

/// Why nothing could be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("dropshot could not be started: {0}")]
    Build(#[from] dropshot::BuildError),
    #[error("dropshot does not take the API's paths: {0}")]
    Register(#[from] dropshot::ApiDescriptionRegisterError),
}

impl Edge {
    pub fn new(listener: TcpListener) -> Self {
        Self {
            listener,
            limits: Limits::default(),
            beside: None,
            around: None,
        }
    }

    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What answers the paths that the contract does not name, such as an axum
    /// `Router`. Bodies are at most 1 MiB; the client's `SocketAddr` is among
    /// the request's extensions; errors get the contract's shape.
    #[must_use]
    pub fn beside<S, B>(mut self, service: S) -> Self
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
        self.beside = Some(front::beside(service));
        self
    }

    /// What every request and its answer pass through: it sees the head, and
    /// may change it before `next`, answer instead, or change the answer.
    #[must_use]
    pub fn around<F>(mut self, layer: F) -> Self
    where
        F: for<'a> Fn(Request<Incoming>, SocketAddr, Next<'a>) -> BoxFuture<'a, Answer>
            + Send
            + Sync
            + 'static,
    {
        self.around = Some(Arc::new(layer));
        self
    }

    /// Serves `api` until `stop` resolves; then takes no more connections,
    /// finishes what is under way, and returns.
    pub async fn serve<C: ServerContext>(
        self,
        api: ApiDescription<C>,
        context: C,
        stop: impl Future<Output = ()>,
    ) -> Result<(), ServeError> {
        let limits = self.limits;
        let front = Arc::new(Front {
            routes: Routes::new(contract::OPERATIONS),
            handlers: Handlers::of(api, context)?,
            beside: self.beside,
            around: self.around,
            limits: limits.clone(),
        });

        let stopping = CancellationToken::new();
        let places = Arc::new(Semaphore::new(limits.connections));
        let turned_away = Arc::new(Semaphore::new(TURNED_AWAY));
        let mut connections = JoinSet::new();
        tokio::pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                Some(_) = connections.join_next() => continue,
                accepted = self.listener.accept() => accepted,
            };
            let (stream, client) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: others will close.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
                let (front, stopping) = (Arc::clone(&front), stopping.clone());
                connections.spawn(async move {
                    connection::serve(stream, client, front, stopping).await;
                    drop(place);
                });
            } else if let Ok(place) = Arc::clone(&turned_away).try_acquire_owned() {
                tracing::warn!(%client, "too many open connections");
                connections.spawn(async move {
                    connection::turn_away(stream).await;
                    drop(place);
                });
            }
        }
        drop(self.listener);
        stopping.cancel();
        let drained = tokio::time::timeout(limits.drain_time, async {
            while connections.join_next().await.is_some() {}
            front.handlers.done().await;
        })
        .await;
        if drained.is_err() {
            tracing::warn!("answers still under way were cut off");
        }
        connections.shutdown().await;
        Ok(())
    }
}
