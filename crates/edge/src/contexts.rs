//! The contexts that dropshot's handlers take.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dropshot::{
    ApiDescription, ApiEndpoint, ApiEndpointVersions, ConfigDropshot, HttpError,
    HttpResponseUpdatedNoContent, HttpServer, RequestContext, RequestInfo, ServerBuilder,
    ServerContext,
};
use http::{Method, Request};
use slog::Drain;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex as AsyncMutex, mpsc};

use crate::BoxError;
use crate::serve::ServeError;

/// For dropshot to make one.
const MADE_WITHIN: Duration = Duration::from_secs(10);

/// dropshot makes a context for a request that it receives, and lets nobody else
/// make one. So it is sent a request, whose handler gives its context away; and
/// as a context costs a request, it is used again when its handler is done.
pub(crate) struct Contexts<C: ServerContext> {
    /// Serves nothing but contexts.
    dropshot: HttpServer<C>,
    made: AsyncMutex<mpsc::UnboundedReceiver<RequestContext<C>>>,
    idle: Mutex<Vec<RequestContext<C>>>,
}

impl<C: ServerContext> Contexts<C> {
    pub(crate) fn new(context: C) -> Result<Self, ServeError> {
        let (sender, made) = mpsc::unbounded_channel();
        let give_away = move |context: RequestContext<C>| {
            let _ = sender.send(context);
            futures::future::ready(Ok::<_, HttpError>(HttpResponseUpdatedNoContent()))
        };
        let mut api = ApiDescription::new();
        api.register(ApiEndpoint::new(
            "give_context_away".to_owned(),
            give_away,
            Method::GET,
            "application/json",
            "/",
            ApiEndpointVersions::All,
        ))?;
        let dropshot = ServerBuilder::new(api, context, logger())
            .config(ConfigDropshot {
                bind_address: (Ipv4Addr::LOCALHOST, 0).into(),
                ..ConfigDropshot::default()
            })
            .start()?;
        Ok(Self {
            dropshot,
            made: AsyncMutex::new(made),
            idle: Mutex::default(),
        })
    }

    /// One that nobody uses; its fields speak of another request.
    pub(crate) async fn take(&self) -> Result<RequestContext<C>, BoxError> {
        let idle = self.idle().pop();
        match idle {
            Some(context) => Ok(context),
            None => tokio::time::timeout(MADE_WITHIN, self.make()).await?,
        }
    }

    pub(crate) fn give_back(&self, mut context: RequestContext<C>) {
        // Nothing of one request is kept for another.
        let nobody = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        context.request = RequestInfo::new(&Request::new(()), nobody);
        self.idle().push(context);
    }

    async fn make(&self) -> Result<RequestContext<C>, BoxError> {
        let mut stream = TcpStream::connect(self.dropshot.local_addr()).await?;
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: dropshot\r\nconnection: close\r\n\r\n")
            .await?;
        // Until it has answered: where the connection closes before that, the
        // handler may never have run. Another's context is as good as one's own,
        // but there have to be as many as were asked for.
        stream.read_to_end(&mut Vec::new()).await?;
        let made = self.made.lock().await.recv().await;
        made.ok_or_else(|| "dropshot has stopped".into())
    }

    fn idle(&self) -> MutexGuard<'_, Vec<RequestContext<C>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// dropshot logs by slog; the edge has a line of its own for each request, so
/// only what is wrong comes through.
fn logger() -> slog::Logger {
    let drain = slog::LevelFilter::new(tracing_slog::TracingSlogDrain, slog::Level::Warning);
    slog::Logger::root(drain.fuse(), slog::o!())
}
