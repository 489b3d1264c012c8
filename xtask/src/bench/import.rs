//! An import over the API beside `git clone --depth 1` of the same repository.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Result;
use serde_json::json;
use testbed::{Deployment, GitHost};

use super::{Row, median, tree};
use crate::process;

const LINES: usize = 100_000;

pub async fn measure(binary: &Path, runs: usize) -> Result<Vec<Row>> {
    let host = GitHost::start().await?;
    let dir = tempfile::tempdir()?;
    tree::write(dir.path(), LINES)?;
    let deployment = Deployment::create(binary, "bench")?;
    let git_host = format!("github={},{}", host.authority(), host.ca_file().display());
    let server = deployment
        .serve(&["--disable-rate-limits", "--git-host", &git_host], &[])
        .await?;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for run in 0..runs {
        // A repository is imported once.
        let path = format!("org/repository-{run}");
        host.publish(&path, "main", dir.path())?;
        let started = Instant::now();
        let request = json!({ "url": host.url(&path) });
        server.post("/repositories/import", &request).await?;
        ours.push(started.elapsed());

        let clones = tempfile::tempdir()?;
        let mut clone = Command::new("git");
        clone
            // Some machines have it in their environment, which git prefers to any option.
            .env("GIT_SSL_CAINFO", host.ca_file())
            .args(["clone", "--quiet", "--depth", "1", &host.url(&path)])
            .arg(clones.path().join("clone"));
        let started = Instant::now();
        tokio::task::spawn_blocking(move || process::run(&mut clone)).await??;
        bare.push(started.elapsed());
    }
    server.stop().await?;
    let (ours, bare) = (median(ours), median(bare));
    Ok(vec![Row {
        what: "import of 100,000 lines, beside `git clone --depth 1`",
        ours: format!("{:.2} s", ours.as_secs_f64()),
        beside: format!("{:.2} s", bare.as_secs_f64()),
        ratio: format!("{:.2}x", ours.as_secs_f64() / bare.as_secs_f64()),
        goal: None,
    }])
}
