//! A check: what it proves, of which clauses, and how.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::probe::{Probe, Stop};

/// How binding a clause is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// The published documentation says so.
    Must,
    /// The contract says so where the documentation is silent.
    Should,
}

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    Auth,
    Isolation,
    Errors,
    Signatures,
    Validation,
    Webhook,
    Callback,
    Reports,
    Artifacts,
    Repositories,
    Sast,
    ApiTests,
    TestCases,
    GapAnalysis,
    RateLimits,
    /// A partner's receiver of callbacks; not in the catalogue for deployments.
    Receiver,
}

/// When a check runs: what is cheap and broad comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// A few requests.
    Quick,
    /// Waits for a job, a scan or an analysis.
    Jobs,
    /// Many requests.
    Cases,
    /// Uses up a rate limit.
    Rates,
    /// Looks back at what the others saw.
    Last,
}

/// What a check comes to, unless it failed.
pub type Outcome = Result<(), Stop>;

type Body = dyn for<'a> Fn(&'a mut Probe) -> BoxFuture<'a, Outcome> + Send + Sync;

/// One check of the suite.
#[derive(Clone)]
pub struct Check {
    /// Stable, such as `auth.missing-key`.
    pub id: String,
    pub group: Group,
    pub stage: Stage,
    /// The clauses that it proves.
    pub clauses: Vec<String>,
    /// The strictest of what it asks for.
    pub level: Level,
    /// One sentence.
    pub proves: String,
    body: Arc<Body>,
}

impl Check {
    /// A check of documented clauses.
    pub fn must<F>(group: Group, id: &str, clauses: &[&str], proves: &str, body: F) -> Self
    where
        F: for<'a> Fn(&'a mut Probe) -> BoxFuture<'a, Outcome> + Send + Sync + 'static,
    {
        Self {
            id: id.to_owned(),
            group,
            stage: Stage::Quick,
            clauses: clauses.iter().map(|&clause| clause.to_owned()).collect(),
            level: Level::Must,
            proves: proves.to_owned(),
            body: Arc::new(body),
        }
    }

    /// A check of what the documentation does not say.
    pub fn should<F>(group: Group, id: &str, clauses: &[&str], proves: &str, body: F) -> Self
    where
        F: for<'a> Fn(&'a mut Probe) -> BoxFuture<'a, Outcome> + Send + Sync + 'static,
    {
        Self {
            level: Level::Should,
            ..Self::must(group, id, clauses, proves, body)
        }
    }

    pub fn stage(mut self, stage: Stage) -> Self {
        self.stage = stage;
        self
    }

    /// Proves the clauses of this schema too, and of what it refers to.
    pub fn with_schema(mut self, name: &str) -> Self {
        for clause in Document::get().clauses_of(name) {
            if !self.clauses.contains(&clause) {
                self.clauses.push(clause);
            }
        }
        self
    }

    pub(crate) async fn perform(&self, probe: &mut Probe) -> Outcome {
        (self.body)(probe).await
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.id)
    }
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
        }
    }
}

impl Group {
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Isolation => "isolation",
            Self::Errors => "errors",
            Self::Signatures => "signatures",
            Self::Validation => "validation",
            Self::Webhook => "webhook",
            Self::Callback => "callback",
            Self::Reports => "reports",
            Self::Artifacts => "artifacts",
            Self::Repositories => "repositories",
            Self::Sast => "sast",
            Self::ApiTests => "api-tests",
            Self::TestCases => "test-cases",
            Self::GapAnalysis => "gap-analysis",
            Self::RateLimits => "rate-limits",
            Self::Receiver => "receiver",
        }
    }
}
