//! What the demo prints.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use comfy_table::{Table, presets};
use console::style;
use indicatif::{ProgressBar, ProgressStyle};
use sample_sites::Running;
use serde_json::Value;
use testbed::{Deployment, Receiver, Server};

use crate::process;

pub fn heading(text: &str) {
    println!("\n{}", style(text).bold().cyan());
}

pub fn json(value: &Value) -> Result<()> {
    for line in serde_json::to_string_pretty(value)?.lines() {
        println!("  {line}");
    }
    Ok(())
}

pub fn started(
    site: &Running,
    broken: Option<&str>,
    receiver: &Receiver,
    deployment: &Deployment,
    server: &Server,
) {
    let broken = broken
        .map(|name| format!(", broken: {name}"))
        .unwrap_or_default();
    say("server", &server.url);
    say(
        "sample site",
        &format!("{} ({}{broken})", site.url(), site.site()),
    );
    say("receiver", &receiver.url());
    say(
        "API key",
        &format!(
            "{}… of partner {}",
            &deployment.api_key[..6],
            deployment.slug
        ),
    );
}

/// One line a status, and a spinner at the one that is worked on.
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
}

impl Progress {
    pub fn start(job: &str) -> Self {
        heading(&format!("Job {job}"));
        let spinner = ProgressStyle::with_template("  {spinner:.cyan} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::new_spinner().with_style(spinner);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self {
            bar,
            started: Instant::now(),
        }
    }

    pub fn reached(&self, status: &str) {
        let line = format!(
            "  {:>5.1} s  {status}",
            self.started.elapsed().as_secs_f64()
        );
        // A hidden bar, as in a pipe, prints nothing.
        self.bar.suspend(|| println!("{line}"));
        self.bar.set_message(status.to_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

pub fn verified(bytes: usize) {
    let mark = style("✓").green();
    println!("  {mark} callback received, its signature holds over all {bytes} bytes");
}

pub fn outcome(callback: &Value, report: &Value) {
    heading("Result");
    let results = &callback["results"];
    let status = text(&results["status"]);
    let coloured = if status == "passed" {
        style(status).green()
    } else {
        style(status).red()
    };
    say("status", &coloured.bold().to_string());
    say("summary", text(&callback["workflow_summary"]));
    let seconds = results["duration_ms"].as_f64().unwrap_or_default() / 1000.0;
    say(
        "tests",
        &format!(
            "{} of {} passed, {seconds:.1} s",
            results["passed"], results["total_tests"]
        ),
    );
    for test in list(&results["tests"]) {
        say(
            "",
            &format!("{}: {}", text(&test["test"]), text(&test["status"])),
        );
    }
    for failure in list(&results["failures"]) {
        say(
            "failure",
            &style(text(&failure["message"])).red().to_string(),
        );
    }
    say("custom_data", &callback["custom_data"].to_string());
    quality(&report["scripts"][0]["quality"]);
}

fn quality(quality: &Value) {
    let Some(score) = quality["score"].as_u64() else {
        return;
    };
    say("quality", &format!("{score} of 100"));
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for criterion in list(&quality["criteria"]) {
        let points = format!("{:>3} of {}", criterion["points"], criterion["of"]);
        table.add_row([text(&criterion["name"]), &points, text(&criterion["why"])]);
    }
    for line in table.lines() {
        println!("{:14}{line}", "");
    }
}

pub fn spec(path: &Path, source: &str) {
    heading(&format!("The generated test, {}", shown(path)));
    for (number, line) in source.lines().enumerate() {
        println!("  {} {line}", style(format!("{:>3}", number + 1)).dim());
    }
}

pub fn files(files: &[PathBuf], report_app: Option<&str>) {
    heading("To look at");
    for file in files {
        println!("  {}", shown(file));
    }
    if let Some(url) = report_app {
        say("report app", &format!("{url} (with --keep)"));
    }
}

pub fn done(elapsed: Duration) {
    let elapsed = format!("{:.1} s", elapsed.as_secs_f64());
    println!(
        "\n{} from an empty data directory to the verified callback",
        style(elapsed).bold()
    );
}

/// What Playwright's runner counted.
pub fn ran(service: &str, stats: &Value, elapsed: Duration) {
    heading("The generated API tests, against the service");
    say("service", service);
    say(
        "result",
        &format!(
            "{} passed, {} failed, {} left to a person, {:.1} s",
            style(&stats["expected"]).green(),
            stats["unexpected"],
            stats["skipped"],
            elapsed.as_secs_f64()
        ),
    );
}

pub fn toured(elapsed: Duration) {
    let elapsed = format!("{:.1} s", elapsed.as_secs_f64());
    println!("\n{} for the other operations", style(elapsed).bold());
}

fn say(what: &str, value: &str) {
    println!("  {:<11} {value}", style(what).dim());
}

/// Relative to the workspace, where it lies there.
fn shown(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(process::workspace())
        .unwrap_or(path)
        .display()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
