//! `cargo xtask demo`: the main job on real parts, from webhook to callback.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use sample_sites::Site;
use serde_json::{Value, json};
use testbed::{Deployment, Receiver, Server};

use crate::{process, setup};

#[derive(Args)]
pub struct DemoArgs {
    /// The sample site to test [dashboard, shop, form]
    #[arg(long, default_value = "dashboard")]
    site: Site,
    /// Break one feature of the site first, to see the test fail
    #[arg(long = "break", value_name = "NAME")]
    broken: Option<String>,
    /// Leave server and site running afterwards, to look around in the report app
    #[arg(long)]
    keep: bool,
    /// Where screenshot, video, spec, report and callback are put
    #[arg(long, default_value = "target/demo")]
    out: PathBuf,
}

pub async fn run(args: DemoArgs) -> Result<()> {
    setup::run()?;
    let binary = process::build_server(false)?;
    let started = Instant::now();

    let site = sample_sites::start(
        args.site,
        ([127, 0, 0, 1], 0).into(),
        args.broken.as_deref(),
    )
    .await?;
    let mut receiver = Receiver::start().await?;
    let deployment = Deployment::create(&binary, "veilstream")?;
    let server = deployment.serve(&[], &[]).await?;
    say("server", &server.url);
    say(
        "site",
        &site_line(&site.url(), args.site, args.broken.as_deref()),
    );
    say("receiver", &receiver.url());
    say(
        "API key",
        &format!("{}…  (partner veilstream)", &deployment.api_key[..8]),
    );

    let webhook = webhook(
        args.site,
        args.broken.as_deref(),
        &site.url(),
        &receiver.url(),
    );
    println!(
        "\nPOST /api/webhooks/veilstream\n{}\n",
        serde_json::to_string_pretty(&redacted(&webhook))?
    );
    let job = server.send_webhook(&webhook).await?;
    follow(&server, &job).await?;

    let delivery = receiver.next(Duration::from_secs(120)).await?;
    let given = delivery
        .signature
        .context("the callback carries no X-QualityMax-Signature")?;
    signature::verify(deployment.webhook_secret.as_bytes(), &delivery.body, &given)
        .context("the callback's signature does not hold")?;
    let callback: Value = serde_json::from_slice(&delivery.body)?;
    println!(
        "\ncallback received, signature verified\n{}\n",
        serde_json::to_string_pretty(&callback)?
    );

    let report = server.get(&format!("/jobs/{job}/report")).await?;
    println!(
        "job report\n{}\n",
        serde_json::to_string_pretty(&summary(&report))?
    );
    let out = process::workspace().join(&args.out);
    let spec = save(&server, &out, &report, &callback).await?;
    println!("{spec}");
    say("files", &out.display().to_string());
    for file in files(&out)? {
        say("", &file);
    }
    say(
        "report app",
        callback["results"]["report_app_url"]
            .as_str()
            .unwrap_or_default(),
    );
    println!(
        "\nwebhook to verified callback, server start included: {:.1} s",
        started.elapsed().as_secs_f64()
    );

    if args.keep {
        println!(
            "\nStill running; the report app asks for this key: {}\nCtrl-C stops.",
            deployment.api_key
        );
        tokio::signal::ctrl_c().await?;
    }
    server.stop().await?;
    Ok(())
}

/// The source's own webhook, pointed at the sample site.
fn webhook(site: Site, broken: Option<&str>, url: &str, callback_url: &str) -> Value {
    let description = broken.map_or_else(
        || site.example_description(),
        |name| site.description_for(name),
    );
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
    if matches!(site, Site::Dashboard) {
        webhook["auth"] = json!({
            "type": "user_login", "username": "test@example.com", "password": "testpass123"
        });
    }
    webhook
}

/// Shows each status as the job reaches it.
async fn follow(server: &Server, job: &str) -> Result<()> {
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template(
        "{spinner} {elapsed:>4} {msg}",
    )?);
    bar.enable_steady_tick(Duration::from_millis(100));
    let started = Instant::now();
    let mut last = String::new();
    loop {
        let report = server.get(&format!("/jobs/{job}/report")).await?;
        let status = report["job"]["status"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        if status != last {
            let line = format!(
                "{:>6.1} s  {job}  {status}",
                started.elapsed().as_secs_f64()
            );
            if bar.is_hidden() {
                println!("{line}")
            } else {
                bar.println(line)
            }
            bar.set_message(status.clone());
            last = status;
        }
        match last.as_str() {
            "callback_sent" => break,
            "callback_failed" | "failed" => bail!("the job ended as {last}: {report:#}"),
            _ if started.elapsed() > Duration::from_secs(180) => {
                bail!("the job is still {last} after 180 s")
            }
            _ => tokio::time::sleep(polite(started.elapsed())).await,
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// The report is a free endpoint of 60 requests a minute: often at first, as a
/// one-page job takes seconds, then seldom enough to stay below that.
fn polite(waited: Duration) -> Duration {
    if waited < Duration::from_secs(12) {
        Duration::from_millis(400)
    } else {
        Duration::from_secs(2)
    }
}

async fn save(server: &Server, out: &Path, report: &Value, callback: &Value) -> Result<String> {
    std::fs::create_dir_all(out)?;
    for stale in files(out)? {
        std::fs::remove_file(stale)?;
    }
    std::fs::write(out.join("report.json"), serde_json::to_vec_pretty(report)?)?;
    std::fs::write(
        out.join("callback.json"),
        serde_json::to_vec_pretty(callback)?,
    )?;
    if let Some(execution) = report["executions"][0]["execution_id"].as_str() {
        for (artifact, file) in [("screenshot", "screenshot.png"), ("video", "video.webm")] {
            let bytes = server
                .download(&format!("/artifacts/{execution}/{artifact}"))
                .await?;
            std::fs::write(out.join(file), bytes)?;
        }
    }
    let script = &report["scripts"][0];
    let source = script["source"].as_str().unwrap_or_default().to_owned();
    if let Some(name) = script["name"].as_str() {
        std::fs::write(out.join(format!("{name}.spec.ts")), &source)?;
    }
    Ok(source)
}

/// The report as the source prints it, without what the demo shows by itself.
fn summary(report: &Value) -> Value {
    let mut summary = report.clone();
    for script in summary["scripts"].as_array_mut().into_iter().flatten() {
        if let Some(script) = script.as_object_mut() {
            script.remove("source");
        }
    }
    summary
}

fn redacted(webhook: &Value) -> Value {
    let mut shown = webhook.clone();
    if let Some(password) = shown.pointer_mut("/auth/password") {
        *password = json!("•••");
    }
    shown
}

fn files(out: &Path) -> Result<Vec<String>> {
    let mut files = std::fs::read_dir(out)?
        .map(|entry| Ok(entry?.path().display().to_string()))
        .collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

fn site_line(url: &str, site: Site, broken: Option<&str>) -> String {
    match broken {
        Some(name) => format!("{url}  ({site}, broken: {name})"),
        None => format!("{url}  ({site})"),
    }
}

fn say(what: &str, value: &str) {
    println!("{what:>10}  {value}");
}
