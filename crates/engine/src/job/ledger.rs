//! What is written down of a job on its way: how far it has come, what each
//! stage handed to the next, and its login while it needs one.

use contract::types;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use url::Url;

use super::JobRequest;
use crate::Refused;
use crate::browser::Credentials;
use crate::partner::PartnerId;
use crate::seal::Seal;
use crate::store::from_json;

/// A row of `webhook_jobs`.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Job {
    pub id: String,
    pub partner_id: PartnerId,
    pub project_id: i64,
    pub status: String,
    pub target_url: String,
    pub feature_description: String,
    pub callback_url: String,
    pub custom_data: String,
    pub options: String,
    pub credentials: Option<Vec<u8>>,
    pub accepted_at: i64,
    pub starts: i64,
    pub finished_at: Option<i64>,
    pub pages_crawled: Option<i64>,
    pub quality_score: Option<i64>,
    pub result: Option<String>,
    pub failed_stage: Option<String>,
    pub error_message: Option<String>,
}

impl Job {
    pub fn status(&self) -> Result<types::JobStatus, Refused> {
        parsed(&self.status)
    }

    /// With the login opened, where there is one.
    pub fn request(&self, seal: &Seal) -> Result<JobRequest, Refused> {
        let credentials = self
            .credentials
            .as_ref()
            .map(|sealed| SealedCredentials(sealed.clone()).open(seal, &self.id))
            .transpose()?;
        Ok(JobRequest {
            target: Url::parse(&self.target_url)
                .map_err(|error| Refused::Fault(format!("a stored target: {error}")))?,
            feature_description: self.feature_description.clone(),
            credentials,
            options: from_json(&self.options)?,
        })
    }
}

/// A word of the database as the contract's enum.
pub(super) fn parsed<T: std::str::FromStr>(word: &str) -> Result<T, Refused> {
    word.parse()
        .map_err(|_| Refused::Fault(format!("the database holds an unknown word: {word}")))
}

/// A job's login at rest.
#[derive(Debug)]
pub(super) struct SealedCredentials(pub Vec<u8>);

#[derive(Serialize, Deserialize)]
struct Login {
    username: String,
    password: String,
}

impl SealedCredentials {
    pub fn seal(seal: &Seal, job: &str, username: String, password: String) -> Self {
        let login = serde_json::to_vec(&Login { username, password })
            .expect("two strings serialise to JSON");
        Self(seal.seal(&purpose(job), &login))
    }

    pub fn open(&self, seal: &Seal, job: &str) -> Result<Credentials, Refused> {
        let opened = seal
            .unseal(&purpose(job), &self.0)
            .map_err(|error| Refused::Fault(error.to_string()))?;
        // Not the parser's own words: they may quote what they stumble over.
        let login: Login = serde_json::from_slice(&opened)
            .map_err(|_| Refused::Fault("a sealed login can't be read".to_owned()))?;
        Ok(Credentials {
            username: login.username,
            password: login.password,
        })
    }
}

fn purpose(job: &str) -> String {
    format!("login of job {job}")
}
