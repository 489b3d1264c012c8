//! What a run came to.

use serde::{Deserialize, Serialize};

use crate::check::{Group, Level};
use crate::drift::{Drift, Outlines};

pub mod html;
pub mod junit;
pub mod terminal;

/// Where keys and secret stand in the commands that are printed.
const VARIABLES: [&str; 3] = [
    "QUALITYMAX_CONFORMANCE_KEY",
    "QUALITYMAX_CONFORMANCE_OTHER_KEY",
    "QUALITYMAX_CONFORMANCE_SECRET",
];

/// A run of the suite against one deployment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The suite's own version.
    pub suite: String,
    /// `info.version` of the contract.
    pub contract: String,
    /// The deployment's base URL.
    pub url: String,
    /// Empty where a receiver was checked.
    pub slug: String,
    /// What the generated requests were drawn with, where any were.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seed: Option<u64>,
    /// RFC 3339.
    pub started_at: String,
    pub duration_ms: u64,
    pub requests: u32,
    /// It was ended by a signal before all checks were made.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub interrupted: bool,
    pub summary: Summary,
    /// In the order of the catalogue.
    pub checks: Vec<CheckReport>,
    /// Answers that were held against their recorded shape.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub compared: Vec<String>,
    /// How these answers differ from what was recorded.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub drift: Vec<Drift>,
    /// Where not the deployment seems to be wrong, but what the suite was told of it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub hints: Vec<String>,
    /// The shapes that were seen.
    #[serde(skip)]
    pub outlines: Outlines,
}

/// How many checks ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub passed: usize,
    pub failed: usize,
    pub deviating: usize,
    pub skipped: usize,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Passed,
    /// A documented clause does not hold.
    Failed,
    /// Only what the contract decides beyond the documentation does not hold.
    Deviating,
    /// It could not be made.
    Skipped,
}

/// One check's end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckReport {
    pub id: String,
    pub group: Group,
    pub level: Level,
    pub clauses: Vec<String>,
    pub proves: String,
    pub status: Status,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// What was sent and how it was answered, where the check tells it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub seen: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub failures: Vec<Failure>,
    pub requests: u32,
    pub duration_ms: u64,
}

/// What does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub clause: String,
    pub level: Level,
    pub expected: String,
    pub seen: String,
    /// Shell commands that show it, where a request can.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub curl: Option<String>,
}

impl Report {
    /// Whether every documented clause that could be checked holds; with
    /// `strict`, whatever the contract says, and without any drift.
    pub fn conforms(&self, strict: bool) -> bool {
        let exactly = self.summary.deviating == 0 && self.drift.is_empty();
        self.summary.failed == 0 && (exactly || !strict)
    }

    /// Whether any check came to an end; else there is no verdict.
    pub fn is_verdict(&self) -> bool {
        self.checks
            .iter()
            .any(|check| check.status != Status::Skipped)
    }

    /// The variables of the shell that the commands of failures name.
    pub fn variables(&self) -> Vec<&'static str> {
        let failures = self.checks.iter().flat_map(|check| &check.failures);
        let commands: Vec<&str> = failures
            .filter_map(|failure| failure.curl.as_deref())
            .collect();
        let named = |name: &&str| commands.iter().any(|command| command.contains(*name));
        VARIABLES.into_iter().filter(named).collect()
    }

    pub fn check(&self, id: &str) -> Option<&CheckReport> {
        self.checks.iter().find(|check| check.id == id)
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a report is JSON")
    }
}

impl Summary {
    pub(crate) fn of<'a>(checks: impl IntoIterator<Item = &'a CheckReport>) -> Self {
        let mut summary = Self::default();
        for check in checks {
            *match check.status {
                Status::Passed => &mut summary.passed,
                Status::Failed => &mut summary.failed,
                Status::Deviating => &mut summary.deviating,
                Status::Skipped => &mut summary.skipped,
            } += 1;
        }
        summary
    }
}
