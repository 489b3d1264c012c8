//! The database: SQLite, in one file of the data directory.
//!
//! Rooms write their own plain SQL (`$1` parameters, millisecond times, JSON as
//! text); this room owns how it is opened, and that a commit is durable.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};
use ulid::Ulid;

use crate::Refused;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    readers: SqlitePool,
    writer: SqlitePool,
}

impl Store {
    /// Opens or creates the database and brings its schema up to date.
    pub async fn open(path: &Path) -> Result<Self, sqlx::Error> {
        // The owner's alone; SQLite gives its other files the same mode.
        File::options()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A commit is on the disk when it returns.
            .synchronous(SqliteSynchronous::Full)
            // For other processes on the same file, such as the command line.
            .busy_timeout(Duration::from_secs(30));
        // SQLite has one writer. Queueing for it here is fair, its own locks
        // are not.
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(60))
            .connect_with(options.clone())
            .await?;
        migrate(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(60))
            .connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Self { readers, writer })
    }

    /// For reading; a write through it is refused.
    pub fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// Begins a transaction that may write. Keep it short: it is the only one.
    pub async fn write(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }

    /// The writer's connection as a pool, for the queue.
    pub(crate) fn writer(&self) -> &SqlitePool {
        &self.writer
    }
}

async fn migrate(writer: &SqlitePool) -> Result<(), sqlx::Error> {
    sqlx::migrate!().run(writer).await?;
    // The queue's tables, without `SqliteStorage::setup`: that turns
    // `synchronous` off, and an accepted job would not survive a power cut.
    let mut queue = apalis_sqlite::SqliteStorage::migrations();
    queue.dangerous_set_table_name("_queue_migrations");
    queue.run(writer).await?;
    Ok(())
}

/// Now, as the database holds it.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

/// A time from the database.
pub(crate) fn timestamp(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A JSON column. What does not parse was not written by this version.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, sqlx::Error> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(error.into()))
}

pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// A word of the database as the contract's enum.
pub(crate) fn parsed<T: std::str::FromStr>(word: &str) -> Result<T, Refused> {
    word.parse()
        .map_err(|_| Refused::Fault(format!("the database holds an unknown word: {word}")))
}

/// `scan_01m87nck4r4h8d8pjb89666tvy`: ids sort by when they were made.
pub(crate) fn id(prefix: &str, ulid: Ulid) -> String {
    format!("{prefix}_{}", ulid.to_string().to_ascii_lowercase())
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(format!("the database: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_commit_is_synchronous_and_readers_can_not_write() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("test.db")).await.unwrap();
        let pragma = async |statement: &'static str| -> String {
            sqlx::query_scalar(statement)
                .fetch_one(&store.writer)
                .await
                .unwrap()
        };
        let full = "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous";
        assert_eq!(pragma(full).await, "2");
        let keys = "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys";
        assert_eq!(pragma(keys).await, "1");
        assert_eq!(
            pragma("SELECT journal_mode FROM pragma_journal_mode").await,
            "wal"
        );

        let refused = sqlx::query("INSERT INTO partners (slug, created_at) VALUES ('a', 0)")
            .execute(store.read())
            .await;
        assert!(refused.unwrap_err().to_string().contains("readonly"));
    }
}
