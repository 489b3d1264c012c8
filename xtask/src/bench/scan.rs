//! A scan beside Semgrep, with the same rules, and Bandit, one after the other.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{Goal, Row, median, tree};
use crate::process;

const LINES: usize = 20_000;

pub fn measure(binary: &Path, runs: usize) -> Result<Vec<Row>> {
    let dir = tempfile::tempdir()?;
    tree::write(dir.path(), LINES)?;
    let tools = process::output(Command::new(binary).args(["setup", "--json"]))?;
    let tools: Value = serde_json::from_str(&tools)?;
    let tool = |name: &str| {
        tools[name]
            .as_str()
            .with_context(|| format!("`qualitymax setup --json` names no {name}"))
    };
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    // In turns, so that whatever else the machine does meets both.
    for _ in 0..runs {
        let mut scan = Command::new(binary);
        ours.push(timed(scan.args(["scan", "--json"]).arg(dir.path()))?);
        let mut semgrep = Command::new(tool("semgrep")?);
        semgrep
            .args(["scan", "--json", "--quiet", "--metrics", "off"])
            .args(["--disable-version-check", "--no-git-ignore", "--config"])
            .arg(process::workspace().join("crates/engine/rules"));
        let mut bandit = Command::new(tool("bandit")?);
        bandit.args(["-r", "-q", "-f", "json"]);
        bare.push(timed(semgrep.arg(dir.path()))? + timed(bandit.arg(dir.path()))?);
    }
    let (ours, bare) = (median(ours), median(bare));
    let ratio = ours.as_secs_f64() / bare.as_secs_f64();
    Ok(vec![Row {
        what: "scan of 20,000 lines, beside bare semgrep and bandit in sequence",
        ours: format!("{:.2} s", ours.as_secs_f64()),
        beside: format!("{:.2} s", bare.as_secs_f64()),
        ratio: format!("{ratio:.2}x"),
        goal: Some(Goal {
            says: "below 1x",
            met: ratio < 1.0,
        }),
    }])
}

/// Each of them ends with 1 where it found something.
fn timed(command: &mut Command) -> Result<Duration> {
    let started = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    ensure!(
        matches!(status.code(), Some(0 | 1)),
        "{command:?} ended with {status}"
    );
    Ok(started.elapsed())
}
