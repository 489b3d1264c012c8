//! A run's common ground: the deployment, the way there, and what several checks
//! look at but only one has to ask for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::OnceCell;
use url::Url;

use crate::deployment::Deployment;
use crate::document::Operation;
use crate::http::{Answer, Request, Sender};
use crate::listener::Listener;
use crate::probe::{Stop, stop};
use crate::scene::job::JobRun;
use crate::scene::repository::{Import, Polled};

/// What checks share; each part is made when the first check asks for it.
pub struct Session {
    pub(crate) deployment: Arc<Deployment>,
    pub(crate) sender: Sender,
    listener: Option<Listener>,
    pub(crate) seed: u64,
    pub(crate) job: OnceCell<Result<Arc<JobRun>, Stop>>,
    pub(crate) project: OnceCell<Result<i64, Stop>>,
    pub(crate) import: OnceCell<Result<Arc<Import>, Stop>>,
    pub(crate) scan: OnceCell<Result<Arc<Polled>, Stop>>,
    pub(crate) gap: OnceCell<Result<Arc<Polled>, Stop>>,
    /// The answer to a webhook that should have been accepted.
    pub(crate) refused: OnceCell<Answer>,
    /// The answer to an import that should have succeeded.
    pub(crate) import_refused: OnceCell<Answer>,
    /// What was answered where a scan or an analysis should have started.
    pub(crate) not_started: Mutex<Vec<Answer>>,
}

impl Session {
    pub(crate) fn new(
        deployment: Arc<Deployment>,
        sender: Sender,
        listener: Option<Listener>,
        seed: u64,
    ) -> Self {
        Self {
            deployment,
            sender,
            listener,
            seed,
            job: OnceCell::new(),
            project: OnceCell::new(),
            import: OnceCell::new(),
            scan: OnceCell::new(),
            gap: OnceCell::new(),
            refused: OnceCell::new(),
            import_refused: OnceCell::new(),
            not_started: Mutex::default(),
        }
    }

    /// Sends within the rate limits.
    pub(crate) async fn send(&self, request: &Request) -> Result<Answer, Stop> {
        let answer = self.sender.send(request).await;
        answer.map_err(|unsent| stop(request, unsent))
    }

    pub(crate) async fn sleep(&self, time: Duration) -> Result<(), Stop> {
        let waited = self.sender.wait(time).await;
        waited.map_err(|unsent| Stop::Skipped(unsent.to_string()))
    }

    /// Sleeps until a rate limit is over.
    pub(crate) async fn sleep_for_limit(
        &self,
        operation: &'static Operation,
        time: Duration,
    ) -> Result<(), Stop> {
        let waited = self.sender.wait_for_limit(operation, time).await;
        waited.map_err(|unsent| Stop::Skipped(unsent.to_string()))
    }

    /// The answers of `operation` that started nothing.
    pub(crate) fn not_started(&self, operation: &str) -> Option<Answer> {
        let answers = self.not_started.lock();
        let answers = answers.unwrap_or_else(PoisonError::into_inner);
        let of = |answer: &&Answer| {
            let asked = answer.request.operation;
            asked.is_some_and(|asked| asked.id == operation)
        };
        answers.iter().rev().find(of).cloned()
    }

    /// Where callbacks can arrive.
    pub(crate) fn listener(&self) -> Result<&Listener, Stop> {
        self.listener.as_ref().ok_or_else(|| {
            Stop::skipped(
                "the deployment is on another machine, and --receiver-url does not say how it reaches this one",
            )
        })
    }

    /// A page that can be tested.
    pub(crate) fn target(&self) -> Result<Url, Stop> {
        match &self.deployment.target_url {
            Some(url) => Ok(url.clone()),
            None => Ok(self.listener()?.target()),
        }
    }

    /// Whether a key of another partner was given.
    pub(crate) fn other_key(&self) -> Result<(), Stop> {
        match self.deployment.other_key {
            Some(_) if self.sender.other_key_refused => Err(Stop::skipped(
                "the other partner's key (--other-key) is answered with 401 wherever it is sent",
            )),
            Some(_) => Ok(()),
            None => Err(Stop::skipped(
                "no other partner's key was given (--other-key)",
            )),
        }
    }

    /// Numbers of the check named `id`, the same for the same seed.
    pub(crate) fn random(&self, id: &str) -> StdRng {
        // FNV-1a, so that each check draws its own.
        let mixed = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        StdRng::seed_from_u64(self.seed ^ mixed)
    }
}
