//! One mutant under the suite.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::Mutant;
use crate::process;

/// Of these the suite, which keeps to the rate limits, is told so many.
const SUITE_KEYS: usize = 8;

/// API keys that each deployment has, of both formats.
pub(crate) fn keys() -> Vec<String> {
    let more = (3..=64).map(|number| format!("qm-mutants-{number}"));
    ["qm-your-token".to_owned(), "qm_actions".to_owned()]
        .into_iter()
        .chain(more)
        .collect()
}

pub(crate) const SECRET: &str = "your-webhook-secret";

/// The same faults in each run.
pub(crate) const SEED: &str = "5";

/// After so much a check that still waits is skipped, and catches nothing.
const BUDGET: &str = "90s";

/// A clause that many checks carry is held by the first few.
const MOST: usize = 8;

/// What came of a mutant.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    pub(crate) mutant: Mutant,
    /// The checks that carry its clause.
    pub(super) expected: Vec<String>,
    /// Those of them that failed.
    pub(crate) by: Vec<String>,
    /// With `--full`, the others that failed.
    pub(super) also: Vec<String>,
    pub(crate) took: Duration,
}

impl Outcome {
    pub(crate) fn caught(&self) -> bool {
        !self.by.is_empty()
    }
}

/// The binaries.
pub(crate) struct Bench {
    mock: PathBuf,
    suite: PathBuf,
    full: bool,
}

/// Of the suite's report, what is looked at.
#[derive(Deserialize)]
struct Report {
    checks: Vec<Check>,
}

/// A check, and how it ended.
#[derive(Deserialize)]
pub(crate) struct Check {
    id: String,
    clauses: Vec<String>,
    status: String,
    duration_ms: u64,
}

/// Of checks that were made on the mock as it is, those that failed.
pub(crate) fn alarms(checks: &[Check]) -> Vec<String> {
    let failed = checks.iter().filter(|check| check.fails(true));
    failed.map(|check| check.id.clone()).collect()
}

impl Bench {
    pub(crate) fn build(full: bool) -> Result<Self> {
        super::build()?;
        Ok(Self {
            mock: process::artifact(false, "qualitymax-mutants")?,
            suite: process::artifact(false, "qualitymax-conformance")?,
            full,
        })
    }

    pub(crate) fn mutants(&self) -> Result<Vec<Mutant>> {
        let text = process::output(Command::new(&self.mock).arg("--list"))?;
        Ok(serde_json::from_str(&text)?)
    }

    /// The checks of these mutants' clauses, made on the mock as it is.
    pub(crate) fn unbroken(&self, mutants: &[Mutant]) -> Result<Vec<Check>> {
        let mut clauses: Vec<String> = mutants.iter().map(|it| it.clause.clone()).collect();
        clauses.dedup();
        Ok(self.report(None, &clauses)?.checks)
    }

    /// With the checks that are most about its clause, of `checks`.
    pub(crate) fn try_on(&self, mutant: &Mutant, checks: &[Check]) -> Result<Outcome> {
        let began = Instant::now();
        let place = |check: &Check| check.clauses.iter().position(|it| *it == mutant.clause);
        let mut about: Vec<(usize, &Check)> = checks
            .iter()
            .filter_map(|check| Some((place(check)?, check)))
            .collect();
        about.sort_by_key(|(place, check)| (*place, check.duration_ms));
        about.truncate(MOST);
        ensure!(!about.is_empty(), "no check carries {}", mutant.clause);
        let about: Vec<String> = about.iter().map(|(_, check)| check.id.clone()).collect();
        let report = self
            .report(Some(&mutant.id), &about)
            .with_context(|| format!("mutant {}", mutant.id))?;
        let (own, others): (Vec<Check>, Vec<Check>) = report
            .checks
            .into_iter()
            .partition(|check| check.clauses.contains(&mutant.clause));
        let failing = |checks: &[Check]| {
            let failing = checks
                .iter()
                .filter(|check| check.fails(!mutant.documented));
            failing.map(|check| check.id.clone()).collect()
        };
        Ok(Outcome {
            mutant: mutant.clone(),
            by: failing(&own),
            also: failing(&others),
            expected: own.into_iter().map(|check| check.id).collect(),
            took: began.elapsed(),
        })
    }

    /// The mutant as a deployment; without one the mock as it is.
    pub(crate) fn serve(&self, mutant: Option<&str>) -> Result<Mock> {
        Mock::start(self, mutant)
    }

    fn report(&self, mutant: Option<&str>, only: &[String]) -> Result<Report> {
        let mock = self.serve(mutant)?;
        let mut suite = Command::new(&self.suite);
        suite
            .args(["--url", &mock.url, "--slug", "veilstream"])
            .args(["--secret", SECRET])
            .args(["--other-key", "qm-acme-token"])
            .args(["--format", "json", "--seed", SEED, "--budget", BUDGET]);
        for key in &keys()[..SUITE_KEYS] {
            suite.args(["--key", key]);
        }
        if !self.full {
            for name in only {
                suite.args(["--only", name]);
            }
        }
        let output = suite.stdin(Stdio::null()).output()?;
        // Without a verdict there is a report too where every check was skipped.
        serde_json::from_slice(&output.stdout).with_context(|| {
            let why = String::from_utf8_lossy(&output.stderr);
            format!("the suite left no report: {why}")
        })
    }
}

impl Check {
    /// `deviating`: also where only the contract says so.
    fn fails(&self, deviating: bool) -> bool {
        self.status == "failed" || deviating && self.status == "deviating"
    }
}

/// Ends when it is dropped.
pub(crate) struct Mock {
    child: Child,
    pub(crate) url: String,
}

impl Mock {
    fn start(bench: &Bench, mutant: Option<&str>) -> Result<Self> {
        let mut command = Command::new(&bench.mock);
        for key in keys() {
            command.args(["--key", &key]);
        }
        if let Some(id) = mutant {
            command.args(["--mutant", id]);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take();
        let mut mock = Self {
            child,
            url: String::new(),
        };
        let out = out.context("the mock's output is no pipe")?;
        BufReader::new(out).read_line(&mut mock.url)?;
        mock.url.truncate(mock.url.trim_end().len());
        ensure!(
            !mock.url.is_empty(),
            "the mock did not start; its error is above"
        );
        Ok(mock)
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
