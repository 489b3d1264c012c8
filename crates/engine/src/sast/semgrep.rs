//! Semgrep: how it is started, and what its report says.

use std::path::Path;

use contract::types::Severity;
use serde::Deserialize;
use serde_json::Value;

use super::finding::Found;
use super::process::{self, Program};
use super::rules;
use super::{Engine, Job, Outcome, ScanOptions};

/// By each rule in each file; what takes longer is given up, and counted.
const SECONDS_A_RULE: u64 = 20;

/// Runs Semgrep on the copy.
pub(super) async fn run(path: &Path, job: &Job, options: &ScanOptions) -> Result<Outcome, String> {
    let program = program(path, job, options).map_err(|error| error.to_string())?;
    let limits = options.limits.process();
    let ended = process::run(program, &limits)
        .await
        .map_err(|error| error.to_string())?;
    let report = serde_json::from_str::<Report>(&String::from_utf8_lossy(&ended.stdout));
    if let Some(how) = ended.unless_exited_with(&[0], &limits) {
        let reason = report.ok().and_then(|report| report.refusal());
        return Err(reason.unwrap_or(how));
    }
    let report = report.map_err(|_| "what it printed is not a report".to_owned())?;
    report.outcome(job)
}

fn program(path: &Path, job: &Job, options: &ScanOptions) -> std::io::Result<Program> {
    let limits = &options.limits;
    let mut args: Vec<std::ffi::OsString> = [
        "scan",
        // The native front end: a second or two less at each start, and the
        // tree's own Git settings are not asked.
        "--experimental",
        "--novcs",
        "--project-root",
        ".",
        "--metrics",
        "off",
        "--disable-version-check",
        "--json",
        "--quiet",
        "--no-rewrite-rule-ids",
        "--no-git-ignore",
    ]
    .map(Into::into)
    .into();
    if !options.honour_suppressions {
        args.push("--disable-nosem".into());
    }
    let megabytes = limits.memory_bytes / 1024 / 1024;
    for (name, value) in [
        ("--timeout", SECONDS_A_RULE),
        ("--timeout-threshold", 3),
        ("--max-target-bytes", limits.tree.file_bytes),
        // Below what the system grants, so that it gives up one file, not all.
        ("--max-memory", megabytes * 3 / 4),
    ] {
        args.extend([name.into(), value.to_string().into()]);
    }
    let own = rules::write(&job.rules, &job.copied.languages)?;
    for config in own.into_iter().map(Into::into).chain(options.configs()) {
        args.extend(["--config".into(), config]);
    }
    args.push(".".into());
    let mut env = process::environment(path, &job.home, options.needs_network());
    env.extend([
        (
            "SEMGREP_SETTINGS_FILE",
            job.home.join("settings.yml").into(),
        ),
        ("SEMGREP_SEND_METRICS", "off".into()),
    ]);
    // Without one of ours, Semgrep would leave out tests and more.
    std::fs::write(job.tree.join(".semgrepignore"), "")?;
    Ok(Program {
        path: path.to_owned(),
        args,
        dir: job.tree.clone(),
        env,
    })
}

#[derive(Deserialize)]
struct Report {
    version: String,
    results: Vec<Match>,
    errors: Vec<Problem>,
    paths: Paths,
}

#[derive(Deserialize)]
struct Paths {
    scanned: Vec<String>,
}

#[derive(Deserialize)]
struct Match {
    check_id: String,
    path: String,
    start: Position,
    end: Position,
    extra: Extra,
}

#[derive(Deserialize)]
struct Position {
    line: u64,
}

#[derive(Deserialize)]
struct Extra {
    message: String,
    severity: String,
    #[serde(default)]
    metadata: Value,
}

#[derive(Deserialize)]
struct Problem {
    level: String,
    #[serde(rename = "type")]
    kind: Value,
    #[serde(default)]
    message: String,
    path: Option<String>,
}

impl Problem {
    /// A word, or a list that begins with one.
    fn kind(&self) -> &str {
        let kind = self.kind.as_array().and_then(|list| list.first());
        kind.unwrap_or(&self.kind).as_str().unwrap_or("problem")
    }
}

impl Report {
    /// Why it refused to work, where it says so.
    fn refusal(self) -> Option<String> {
        let problem = self
            .errors
            .iter()
            .find(|problem| problem.level == "error")
            .or(self.errors.first())?;
        let text = if problem.message.is_empty() {
            problem.kind()
        } else {
            &problem.message
        };
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(line.chars().take(300).collect())
    }

    fn outcome(self, job: &Job) -> Result<Outcome, String> {
        if self.errors.iter().any(|problem| problem.level == "error") {
            return Err(self.refusal().unwrap_or_default());
        }
        let scanned = self.paths.scanned.iter();
        let scanned = scanned.filter(|path| job.copied.origin(path).is_some());
        let scanned = scanned.count();
        if scanned == 0 {
            return Err(format!("it read none of {} files", job.copied.files()));
        }
        let mut warnings: Vec<_> = self
            .errors
            .iter()
            .filter_map(|problem| {
                let file = job.copied.origin(problem.path.as_deref()?)?.to_owned();
                let what = match problem.kind() {
                    "PartialParsing" | "Syntax error" => "could be parsed in part only",
                    "Timeout" => "took a rule too long",
                    "Out of memory" => "took a rule too much memory",
                    _ => "could not be scanned in full",
                };
                Some(format!("{file} {what}"))
            })
            .collect();
        warnings.sort();
        warnings.dedup();
        let found = self
            .results
            .into_iter()
            .map(|result| Found {
                engine: Engine::Semgrep,
                cwe: cwe(&result.extra.metadata["cwe"]),
                severity: severity(&result.extra.severity),
                rule_id: result.check_id,
                path: result.path,
                line_start: result.start.line.max(1),
                line_end: result.end.line.max(result.start.line),
                message: result.extra.message,
            })
            .collect();
        Ok(Outcome {
            version: Some(self.version),
            files: scanned,
            warnings,
            found,
        })
    }
}

/// Our rules use the four words; rule sets of others often the older three.
fn severity(word: &str) -> Severity {
    match word {
        "CRITICAL" => Severity::Critical,
        "HIGH" | "ERROR" => Severity::High,
        "MEDIUM" | "WARNING" => Severity::Medium,
        "LOW" => Severity::Low,
        _ => Severity::Info,
    }
}

/// `CWE-89`, `CWE-89: Improper ...`, or a list that begins with one.
fn cwe(value: &Value) -> Option<u32> {
    let first = value.as_array().and_then(|list| list.first());
    let text = first.unwrap_or(value).as_str()?;
    let number = text.strip_prefix("CWE-")?;
    let digits = number.find(|char: char| !char.is_ascii_digit());
    number[..digits.unwrap_or(number.len())].parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn classifications_are_read_as_rule_sets_write_them() {
        assert_eq!(cwe(&json!("CWE-89")), Some(89));
        assert_eq!(cwe(&json!("CWE-89: Improper Neutralization")), Some(89));
        assert_eq!(cwe(&json!(["CWE-798: Hard-coded", "CWE-1"])), Some(798));
        assert_eq!(cwe(&json!(null)), None);
        assert_eq!(cwe(&json!("CWE-")), None);
    }
}
