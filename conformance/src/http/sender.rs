//! Sends requests, a few at a time, within rate limits and budget.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use tokio::sync::Semaphore;
use url::Url;

use super::pace::{Pace, retry_after};
use super::tally::Tally;
use super::waits::{Waiting, Waits};
use super::{Answer, Key, Request};
use crate::deployment::Deployment;
use crate::document::Operation;
use crate::drift::Recorder;

/// Requests under way at a time.
const AT_ONCE: usize = 8;
/// A generation with an LLM is answered when it is done.
const TIMEOUT: Duration = Duration::from_secs(120);
/// So often is a request sent again that came too early.
const PATIENCE: u32 = 6;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsent {
    /// It was sent, and nothing that is HTTP came back.
    #[error("{0}")]
    NoAnswer(String),
    /// It was not sent, or to no end.
    #[error("{0}")]
    Skipped(String),
}

/// The way to the deployment.
pub(crate) struct Sender {
    http: Client,
    base: Url,
    deployment: Arc<Deployment>,
    pace: Pace,
    waits: Waits,
    /// Keys for all but rate limits.
    keys: Vec<usize>,
    at_once: Semaphore,
    sent: AtomicU32,
    unavailable: Mutex<Vec<Answer>>,
    tally: Mutex<Tally>,
    /// Hints that somebody was told of.
    told: Mutex<HashSet<String>>,
    /// The other partner's key is no key there.
    pub(crate) other_key_refused: bool,
    pub(crate) recorder: Recorder,
    most: u32,
    deadline: Option<Instant>,
}

impl Sender {
    pub(crate) fn new(
        deployment: Arc<Deployment>,
        most: Option<u32>,
        deadline: Option<Instant>,
    ) -> reqwest::Result<Self> {
        let http = Client::builder()
            .redirect(Policy::none())
            .connect_timeout(Duration::from_secs(15))
            .timeout(TIMEOUT)
            .user_agent(concat!(
                "qualitymax-conformance/",
                env!("CARGO_PKG_VERSION")
            ))
            .build()?;
        let kept = usize::from(deployment.keys.len() > 1);
        Ok(Self {
            http,
            base: deployment.url.clone(),
            keys: (0..deployment.keys.len() - kept).collect(),
            deployment,
            pace: Pace::default(),
            waits: Waits::default(),
            at_once: Semaphore::new(AT_ONCE),
            sent: AtomicU32::new(0),
            unavailable: Mutex::default(),
            tally: Mutex::default(),
            told: Mutex::default(),
            other_key_refused: false,
            recorder: Recorder::default(),
            most: most.unwrap_or(u32::MAX),
            deadline,
        })
    }

    /// The key for rate limits, and whether it is for nothing else.
    pub(crate) fn rate_key(&self) -> (usize, bool) {
        (
            self.deployment.keys.len() - 1,
            self.deployment.keys.len() > 1,
        )
    }

    /// The keys for all but rate limits.
    pub(crate) fn keys(&self) -> &[usize] {
        &self.keys
    }

    /// Leaves out all others.
    pub(crate) fn use_keys(&mut self, keys: Vec<usize>) {
        self.keys = keys;
    }

    /// Where what the suite was told of the deployment seems to be wrong.
    pub(crate) fn hints(&self) -> Vec<String> {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let of = self.deployment.keys.len();
        let (_, spare) = self.rate_key();
        let given = 0..of - usize::from(spare);
        let refused: Vec<String> = given
            .filter(|number| !self.keys.contains(number))
            .map(|number| (number + 1).to_string())
            .collect();
        let mut hints = Vec::new();
        if !refused.is_empty() {
            hints.push(format!(
                "Of the {of} API keys, number {} is answered with 401 and was left out: is it mistyped or revoked?",
                refused.join(", ")
            ));
        }
        if self.other_key_refused {
            hints.push(
                "The other partner's key is answered with 401: is --other-key mistyped or revoked?"
                    .to_owned(),
            );
        }
        hints.extend(tally.hints(&self.deployment.slug));
        hints
    }

    /// Those that were not told yet.
    pub(crate) fn new_hints(&self) -> Vec<String> {
        let hints = self.hints();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let new = hints.into_iter().filter(|hint| told.insert(hint.clone()));
        new.collect()
    }

    /// Requests sent so far.
    pub(crate) fn sent(&self) -> u32 {
        self.sent.load(Ordering::Relaxed).min(self.most)
    }

    /// Sends when a key has a request left; a 429 that comes all the same is
    /// waited out, and is nobody's failure.
    pub(crate) async fn send(&self, request: &Request) -> Result<Answer, Unsent> {
        let (Some(operation), Key::Own | Key::Nth(_)) = (request.operation, &request.key) else {
            return self.send_now(request).await;
        };
        let keys = match request.key {
            Key::Nth(number) => vec![number],
            _ => self.keys.clone(),
        };
        let mut last = None;
        for _ in 0..PATIENCE {
            let key = loop {
                match self.pace.reserve(operation, &keys) {
                    Ok(key) => break key,
                    Err(wait) => self.wait_for_limit(operation, wait).await?,
                }
            };
            let answer = self.send_now(&request.clone().key(Key::Nth(key))).await;
            let learnt = answer.as_ref().ok();
            self.pace.learn(
                operation,
                key,
                learnt.map(|answer| (answer.status, &answer.headers)),
            );
            match answer {
                Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS => {
                    last = Some(answer);
                }
                other => return other,
            }
        }
        Err(Unsent::Skipped(format!(
            "{} was answered with 429 {PATIENCE} times, though Retry-After was waited for: {}",
            operation.id,
            last.map(|answer| answer.summary()).unwrap_or_default()
        )))
    }

    /// Sends at once, whatever the limits say.
    pub(crate) async fn send_now(&self, request: &Request) -> Result<Answer, Unsent> {
        let _permit = self
            .at_once
            .acquire()
            .await
            .expect("the semaphore is never closed");
        if self.sent.fetch_add(1, Ordering::Relaxed) >= self.most {
            return Err(Unsent::Skipped(format!(
                "the budget of {} requests is used up",
                self.most
            )));
        }
        self.wait(Duration::ZERO).await?;
        let text = format!(
            "{}{}",
            self.base.as_str().trim_end_matches('/'),
            request.path
        );
        let url = Url::parse(&text)
            .map_err(|error| Unsent::Skipped(format!("{text} is no URL: {error}")))?;
        let mut builder = self.http.request(request.method.clone(), url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(key) = self.key(&request.key) {
            builder = builder.header("X-QualityMax-API-Key", key);
        }
        let body = request.body.clone().unwrap_or_default();
        if let Some(signature) = request.signature.value(&self.deployment.secret, &body) {
            builder = builder.header(request.signature_header, signature);
        }
        if request.body.is_some() {
            builder = builder.body(body);
        }
        let again = builder.try_clone();
        let answer = match (fetch(request, builder).await, again) {
            // A kept connection may have been closed while it was taken up again.
            (Err(Unsent::NoAnswer(_)), Some(again)) => fetch(request, again).await,
            (answer, _) => answer,
        }?;
        if let Some(operation) = request.operation {
            self.pace.note_window(operation, &answer.headers);
        }
        self.recorder
            .answer(request.operation, answer.status, &answer.body);
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.note(&answer, &self.deployment.slug);
        drop(tally);
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            let mut seen = self
                .unavailable
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            seen.push(answer.clone());
        }
        Ok(answer)
    }

    /// Whatever was answered with 503 so far.
    pub(crate) fn unavailable(&self) -> Vec<Answer> {
        let seen = self.unavailable.lock();
        seen.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What a redirect leads to, wherever that is; without the key.
    pub(crate) async fn follow(&self, url: Url) -> Result<Answer, Unsent> {
        let mut request = Request::path(reqwest::Method::GET, url.as_str()).key(Key::Missing);
        request.path = url.to_string();
        self.sent.fetch_add(1, Ordering::Relaxed);
        fetch(&request, self.http.get(url)).await
    }

    /// Sleeps, but not past the end of the run.
    pub(crate) async fn wait(&self, time: Duration) -> Result<(), Unsent> {
        if let Some(deadline) = self.deadline
            && Instant::now() + time > deadline
        {
            return Err(Unsent::Skipped("the time budget is used up".to_owned()));
        }
        if !time.is_zero() {
            tokio::time::sleep(time).await;
        }
        Ok(())
    }

    /// Sleeps until a limit is over, and lets it be known.
    pub(crate) async fn wait_for_limit(
        &self,
        operation: &'static Operation,
        time: Duration,
    ) -> Result<(), Unsent> {
        let _told = self.waits.begin(&operation.id, time);
        self.wait(time).await
    }

    /// What is waited for longest just now.
    pub(crate) fn waiting(&self) -> Option<Waiting> {
        self.waits.longest()
    }

    /// The limit's window: as the deployment says, else as it is documented.
    pub(crate) fn window(&self, operation: &'static Operation) -> Duration {
        self.pace.window(operation)
    }

    /// How long a 429 asks to wait; the contract's window where it does not say.
    pub(crate) fn pause(&self, answer: &Answer) -> Duration {
        let window = answer
            .request
            .operation
            .map(|operation| self.window(operation));
        retry_after(&answer.headers)
            .or(window)
            .unwrap_or(Duration::from_secs(60))
    }

    fn key(&self, key: &Key) -> Option<String> {
        match key {
            Key::Own => self.deployment.keys.first().cloned(),
            Key::Nth(number) => self.deployment.keys.get(*number).cloned(),
            Key::Other => self.deployment.other_key.clone(),
            Key::Text(text) => Some(text.clone()),
            Key::Missing => None,
        }
    }
}

async fn fetch(request: &Request, builder: reqwest::RequestBuilder) -> Result<Answer, Unsent> {
    let began = Instant::now();
    let unanswered = |error: reqwest::Error| Unsent::NoAnswer(cause(&error));
    let response = builder.send().await.map_err(unanswered)?;
    let status = response.status();
    let headers = response.headers().clone();
    let body = response.bytes().await.map_err(unanswered)?;
    Ok(Answer {
        request: Arc::new(request.clone()),
        status,
        headers,
        body,
        took: began.elapsed(),
    })
}

/// Why there was no answer, without what everybody knows: that a request was sent,
/// and whereto.
pub(crate) fn cause(error: &reqwest::Error) -> String {
    let first: &dyn std::error::Error = error;
    let all: Vec<String> = std::iter::successors(Some(first), |error| error.source())
        .map(ToString::to_string)
        .collect();
    // The client's own words for it come first, twice where it has no connection.
    let known = all.len().saturating_sub(1).min(2);
    all[known..].join(": ")
}
