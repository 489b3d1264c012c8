//! The Node process that drives the browsers: JSON lines over its stdin and
//! stdout. It ends, and its browsers with it, when its stdin closes.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::{Notify, mpsc, oneshot};

use super::BrowserError;
use crate::tools::{Tools, ToolsError, playwright};

/// No command of the worker takes longer by itself; one that does has hung.
const HUNG_AFTER: Duration = Duration::from_secs(90);

type Answer = Result<Value, BrowserError>;

#[derive(Debug)]
pub struct Worker {
    shared: Arc<Shared>,
    requests: mpsc::UnboundedSender<String>,
    last_id: AtomicU64,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
    dead: AtomicBool,
    kill: Notify,
}

impl Shared {
    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<Answer>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bury(&self) {
        self.dead.store(true, Ordering::SeqCst);
        // Whoever waits sees its sender dropped.
        self.waiting().clear();
    }
}

#[derive(Deserialize)]
struct Line {
    id: u64,
    #[serde(default)]
    ok: Value,
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    kind: String,
    message: String,
}

impl From<Failure> for BrowserError {
    fn from(failure: Failure) -> Self {
        match failure.kind.as_str() {
            "unavailable" => Self::Unavailable(failure.message),
            "navigation" => Self::Navigation(failure.message),
            "action" => Self::Action(failure.message),
            _ => Self::Worker(failure.message),
        }
    }
}

impl From<ToolsError> for BrowserError {
    fn from(error: ToolsError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl Worker {
    pub fn spawn(tools: &Tools) -> Result<Self, BrowserError> {
        let mut child = playwright::worker_command(tools)?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| BrowserError::Worker(format!("node did not start: {error}")))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(BrowserError::Worker("node has no pipes".to_owned()));
        };
        let shared = Arc::new(Shared::default());
        let (requests, queue) = mpsc::unbounded_channel();
        tokio::spawn(write(queue, stdin));
        tokio::spawn(log(stderr));
        tokio::spawn(read(child, stdout, shared.clone()));
        Ok(Self {
            shared,
            requests,
            last_id: AtomicU64::new(0),
        })
    }

    pub fn is_alive(&self) -> bool {
        !self.shared.dead.load(Ordering::SeqCst)
    }

    /// An id that no other session of this worker has.
    pub fn session_id(&self) -> u64 {
        self.last_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Asks for something and waits for the answer.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        session: u64,
        what: &str,
        with: impl Serialize,
    ) -> Result<T, BrowserError> {
        let (answered, answer) = oneshot::channel();
        let id = self.last_id.fetch_add(1, Ordering::Relaxed);
        self.shared.waiting().insert(id, answered);
        self.send(id, session, what, &with)?;
        let died = || BrowserError::Worker("it ended before it answered".to_owned());
        if !self.is_alive() {
            // It may have died before the request was on the list.
            self.shared.waiting().remove(&id);
            return Err(died());
        }
        match tokio::time::timeout(HUNG_AFTER, answer).await {
            Ok(answer) => {
                let value = answer.map_err(|_| died())??;
                serde_json::from_value(value).map_err(|error| {
                    BrowserError::Worker(format!("it answered {what} with something else: {error}"))
                })
            }
            Err(_) => {
                self.shared.kill.notify_one();
                Err(BrowserError::Worker(format!(
                    "{what} took longer than {HUNG_AFTER:?}"
                )))
            }
        }
    }

    /// Tells the worker something without waiting for an answer.
    pub fn tell(&self, session: u64, what: &str) {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed);
        // A worker that is gone has nothing left to be told.
        let _ = self.send(id, session, what, &json!({}));
    }

    fn send(
        &self,
        id: u64,
        session: u64,
        what: &str,
        with: &impl Serialize,
    ) -> Result<(), BrowserError> {
        let request = json!({ "id": id, "session": session, "do": what, "with": with });
        self.requests
            .send(format!("{request}\n"))
            .map_err(|_| BrowserError::Worker("it has ended".to_owned()))
    }
}

async fn write(mut queue: mpsc::UnboundedReceiver<String>, mut stdin: ChildStdin) {
    while let Some(line) = queue.recv().await {
        if stdin.write_all(line.as_bytes()).await.is_err() {
            return;
        }
    }
    // The last handle is gone: stdin closes here, and with it the worker.
}

async fn read(mut child: Child, stdout: ChildStdout, shared: Arc<Shared>) {
    let mut lines = BufReader::new(stdout).lines();
    loop {
        let line = tokio::select! {
            line = lines.next_line() => line,
            () = shared.kill.notified() => break,
        };
        let Ok(Some(line)) = line else { break };
        match serde_json::from_str::<Line>(&line) {
            Ok(Line { id, ok, error }) => {
                let waiting = shared.waiting().remove(&id);
                if let Some(waiting) = waiting {
                    // Nobody waits any more: the future was dropped.
                    let _ = waiting.send(error.map_or(Ok(ok), |failure| Err(failure.into())));
                }
            }
            Err(_) => break,
        }
    }
    shared.bury();
    let _ = child.kill().await;
}

async fn log(stderr: ChildStderr) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        tracing::debug!(target: "browser_worker", "{}", line.chars().take(500).collect::<String>());
    }
}
