//! A server in this process, two partners, and a clock to advance.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use engine::Engine;
use engine::partner::KeyKind;
use qualitymax_server::{Options, RateLimits, Server};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub struct Bench {
    pub url: String,
    pub engine: Engine,
    pub http: Client,
    pub ours: Partner,
    pub theirs: Partner,
    seconds: Arc<AtomicU64>,
    stop: CancellationToken,
    _data: tempfile::TempDir,
}

#[derive(Clone)]
pub struct Partner {
    pub slug: &'static str,
    pub secret: String,
    pub key: String,
    pub key_id: i64,
}

impl Bench {
    pub async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let seconds = Arc::new(AtomicU64::new(0));
        let (began, clock) = (Instant::now(), Arc::clone(&seconds));
        let server = Server::start(Options {
            listen: ([127, 0, 0, 1], 0).into(),
            public_url: None,
            data_dir: data.path().to_owned(),
            workers: 0,
            allow_loopback: false,
            sast_rules: Vec::new(),
            rate_limits: RateLimits::with_clock(move || {
                began + Duration::from_secs(clock.load(Ordering::Relaxed))
            }),
            limits: edge::Limits {
                head_time: Duration::from_secs(1),
                body_time: Duration::from_secs(1),
                ..edge::Limits::default()
            },
            tools: engine::tools::Tools::default(),
            git_hosts: engine::repository::url::Host::public(),
        })
        .await
        .unwrap();
        let engine = server.engine().clone();
        let url = server.url().as_str().trim_end_matches('/').to_owned();
        let stop = CancellationToken::new();
        tokio::spawn(server.run(stop.clone().cancelled_owned()));
        Self {
            url,
            http: Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            ours: Partner::create(&engine, "veilstream").await,
            theirs: Partner::create(&engine, "rival").await,
            engine,
            seconds,
            stop,
            _data: data,
        }
    }

    /// Lets time pass for the rate limits.
    pub fn advance(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.url))
    }

    /// With a key, on a path below the partner API's base.
    pub fn get_as(&self, partner: &Partner, path: &str) -> RequestBuilder {
        self.get(&format!("/api/v1/partner{path}"))
            .header("x-qualitymax-api-key", &partner.key)
    }

    pub fn post_as(&self, partner: &Partner, path: &str, body: &Value) -> RequestBuilder {
        self.http
            .post(format!("{}/api/v1/partner{path}", self.url))
            .header("x-qualitymax-api-key", &partner.key)
            .json(body)
    }

    /// A webhook of `partner`, signed, yet to be sent or spoilt.
    pub fn webhook(&self, partner: &Partner, body: &[u8]) -> RequestBuilder {
        self.unsigned(partner, body).header(
            "x-partner-signature",
            signature::sign(partner.secret.as_bytes(), body),
        )
    }

    pub fn unsigned(&self, partner: &Partner, body: &[u8]) -> RequestBuilder {
        self.http
            .post(format!("{}/api/webhooks/{}", self.url, partner.slug))
            .header("content-type", "application/json")
            .header("x-qualitymax-api-key", &partner.key)
            .body(body.to_vec())
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Partner {
    async fn create(engine: &Engine, slug: &'static str) -> Self {
        let (_, secret) = engine.partners().create(slug).await.unwrap();
        let mut partner = Self {
            slug,
            secret: secret.0,
            key: String::new(),
            key_id: 0,
        };
        partner.take_key(engine, KeyKind::ApiToken).await;
        partner
    }

    /// Goes on with a new key.
    pub async fn take_key(&mut self, engine: &Engine, kind: KeyKind) {
        let created = engine.partners().create_key(self.slug, kind, None).await;
        let (record, key) = created.unwrap();
        (self.key, self.key_id) = (key.0, record.id);
    }
}

/// The least that the webhook takes.
pub fn least() -> Vec<u8> {
    json!({
        "url": "https://preview-abc.env.yourapp.com",
        "feature_description": "Test login",
        "callback_url": "https://your-api.com/qualitymax-results",
    })
    .to_string()
    .into_bytes()
}

/// Status and `detail` of an answer, which is JSON with nothing else in it.
pub async fn refusal(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    (status, body["detail"].as_str().unwrap().to_owned())
}

pub async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

pub async fn accepted(request: RequestBuilder) -> String {
    let answer: Response = request.send().await.unwrap();
    let status = answer.status();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(status, StatusCode::OK, "{body}");
    body["job_id"].as_str().unwrap().to_owned()
}
