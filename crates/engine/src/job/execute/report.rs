//! What the runner left behind, in a form fit for a report: no colours, no
//! paths of this machine, no credentials.

use std::fs;
use std::path::{Path, PathBuf};

use contract::types;
use serde::Deserialize;

use super::{Output, RUNNER, Run};
use crate::browser::Credentials;
use crate::job::StageError;
use crate::job::scrub::Scrubber;
use crate::tools::Tools;

const TEXT_LIMIT: usize = 64 * 1024;
const MESSAGE_LIMIT: usize = 8 * 1024;

/// Of Playwright's JSON reporter, what is needed.
#[derive(Default, Deserialize)]
struct Report {
    #[serde(default)]
    suites: Vec<Suite>,
    #[serde(default)]
    errors: Vec<TestError>,
}

#[derive(Deserialize)]
struct Suite {
    #[serde(default)]
    suites: Vec<Suite>,
    #[serde(default)]
    specs: Vec<Spec>,
}

#[derive(Deserialize)]
struct Spec {
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Test {
    results: Vec<TestResult>,
}

#[derive(Deserialize)]
struct TestResult {
    status: String,
    /// ms
    duration: f64,
    #[serde(default)]
    errors: Vec<TestError>,
    #[serde(default)]
    attachments: Vec<Attachment>,
}

#[derive(Deserialize)]
struct TestError {
    message: Option<String>,
}

#[derive(Deserialize)]
struct Attachment {
    name: String,
    path: Option<PathBuf>,
}

pub fn read(workspace: &Path, output: &Output, clean: &Cleaner) -> Result<Run, StageError> {
    let report: Report = fs::read(workspace.join("report.json"))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let console_logs = console(workspace, clean);
    let test_output = clean.output(&output.text);
    let Some(result) = report.suites.into_iter().find_map(first_result) else {
        if !output.ended {
            return Ok(Run {
                status: types::ExecutionStatus::TimedOut,
                duration_ms: u64::try_from(RUNNER.as_millis()).unwrap_or(u64::MAX),
                console_logs,
                test_output,
                error_message: Some(format!(
                    "the test run did not end within {} s",
                    RUNNER.as_secs()
                )),
                screenshot: None,
                video: None,
            });
        }
        let said = report.errors.into_iter().find_map(|error| error.message);
        let said = said.map_or(test_output, |message| clean.message(&message));
        let said = said.trim();
        return Err(StageError::Final(format!(
            "the generated test can't be run: {said}"
        )));
    };
    let attached = |name: &str| {
        let found = result.attachments.iter().find(|one| one.name == name)?;
        found.path.clone().filter(|path| path.is_file())
    };
    let messages: Vec<_> = result
        .errors
        .iter()
        .filter_map(|error| Some(clean.message(error.message.as_deref()?)))
        .collect();
    Ok(Run {
        status: match result.status.as_str() {
            "passed" => types::ExecutionStatus::Passed,
            "timedOut" => types::ExecutionStatus::TimedOut,
            "skipped" => types::ExecutionStatus::Skipped,
            // `failed`, `interrupted`
            _ => types::ExecutionStatus::Failed,
        },
        // Never negative, and no test takes longer than a u64 holds.
        duration_ms: result.duration.round() as u64,
        screenshot: attached("screenshot"),
        video: attached("video"),
        console_logs,
        test_output,
        error_message: Some(messages.join("\n\n")).filter(|text| !text.is_empty()),
    })
}

fn first_result(suite: Suite) -> Option<TestResult> {
    let own = suite.specs.into_iter().flat_map(|spec| spec.tests);
    own.filter_map(|mut test| test.results.pop())
        .next()
        .or_else(|| suite.suites.into_iter().find_map(first_result))
}

fn console(workspace: &Path, clean: &Cleaner) -> Vec<types::ConsoleLog> {
    let text = fs::read_to_string(workspace.join("console.jsonl")).unwrap_or_default();
    text.lines()
        // The last line may be half a line, where the runner was killed.
        .filter_map(|line| serde_json::from_str::<types::ConsoleLog>(line).ok())
        .map(|log| types::ConsoleLog {
            message: clean.text(&log.message),
            type_: log.type_,
        })
        .collect()
}

/// Takes out what must not leave this machine.
pub struct Cleaner {
    paths: Vec<(String, &'static str)>,
    scrubber: Scrubber,
}

impl Cleaner {
    pub fn new(tools: &Tools, workspace: &Path, credentials: Option<&Credentials>) -> Self {
        let mut paths = Vec::new();
        let mut hide = |path: &Path, shown: &'static str| {
            let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            for path in [path, &real] {
                paths.push((format!("{}/", path.display()), shown));
                paths.push((
                    path.display().to_string(),
                    if shown.is_empty() { "." } else { shown },
                ));
            }
        };
        hide(workspace, "");
        if let Some(node_modules) = &tools.node_modules {
            hide(node_modules, "node_modules/");
        }
        hide(&tools.home, "");
        Self {
            paths,
            scrubber: Scrubber::new(credentials),
        }
    }

    pub fn text(&self, text: &str) -> String {
        let mut text = without_colours(text);
        for (path, shown) in &self.paths {
            text = text.replace(path, shown);
        }
        self.scrubber.text(&text)
    }

    pub fn message(&self, text: &str) -> String {
        cut(self.text(text).trim(), MESSAGE_LIMIT)
    }

    /// The runner's output without pointers to files that are served elsewhere.
    pub fn output(&self, text: &str) -> String {
        let text = self.text(text);
        let mut kept: Vec<&str> = Vec::new();
        let mut attachment = false;
        for line in text.lines() {
            let rule = line.trim_start().starts_with('─');
            if line.trim_start().starts_with("attachment #") {
                attachment = true;
            } else if attachment {
                attachment = !rule;
            } else if !line.trim_start().starts_with("Error Context: ") {
                let blank = line.trim().is_empty();
                if !(blank && kept.last().is_none_or(|last| last.trim().is_empty())) {
                    kept.push(line.trim_end());
                }
            }
        }
        cut(kept.join("\n").trim_end(), TEXT_LIMIT)
    }
}

/// Without ANSI escape sequences.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        plain.push_str(&rest[..at]);
        let sequence = &rest[at + 2..];
        let end = sequence.find(|c: char| ('@'..='~').contains(&c));
        rest = end.map_or("", |end| &sequence[end + 1..]);
    }
    plain.push_str(rest);
    plain
}

fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(limit);
    format!("{}\n…", &text[..end])
}
