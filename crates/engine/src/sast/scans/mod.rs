//! Scans that partners start: durable, worked on one after the other.

mod ledger;
#[cfg(test)]
mod tests;
mod work;

use std::path::PathBuf;
use std::sync::Arc;

use contract::types;
use ulid::Ulid;

use super::ScanOptions;
use crate::Refused;
use crate::backlog::Backlog;
use crate::partner::PartnerId;
use crate::repository::Checkouts;
use crate::store::{self, Store};
use crate::tools::Tools;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Scans {
    store: Store,
    checkouts: Arc<dyn Checkouts>,
    tools: Tools,
    /// What an operator decides; the engines are each scan's own.
    options: ScanOptions,
    /// Working copies live here while they are scanned.
    workspaces: PathBuf,
    backlog: Backlog,
}

impl Scans {
    pub(crate) fn new(
        store: Store,
        checkouts: Arc<dyn Checkouts>,
        tools: Tools,
        options: ScanOptions,
        workspaces: PathBuf,
    ) -> Self {
        Self {
            backlog: Backlog::new(store.clone()),
            store,
            checkouts,
            tools,
            options,
            workspaces,
        }
    }

    /// Queues a scan of an imported repository. When it returns, the scan
    /// survives a crash. 404 where the repository was not imported, 403 where it
    /// is another partner's.
    pub async fn start(
        &self,
        partner: PartnerId,
        request: types::SastScanRequest,
    ) -> Result<types::SastScanStarted, Refused> {
        self.checkouts
            .project(partner, request.repository_id)
            .await?;
        let id = store::id("scan", Ulid::generate());
        ledger::insert(&self.store, &id, partner, &request).await?;
        self.backlog.notify();
        Ok(types::SastScanStarted {
            status_url: format!("/api/v1/partner/sast/scan/{id}"),
            job_id: id,
            status: types::ScanStatus::Pending,
        })
    }

    /// How far a scan has come, and what it found. 404 where there is none, 403
    /// where it is another partner's.
    pub async fn get(&self, partner: PartnerId, id: &str) -> Result<types::SastScan, Refused> {
        ledger::get(&self.store, partner, id).await
    }
}
