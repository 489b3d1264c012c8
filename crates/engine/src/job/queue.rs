//! The queue hands each job to one worker, and after a crash to the next.
//!
//! Tasks, workers and acknowledgements are apalis-sqlite's. What it can't know
//! by itself is that a worker is dead: it waits for heartbeats to be missed,
//! whole seconds of them, and a worker that was merely slow would then run a job
//! beside its successor. Here the operating system knows: the working process
//! holds a lock on a file, the lock goes with the process however it ends, and
//! whoever gets it takes up at once what the last one left. So there is one
//! working process a data directory, and a second one stands by.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use apalis::layers::WorkerBuilderExt;
use apalis::prelude::{BackendExt, BoxDynError, Data, WorkerBuilder};
use apalis_sqlite::{Config, SqliteStorage};
use futures::future::BoxFuture;
use futures::{StreamExt, stream};
use sqlx::SqliteConnection;
use tokio::sync::Notify;

use crate::OpenError;
use crate::store::Store;

/// Name of the queue that webhook jobs stand in.
pub(super) const QUEUE: &str = "webhook_jobs";

/// One name for all processes: by it the next one finds what the last one held.
const WORKER: &str = "qualitymax";

/// How long until a job stored by another process is seen.
const POLL: Duration = Duration::from_secs(1);

/// What is done with a job's id. It ends when the job needs no more work.
#[derive(Clone)]
pub(super) struct Work(Arc<dyn Fn(String) -> BoxFuture<'static, ()> + Send + Sync>);

impl Work {
    pub fn new(work: impl Fn(String) -> BoxFuture<'static, ()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(work))
    }

    fn on(&self, job: String) -> BoxFuture<'static, ()> {
        (self.0)(job)
    }
}

/// The right to work on the jobs of a data directory.
#[derive(Debug)]
pub(super) struct WorkerLock(#[allow(dead_code, reason = "held, not read")] File);

impl WorkerLock {
    /// Waits until no other process has it.
    pub async fn acquire(data_dir: &Path) -> Result<Self, OpenError> {
        let path = data_dir.join("worker.lock");
        let failed =
            |error: std::io::Error| OpenError::DataDir(format!("{}: {error}", path.display()));
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        let mut standing_by = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
                Err(TryLockError::WouldBlock) if standing_by => {}
                Err(TryLockError::WouldBlock) => {
                    tracing::info!("another process works on this data directory; standing by");
                    standing_by = true;
                }
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
}

/// Works on jobs, `concurrency` at a time, as long as it is polled; the caller
/// holds the [`WorkerLock`]. `stored` is notified when a job was stored.
pub(super) fn work(
    store: Store,
    stored: Arc<Notify>,
    concurrency: usize,
    run: Work,
) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        loop {
            let worked = work_once(store.clone(), stored.clone(), concurrency, run.clone());
            if let Err(error) = worked.await {
                tracing::error!(%error, "the queue stumbled");
            }
            tokio::time::sleep(POLL).await;
        }
    })
}

async fn work_once(
    store: Store,
    stored: Arc<Notify>,
    concurrency: usize,
    run: Work,
) -> Result<(), BoxDynError> {
    bury_the_last_worker(&store).await?;
    let config = Config::default()
        .queue(QUEUE)
        // Nothing is taken that can't be worked on at once.
        .batch_size(1)
        // A task that was fetched is this worker's: no one else is about.
        .lock_tasks(false);
    let wake = stream::unfold(stored, async |stored| {
        let _ = tokio::time::timeout(POLL, stored.notified()).await;
        Some(((), stored))
    });
    let backend = SqliteStorage::<String>::new(store.writer())
        .with_config(config)
        .poll_with_stream(wake.boxed());
    WorkerBuilder::new(WORKER)
        .backend(backend)
        .concurrency(concurrency)
        .data(run)
        .build(hand_over)
        .run()
        .await?;
    Ok(())
}

async fn hand_over(job: String, run: Data<Work>) {
    run.on(job).await;
}

/// Whoever holds the lock knows that no other worker lives, however lately one
/// gave a sign of life: then registering puts back what it held.
async fn bury_the_last_worker(store: &Store) -> Result<(), sqlx::Error> {
    let mut write = store.write().await?;
    sqlx::query("UPDATE Workers SET last_seen = 0")
        .execute(&mut *write)
        .await?;
    forget_done(&mut write).await?;
    write.commit().await
}

/// What was done needs no record in the queue: the job has its own.
pub(super) async fn forget_done(write: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM Jobs WHERE status = 'Done' AND job_type = $1")
        .bind(QUEUE)
        .execute(write)
        .await?;
    Ok(())
}

/// The test binary is its own worker process: a test starts it again, for
/// `worker_process` alone, and kills it with SIGKILL.
#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::PathBuf;
    use std::process::{Child, Command, Stdio};
    use std::time::Instant;

    use super::*;
    use crate::testing::Bench;

    const DATA_DIR: &str = "QUALITYMAX_TEST_DATA_DIR";
    const LIMIT: Duration = Duration::from_secs(30);

    /// Not a test of its own: the process that the tests start.
    #[tokio::test]
    async fn worker_process() {
        let Ok(dir) = std::env::var(DATA_DIR) else {
            return;
        };
        let dir = PathBuf::from(dir);
        let _lock = WorkerLock::acquire(&dir).await.unwrap();
        let store = Store::open(&dir.join("qualitymax.db")).await.unwrap();
        let run = Work::new(move |job| {
            let dir = dir.clone();
            Box::pin(async move {
                let say = |what: &str| {
                    let mut log = File::options()
                        .create(true)
                        .append(true)
                        .open(dir.join("log"))
                        .unwrap();
                    writeln!(log, "{what} {job} {}", std::process::id()).unwrap();
                };
                say("start");
                while dir.join("hold").exists() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                say("end");
            })
        });
        work(store, Arc::default(), 2, run).await;
    }

    struct Process(Child);

    impl Process {
        fn start(dir: &Path) -> Self {
            let child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "job::queue::tests::worker_process"])
                .env(DATA_DIR, dir)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            Self(child)
        }

        fn kill_dash_nine(&mut self) {
            self.0.kill().unwrap();
            self.0.wait().unwrap();
        }
    }

    impl Drop for Process {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// `what job pid`, in the order in which they were written.
    fn log(bench: &Bench) -> Vec<[String; 3]> {
        let text = std::fs::read_to_string(bench.dir().join("log")).unwrap_or_default();
        text.lines()
            .map(|line| {
                let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
                words.try_into().unwrap()
            })
            .collect()
    }

    async fn wait_for(bench: &Bench, what: &str, count: usize) -> Duration {
        let started = Instant::now();
        while log(bench).iter().filter(|[said, ..]| said == what).count() < count {
            assert!(started.elapsed() < LIMIT, "{:?}", log(bench));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        started.elapsed()
    }

    #[tokio::test]
    async fn a_killed_workers_jobs_go_to_the_next_process_at_once() {
        let bench = Bench::open().await;
        let hold = bench.dir().join("hold");
        std::fs::write(&hold, "").unwrap();
        let jobs = [bench.job().await, bench.job().await, bench.job().await];
        let mut doomed = Process::start(bench.dir());
        wait_for(&bench, "start", 2).await;
        doomed.kill_dash_nine();

        let _next = Process::start(bench.dir());
        let taken_up = wait_for(&bench, "start", 4).await;
        // Well within the 30 s that heartbeats would take.
        assert!(taken_up < Duration::from_secs(10), "{taken_up:?}");
        std::fs::remove_file(hold).unwrap();
        wait_for(&bench, "end", 3).await;
        for job in jobs {
            let ended: Vec<_> = log(&bench)
                .into_iter()
                .filter(|[said, of, _]| said == "end" && *of == job)
                .collect();
            assert_eq!(ended.len(), 1, "{job}");
        }
    }

    #[tokio::test]
    async fn a_second_process_stands_by_and_no_job_runs_twice_at_once() {
        let bench = Bench::open().await;
        let hold = bench.dir().join("hold");
        std::fs::write(&hold, "").unwrap();
        bench.job().await;
        let mut first = Process::start(bench.dir());
        wait_for(&bench, "start", 1).await;
        let _second = Process::start(bench.dir());
        // Longer than it takes to start, and to poll.
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(log(&bench).len(), 1, "{:?}", log(&bench));

        first.kill_dash_nine();
        let taken_up = wait_for(&bench, "start", 2).await;
        assert!(taken_up < Duration::from_secs(10), "{taken_up:?}");
        std::fs::remove_file(hold).unwrap();
        wait_for(&bench, "end", 1).await;
    }
}
