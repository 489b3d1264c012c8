//! A one-page job, webhook to callback, beside a bare `playwright test` of the
//! very spec that the job generated, with video.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use sample_sites::Site;
use serde_json::{Value, json};
use testbed::{Deployment, Receiver};

use super::{Goal, Row, median};

const GOAL: f64 = 2.5;

pub async fn measure(binary: &Path, runs: usize) -> Result<Vec<Row>> {
    let site = sample_sites::start(Site::Form, ([127, 0, 0, 1], 0).into(), None).await?;
    let mut receiver = Receiver::start().await?;
    let deployment = Deployment::create(binary, "bench")?;
    let server = deployment.serve(&["--disable-rate-limits"], &[]).await?;
    let webhook = json!({
        "url": site.url(),
        "feature_description": Site::Form.example_description(),
        "callback_url": receiver.url(),
    });

    let mut jobs = Vec::new();
    let mut source = String::new();
    // The first one warms browser and runner, as any second job of a deployment finds them.
    for run in 0..=runs {
        let sent = Instant::now();
        let job = server.send_webhook(&webhook).await?;
        let delivery = receiver.next(Duration::from_secs(120)).await?;
        if run > 0 {
            jobs.push(sent.elapsed());
        }
        let callback: Value = serde_json::from_slice(&delivery.body)?;
        ensure!(
            callback["results"]["status"] == "passed",
            "the job did not pass: {callback:#}"
        );
        let report = server.get(&format!("/jobs/{job}/report")).await?;
        source = report["scripts"][0]["source"]
            .as_str()
            .context("the report holds no script source")?
            .to_owned();
    }
    server.stop().await?;

    let bare = bare_runs(binary, &source, &site.url(), runs)?;
    let (job, bare) = (median(jobs), median(bare));
    let ratio = job.as_secs_f64() / bare.as_secs_f64();
    Ok(vec![Row {
        what: "one-page job, webhook to callback, beside a bare `playwright test` of its spec with video",
        ours: format!("{:.2} s", job.as_secs_f64()),
        beside: format!("{:.2} s", bare.as_secs_f64()),
        ratio: format!("{ratio:.2}x"),
        goal: Some(Goal {
            says: "at most 2.5x",
            met: ratio <= GOAL,
        }),
    }])
}

/// What a person would do by hand with the same spec: Playwright's runner, its
/// own configuration, one browser, video on.
fn bare_runs(binary: &Path, source: &str, base_url: &str, runs: usize) -> Result<Vec<Duration>> {
    let tools = crate::process::output(Command::new(binary).args(["setup", "--json"]))?;
    let tools: Value = serde_json::from_str(&tools)?;
    let path = |name: &str| {
        tools[name]
            .as_str()
            .with_context(|| format!("`qualitymax setup --json` names no {name}"))
    };
    let dir = tempfile::tempdir()?;
    std::os::unix::fs::symlink(path("node_modules")?, dir.path().join("node_modules"))?;
    std::fs::write(dir.path().join("job.spec.ts"), source)?;
    let config = json!({
        "workers": 1,
        "use": {
            "baseURL": base_url,
            "video": "on",
            "screenshot": "on",
            "launchOptions": { "executablePath": path("chromium")?, "args": ["--no-sandbox", "--disable-background-networking"] },
        },
    });
    std::fs::write(
        dir.path().join("playwright.config.ts"),
        format!("export default {config};\n"),
    )?;
    (0..=runs)
        .map(|_| {
            let started = Instant::now();
            let status = Command::new(path("node")?)
                .current_dir(dir.path())
                .arg(dir.path().join("node_modules/@playwright/test/cli.js"))
                .args(["test", "--reporter=line"])
                .env("PLAYWRIGHT_BROWSERS_PATH", path("browsers")?)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .status()?;
            ensure!(
                status.success(),
                "the bare run of the generated spec failed"
            );
            Ok(started.elapsed())
        })
        .skip(1)
        .collect()
}
