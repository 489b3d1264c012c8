//! The mock beside Prism, both serving `openapi.json` in one run, under the same
//! load: requests a second and p99 of a report and of a signed webhook, memory,
//! time from exec to the first answer.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::{Goal, Row};
use crate::{dist, process};

const PRISM: &str = "prism-cli@5.14.2";
const CONNECTIONS: &str = "64";
const BODY: &str = r#"{"url":"https://preview.app.com","feature_description":"Test login","callback_url":"http://127.0.0.1:9/results"}"#;
/// Starts are timed this often, and the median is taken.
const STARTS: usize = 5;
/// For a compiler at run time to have seen the load before it is measured.
const WARM_UP: Duration = Duration::from_secs(2);

pub async fn measure(duration: Duration) -> Result<Vec<Row>> {
    // It ends with 1 whatever it is asked.
    let wrk = Command::new("wrk").arg("-v").stdout(Stdio::null()).status();
    ensure!(
        wrk.is_ok(),
        "wrk is not installed: `apt-get install wrk` or `brew install wrk`"
    );
    let prism = prism()?;
    // What partners download.
    let mock = dist::build()?;
    let document = process::workspace().join("openapi.json");
    // Prism tries a callback once.
    let config = tempfile::NamedTempFile::new()?;
    std::fs::write(
        config.path(),
        "retries: { attempts: 1 }\nrate_limits: false\n",
    )?;
    // Both say what is wrong, and nothing else.
    let ours = side(duration, |port| {
        let mut command = Command::new(&mock);
        command.args(["--port", port, "--log", "warn", "--config"]);
        command.arg(config.path());
        command
    })
    .await?;
    let theirs = side(duration, |port| {
        let mut command = Command::new("node");
        command
            .arg(&prism)
            .args(["mock", "--port", port, "--verboseLevel", "warn"])
            .arg(&document);
        command
    })
    .await?;
    Ok(rows(&ours, &theirs))
}

/// Times in milliseconds, memory in MiB.
struct Side {
    start: f64,
    idle: f64,
    report: Load,
    after_reports: f64,
    webhook: Load,
    after_webhooks: f64,
    /// Seconds from the end of the load to the last callback, where it can be
    /// asked for.
    last_callback: Option<f64>,
}

struct Load {
    per_second: f64,
    p99: f64,
}

/// Starts one side several times, and puts the loads on the last.
async fn side(duration: Duration, command: impl Fn(&str) -> Command) -> Result<Side> {
    let mut starts = Vec::new();
    let mut last = None;
    for _ in 0..STARTS {
        // The one before is gone before the next is timed.
        drop(last.take());
        let port = free_port()?;
        let url = format!("http://127.0.0.1:{port}");
        let (running, took) = start(command(&port.to_string()), &url).await?;
        starts.push(took);
        last = Some((running, url));
    }
    let (running, url) = last.context("it was started")?;
    let resident = || super::intake::resident_mib(running.0.id());
    let idle = resident()?;

    let signed = signature::sign(b"your-webhook-secret", BODY.as_bytes());
    // The mock knows only jobs that it accepted; Prism answers for any.
    let accepted = webhook(&url, &signed).await?;
    let report = format!("{url}/api/v1/partner/jobs/{accepted}/report");
    load(&report, WARM_UP, None)?;
    let reports = load(&report, duration, None)?;
    let after_reports = resident()?;

    let script = tempfile::NamedTempFile::new()?;
    std::fs::write(script.path(), lua(&signed))?;
    let webhooks = format!("{url}/api/webhooks/veilstream");
    load(&webhooks, WARM_UP, Some(script.path()))?;
    let webhook = load(&webhooks, duration, Some(script.path()))?;
    let after_webhooks = resident()?;
    Ok(Side {
        start: millis(super::median(starts)),
        idle,
        report: reports,
        after_reports,
        webhook,
        after_webhooks,
        last_callback: last_callback(&url).await?,
    })
}

/// Waits for it. Prism does not tell.
async fn last_callback(url: &str) -> Result<Option<f64>> {
    let began = Instant::now();
    let idle = format!("{url}/_mock/idle");
    let patience = serde_json::json!({ "timeout": "60s" });
    let answer = reqwest::Client::new().post(idle).json(&patience);
    let answer = answer.send().await?;
    if answer.status() == reqwest::StatusCode::NOT_FOUND {
        return Ok(None);
    }
    let answer: serde_json::Value = answer.error_for_status()?.json().await?;
    ensure!(answer["idle"] == true, "callbacks are still under way");
    Ok(Some(began.elapsed().as_secs_f64()))
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
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
        .no_proxy()
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
    wrk.args([
        "-t1",
        "-c",
        CONNECTIONS,
        "--latency",
        "--timeout",
        "10s",
        "-d",
    ])
    .arg(format!("{}s", duration.as_secs()))
    .args(["-H", "X-QualityMax-API-Key: qm-your-token"]);
    if let Some(script) = script {
        wrk.arg("-s").arg(script);
    }
    let said = process::output(wrk.arg(url))?;
    for trouble in ["Non-2xx", "Socket errors"] {
        ensure!(!said.contains(trouble), "{url} refused:\n{said}");
    }
    let after = |name: &str| {
        let line = said.lines().find_map(|line| line.trim().strip_prefix(name));
        line.map(|rest| rest.trim().to_owned())
            .with_context(|| format!("wrk did not say {name}:\n{said}"))
    };
    Ok(Load {
        per_second: after("Requests/sec:")?.parse()?,
        p99: millis(time(&after("99%")?)?),
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

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
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
    let dir = process::target_dir()?.join("tools").join(PRISM);
    let entry = dir.join("node_modules/@stoplight/prism-cli/dist/index.js");
    if !entry.exists() {
        std::fs::create_dir_all(&dir)?;
        let install = ["install", "--no-audit", "--no-fund", "--prefix"];
        let package = format!("@stoplight/{PRISM}");
        process::run(Command::new("npm").args(install).arg(&dir).arg(package))?;
    }
    Ok(entry)
}

/// How the mock is to be beside Prism; each goal as it is said, and as a number.
enum Want {
    TimesAsMany(&'static str, f64),
    PartOf(&'static str, f64),
    /// Prism keeps nothing of what it was sent.
    Shown,
}

fn rows(ours: &Side, theirs: &Side) -> Vec<Row> {
    use Want::{PartOf, Shown, TimesAsMany};
    let row = |what, unit, of: fn(&Side) -> f64, want| row(what, unit, of(ours), of(theirs), want);
    vec![
        row(
            "mock, beside Prism: GET report",
            "/s",
            |side| side.report.per_second,
            TimesAsMany("20x", 20.0),
        ),
        row(
            "  its p99",
            " ms",
            |side| side.report.p99,
            PartOf("1/20", 20.0),
        ),
        row(
            "  signed webhook",
            "/s",
            |side| side.webhook.per_second,
            TimesAsMany("20x", 20.0),
        ),
        row(
            "  its p99",
            " ms",
            |side| side.webhook.p99,
            PartOf("1/20", 20.0),
        ),
        Row {
            what: "  from the last webhook to the last callback",
            ours: ours
                .last_callback
                .map_or_else(String::new, |seconds| format!("{seconds:.1} s")),
            beside: String::new(),
            ratio: String::new(),
            goal: None,
        },
        row(
            "  memory, idle",
            " MiB",
            |side| side.idle,
            PartOf("1/10", 10.0),
        ),
        row(
            "  memory, after the reports",
            " MiB",
            |side| side.after_reports,
            PartOf("1/10", 10.0),
        ),
        row(
            "  memory, after the webhooks, which the mock keeps",
            " MiB",
            |side| side.after_webhooks,
            Shown,
        ),
        row(
            "  from exec to the first answer",
            " ms",
            |side| side.start,
            PartOf("1/10", 10.0),
        ),
    ]
}

fn row(what: &'static str, unit: &str, ours: f64, theirs: f64, want: Want) -> Row {
    let shown = |number: f64| match number {
        number if number < 100.0 => format!("{number:.1}{unit}"),
        number => format!("{number:.0}{unit}"),
    };
    let (ratio, goal) = match want {
        Want::TimesAsMany(says, times) => {
            let met = ours >= times * theirs;
            (format!("{:.1}x", ours / theirs), Some(Goal { says, met }))
        }
        Want::PartOf(says, part) => {
            let met = ours * part <= theirs;
            (format!("1/{:.1}", theirs / ours), Some(Goal { says, met }))
        }
        Want::Shown => (format!("{:.1}x", ours / theirs), None),
    };
    Row {
        what,
        ours: shown(ours),
        beside: shown(theirs),
        ratio,
        goal,
    }
}
