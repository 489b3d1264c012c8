//! `cargo xtask demo`: the main job on real parts, from webhook to callback, and
//! then each other operation.

mod show;
mod tour;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use sample_sites::Site;
use serde_json::{Value, json};
use testbed::{Deployment, Receiver, Server};

use crate::{process, setup};

/// Far more than a one-page job takes, on a slow and busy machine too.
const PATIENCE: Duration = Duration::from_secs(180);

#[derive(Args)]
#[command(after_help = "Examples:\n  \
cargo xtask demo\n  \
cargo xtask demo --only main                 the main job, about ten seconds
  \
cargo xtask demo --only scan --only gaps     import a repository, scan and analyse it
  \
cargo xtask demo --site shop --break         lists what can be broken\n  \
cargo xtask demo --break section-missing     the generated test has to fail\n  \
cargo xtask demo --keep                      look around in the report app")]
pub struct DemoArgs {
    /// The sample site to test [dashboard, shop, form]
    #[arg(long, default_value = "dashboard")]
    site: Site,
    /// Break one feature of it first; without a name, the breaks are listed
    #[arg(long = "break", value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    broken: Option<String>,
    /// Only this part; repeatable [default: all, and `main` where a break is named]
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Leave server and site running afterwards
    #[arg(long)]
    keep: bool,
    /// Where screenshot, video, spec, report and callback are put
    #[arg(long, default_value = "target/demo")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Webhook, crawl, test, run, callback
    Main,
    /// Findings of Semgrep and Bandit in an imported repository
    Scan,
    /// What its tests do not reach
    Gaps,
    /// API tests from an OpenAPI document, run against the service
    ApiTests,
    /// Test cases, created and generated
    TestCases,
}

impl Part {
    /// As the client's `tour` calls it.
    fn of_the_tour(self) -> Option<&'static str> {
        match self {
            Self::Main => None,
            Self::Scan => Some("scan"),
            Self::Gaps => Some("gaps"),
            Self::ApiTests => Some("api-tests"),
            Self::TestCases => Some("test-cases"),
        }
    }
}

impl DemoArgs {
    fn parts(&self) -> Vec<Part> {
        use clap::ValueEnum;
        match (&self.only[..], &self.broken) {
            ([], None) => Part::value_variants().to_vec(),
            ([], Some(_)) => vec![Part::Main],
            (only, _) => only.to_vec(),
        }
    }
}

pub async fn run(args: DemoArgs) -> Result<()> {
    if args.broken.as_deref() == Some("") {
        crate::sites::list_breaks(args.site);
        return Ok(());
    }
    show::heading("Setting up");
    let binary = process::build_server(false)?;
    setup::with(&binary)?;

    let parts = args.parts();
    let out = process::workspace().join(&args.out);
    let started = Instant::now();
    show::heading("Starting");
    let host = tour::publish().await?;
    let (site, mut receiver, deployment) = start(&args, &binary).await?;
    let git_host = format!("github={},{}", host.authority(), host.ca_file().display());
    let server = deployment.serve(&["--git-host", &git_host], &[]).await?;
    show::started(
        &site,
        args.broken.as_deref(),
        &receiver,
        &deployment,
        &server,
    );
    if parts.contains(&Part::Main) {
        main_job(
            &args,
            &site.url(),
            &mut receiver,
            &deployment,
            &server,
            &out,
        )
        .await?;
        show::done(started.elapsed());
    }
    if parts.iter().any(|part| part.of_the_tour().is_some()) {
        let toured = tour::run(&parts, &binary, &host, &deployment, &server, &out).await;
        toured.with_context(|| format!("the server's log ends with\n{}", server.log(20)))?;
    }

    if args.keep {
        println!(
            "\nStill running. The report app asks for this key: {}\nCtrl-C stops.",
            deployment.api_key
        );
        tokio::signal::ctrl_c().await?;
    }
    server.stop().await?;
    Ok(())
}

async fn main_job(
    args: &DemoArgs,
    site: &str,
    receiver: &mut Receiver,
    deployment: &Deployment,
    server: &Server,
    out: &Path,
) -> Result<()> {
    let webhook = webhook(args, site, &receiver.url());
    show::heading(&format!("POST /api/webhooks/{}", deployment.slug));
    show::json(&redacted(&webhook))?;
    let job = job(server, &webhook, receiver, deployment).await;
    let (report, callback) =
        job.with_context(|| format!("the server's log ends with\n{}", server.log(20)))?;

    let saved = save(server, out, &report, &callback).await?;
    show::outcome(&callback, &report);
    if let Some((spec, source)) = &saved.spec {
        show::spec(spec, source);
    }
    show::files(&saved.files, callback["results"]["report_app_url"].as_str());
    as_expected(&callback, args.broken.is_some())
}

async fn start(
    args: &DemoArgs,
    binary: &Path,
) -> Result<(sample_sites::Running, Receiver, Deployment)> {
    let loopback = ([127, 0, 0, 1], 0).into();
    let site = sample_sites::start(args.site, loopback, args.broken.as_deref()).await?;
    let receiver = Receiver::start().await?;
    let deployment = Deployment::create(binary, "veilstream")?;
    Ok((site, receiver, deployment))
}

/// Sends the webhook, follows the job, and returns its report and its callback,
/// whose signature holds.
async fn job(
    server: &Server,
    webhook: &Value,
    receiver: &mut Receiver,
    deployment: &Deployment,
) -> Result<(Value, Value)> {
    let id = server.send_webhook(webhook).await?;
    let report = follow(server, &id).await?;
    let delivery = receiver.next(PATIENCE).await?;
    let callback = delivery.verified(&deployment.webhook_secret)?;
    show::verified(delivery.body.len());
    Ok((report, callback))
}

/// Shows each status as the job reaches it; returns the last report.
async fn follow(server: &Server, job: &str) -> Result<Value> {
    let progress = show::Progress::start(job);
    let started = Instant::now();
    let mut last = String::new();
    loop {
        let report = server.get(&format!("/jobs/{job}/report")).await?;
        let status = report["job"]["status"].as_str().unwrap_or_default();
        if status != last {
            progress.reached(status);
            status.clone_into(&mut last);
        }
        match status {
            "callback_sent" => return Ok(report),
            "callback_failed" | "failed" => bail!("the job ended as {status}: {report:#}"),
            _ if started.elapsed() > PATIENCE => {
                bail!("the job is still {status} after {PATIENCE:?}")
            }
            _ => tokio::time::sleep(polite(started.elapsed())).await,
        }
    }
}

/// The report is a free endpoint of 60 requests a minute: often at first, as a
/// one-page job takes seconds, then seldom enough to stay below that.
fn polite(waited: Duration) -> Duration {
    Duration::from_millis(if waited < Duration::from_secs(12) {
        400
    } else {
        2000
    })
}

/// The published documentation's own webhook, pointed at the sample site.
fn webhook(args: &DemoArgs, url: &str, callback_url: &str) -> Value {
    let description = match &args.broken {
        Some(name) => args.site.description_for(name),
        None => args.site.example_description(),
    };
    let mut webhook = json!({
        "url": url,
        "feature_description": description,
        "callback_url": callback_url,
        "custom_data": { "deploy_id": "abc-123", "branch": "feat/new-feature", "pr_number": 42 },
        "options": {
            "browser": "chromium",
            "headless": true,
            "skip_cookie_consent": false,
            "quality_threshold": 45,
            "auto_execute": true
        }
    });
    if matches!(args.site, Site::Dashboard) {
        webhook["auth"] = json!({
            "type": "user_login", "username": "test@example.com", "password": "testpass123"
        });
    }
    webhook
}

fn redacted(webhook: &Value) -> Value {
    let mut shown = webhook.clone();
    if let Some(password) = shown.pointer_mut("/auth/password") {
        *password = json!("•••");
    }
    shown
}

struct Saved {
    /// The generated test and its source; a job may end without one.
    spec: Option<(PathBuf, String)>,
    files: Vec<PathBuf>,
}

async fn save(server: &Server, out: &Path, report: &Value, callback: &Value) -> Result<Saved> {
    std::fs::create_dir_all(out)?;
    // Of the demo before; whatever else lies there is somebody's own.
    for entry in std::fs::read_dir(out)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let ours = [
            "report.json",
            "callback.json",
            "screenshot.png",
            "video.webm",
        ]
        .contains(&name);
        if ours || name.ends_with(".spec.ts") {
            std::fs::remove_file(path)?;
        }
    }
    let mut files = Vec::new();
    let mut spec = None;
    let script = &report["scripts"][0];
    if let (Some(name), Some(source)) = (script["name"].as_str(), script["source"].as_str()) {
        ensure!(
            !name.contains(['/', '\\']),
            "the script's name {name:?} is a path"
        );
        let path = out.join(format!("{name}.spec.ts"));
        std::fs::write(&path, source)?;
        files.push(path.clone());
        spec = Some((path, source.to_owned()));
    }
    if let Some(execution) = report["executions"][0]["execution_id"].as_str() {
        for (artifact, file) in [("screenshot", "screenshot.png"), ("video", "video.webm")] {
            let bytes = server
                .download(&format!("/artifacts/{execution}/{artifact}"))
                .await?;
            files.push(out.join(file));
            std::fs::write(out.join(file), bytes)?;
        }
    }
    for (file, value) in [("report.json", report), ("callback.json", callback)] {
        files.push(out.join(file));
        std::fs::write(out.join(file), serde_json::to_vec_pretty(value)?)?;
    }
    Ok(Saved { spec, files })
}

/// A test that passes on a broken site is worth nothing.
fn as_expected(callback: &Value, broken: bool) -> Result<()> {
    let (status, expected) = (
        &callback["results"]["status"],
        if broken { "failed" } else { "passed" },
    );
    ensure!(
        status == expected,
        "the job's result is {status}, and should be \"{expected}\""
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_webhook_is_sent() {
        let args = DemoArgs {
            site: Site::Dashboard,
            broken: None,
            only: Vec::new(),
            keep: false,
            out: PathBuf::new(),
        };
        let golden = crate::check::golden_body("webhook-request.json").unwrap();
        let mut sent = webhook(
            &args,
            "https://preview-abc.env.yourapp.com",
            "https://your-api.com/qualitymax-results",
        );
        assert_eq!(sent, golden);
        sent["auth"]["password"] = json!("•••");
        assert_eq!(redacted(&golden), sent);
    }

    #[test]
    fn the_report_is_asked_for_within_its_rate_limit() {
        let (mut waited, mut requests) = (Duration::ZERO, 0);
        while waited < Duration::from_secs(60) {
            requests += 1;
            waited += polite(waited);
        }
        assert!(requests < 60, "{requests}");
    }
}
