//! Stages that do what a test tells them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use contract::types::{self, ExecutionStatus};

use crate::browser::facts::PageFacts;
use crate::job::crawl::Crawl;
use crate::job::execute::Run;
use crate::job::generate::Script;
use crate::job::stages::Stages;
use crate::job::steps::{Act, Expectation, Plan, Step};
use crate::job::{JobRequest, StageError};

/// What a stage does when it is called.
#[derive(Clone, Copy, Debug)]
pub enum Does {
    Fails(&'static str),
    Stumbles(&'static str),
    Panics,
    Hangs,
}

/// Cheap to clone; clones share what they were told and what they did.
#[derive(Clone, Default)]
pub struct Scripted(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// By stage; the last one for good, each one before it once.
    told: HashMap<&'static str, Vec<Option<Does>>>,
    calls: Vec<String>,
    /// By plan attempt; 96 where there is none.
    scores: Vec<i64>,
    status: Option<ExecutionStatus>,
    /// What every output repeats.
    echo: String,
    asserts_nothing: bool,
}

impl Scripted {
    /// What `stage` does at its first, second, ... call; the last for good.
    pub fn tell(self, stage: &'static str, does: &[Option<Does>]) -> Self {
        self.0.lock().unwrap().told.insert(stage, does.to_vec());
        self
    }

    pub fn always(self, stage: &'static str, does: Does) -> Self {
        self.tell(stage, &[Some(does)])
    }

    pub fn scores(self, scores: &[i64]) -> Self {
        self.0.lock().unwrap().scores = scores.to_vec();
        self
    }

    pub fn asserts_nothing(self) -> Self {
        self.0.lock().unwrap().asserts_nothing = true;
        self
    }

    pub fn runs_end(self, status: ExecutionStatus) -> Self {
        self.0.lock().unwrap().status = Some(status);
        self
    }

    pub fn echoes(self, text: &str) -> Self {
        text.clone_into(&mut self.0.lock().unwrap().echo);
        self
    }

    pub fn calls(&self) -> Vec<String> {
        self.0.lock().unwrap().calls.clone()
    }

    fn echo(&self) -> String {
        self.0.lock().unwrap().echo.clone()
    }

    async fn call(&self, stage: &'static str, what: String) -> Result<(), StageError> {
        let does = {
            let mut state = self.0.lock().unwrap();
            state.calls.push(what);
            match state.told.get_mut(stage) {
                None => None,
                Some(told) if told.len() > 1 => told.remove(0),
                Some(told) => told.first().copied().flatten(),
            }
        };
        match does {
            None => Ok(()),
            Some(Does::Fails(why)) => Err(StageError::Final(why.to_owned())),
            Some(Does::Stumbles(why)) => Err(StageError::Transient(why.to_owned())),
            Some(Does::Panics) => panic!("the {stage} stage panics as it was told"),
            Some(Does::Hangs) => std::future::pending().await,
        }
    }
}

impl Stages for Scripted {
    type Visit = ();

    async fn open(&self, _request: &JobRequest) -> Result<(), StageError> {
        self.call("open", "open".to_owned()).await
    }

    async fn crawl(&self, _: &mut (), _request: &JobRequest) -> Result<Crawl, StageError> {
        self.call("crawl", "crawl".to_owned()).await?;
        let page = PageFacts {
            title: self.echo(),
            ..PageFacts::default()
        };
        Ok(Crawl { pages: vec![page] })
    }

    async fn plan(
        &self,
        _: &mut (),
        crawl: &Crawl,
        _request: &JobRequest,
        attempt: u32,
    ) -> Result<Plan, StageError> {
        assert_eq!(crawl.pages.len(), 1);
        self.call("plan", format!("plan {attempt}")).await?;
        let title = format!("Login Verification {attempt}{}", self.echo());
        let asserts = Step {
            intent: 0,
            act: Act::Expect(Expectation::Title {
                title: title.clone(),
            }),
        };
        let steps = match self.0.lock().unwrap().asserts_nothing {
            true => Vec::new(),
            false => vec![asserts],
        };
        Ok(Plan {
            title,
            steps,
            ..Plan::default()
        })
    }

    fn generate(&self, plan: &Plan) -> Script {
        Script {
            name: "login".to_owned(),
            title: plan.title.clone(),
            source: "import { test } from '@playwright/test';\n".to_owned(),
        }
    }

    async fn execute(
        &self,
        script: &Script,
        _request: &JobRequest,
        workspace: &Path,
    ) -> Result<Run, StageError> {
        assert_eq!(std::fs::read_dir(workspace).unwrap().count(), 0);
        self.call("execute", format!("execute {}", script.title))
            .await?;
        std::fs::write(workspace.join("end.png"), "png").unwrap();
        std::fs::write(workspace.join("video.webm"), "webm").unwrap();
        let status = self
            .0
            .lock()
            .unwrap()
            .status
            .unwrap_or(ExecutionStatus::Passed);
        let failed = status != ExecutionStatus::Passed;
        Ok(Run {
            status,
            duration_ms: 4200,
            console_logs: vec![types::ConsoleLog {
                message: format!("Navigation to https://...{}", self.echo()),
                type_: "info".to_owned(),
            }],
            test_output: format!("Running 1 test...{}", self.echo()),
            error_message: failed.then(|| format!("expected 4 sections, saw 3{}", self.echo())),
            screenshot: Some("end.png".into()),
            video: Some(workspace.join("video.webm")),
        })
    }

    fn assess(&self, plan: &Plan, run: Option<&Run>) -> types::Quality {
        let attempt: usize = plan.title.chars().find_map(|c| c.to_digit(10)).unwrap() as usize;
        let state = self.0.lock().unwrap();
        let score = state.scores.get(attempt - 1).copied().unwrap_or(96);
        types::Quality {
            score,
            criteria: vec![types::QualityCriterion {
                name: "rehearsal".to_owned(),
                of: 100,
                points: score,
                why: if run.is_some() {
                    "The run agrees."
                } else {
                    "not run"
                }
                .to_owned(),
            }],
        }
    }
}
