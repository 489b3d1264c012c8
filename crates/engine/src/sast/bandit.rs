//! Bandit: how it is started, and what its report says.

use std::collections::BTreeMap;
use std::path::Path;

use contract::types::Severity;
use serde::Deserialize;
use serde_json::Value;

use super::finding::Found;
use super::process::{self, Program};
use super::{Engine, Job, Outcome, ScanOptions};

/// Runs Bandit on the copy's Python.
pub(super) async fn run(path: &Path, job: &Job, options: &ScanOptions) -> Result<Outcome, String> {
    let program = program(path, job, options);
    let limits = options.limits.process();
    let ended = process::run(program, &limits)
        .await
        .map_err(|error| error.to_string())?;
    if let Some(how) = ended.unless_exited_with(&[0], &limits) {
        return Err(how);
    }
    let report: Report = serde_json::from_str(&String::from_utf8_lossy(&ended.stdout))
        .map_err(|_| "what it printed is not a report".to_owned())?;
    report.outcome(job)
}

fn program(path: &Path, job: &Job, options: &ScanOptions) -> Program {
    // Its own default leaves out directories called `*.egg` and more; with no
    // pattern at all it leaves out everything.
    let nothing = "/nothing-is-called-so";
    let mut args: Vec<std::ffi::OsString> = [
        "--recursive",
        "--format",
        "json",
        "--quiet",
        "--exit-zero",
        "--exclude",
        nothing,
    ]
    .map(Into::into)
    .into();
    if !options.honour_suppressions {
        args.push("--ignore-nosec".into());
    }
    args.push(".".into());
    Program {
        path: path.to_owned(),
        args,
        dir: job.tree.clone(),
        env: process::environment(path, &job.home, false),
    }
}

#[derive(Deserialize)]
struct Report {
    errors: Vec<Problem>,
    /// By file, with `_totals` beside them.
    metrics: BTreeMap<String, Value>,
    results: Vec<Issue>,
}

#[derive(Deserialize)]
struct Problem {
    filename: String,
    reason: String,
}

#[derive(Deserialize)]
struct Issue {
    filename: String,
    issue_cwe: Cwe,
    issue_severity: String,
    issue_text: String,
    line_number: u64,
    line_range: Vec<u64>,
    test_id: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cwe {
    id: Option<u32>,
}

impl Report {
    fn outcome(self, job: &Job) -> Result<Outcome, String> {
        let read = self
            .metrics
            .keys()
            .filter(|path| job.copied.origin(path).is_some())
            .count();
        if read == 0 {
            return Err(format!("it read none of {} files", job.copied.python));
        }
        let mut warnings: Vec<_> = self
            .errors
            .iter()
            .filter_map(|problem| {
                let file = job.copied.origin(&problem.filename)?;
                let what = if problem.reason.starts_with("syntax error") {
                    "could not be parsed"
                } else {
                    "could not be scanned in full"
                };
                Some(format!("{file} {what}"))
            })
            .collect();
        warnings.sort();
        Ok(Outcome {
            version: None,
            files: read,
            warnings,
            found: self.results.into_iter().map(found).collect(),
        })
    }
}

fn found(issue: Issue) -> Found {
    let lines = issue.line_range.iter().copied();
    Found {
        engine: Engine::Bandit,
        severity: severity(&issue),
        cwe: cwe(&issue.test_id).or(issue.issue_cwe.id),
        path: issue.filename,
        line_start: issue.line_number.max(1),
        line_end: lines.max().unwrap_or(1).max(issue.line_number),
        message: message(&issue.test_id, issue.issue_text),
        rule_id: issue.test_id,
    }
}

/// Bandit's own words, but for those that repeat what they found.
fn message(test: &str, text: String) -> String {
    match test {
        "B105" | "B106" | "B107" => {
            "A password may stand in the source. Read it from the environment or a secret store."
                .to_owned()
        }
        "B413" => "PyCrypto is no longer maintained. PyCryptodome is, under the same name: make \
                   sure that it is the one that is installed."
            .to_owned(),
        _ => text,
    }
}

fn severity(issue: &Issue) -> Severity {
    match (issue.issue_severity.as_str(), issue.test_id.as_str()) {
        // What is hashed decides; Semgrep's rules for passwords see the worst.
        ("HIGH", "B324") => Severity::Medium,
        // Hardly anything else than PyCryptodome is installed under that name today.
        (_, "B413") => Severity::Info,
        ("HIGH", _) => Severity::High,
        ("MEDIUM", _) => Severity::Medium,
        // An assert, an import, a program started as it should be: worth a look,
        // and no flaw by itself.
        (_, "B101" | "B403" | "B404" | "B405" | "B406" | "B407" | "B408" | "B409") => {
            Severity::Info
        }
        (_, "B603" | "B606" | "B607") => Severity::Info,
        _ => Severity::Low,
    }
}

/// Where Bandit files a test under another weakness than the one it is about.
fn cwe(test: &str) -> Option<u32> {
    Some(match test {
        // exec and eval, filed under command injection.
        "B102" | "B307" => 95,
        // Flask's debugger, filed under code injection.
        "B201" => 489,
        // yaml.load, filed under input validation.
        "B506" => 502,
        // XML parsers that resolve entities, filed under input validation.
        "B313" | "B314" | "B315" | "B316" | "B317" | "B318" | "B319" => 611,
        "B405" | "B406" | "B407" | "B408" | "B409" | "B411" => 611,
        // urlopen of any scheme, filed under path traversal.
        "B310" => 918,
        // MD5 and SHA-1, filed under ciphers.
        "B324" => 328,
        // Templates that do not escape, filed under code injection.
        "B701" | "B702" => 79,
        _ => return None,
    })
}
