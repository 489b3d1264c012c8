//! The mock beside Prism, both serving `openapi.json` in one run: requests a
//! second and p99 of a report and of a signed webhook, memory, time from exec to
//! the first answer.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{Goal, Row};
use crate::process;

const PRISM: &str = "@stoplight/prism-cli@5.14.2";
const CONNECTIONS: &str = "64";
const BODY: &str = r#"{"url":"https://preview.app.com","feature_description":"Test login","callback_url":"http://127.0.0.1:9/results"}"#;
/// Starts are timed this often, and the median is taken.
const STARTS: usize = 5;

pub async fn measure(duration: Duration) -> Result<Vec<Row>> {
    let prism = prism()?;
    process::build(&["--release", "--bin", "qualitymax-mock"])?;
    let mock = process::artifact(true, "qualitymax-mock")?;
    let document = process::workspace().join("openapi.json");
    let ours = side(duration, 4710, || {
        let mut command = Command::new(&mock);
        command.args(["--port", "4710", "--disable-rate-limits"]);
        command
    })
    .await?;
    let theirs = side(duration, 4711, || {
        let mut command = Command::new("node");
        command
            .arg(&prism)
            .args(["mock", "-p", "4711"])
            .arg(&document);
        command
    })
    .await?;
    Ok(rows(&ours, &theirs))
}

struct Side {
    start: Duration,
    idle_mib: f64,
    report: Load,
    webhook: Load,
    loaded_mib: f64,
}

struct Load {
    per_second: f64,
    p99: Duration,
}

/// Starts one side several times, and puts the loads on the last.
async fn side(duration: Duration, port: u16, command: impl Fn() -> Command) -> Result<Side> {
    let url = format!("http://127.0.0.1:{port}");
    let report = format!("{url}/api/v1/partner/jobs/pwj_abc123/report");
    let mut starts = Vec::new();
    for _ in 1..STARTS {
        let (_running, took) = start(command(), &report).await?;
        starts.push(took);
    }
    let (running, took) = start(command(), &report).await?;
    starts.push(took);
    starts.sort_unstable();
    let idle_mib = super::intake::resident_mib(running.0.id())?;
    let signed = signature::sign(b"your-webhook-secret", BODY.as_bytes());
    let accepted = webhook(&url, &signed).await?;
    // The mock knows only jobs that it accepted; Prism answers for any.
    let report = format!("{url}/api/v1/partner/jobs/{accepted}/report");
    let script = process::workspace().join("target/bench-webhook.lua");
    std::fs::write(&script, lua(&signed))?;
    Ok(Side {
        start: starts[STARTS / 2],
        idle_mib,
        report: load(&report, duration, None)?,
        webhook: load(
            &format!("{url}/api/webhooks/veilstream"),
            duration,
            Some(&script),
        )?,
        loaded_mib: super::intake::resident_mib(running.0.id())?,
    })
}

/// Killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// From exec to the first answer, whatever it is.
async fn start(mut command: Command, url: &str) -> Result<(Running, Duration)> {
    let http = reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .build()?;
    let began = Instant::now();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("it could not be started")?;
    let running = Running(child);
    loop {
        if http.get(url).send().await.is_ok() {
            return Ok((running, began.elapsed()));
        }
        if began.elapsed() > Duration::from_secs(60) {
            bail!("{url} is not answered");
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn webhook(url: &str, signed: &str) -> Result<String> {
    let answer = reqwest::Client::new()
        .post(format!("{url}/api/webhooks/veilstream"))
        .header("content-type", "application/json")
        .header("x-qualitymax-api-key", "qm-your-token")
        .header("x-partner-signature", signed)
        .body(BODY)
        .send()
        .await?
        .error_for_status()?;
    let answer: serde_json::Value = answer.json().await?;
    let job = answer["job_id"].as_str().context("no job_id")?;
    Ok(job.to_owned())
}

fn load(url: &str, duration: Duration, script: Option<&Path>) -> Result<Load> {
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", "-c", CONNECTIONS, "--latency", "-d"])
        .arg(format!("{}s", duration.as_secs()))
        .args(["-H", "X-QualityMax-API-Key: qm-your-token"]);
    if let Some(script) = script {
        wrk.arg("-s").arg(script);
    }
    let said = process::output(wrk.arg(url))?;
    if said.contains("Non-2xx") {
        bail!("{url} refused:\n{said}");
    }
    let after = |name: &str| {
        let line = said.lines().find_map(|line| line.trim().strip_prefix(name));
        line.map(|rest| rest.trim().to_owned())
            .with_context(|| format!("wrk did not say {name}:\n{said}"))
    };
    Ok(Load {
        per_second: after("Requests/sec:")?.parse()?,
        p99: time(&after("99%")?)?,
    })
}

/// wrk's `1.25ms`
fn time(text: &str) -> Result<Duration> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number: f64 = text[..text.len() - unit.len()].parse()?;
    let seconds = match unit {
        "us" => number / 1e6,
        "ms" => number / 1e3,
        "s" => number,
        _ => bail!("wrk says {text}"),
    };
    Ok(Duration::from_secs_f64(seconds))
}

fn lua(signed: &str) -> String {
    format!(
        "wrk.method = 'POST'\nwrk.body = '{BODY}'\n\
         wrk.headers['Content-Type'] = 'application/json'\n\
         wrk.headers['X-Partner-Signature'] = '{signed}'\n"
    )
}

/// Prism's entry point, installed under `target/` where it is not yet.
fn prism() -> Result<PathBuf> {
    let dir = process::workspace().join("target/tools/prism");
    let entry = dir.join("node_modules/@stoplight/prism-cli/dist/index.js");
    if !entry.exists() {
        std::fs::create_dir_all(&dir)?;
        let install = ["install", "--no-audit", "--no-fund", "--prefix"];
        process::run(Command::new("npm").args(install).arg(&dir).arg(PRISM))?;
    }
    Ok(entry)
}

fn rows(ours: &Side, theirs: &Side) -> Vec<Row> {
    let more = |what, ours: f64, theirs: f64| Row {
        what,
        ours: format!("{ours:.0}/s"),
        beside: format!("{theirs:.0}/s"),
        ratio: format!("{:.1}x", ours / theirs),
        goal: Some(Goal {
            says: "20x",
            met: ours >= 20.0 * theirs,
        }),
    };
    let less = |what, unit, ours: f64, theirs: f64, says, part: f64| Row {
        what,
        ours: format!("{ours:.1} {unit}"),
        beside: format!("{theirs:.1} {unit}"),
        ratio: format!("1/{:.1}", theirs / ours),
        goal: Some(Goal {
            says,
            met: ours * part <= theirs,
        }),
    };
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    vec![
        more(
            "mock, beside Prism: GET report",
            ours.report.per_second,
            theirs.report.per_second,
        ),
        less(
            "  its p99",
            "ms",
            millis(ours.report.p99),
            millis(theirs.report.p99),
            "1/20",
            20.0,
        ),
        more(
            "  signed webhook",
            ours.webhook.per_second,
            theirs.webhook.per_second,
        ),
        less(
            "  its p99",
            "ms",
            millis(ours.webhook.p99),
            millis(theirs.webhook.p99),
            "1/20",
            20.0,
        ),
        less(
            "  memory, idle",
            "MiB",
            ours.idle_mib,
            theirs.idle_mib,
            "1/10",
            10.0,
        ),
        Row {
            goal: None,
            ..less(
                "  memory, after the loads",
                "MiB",
                ours.loaded_mib,
                theirs.loaded_mib,
                "",
                1.0,
            )
        },
        less(
            "  from exec to the first answer",
            "ms",
            millis(ours.start),
            millis(theirs.start),
            "1/10",
            10.0,
        ),
    ]
}
