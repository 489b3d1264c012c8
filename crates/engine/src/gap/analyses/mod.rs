//! Gap analyses that partners start: durable, worked on one after the other,
//! their test cases stored in the repository's project.

mod ledger;
#[cfg(test)]
mod tests;
mod work;

use std::path::PathBuf;
use std::sync::Arc;

use contract::types;
use ulid::Ulid;

use crate::Refused;
use crate::backlog::Backlog;
use crate::partner::PartnerId;
use crate::repository::Checkouts;
use crate::store::{self, Store};

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct GapAnalyses {
    store: Store,
    checkouts: Arc<dyn Checkouts>,
    /// Working copies live here while they are read.
    workspaces: PathBuf,
    backlog: Backlog,
}

impl GapAnalyses {
    pub(crate) fn new(store: Store, checkouts: Arc<dyn Checkouts>, workspaces: PathBuf) -> Self {
        Self {
            backlog: Backlog::new(store.clone()),
            store,
            checkouts,
            workspaces,
        }
    }

    /// Queues an analysis of an imported repository. When it returns, the
    /// analysis survives a crash. 404 where the repository was not imported,
    /// 403 where it is another partner's.
    pub async fn start(
        &self,
        partner: PartnerId,
        request: types::GapAnalysisRequest,
    ) -> Result<types::GapAnalysisStarted, Refused> {
        let project = self
            .checkouts
            .project(partner, request.repository_id)
            .await?;
        let id = store::id("gap_analysis", Ulid::generate());
        ledger::insert(&self.store, &id, partner, project, &request).await?;
        self.backlog.notify();
        Ok(types::GapAnalysisStarted {
            status_url: format!("/api/v1/partner/gap-analysis/{id}"),
            job_id: id,
            status: types::GapStatus::Queued,
        })
    }

    /// How far an analysis has come, and what it found. 404 where there is
    /// none, 403 where it is another partner's.
    pub async fn get(&self, partner: PartnerId, id: &str) -> Result<types::GapAnalysis, Refused> {
        ledger::get(&self.store, partner, id).await
    }
}
