//! The real browser, driven by Playwright in a Node worker beside the engine.
//!
//! The worker reports facts and does what it is told; all judgement is in
//! [`job`](crate::job).

mod credentials;
pub mod facts;
pub mod locator;
mod session;
mod worker;

use std::sync::Arc;

use contract::types;
use tokio::sync::Mutex;
use url::Url;

pub use credentials::Credentials;
pub use session::{Acted, Checked, Session};

use crate::tools::{Tools, playwright};
use worker::Worker;

/// What a session is opened with.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    pub browser: types::Browser,
    pub headless: bool,
    /// Relative paths are relative to its origin.
    pub target: Url,
    /// `http://host:port` of the egress proxy; all traffic of pages goes there.
    pub proxy: Option<String>,
    /// Leave cookie banners alone.
    pub skip_cookie_consent: bool,
    pub credentials: Option<Credentials>,
}

/// Warm browsers behind one worker process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Browsers {
    tools: Arc<Tools>,
    worker: Arc<Mutex<Option<Arc<Worker>>>>,
}

impl Browsers {
    /// Nothing is started before the first session.
    pub fn new(tools: Tools) -> Self {
        Self {
            tools: Arc::new(tools),
            worker: Arc::default(),
        }
    }

    /// A fresh context (no cookies, no storage) in a warm browser. A worker that
    /// died is replaced.
    ///
    /// # Errors
    /// [`BrowserError::Unavailable`] where the browser can't be had here, else
    /// [`BrowserError::Worker`].
    pub async fn open(&self, options: SessionOptions) -> Result<Session, BrowserError> {
        playwright::check(&self.tools, options.browser, options.headless)?;
        let launch = playwright::launch_options(&self.tools, options.browser);
        Session::open(self.worker().await?, &options, launch).await
    }

    async fn worker(&self) -> Result<Arc<Worker>, BrowserError> {
        let mut running = self.worker.lock().await;
        if let Some(worker) = running.as_ref().filter(|worker| worker.is_alive()) {
            return Ok(worker.clone());
        }
        let worker = Arc::new(Worker::spawn(&self.tools)?);
        *running = Some(worker.clone());
        Ok(worker)
    }
}

/// Why the browser did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The browser asked for is not installed or can't be started here.
    #[error("{0}")]
    Unavailable(String),
    /// The page could not be reached: DNS, refused, TLS, egress, no answer. An
    /// answer with an HTTP error is a page: see
    /// [`PageFacts::status`](facts::PageFacts::status).
    #[error("{0}")]
    Navigation(String),
    /// An element was not there, not unique or did not take the action in time.
    #[error("{0}")]
    Action(String),
    /// The worker died or broke its protocol; a new session may work.
    #[error("the browser worker failed: {0}")]
    Worker(String),
}
