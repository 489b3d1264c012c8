//! An imported repository, its scan and its gap analysis.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::{Answer, Request};
use crate::probe::Stop;
use crate::scene::job::PATIENCE;
use crate::session::Session;

/// Small, public, and with a branch `main`.
const REPOSITORY: &str = "https://github.com/octocat/Spoon-Knife";

/// An import that succeeded.
pub(crate) struct Import {
    pub(crate) answer: Answer,
    pub(crate) url: String,
    pub(crate) repository: i64,
    pub(crate) project: i64,
}

/// Something that was started, and polled until it ended.
pub(crate) struct Polled {
    pub(crate) started: Answer,
    pub(crate) id: String,
    /// The last one last; never empty.
    pub(crate) polls: Vec<Answer>,
}

impl Polled {
    pub(crate) fn last(&self) -> &Answer {
        self.polls.last().expect("it was polled once")
    }

    /// The last answer's body, once it says `completed`.
    pub(crate) fn completed(&self) -> Result<Value, Stop> {
        let body = self.last().json();
        match body["status"] == "completed" {
            true => Ok(body),
            false => Err(Stop::skipped(format!(
                "it did not complete: {}",
                self.last().summary()
            ))),
        }
    }
}

impl Session {
    /// The repository that is imported.
    pub(crate) fn repository_url(&self) -> String {
        match &self.deployment.repository_url {
            Some(url) => url.to_string(),
            None => REPOSITORY.to_owned(),
        }
    }

    /// The repository that most checks look at; imported once.
    pub(crate) async fn import(&self) -> Result<Arc<Import>, Stop> {
        let import = async {
            let url = self.repository_url();
            let request = Request::operation("import_repository", &[]).json(&json!({ "url": url }));
            let answer = self.send(&request).await?;
            let body = answer.json();
            match (body["repository_id"].as_i64(), body["project_id"].as_i64()) {
                (Some(repository), Some(project)) => Ok(Arc::new(Import {
                    answer,
                    url,
                    repository,
                    project,
                })),
                _ => {
                    let why = format!("{url} could not be imported: {}", answer.summary());
                    let _ = self.import_refused.set(answer);
                    Err(Stop::Skipped(why))
                }
            }
        };
        self.import.get_or_init(|| import).await.clone()
    }

    /// A scan of that repository.
    pub(crate) async fn scan(&self) -> Result<Arc<Polled>, Stop> {
        let scan = async {
            let import = self.import().await?;
            let body = json!({ "repository_id": import.repository });
            self.poll("start_sast_scan", body, "get_sast_scan").await
        };
        self.scan.get_or_init(|| scan).await.clone()
    }

    /// A gap analysis of that repository.
    pub(crate) async fn gap(&self) -> Result<Arc<Polled>, Stop> {
        let gap = async {
            let import = self.import().await?;
            let body = json!({ "repository_id": import.repository });
            self.poll("start_gap_analysis", body, "get_gap_analysis")
                .await
        };
        self.gap.get_or_init(|| gap).await.clone()
    }

    /// Starts something and asks for it until it has ended.
    pub(crate) async fn poll(
        &self,
        start: &str,
        body: Value,
        poll: &str,
    ) -> Result<Arc<Polled>, Stop> {
        let started = self
            .send(&Request::operation(start, &[]).json(&body))
            .await?;
        let Some(id) = started.json()["job_id"].as_str().map(str::to_owned) else {
            let summary = started.summary();
            let mut not_started = self
                .not_started
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            not_started.push(started);
            drop(not_started);
            return Err(Stop::Skipped(format!("it could not be started: {summary}")));
        };
        let began = Instant::now();
        let mut pause = Duration::from_millis(50);
        let mut polls = Vec::new();
        loop {
            let answer = self.send(&Request::operation(poll, &[&id])).await?;
            let status = answer.json()["status"].as_str().map(str::to_owned);
            polls.push(answer);
            let over =
                status.is_none_or(|status| matches!(status.as_str(), "completed" | "failed"));
            if over || began.elapsed() > PATIENCE {
                break;
            }
            self.sleep(pause).await?;
            pause = (pause * 3 / 2).min(Duration::from_millis(1500));
        }
        Ok(Arc::new(Polled { started, id, polls }))
    }
}
