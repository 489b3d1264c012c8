//! Delivers callbacks, with the headers and within the time that a deployment's
//! delivery has.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use url::Url;

use super::Target;
use crate::http::{Answer, Request, cause};

/// Of an answer nobody reads more.
const MOST: usize = 64 * 1024;

pub(super) struct Courier {
    pub(super) target: Target,
    http: Client,
}

impl Courier {
    pub(super) fn new(target: Target) -> reqwest::Result<Self> {
        let http = Client::builder()
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(Duration::from_secs(10).min(target.answer_within))
            .timeout(target.answer_within)
            // One connection each, so that one closed after a refusal is not
            // taken for a failure of the next.
            .pool_max_idle_per_host(0)
            .user_agent(concat!(
                "qualitymax-conformance/",
                env!("CARGO_PKG_VERSION")
            ))
            .build()?;
        Ok(Self { target, http })
    }

    /// Whether anything listens there; whatever it answers.
    pub(super) async fn reach(&self) -> Result<(), String> {
        match self.http.get(self.target.url.clone()).send().await {
            Err(error) if error.is_connect() => Err(cause(&error)),
            _ => Ok(()),
        }
    }

    /// Sends it; why there is no answer, where there is none.
    pub(super) async fn send(&self, request: &Request) -> Result<Answer, String> {
        let began = Instant::now();
        let body = request.body.clone().unwrap_or_default();
        let mut builder = self.http.post(self.target.url.clone());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(value) = request.signature.value(&self.target.secret, &body) {
            builder = builder.header(request.signature_header, value);
        }
        let unanswered = |error: reqwest::Error| match error.is_timeout() {
            true => format!(
                "no answer within {}",
                humantime::format_duration(self.target.answer_within)
            ),
            false => format!("no answer: {}", cause(&error)),
        };
        let response = builder.body(body).send().await.map_err(unanswered)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = read(response).await.map_err(unanswered)?;
        Ok(Answer {
            request: Arc::new(request.clone()),
            status,
            headers,
            body: body.freeze(),
            took: began.elapsed(),
        })
    }

    /// How many results the receiver says that it processed; none where it has
    /// no way to say so.
    pub(super) async fn processed(&self) -> Result<Option<u64>, String> {
        let Some(url) = &self.target.state_url else {
            return Ok(None);
        };
        let count = self.count(url).await;
        count
            .map(Some)
            .map_err(|why| format!("{url} does not answer with {{\"processed\": n}}: {why}"))
    }

    async fn count(&self, url: &Url) -> Result<u64, String> {
        let response = self.http.get(url.clone()).send().await;
        let response = response.map_err(|error| cause(&error))?;
        let status = response.status();
        let body = read(response).await.map_err(|error| cause(&error))?;
        let value: serde_json::Value =
            serde_json::from_slice(&body).map_err(|error| format!("{status}: {error}"))?;
        value["processed"]
            .as_u64()
            .ok_or_else(|| format!("{status} without a number `processed`"))
    }
}

async fn read(mut response: Response) -> reqwest::Result<BytesMut> {
    let mut body = BytesMut::new();
    while body.len() < MOST
        && let Some(chunk) = response.chunk().await?
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(MOST);
    Ok(body)
}
