//! An engine on a fresh data directory, for tests.

use std::path::Path;

use contract::Validated;
use contract::types::WebhookRequest;
use serde_json::json;
use tempfile::TempDir;
use url::Url;

use crate::partner::{PartnerId, Partners};
use crate::project::Projects;
use crate::store::Store;
use crate::test_cases::TestCases;
use crate::tools::Tools;
use crate::{Config, Engine, Refused};

pub struct Bench {
    pub engine: Engine,
    dir: std::sync::Arc<TempDir>,
}

impl Bench {
    pub async fn open() -> Self {
        let dir = std::sync::Arc::new(tempfile::tempdir().unwrap());
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
