//! The engine as a whole: what a server opens once and asks for everything.

use std::path::PathBuf;

use url::Url;

use crate::execution::Executions;
use crate::job::Jobs;
use crate::partner::Partners;
use crate::project::Projects;
use crate::test_cases::TestCases;
use crate::tools::Tools;

/// What an operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Holds the database, artifacts and the sealing key.
    pub data_dir: PathBuf,
    /// How partners reach this deployment; links in callbacks start with it.
    pub public_url: Url,
    /// Development only: lets URLs from outside lead to loopback addresses.
    pub allow_loopback: bool,
    pub tools: Tools,
}

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {}

impl Engine {
    /// Opens or creates the data directory and migrates the database.
    pub async fn open(_config: Config) -> Result<Self, OpenError> {
        Err(OpenError::DataDir("not built yet".to_owned()))
    }

    /// Works on queued jobs and due callbacks, `concurrency` jobs at a time,
    /// until `stop` resolves; then what is under way is put back for the next
    /// process. With a concurrency of 0 jobs are only stored.
    pub async fn run(&self, _concurrency: usize, stop: impl Future<Output = ()> + Send) {
        stop.await;
    }

    pub fn partners(&self) -> &Partners {
        &Partners {}
    }

    pub fn projects(&self) -> &Projects {
        &Projects {}
    }

    pub fn jobs(&self) -> &Jobs {
        &Jobs {}
    }

    pub fn executions(&self) -> &Executions {
        &Executions {}
    }

    pub fn test_cases(&self) -> &TestCases {
        &TestCases {}
    }
}

/// Why the engine could not be opened; each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the data directory can't be used: {0}")]
    DataDir(String),
    #[error("the database can't be used: {0}")]
    Database(String),
    #[error("the master key can't be used: {0}")]
    MasterKey(String),
}

/// Why the engine did not do what a partner asked. Texts are fit to be a
/// `detail`, except the last one's.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// 400
    #[error("{0}")]
    Invalid(String),
    /// 403: it is another partner's.
    #[error("{0}")]
    Forbidden(String),
    /// 404
    #[error("{0}")]
    NotFound(String),
    /// 503
    #[error("{0}")]
    Unavailable(String),
    /// 500: for the log, not for the partner.
    #[error("{0}")]
    Fault(String),
}
