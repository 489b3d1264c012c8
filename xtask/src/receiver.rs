//! A callback receiver, as a partner would run one: it keeps the raw bytes and
//! the headers of each delivery, because a signature is over raw bytes.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::sync::mpsc;

/// One POST to the callback URL.
pub struct Delivery {
    pub signature: Option<String>,
    pub body: Bytes,
}

/// Listens on a free loopback port until dropped.
pub struct Receiver {
    address: SocketAddr,
    deliveries: mpsc::UnboundedReceiver<Delivery>,
    server: tokio::task::JoinHandle<()>,
}

impl Receiver {
    pub async fn start() -> Result<Self> {
        let (sender, deliveries) = mpsc::unbounded_channel();
        let app = Router::new().route("/qualitymax-results", post(receive)).with_state(sender);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("a bound listener serves");
        });
        Ok(Self { address, deliveries, server })
    }

    pub fn url(&self) -> String {
        format!("http://{}/qualitymax-results", self.address)
    }

    /// The next delivery, in the order of arrival.
    pub async fn next(&mut self, limit: Duration) -> Result<Delivery> {
        tokio::time::timeout(limit, self.deliveries.recv())
            .await
            .with_context(|| format!("no callback arrived within {} s", limit.as_secs()))?
            .context("the receiver has stopped")
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn receive(
    State(sender): State<mpsc::UnboundedSender<Delivery>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let signature = headers
        .get("x-qualitymax-signature")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    match sender.send(Delivery { signature, body }) {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::GONE,
    }
}
