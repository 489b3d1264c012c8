//! The webhook job, one file a stage, named in the order in which a job walks
//! them: crawl, plan, generate, execute, score, deliver.

pub mod crawl;
pub mod execute;
pub mod generate;
pub mod plan;
pub mod score;
pub mod steps;

use contract::types;
use url::Url;

use crate::Refused;
use crate::browser::Credentials;
use crate::partner::PartnerId;

/// What the server asks of jobs.
#[derive(Clone, Debug)]
pub struct Jobs {}

impl Jobs {
    /// Stores and queues the job in one transaction and returns its id
    /// (`pwj_...`); when it returns, the job survives a crash.
    pub async fn accept(
        &self,
        _partner: PartnerId,
        _request: types::WebhookRequest,
    ) -> Result<String, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    pub async fn report(
        &self,
        _partner: PartnerId,
        _job_id: &str,
    ) -> Result<types::JobReport, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    /// The newest jobs of a project, newest first, at most `limit`.
    pub async fn of_project(
        &self,
        _partner: PartnerId,
        _project: i64,
        _limit: u32,
    ) -> Result<Vec<types::JobSummary>, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    /// Sends a job's stored callback once more, on an operator's word.
    pub async fn replay_callback(&self, _job_id: &str) -> Result<(), Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }
}

/// What the partner asked for, as the stages need it.
#[derive(Clone, Debug)]
pub struct JobRequest {
    pub target: Url,
    pub feature_description: String,
    pub credentials: Option<Credentials>,
    /// With the contract's defaults applied.
    pub options: types::WebhookOptions,
}

/// Why a stage could not do its work. The text is for the partner: it stands in
/// report and callback, so it never holds a credential.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// Trying again would end alike: the target refuses, the browser asked for
    /// is not there, the page can't be understood.
    #[error("{0}")]
    Final(String),
    /// A fault on our side; the stage is tried again.
    #[error("{0}")]
    Transient(String),
}
