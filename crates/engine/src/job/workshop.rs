//! Where jobs are worked on: the queue hands them to the walker, the deliverer
//! sends their callbacks.

use std::path::PathBuf;

use tokio_util::task::TaskTracker;
use url::Url;

use super::Jobs;
use super::deliver::{Deliverer, Schedule};
use super::ledger::Ledger;
use super::queue::{self, Work, WorkerLock};
use super::stages::{OnBrowser, Stages};
use super::walk::{Limits, Walker};
use crate::artifacts::Artifacts;
use crate::browser::Browsers;
use crate::egress::Client;
use crate::gap::GapAnalyses;
use crate::llm::Providers;
use crate::partner::Partners;
use crate::sast::Scans;
use crate::tools::Tools;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Workshop {
    pub jobs: Jobs,
    pub partners: Partners,
    pub artifacts: Artifacts,
    pub data_dir: PathBuf,
    pub public_url: Url,
    pub tools: Tools,
    pub llm: Providers,
    pub gap_analyses: GapAnalyses,
    pub scans: Scans,
}

impl Workshop {
    /// Works until `stop` resolves, as soon as no other process does; returns
    /// when everything that was under way has ended.
    pub async fn run(&self, concurrency: usize, stop: impl Future<Output = ()> + Send) {
        let stages = OnBrowser {
            browsers: Browsers::new(self.tools.clone()),
            tools: self.tools.clone(),
            policy: self.jobs.policy,
            llm: self.llm.clone(),
        };
        self.run_with(
            stages,
            Limits::default(),
            Schedule::default(),
            concurrency,
            stop,
        )
        .await;
    }

    pub(super) async fn run_with(
        &self,
        stages: impl Stages,
        limits: Limits,
        schedule: Schedule,
        concurrency: usize,
        stop: impl Future<Output = ()> + Send,
    ) {
        let mut stop = std::pin::pin!(stop);
        let acquired = tokio::select! {
            acquired = WorkerLock::acquire(&self.data_dir) => acquired,
            () = &mut stop => return,
        };
        // Held to the end: the next process begins when nothing is under way here.
        let _lock = match acquired {
            Ok(lock) => lock,
            Err(error) => {
                tracing::error!(%error, "no job is worked on");
                return stop.await;
            }
        };
        let walker = Walker {
            stages,
            ledger: self.ledger(),
            limits,
            workspaces: self.empty_workspaces(),
            under_way: TaskTracker::new(),
        };
        let deliverer = Deliverer {
            store: self.jobs.store.clone(),
            partners: self.partners.clone(),
            client: Client::new(self.jobs.policy),
            schedule,
            due: self.jobs.due.clone(),
        };
        let under_way = walker.under_way.clone();
        let run = Work::new(move |job| {
            let walker = walker.clone();
            Box::pin(async move { walker.run(job).await })
        });
        tokio::select! {
            () = queue::work(self.jobs.store.clone(), self.jobs.stored.clone(), concurrency, run) => {}
            () = deliverer.work() => {}
            () = self.gap_analyses.work() => {}
            () = self.scans.work() => {}
            () = stop => {}
        }
        under_way.close();
        under_way.wait().await;
    }

    fn ledger(&self) -> Ledger {
        Ledger {
            store: self.jobs.store.clone(),
            seal: self.jobs.seal.clone(),
            artifacts: self.artifacts.clone(),
            partners: self.partners.clone(),
            public_url: self.public_url.clone(),
            finished: self.jobs.due.clone(),
        }
    }

    /// What a process that was killed left in it goes.
    fn empty_workspaces(&self) -> PathBuf {
        let path = self.data_dir.join("workspaces");
        let emptied = std::fs::remove_dir_all(&path)
            .or_else(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })
            .and_then(|()| std::fs::create_dir_all(&path));
        if let Err(error) = emptied {
            tracing::warn!(path = %path.display(), %error, "old workspaces can't be removed");
        }
        path
    }
}
