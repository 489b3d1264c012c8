//! Work that lies in a table until somebody has done it. The rows are the queue:
//! what a process leaves unfinished, the next one finds there.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::Notify;

use crate::Refused;

/// After so many attempts that did not end the fault is the work's own.
pub(crate) const STARTS: i64 = 3;
/// Between attempts after a fault of ours.
pub(crate) const PAUSE: Duration = Duration::from_secs(5);
/// How long until what another process stored is seen.
const POLL: Duration = Duration::from_secs(1);

/// What this process works on, and the news that there is more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Backlog {
    queued: Arc<Notify>,
    under_way: Arc<Mutex<HashSet<String>>>,
}

impl Backlog {
    /// Something was stored.
    pub fn notify(&self) {
        self.queued.notify_one();
    }

    /// Until something was stored, by this process or perhaps another.
    pub async fn wait(&self) {
        let _ = tokio::time::timeout(POLL, self.queued.notified()).await;
    }

    /// The first of `due` that nobody works on. The last process may have left
    /// some running; what this one works on it knows.
    pub fn claim(&self, due: Vec<String>) -> Option<Claim> {
        let mut under_way = self.lock();
        let id = due.into_iter().find(|id| under_way.insert(id.clone()))?;
        Some(Claim {
            backlog: self.clone(),
            id,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the work back when it is dropped.
pub(crate) struct Claim {
    backlog: Backlog,
    pub id: String,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.backlog.lock().remove(&self.id);
    }
}

/// A directory for one working copy, which goes with it.
pub(crate) fn workspace(workspaces: &Path, prefix: &str) -> Result<TempDir, Refused> {
    let made = std::fs::create_dir_all(workspaces).and_then(|()| {
        tempfile::Builder::new()
            .prefix(prefix)
            .tempdir_in(workspaces)
    });
    made.map_err(|error| Refused::Fault(format!("a workspace can't be made: {error}")))
}
