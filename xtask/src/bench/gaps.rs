//! A gap analysis of a large tree: time, and the most memory that it had.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::{Row, median, tree};

const LINES: usize = 100_000;

pub fn measure(binary: &Path, runs: usize) -> Result<Vec<Row>> {
    let dir = tempfile::tempdir()?;
    let lines = tree::write(dir.path(), LINES)?;
    let mut times = Vec::new();
    let mut peak_kib = 0;
    for _ in 0..runs {
        let (took, kib) = analysis(binary, dir.path())?;
        times.push(took);
        peak_kib = peak_kib.max(kib);
    }
    let took = median(times).as_secs_f64();
    Ok(vec![Row {
        what: "gap analysis of 100,000 lines, time and peak memory",
        ours: format!("{took:.2} s, {} MiB", peak_kib / 1024),
        beside: String::new(),
        ratio: format!("{:.0} lines/s", lines as f64 / took),
        goal: None,
    }])
}

/// How long one takes, and the most memory that it had, in KiB.
fn analysis(binary: &Path, tree: &Path) -> Result<(Duration, u64)> {
    let started = Instant::now();
    let mut child = Command::new(binary)
        .args(["gaps", "--json"])
        .arg(tree)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut peak_kib = 0;
    let status = loop {
        peak_kib = super::status_kib(child.id(), "VmHWM:").unwrap_or(peak_kib);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    ensure!(status.success(), "the analysis ended with {status}");
    Ok((started.elapsed(), peak_kib))
}
