//! The forward proxy that all traffic of pages, of git and of LLM providers goes
//! through: `CONNECT` for https and websockets, absolute-form requests for plain
//! http. Each host is resolved here, checked, and connected to at the address
//! that was checked, and what is received is counted.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::Authority;
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{CONNECT_TIMEOUT, Denied, Policy};

/// What one session, of a browser or of git, may receive before it is cut off.
const SESSION_BYTES: u64 = 512 * 1024 * 1024;

/// RFC 9209: the answer is this proxy's own, not the host's, and why. A host's
/// own is taken off plain http; through a tunnel, it is the host that speaks.
const PROXY_STATUS: HeaderName = HeaderName::from_static("proxy-status");

/// A proxy on a loopback port of its own; it ends, with every connection
/// through it, when dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    budget: Arc<AtomicU64>,
    _stop: DropGuard,
}

impl Proxy {
    pub async fn start(policy: Policy) -> io::Result<Self> {
        Self::start_with(policy, None, SESSION_BYTES).await
    }

    /// As [`Proxy::start`], and one host (`git.internal:443`) is reached wherever
    /// it lies: an operator vouches for it.
    pub async fn start_for(policy: Policy, host: String, port: u16) -> io::Result<Self> {
        Self::start_with(policy, Some((host, port)), SESSION_BYTES).await
    }

    /// With all that can be set: the host that is vouched for, and how many
    /// bytes may be received through all connections together.
    pub async fn start_with(
        policy: Policy,
        vouched: Option<(String, u16)>,
        budget_bytes: u64,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let budget = Arc::new(AtomicU64::new(budget_bytes));
        let way_out = WayOut {
            policy,
            vouched: vouched.map(Arc::new),
            budget: budget.clone(),
            stop: stop.clone(),
        };
        way_out.clone().spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((connection, _)) => way_out.serve(connection),
                    // Out of descriptors, most likely: let some be closed.
                    Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
                }
            }
        });
        Ok(Self {
            address,
            budget,
            _stop: stop.drop_guard(),
        })
    }

    /// `http://127.0.0.1:port`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whether connections were cut, and are from now on, because the budget of
    /// bytes is used up.
    pub fn is_used_up(&self) -> bool {
        self.budget.load(Ordering::Relaxed) == 0
    }

    /// Whether an answer that came through a proxy is the proxy's own refusal.
    pub fn is_own_answer(headers: &HeaderMap) -> bool {
        headers.contains_key(PROXY_STATUS)
    }
}

type Body = BoxBody<Bytes, hyper::Error>;

#[derive(Clone)]
struct WayOut {
    policy: Policy,
    vouched: Option<Arc<(String, u16)>>,
    budget: Arc<AtomicU64>,
    stop: CancellationToken,
}

impl WayOut {
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        tokio::spawn(async move { stop.run_until_cancelled(work).await });
    }

    fn serve(&self, connection: TcpStream) {
        let way_out = self.clone();
        let service = hyper::service::service_fn(move |request| {
            let way_out = way_out.clone();
            async move { Ok::<_, std::convert::Infallible>(way_out.answer(request).await) }
        });
        self.spawn(async move {
            // A browser that hangs up is no fault.
            let _ = hyper::server::conn::http1::Builder::new()
                .preserve_header_case(true)
                .serve_connection(TokioIo::new(connection), service)
                .with_upgrades()
                .await;
        });
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let answered = if request.method() == Method::CONNECT {
            self.tunnel(request).await
        } else {
            self.forward(request).await
        };
        answered.unwrap_or_else(|refusal| refusal.response())
    }

    async fn tunnel(&self, request: Request<Incoming>) -> Result<Response<Body>, Refusal> {
        let authority = request.uri().authority().ok_or(Refusal::NotForAProxy)?;
        let port = authority.port_u16().ok_or(Refusal::NotForAProxy)?;
        let mut upstream = self.connect(authority, port).await?;
        self.spawn(async move {
            if let Ok(upgraded) = hyper::upgrade::on(request).await {
                // Either side may hang up at any time.
                let _ =
                    tokio::io::copy_bidirectional(&mut TokioIo::new(upgraded), &mut upstream).await;
            }
        });
        Ok(Response::new(text("")))
    }

    async fn forward(&self, mut request: Request<Incoming>) -> Result<Response<Body>, Refusal> {
        let uri = request.uri();
        if uri.scheme_str() != Some("http") {
            return Err(Refusal::NotForAProxy);
        }
        let authority = uri.authority().cloned().ok_or(Refusal::NotForAProxy)?;
        if authority.as_str().contains('@') {
            return Err(Denied::Credentials.into());
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = path.parse::<Uri>().map_err(|_| Refusal::NotForAProxy)?;
        remove_hop_by_hop(request.headers_mut());
        // What was checked is what the request says it is for.
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| Refusal::NotForAProxy)?;
        request.headers_mut().insert(header::HOST, host);

        let upstream = self
            .connect(&authority, authority.port_u16().unwrap_or(80))
            .await?;
        let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
            .preserve_header_case(true)
            .handshake(TokioIo::new(upstream))
            .await
            .map_err(Refusal::Upstream)?;
        self.spawn(async move {
            let _ = connection.await;
        });
        let mut response = sender
            .send_request(request)
            .await
            .map_err(Refusal::Upstream)?;
        remove_hop_by_hop(response.headers_mut());
        response.headers_mut().remove(PROXY_STATUS);
        *response.version_mut() = http::Version::HTTP_11;
        Ok(response.map(BodyExt::boxed))
    }

    async fn connect(&self, authority: &Authority, port: u16) -> Result<Metered, Refusal> {
        let host = authority.host();
        let vouched = self.vouched.as_deref();
        let addresses = if vouched.is_some_and(|(name, its)| name == host && *its == port) {
            super::resolve(host, port).await?
        } else {
            self.policy.resolve(host, port).await?
        };
        let stream = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(&addresses[..]))
            .await
            .map_err(|_| Refusal::Unreachable)?
            .map_err(|_| Refusal::Unreachable)?;
        // A page's small requests should not wait for each other.
        let _ = stream.set_nodelay(true);
        Ok(Metered {
            stream,
            budget: self.budget.clone(),
        })
    }
}

/// Why a request is not passed on.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the egress policy refuses this request: {0}")]
    Denied(#[from] Denied),
    #[error("this is a proxy: send CONNECT, or an absolute http URL")]
    NotForAProxy,
    #[error("the host can't be reached")]
    Unreachable,
    #[error("the host broke off: {0}")]
    Upstream(hyper::Error),
}

impl Refusal {
    fn response(&self) -> Response<Body> {
        let status = match self {
            Self::Denied(Denied::Unresolved(_)) | Self::Unreachable | Self::Upstream(_) => {
                StatusCode::BAD_GATEWAY
            }
            Self::Denied(_) => StatusCode::FORBIDDEN,
            Self::NotForAProxy => StatusCode::BAD_REQUEST,
        };
        let mut response = Response::new(text(&self.to_string()));
        *response.status_mut() = status;
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        response
            .headers_mut()
            .insert(PROXY_STATUS, HeaderValue::from_static(self.status()));
        response
    }

    /// As the browser worker reads it.
    fn status(&self) -> &'static str {
        match self {
            Self::Denied(Denied::NotPublic(_)) => "qualitymax; error=destination_ip_prohibited",
            Self::Denied(Denied::Unresolved(_)) => "qualitymax; error=dns_error",
            Self::Denied(_) => "qualitymax; error=http_request_denied",
            Self::NotForAProxy => "qualitymax; error=http_request_error",
            Self::Unreachable => "qualitymax; error=destination_unavailable",
            Self::Upstream(_) => "qualitymax; error=connection_terminated",
        }
    }
}

fn text(text: &str) -> Body {
    Full::new(Bytes::copy_from_slice(text.as_bytes()))
        .map_err(|never| match never {})
        .boxed()
}

/// RFC 9110, 7.6.1: what concerns one connection is not passed on.
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let always = [
        header::CONNECTION,
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("proxy-connection"),
        header::PROXY_AUTHENTICATE,
        header::PROXY_AUTHORIZATION,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ];
    for name in named.into_iter().chain(always) {
        headers.remove(name);
    }
}

/// A connection whose received bytes count against the session's budget.
struct Metered {
    stream: TcpStream,
    budget: Arc<AtomicU64>,
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let received = (buffer.filled().len() - before) as u64;
        let left = self
            .budget
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                Some(left.saturating_sub(received))
            })
            .unwrap_or(0);
        if received > left {
            buffer.set_filled(before);
            return Poll::Ready(Err(io::Error::other("the session's budget is used up")));
        }
        polled
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
