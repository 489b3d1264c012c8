//! The webhook job, one file a stage, named in the order in which a job walks
//! them: crawl, plan, generate, execute, score, deliver. Around them: `intake`
//! accepts, `queue` hands out, `walk` leads a job through its stages, `ledger`
//! writes down how far it came, `report` and `callback` tell of it, `shortfall`
//! why nothing was executed, `workshop` is where all that is at work.

mod callback;
pub mod crawl;
mod deliver;
pub mod execute;
mod fail_point;
pub mod generate;
mod intake;
mod ledger;
mod login;
pub mod plan;
mod queue;
mod report;
pub mod score;
mod scrub;
mod shortfall;
mod stages;
pub mod steps;
#[cfg(test)]
mod tests;
mod walk;
mod workshop;

use std::sync::Arc;

use contract::types;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::Notify;
use url::Url;

use crate::Refused;
use crate::browser::{BrowserError, Credentials};
use crate::egress::Policy;
use crate::partner::PartnerId;
use crate::seal::Seal;
use crate::store::Store;

use fail_point::fail_point;
pub(crate) use workshop::Workshop;

/// What the server asks of jobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Jobs {
    store: Store,
    seal: Seal,
    policy: Policy,
    intake: intake::Intake,
    /// Notified when a job was stored.
    stored: Arc<Notify>,
    /// Notified when a callback became due.
    due: Arc<Notify>,
}

impl Jobs {
    pub(crate) fn new(store: Store, seal: Seal, policy: Policy) -> Self {
        let stored = Arc::<Notify>::default();
        Self {
            intake: intake::Intake::start(store.clone(), stored.clone()),
            store,
            seal,
            policy,
            stored,
            due: Arc::default(),
        }
    }

    /// Stores and queues the job in one transaction and returns its id
    /// (`pwj_...`); when it returns, the job survives a crash.
    ///
    /// `body` is what `request` was parsed from: `custom_data` is echoed from
    /// it, because a parsed number is not always the number that was sent.
    pub async fn accept(
        &self,
        partner: PartnerId,
        request: types::WebhookRequest,
        body: &[u8],
    ) -> Result<String, Refused> {
        let target = self.outside_url("url", &request.url)?;
        self.outside_url("callback_url", &request.callback_url)?;
        let job = intake::NewJob::new(&self.seal, partner, target, request, custom_data(body)?)?;
        let id = job.id.clone();
        self.intake.store(job).await?;
        Ok(id)
    }

    fn outside_url(&self, field: &str, text: &str) -> Result<Url, Refused> {
        let url = Url::parse(text)
            .map_err(|_| Refused::Invalid(format!("{field}: must be an absolute URL")))?;
        self.policy
            .check_url(&url)
            .map_err(|denied| Refused::Invalid(format!("{field}: {denied}")))?;
        Ok(url)
    }
}

/// The raw text of `custom_data` in a webhook's body; `{}` where there is none.
fn custom_data(body: &[u8]) -> Result<Box<RawValue>, Refused> {
    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        custom_data: Option<Box<RawValue>>,
    }
    let body: Body = serde_json::from_slice(body)
        .map_err(|error| Refused::Invalid(format!("the body can't be read: {error}")))?;
    Ok(body.custom_data.unwrap_or_else(|| {
        RawValue::from_string("{}".to_owned()).expect("an empty object is JSON")
    }))
}

/// What the partner asked for, as the stages need it.
#[derive(Clone, Debug)]
pub struct JobRequest {
    pub partner: PartnerId,
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

impl From<BrowserError> for StageError {
    fn from(error: BrowserError) -> Self {
        match error {
            BrowserError::Worker(_) => Self::Transient(error.to_string()),
            BrowserError::Unavailable(_)
            | BrowserError::Navigation(_)
            | BrowserError::Action(_) => Self::Final(error.to_string()),
        }
    }
}
