//! A server: engine, edge, and what lies between.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use edge::{Admission, Edge, RateLimits};
use engine::repository::url::Host;
use engine::tools::Tools;
use engine::{Config, Engine, OpenError};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::admission::OfEngine;
use crate::app;
use crate::handlers::{self, Context};

/// What an operator decides.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// How partners reach the server; by default by the address it listens on.
    pub public_url: Option<Url>,
    pub data_dir: PathBuf,
    /// Jobs that are worked on at a time; 0 only stores them.
    pub workers: usize,
    /// Development only.
    pub allow_loopback: bool,
    pub rate_limits: RateLimits,
    pub limits: edge::Limits,
    pub tools: Tools,
    /// Where repositories may be imported from.
    pub git_hosts: Vec<Host>,
    /// Semgrep rule sets beside our own: absolute paths, or names of the
    /// registry's.
    pub sast_rules: Vec<String>,
}

/// Listens, and has its data open; not yet serving.
pub struct Server {
    edge: Edge,
    context: Context,
    workers: usize,
    url: Url,
}

/// Why a server could not start; each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("can't listen on {address}: {error}. Choose another address with --listen")]
    Listen {
        address: SocketAddr,
        error: std::io::Error,
    },
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl Server {
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let cannot_listen = |error| StartError::Listen {
            address: options.listen,
            error,
        };
        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;
        let url = options.public_url.clone().unwrap_or_else(|| reach(address));
        let engine = Engine::open(Config {
            data_dir: options.data_dir,
            public_url: url.clone(),
            allow_loopback: options.allow_loopback,
            tools: options.tools,
            git_hosts: options.git_hosts,
            sast_rules: options.sast_rules,
        })
        .await?;
        let context = Context {
            admission: Admission::new(OfEngine(engine.clone()), options.rate_limits),
            engine,
            public_url: options.public_url,
        };
        Ok(Self {
            edge: Edge::new(listener)
                .with_limits(options.limits)
                .beside(app::router(context.clone())),
            context,
            workers: options.workers,
            url,
        })
    }

    /// How it is reached.
    pub fn url(&self) -> &Url {
        &self.url
    }

    pub fn engine(&self) -> &Engine {
        &self.context.engine
    }

    /// Serves and works on jobs until `stop` resolves, then finishes the
    /// answers under way and puts jobs back for the next process.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), edge::ServeError> {
        let stopping = CancellationToken::new();
        let engine = self.context.engine.clone();
        let worked = engine.run(self.workers, stopping.clone().cancelled_owned());
        let served = async {
            let stopped = stopping.clone().cancelled_owned();
            let served = self
                .edge
                .serve(handlers::api(), self.context, stopped)
                .await;
            // Without an edge there is nothing to work for.
            stopping.cancel();
            served
        };
        let stop = async {
            tokio::select! {
                () = stop => stopping.cancel(),
                () = stopping.cancelled() => {}
            }
        };
        let (served, (), ()) = tokio::join!(served, worked, stop);
        served
    }
}

/// A URL by which this machine reaches a listener.
fn reach(address: SocketAddr) -> Url {
    let mut address = address;
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    Url::parse(&format!("http://{address}")).expect("a socket address is a host and a port")
}
