//! What the deployment calls back: callbacks arrive here, the page to be tested
//! and the specification to be read are served from here.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse};
use axum::routing::{any, get};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use url::Url;

use crate::deployment::Receiver;

/// Far more than any callback.
const MOST: usize = 16 * 1024 * 1024;

/// The suite's own listener; closed when dropped.
pub(crate) struct Listener {
    base: Url,
    boxes: Arc<Boxes>,
    server: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Boxes {
    next: AtomicU64,
    of: Mutex<HashMap<String, Arc<Letters>>>,
}

struct Letters {
    /// What the first attempts are answered with; 200 after these.
    answers: Vec<StatusCode>,
    arrived: Mutex<Vec<Delivery>>,
    news: Notify,
}

/// One attempt at a callback.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    /// As it came, before anything parses it.
    pub(crate) body: Bytes,
}

/// A callback URL and what arrived there.
#[derive(Clone)]
pub(crate) struct Inbox {
    pub(crate) url: Url,
    letters: Arc<Letters>,
}

impl Listener {
    pub(crate) async fn start(receiver: &Receiver) -> io::Result<Self> {
        let listener = TcpListener::bind(receiver.bind).await?;
        let base = match &receiver.url {
            Some(url) => url.clone(),
            None => Url::parse(&format!("http://{}", listener.local_addr()?))
                .map_err(io::Error::other)?,
        };
        let boxes = Arc::new(Boxes::default());
        let app = Router::new()
            .route("/callbacks/{name}", any(deliver))
            .route(
                "/target",
                get(|| async { Html(include_str!("target.html")) }),
            )
            .route(
                "/target/about",
                get(|| async { Html(include_str!("about.html")) }),
            )
            .route("/openapi.json", get(specification))
            .layer(DefaultBodyLimit::max(MOST))
            .with_state(Arc::clone(&boxes));
        let server = tokio::spawn(async move {
            // It ends when the listener is dropped; nobody could be told why.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self {
            base,
            boxes,
            server,
        })
    }

    /// A URL for callbacks that answers the first attempts with these.
    pub(crate) fn inbox(&self, answers: &[StatusCode]) -> Inbox {
        let number = self.boxes.next.fetch_add(1, Ordering::Relaxed);
        let name = format!(
            "{number}-{}",
            ulid::Ulid::generate().to_string().to_lowercase()
        );
        let letters = Arc::new(Letters {
            answers: answers.to_vec(),
            arrived: Mutex::default(),
            news: Notify::new(),
        });
        let mut boxes = self.boxes.of.lock().unwrap_or_else(PoisonError::into_inner);
        boxes.insert(name.clone(), Arc::clone(&letters));
        Inbox {
            url: self.at(&format!("callbacks/{name}")),
            letters,
        }
    }

    /// A page with a heading, a link and a form.
    pub(crate) fn target(&self) -> Url {
        self.at("target")
    }

    /// A small specification of an API.
    pub(crate) fn specification(&self) -> Url {
        self.at("openapi.json")
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        url
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Inbox {
    /// All attempts so far, in order.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        let arrived = &self.letters.arrived;
        arrived
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits until so many attempts were made; whether they were.
    pub(crate) async fn wait_for(&self, attempts: usize, limit: Duration) -> bool {
        let arrive = async {
            loop {
                let news = self.letters.news.notified();
                if self.deliveries().len() >= attempts {
                    return;
                }
                news.await;
            }
        };
        tokio::time::timeout(limit, arrive).await.is_ok()
    }
}

async fn deliver(
    State(boxes): State<Arc<Boxes>>,
    Path(name): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let letters = {
        let boxes = boxes.of.lock().unwrap_or_else(PoisonError::into_inner);
        boxes.get(&name).cloned()
    };
    let Some(letters) = letters else {
        return StatusCode::GONE;
    };
    let answered = {
        let mut arrived = letters
            .arrived
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let answered = letters.answers.get(arrived.len()).copied();
        let answered = answered.unwrap_or(StatusCode::OK);
        arrived.push(Delivery {
            method,
            headers,
            body,
        });
        answered
    };
    letters.news.notify_waiters();
    answered
}

async fn specification() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/json")],
        include_str!("specification.json"),
    )
}
