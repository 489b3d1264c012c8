//! An engine on a fresh data directory, for tests.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use contract::Validated;
use contract::types::WebhookRequest;
use futures::future::BoxFuture;
use serde_json::json;
use tempfile::TempDir;
use url::Url;

use crate::partner::{PartnerId, Partners};
use crate::project::Projects;
use crate::repository::Checkouts;
use crate::store::Store;
use crate::test_cases::TestCases;
use crate::tools::Tools;
use crate::{Config, Engine, Refused};

pub struct Bench {
    pub engine: Engine,
    dir: Arc<TempDir>,
}

impl Bench {
    pub async fn open() -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let engine = Engine::open(config(dir.path())).await.unwrap();
        Self { engine, dir }
    }

    /// As another process would open the same data directory.
    pub async fn reopen(&self) -> Self {
        Self {
            engine: Engine::open(config(self.dir())).await.unwrap(),
            dir: self.dir.clone(),
        }
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn partners(&self) -> &Partners {
        self.engine.partners()
    }

    pub fn projects(&self) -> &Projects {
        self.engine.projects()
    }

    pub fn test_cases(&self) -> &TestCases {
        self.engine.test_cases()
    }

    pub fn store(&self) -> &Store {
        self.engine.store()
    }

    pub async fn partner(&self, slug: &str) -> PartnerId {
        self.partners().create(slug).await.unwrap().0.id
    }

    /// A repository as it was imported, but for its files; returns its project.
    pub async fn repository(&self, partner: PartnerId, id: i64) -> i64 {
        let project = self.projects().ensure(partner, "shop", None).await.unwrap();
        let mut write = self.store().write().await.unwrap();
        sqlx::query(
            "INSERT INTO repositories
                 (id, partner_id, project_id, identity, url, branch, commit_id, imported_at)
             VALUES ($1, $2, $3, '', '', 'main', '', 0)",
        )
        .bind(id)
        .bind(partner)
        .bind(project.id)
        .execute(&mut *write)
        .await
        .unwrap();
        write.commit().await.unwrap();
        project.id
    }

    /// An accepted job of a partner of its own.
    pub async fn job(&self) -> String {
        let slug = crate::seal::random_text(12).to_ascii_lowercase();
        let partner = self.partner(&slug).await;
        let body = json!({
            "url": "https://preview-abc.env.yourapp.com",
            "feature_description": "Test that users can login",
            "callback_url": "https://your-api.com/qualitymax-results",
        });
        self.accept(partner, &body.to_string()).await.unwrap()
    }

    /// As the server accepts a webhook's body.
    pub async fn accept(&self, partner: PartnerId, body: &str) -> Result<String, Refused> {
        let request = WebhookRequest::from_json(body.as_bytes()).unwrap();
        self.engine
            .jobs()
            .accept(partner, request, body.as_bytes())
            .await
    }
}

/// The id of [`OneRepository`].
pub const REPOSITORY: i64 = 42;

/// One repository of one partner; its host and its files are the test's.
#[derive(Debug)]
pub struct OneRepository {
    pub partner: PartnerId,
    pub project: i64,
    /// Writes the files of a branch into a working copy.
    pub write: fn(Option<&str>, &Path),
    /// What checking out ends with, but for the files.
    pub refusal: Option<fn() -> Refused>,
    /// Checking out waits for ever.
    pub stuck: AtomicBool,
    pub checkouts: AtomicU32,
}

impl OneRepository {
    pub async fn of(
        bench: &Bench,
        partner: PartnerId,
        write: fn(Option<&str>, &Path),
        refusal: Option<fn() -> Refused>,
    ) -> Arc<Self> {
        Arc::new(Self {
            partner,
            project: bench.repository(partner, REPOSITORY).await,
            write,
            refusal,
            stuck: AtomicBool::new(false),
            checkouts: AtomicU32::new(0),
        })
    }
}

impl Checkouts for OneRepository {
    fn project(&self, partner: PartnerId, repository: i64) -> BoxFuture<'_, Result<i64, Refused>> {
        let answer = if repository != REPOSITORY {
            Err(Refused::NotFound("Repository not found.".to_owned()))
        } else if partner != self.partner {
            Err(Refused::Forbidden("Another partner's.".to_owned()))
        } else {
            Ok(self.project)
        };
        Box::pin(async { answer })
    }

    fn check_out<'a>(
        &'a self,
        _: i64,
        branch: Option<&'a str>,
        into: &'a Path,
    ) -> BoxFuture<'a, Result<(), Refused>> {
        Box::pin(async move {
            self.checkouts.fetch_add(1, Ordering::Relaxed);
            if self.stuck.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            if let Some(refusal) = self.refusal {
                return Err(refusal());
            }
            (self.write)(branch, into);
            Ok(())
        })
    }
}

fn config(data_dir: &Path) -> Config {
    Config {
        data_dir: data_dir.to_owned(),
        public_url: Url::parse("https://qualitymax.example").unwrap(),
        allow_loopback: true,
        tools: Tools::default(),
        git_hosts: Vec::new(),
        sast_rules: Vec::new(),
    }
}
