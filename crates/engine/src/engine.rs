//! The engine as a whole: what a server opens once and asks for everything.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::api_tests::ApiTests;
use crate::artifacts::Artifacts;
use crate::egress::Policy;
use crate::execution::Executions;
use crate::gap::GapAnalyses;
use crate::job::{Jobs, Workshop};
use crate::llm::Providers;
use crate::partner::Partners;
use crate::project::Projects;
use crate::repository::Repositories;
use crate::repository::url::Host;
use crate::sast::{ScanOptions, Scans};
use crate::seal::Seal;
use crate::store::Store;
use crate::test_cases::TestCases;
use crate::tools::Tools;

const DATABASE: &str = "qualitymax.db";

/// What an operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Holds the database, artifacts and the sealing key.
    pub data_dir: PathBuf,
    /// How partners reach this deployment; links in callbacks start with it.
    pub public_url: Url,
    /// Development only: lets URLs from outside lead to loopback addresses.
    pub allow_loopback: bool,
    pub tools: Tools,
    /// Where repositories may be imported from.
    pub git_hosts: Vec<Host>,
    /// Semgrep rule sets beside our own: absolute paths, or names of the
    /// registry's.
    pub sast_rules: Vec<String>,
}

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    #[cfg(test)]
    store: Store,
    workshop: Workshop,
    partners: Partners,
    projects: Projects,
    jobs: Jobs,
    executions: Executions,
    test_cases: TestCases,
    repositories: Repositories,
    gap_analyses: GapAnalyses,
    api_tests: ApiTests,
    llm: Providers,
    scans: Scans,
}

impl Engine {
    /// Opens or creates the data directory and migrates the database.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        create_data_dir(&config.data_dir)?;
        let seal = Seal::open(&config.data_dir)?;
        let database = config.data_dir.join(DATABASE);
        let store = Store::open(&database)
            .await
            .map_err(|error| OpenError::Database(format!("{}: {error}", database.display())))?;
        check_master_key(&store, &seal).await?;
        let policy = Policy {
            allow_loopback: config.allow_loopback,
        };
        let artifacts = Artifacts::open(&config.data_dir.join("artifacts"), &seal)?;
        let partners = Partners::new(store.clone(), seal.clone());
        let projects = Projects::new(store.clone());
        let llm = Providers::new(store.clone(), seal.clone(), policy, partners.clone());
        let jobs = Jobs::new(store.clone(), seal, policy);
        let repositories = Repositories::new(
            store.clone(),
            projects.clone(),
            policy,
            config.git_hosts,
            config.data_dir.join("repositories"),
        );
        let workspaces = config.data_dir.join("workspaces");
        let scans = Scans::new(
            store.clone(),
            Arc::new(repositories.clone()),
            config.tools.clone(),
            ScanOptions {
                extra_rules: config.sast_rules,
                ..ScanOptions::default()
            },
            workspaces.clone(),
        );
        let gap_analyses =
            GapAnalyses::new(store.clone(), Arc::new(repositories.clone()), workspaces);
        Ok(Self {
            workshop: Workshop {
                scans: scans.clone(),
                jobs: jobs.clone(),
                partners: partners.clone(),
                artifacts: artifacts.clone(),
                data_dir: config.data_dir,
                public_url: config.public_url,
                tools: config.tools,
                llm: llm.clone(),
                gap_analyses: gap_analyses.clone(),
            },
            repositories,
            gap_analyses,
            scans,
            partners,
            jobs,
            executions: Executions::new(store.clone(), artifacts),
            test_cases: TestCases::new(store.clone(), projects.clone(), llm.clone()),
            api_tests: ApiTests::new(store.clone(), projects.clone(), policy, llm.clone()),
            projects,
            llm,
            #[cfg(test)]
            store,
        })
    }

    /// Works on queued jobs and due callbacks, `concurrency` jobs at a time,
    /// until `stop` resolves; then what is under way is put back for the next
    /// process. With a concurrency of 0 jobs are only stored. While another
    /// process works on the same data directory, this one stands by.
    pub async fn run(&self, concurrency: usize, stop: impl Future<Output = ()> + Send) {
        self.repositories.sweep().await;
        if concurrency == 0 {
            self.noting_used_keys(stop).await;
        } else {
            self.noting_used_keys(self.workshop.run(concurrency, stop))
                .await;
        }
    }

    async fn noting_used_keys(&self, work: impl Future<Output = ()> + Send) {
        let note = async || {
            if let Err(fault) = self.partners.note_used().await {
                tracing::warn!(%fault, "the last use of keys can't be noted");
            }
        };
        let each_minute = async {
            loop {
                tokio::time::sleep(Duration::from_secs(60)).await;
                note().await;
            }
        };
        tokio::select! {
            () = work => {}
            () = each_minute => {}
        }
        note().await;
    }

    #[cfg(test)]
    pub(crate) fn workshop(&self) -> &Workshop {
        &self.workshop
    }

    #[cfg(test)]
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub fn partners(&self) -> &Partners {
        &self.partners
    }

    pub fn projects(&self) -> &Projects {
        &self.projects
    }

    pub fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    pub fn executions(&self) -> &Executions {
        &self.executions
    }

    pub fn scans(&self) -> &Scans {
        &self.scans
    }

    pub fn test_cases(&self) -> &TestCases {
        &self.test_cases
    }

    pub fn repositories(&self) -> &Repositories {
        &self.repositories
    }

    pub fn gap_analyses(&self) -> &GapAnalyses {
        &self.gap_analyses
    }

    pub fn api_tests(&self) -> &ApiTests {
        &self.api_tests
    }

    /// The LLM providers that partners bring.
    pub fn llm(&self) -> &Providers {
        &self.llm
    }
}

fn create_data_dir(path: &Path) -> Result<(), OpenError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| OpenError::DataDir(format!("{}: {error}", path.display())))
}

/// Secrets sealed under another key would be found out one request at a time:
/// find out now.
async fn check_master_key(store: &Store, seal: &Seal) -> Result<(), OpenError> {
    const PURPOSE: &str = "master key check";
    let database = |error: sqlx::Error| OpenError::Database(error.to_string());
    let mut write = store.write().await.map_err(database)?;
    let sealed: Vec<u8> = sqlx::query_scalar(
        "INSERT INTO deployment (name, value) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET value = deployment.value RETURNING value",
    )
    .bind(PURPOSE)
    .bind(seal.seal(PURPOSE, b""))
    .fetch_one(&mut *write)
    .await
    .map_err(database)?;
    write.commit().await.map_err(database)?;
    seal.unseal(PURPOSE, &sealed).map(drop).map_err(|_| {
        OpenError::MasterKey(
            "it is not the one that sealed this database; give the right one in \
             QUALITYMAX_MASTER_KEY or as master.key in the data directory"
                .to_owned(),
        )
    })
}

/// Why the engine could not be opened; each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the data directory can't be used: {0}")]
    DataDir(String),
    #[error("the database can't be used: {0}")]
    Database(String),
    #[error("the master key can't be used: {0}")]
    MasterKey(String),
}

/// Why the engine did not do what a partner asked. Texts are fit to be a
/// `detail`, except the last one's.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// 400
    #[error("{0}")]
    Invalid(String),
    /// 403: it is another partner's.
    #[error("{0}")]
    Forbidden(String),
    /// 404
    #[error("{0}")]
    NotFound(String),
    /// 503
    #[error("{0}")]
    Unavailable(String),
    /// 500: for the log, not for the partner.
    #[error("{0}")]
    Fault(String),
}
