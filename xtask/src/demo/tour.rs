//! The operations beside the main job: the partner's program `tour` of the
//! client goes through them, and what it generates is run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use testbed::{Deployment, GitHost, Server, bookshop};

use super::{Part, show};
use crate::process;

/// What is published for the tour, as one repository of three services.
const SERVICES: [&str; 3] = ["express", "flask", "laravel"];
const REPOSITORY: &str = "your-org/sample-shop";

/// A git host with the sample repository on it.
pub async fn publish() -> Result<GitHost> {
    let host = GitHost::start().await?;
    let tree = tempfile::tempdir()?;
    let samples = process::workspace().join("fixtures/repositories");
    for service in SERVICES {
        let mut copy = Command::new("cp");
        process::run(copy.arg("-R").arg(samples.join(service)).arg(tree.path()))?;
    }
    host.publish(REPOSITORY, "main", tree.path())?;
    Ok(host)
}

pub async fn run(
    parts: &[Part],
    binary: &Path,
    host: &GitHost,
    deployment: &Deployment,
    server: &Server,
    out: &Path,
) -> Result<()> {
    let started = Instant::now();
    std::fs::create_dir_all(out)?;
    let script = out.join("bookshop-api.spec.ts");
    let specification =
        process::workspace().join("fixtures/specifications/bookshop-openapi-3.0.yaml");
    let mut tour = Command::new(process::artifact(false, "examples/tour")?);
    tour.current_dir(process::workspace())
        .args(["--repository", &host.url(REPOSITORY)])
        .arg("--specification")
        .arg(shown(&specification))
        .arg("--script")
        .arg(shown(&script))
        .args(parts.iter().filter_map(|part| part.of_the_tour()))
        .env("QUALITYMAX_URL", &server.url)
        .env("QUALITYMAX_API_KEY", &deployment.api_key);
    // It runs beside the git host, which needs this thread.
    tokio::task::spawn_blocking(move || process::run(&mut tour)).await??;
    if parts.contains(&Part::ApiTests) {
        let service = bookshop::serve(None).await?;
        let binary = binary.to_owned();
        tokio::task::spawn_blocking(move || run_script(&binary, &script, service)).await??;
    }
    show::toured(started.elapsed());
    Ok(())
}

/// Runs the generated API tests with Playwright's own runner, as a person would.
fn run_script(binary: &Path, script: &Path, service: std::net::SocketAddr) -> Result<()> {
    let tools = process::output(Command::new(binary).args(["setup", "--json"]))?;
    let tools: Value = serde_json::from_str(&tools)?;
    let path = |name: &str| -> Result<PathBuf> {
        let found = tools[name].as_str().map(PathBuf::from);
        found.with_context(|| format!("`qualitymax setup --json` names no {name}"))
    };
    let modules = path("node_modules")?;
    let dir = tempfile::tempdir()?;
    std::os::unix::fs::symlink(&modules, dir.path().join("node_modules"))?;
    std::fs::copy(script, dir.path().join("bookshop-api.spec.ts"))?;
    let config =
        json!({ "fullyParallel": true, "use": { "baseURL": format!("http://{service}") } });
    std::fs::write(
        dir.path().join("playwright.config.ts"),
        format!("export default {config};\n"),
    )?;
    let started = Instant::now();
    let output = Command::new(path("node")?)
        .current_dir(dir.path())
        .arg(modules.join("@playwright/test/cli.js"))
        .args(["test", "--reporter=json"])
        .envs([("API_TOKEN", bookshop::TOKEN), ("API_KEY", bookshop::KEY)])
        .stdin(Stdio::null())
        .output()?;
    let report: Value =
        serde_json::from_slice(&output.stdout).context("Playwright's runner printed no report")?;
    let stats = &report["stats"];
    show::ran(&format!("http://{service}"), stats, started.elapsed());
    ensure!(
        stats["unexpected"] == 0 && stats["expected"].as_u64() > Some(0),
        "the generated API tests do not pass against the service that they describe: {stats}"
    );
    Ok(())
}

fn shown(path: &Path) -> &Path {
    path.strip_prefix(process::workspace()).unwrap_or(path)
}
