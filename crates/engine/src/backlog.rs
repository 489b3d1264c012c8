//! Work that lies in a table until somebody has done it. The rows are the queue:
//! what a process leaves unfinished, the next one finds there.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow, Row};
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::Refused;
use crate::store::{Store, now};

/// After so many attempts that did not end the fault is the work's own.
const STARTS: i64 = 3;
/// Between attempts after a fault of ours.
const PAUSE: Duration = Duration::from_secs(5);
/// How long until what another process stored is seen.
const POLL: Duration = Duration::from_secs(1);

/// One kind of work. Its table has the columns `id`, `status` (with `running` and
/// `failed`), `starts`, `finished_at` and `error_message`.
pub(crate) trait Work: Sync {
    const TABLE: &'static str;
    /// What one piece of it is called in front of the partner: "scan".
    const CALLED: &'static str;
    /// A row of the table, as it is needed to do the work.
    type Due: for<'r> FromRow<'r, SqliteRow> + Send;

    /// Does the work and stores what came of it. A [`Refused::Fault`] is ours, and
    /// the work is taken up again; refused otherwise it has failed, for that reason.
    fn carry_out(&self, due: Self::Due) -> impl Future<Output = Result<(), Refused>> + Send;
}

/// What this process works on, and the news that there is more. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Backlog {
    store: Store,
    queued: Arc<Notify>,
    under_way: Arc<Mutex<HashSet<String>>>,
}

impl Backlog {
    pub fn new(store: Store) -> Self {
        Self {
            store,
            queued: Arc::default(),
            under_way: Arc::default(),
        }
    }

    /// Something was stored.
    pub fn notify(&self) {
        self.queued.notify_one();
    }

    /// Works on what is due as long as it is polled, two pieces at a time, the
    /// oldest first. Only one process may.
    pub async fn work<W: Work>(&self, on: &W) {
        tokio::join!(self.worker(on), self.worker(on));
    }

    async fn worker<W: Work>(&self, on: &W) {
        loop {
            match self.claim::<W>().await {
                Ok(Some(claim)) => self.run(on, &claim.id).await,
                Ok(None) => {
                    // Until something was stored, by this process or perhaps another.
                    let _ = tokio::time::timeout(POLL, self.queued.notified()).await;
                }
                Err(fault) => {
                    tracing::error!(table = W::TABLE, %fault, "no work can be taken up");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn run<W: Work>(&self, on: &W, id: &str) {
        let why = match self.attempt(on, id).await {
            Ok(()) => return,
            Err(Refused::Fault(cause)) => {
                tracing::error!(id, cause, "work was interrupted");
                return tokio::time::sleep(PAUSE).await;
            }
            Err(refused) => refused.to_string(),
        };
        tracing::warn!(id, why, "work failed");
        if let Err(fault) = self.fail::<W>(id, &why).await {
            tracing::error!(id, %fault, "work that failed can't be ended");
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn attempt<W: Work>(&self, on: &W, id: &str) -> Result<(), Refused> {
        let Some(row) = self.take_up::<W>(id).await? else {
            return Ok(());
        };
        if row.try_get::<i64, _>("starts")? > STARTS {
            let why = format!("The {} could not be completed.", W::CALLED);
            return Err(Refused::Invalid(why));
        }
        on.carry_out(W::Due::from_row(&row)?).await
    }

    /// The oldest that has not ended and that nobody works on. The last process may
    /// have left some running; what this one works on it knows.
    async fn claim<W: Work>(&self) -> Result<Option<Claim>, sqlx::Error> {
        let select = format!(
            "SELECT id FROM {} WHERE finished_at IS NULL ORDER BY id LIMIT 64",
            W::TABLE
        );
        let due: Vec<String> = sqlx::query_scalar(AssertSqlSafe(select))
            .fetch_all(self.store.read())
            .await?;
        let mut under_way = self.lock();
        let unclaimed = due.into_iter().find(|id| under_way.insert(id.clone()));
        Ok(unclaimed.map(|id| Claim {
            backlog: self.clone(),
            id,
        }))
    }

    /// `None` where it has ended meanwhile.
    async fn take_up<W: Work>(&self, id: &str) -> Result<Option<SqliteRow>, sqlx::Error> {
        let update = format!(
            "UPDATE {} SET status = 'running', starts = starts + 1
             WHERE id = $1 AND finished_at IS NULL RETURNING *",
            W::TABLE
        );
        let mut write = self.store.write().await?;
        let row = sqlx::query(AssertSqlSafe(update))
            .bind(id)
            .fetch_optional(&mut *write)
            .await?;
        write.commit().await?;
        Ok(row)
    }

    async fn fail<W: Work>(&self, id: &str, why: &str) -> Result<(), sqlx::Error> {
        let update = format!(
            "UPDATE {} SET status = 'failed', error_message = $1, finished_at = $2 WHERE id = $3",
            W::TABLE
        );
        let mut write = self.store.write().await?;
        sqlx::query(AssertSqlSafe(update))
            .bind(why)
            .bind(now())
            .bind(id)
            .execute(&mut *write)
            .await?;
        write.commit().await
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the work back when it is dropped.
struct Claim {
    backlog: Backlog,
    id: String,
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
