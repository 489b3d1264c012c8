//! A partner's callback URL that answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::sync::mpsc;

pub struct Delivery {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Delivery {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn is_signed_with(&self, secret: &str) -> bool {
        let given = self.header("x-qualitymax-signature").unwrap();
        signature::verify(secret.as_bytes(), &self.body, given).is_ok()
    }
}

pub struct Receiver {
    pub url: String,
    deliveries: mpsc::UnboundedReceiver<Delivery>,
}

#[derive(Clone)]
struct Ear {
    sender: mpsc::UnboundedSender<Delivery>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    /// Answers with these statuses, then with 200.
    pub async fn start(answers: &[u16]) -> Self {
        let (sender, deliveries) = mpsc::unbounded_channel();
        let ear = Ear {
            sender,
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
        };
        let app = Router::new()
            .route("/qualitymax-results", post(receive))
            .layer(DefaultBodyLimit::disable())
            .with_state(ear);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "http://{}/qualitymax-results",
            listener.local_addr().unwrap()
        );
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, deliveries }
    }

    pub async fn next(&mut self) -> Delivery {
        tokio::time::timeout(Duration::from_secs(60), self.deliveries.recv())
            .await
            .expect("a callback arrives")
            .unwrap()
    }

    pub fn is_silent(&mut self) -> bool {
        self.deliveries.try_recv().is_err()
    }
}

async fn receive(State(ear): State<Ear>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let status = ear.answers.lock().unwrap().pop_front().unwrap_or(200);
    ear.sender.send(Delivery { headers, body }).unwrap();
    StatusCode::from_u16(status).unwrap()
}
