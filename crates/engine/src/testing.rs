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
        sast_rules: Vec::new(),
    }
}
