//! Webhook intake with HMAC and durable commit, beside the disk's own sync
//! rate and beside an empty dropshot endpoint; memory of the idle server.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use testbed::Deployment;
use tokio::io::{AsyncBufReadExt, BufReader};

use super::load::{self, Measured};
use super::{Row, disk};
use crate::process;

const CONNECTIONS: usize = 64;

pub async fn measure(binary: &Path, duration: Duration) -> Result<Vec<Row>> {
    let deployment = Deployment::create(binary, "bench")?;
    let server = deployment
        .serve(&["--disable-rate-limits", "--workers", "0"], &[])
        .await?;
    let idle = resident_mib(server.pid().context("the server is running")?)?;
    let syncs = disk::syncs_per_second(deployment.data_dir(), duration)?;
    let intake = load::measure(&server.signed(&webhook())?, CONNECTIONS, duration).await?;
    server.stop().await?;
    let empty = empty_dropshot(&[], duration).await?;
    let edge = empty_dropshot(&["--edge"], duration).await?;
    Ok(vec![
        Row {
            what: "webhooks accepted a second (HMAC, committed), beside the disk's syncs a second",
            ours: shown(&intake),
            beside: format!("{syncs:.0}/s"),
            ratio: format!("{:.2}x", intake.requests_per_second / syncs),
            goal: None,
        },
        beside(
            "the same, beside an empty dropshot endpoint",
            &intake,
            &empty,
        ),
        beside(
            "an empty dropshot endpoint behind the edge, beside one without",
            &edge,
            &empty,
        ),
        Row {
            what: "memory of the idle server",
            ours: format!("{idle:.0} MiB"),
            beside: String::new(),
            ratio: String::new(),
            goal: None,
        },
    ])
}

fn beside(what: &'static str, ours: &Measured, other: &Measured) -> Row {
    let ratio = ours.requests_per_second / other.requests_per_second;
    Row {
        what,
        ours: shown(ours),
        beside: shown(other),
        ratio: format!("{ratio:.2}x"),
        goal: None,
    }
}

fn webhook() -> serde_json::Value {
    json!({
        "url": "https://preview-abc.env.yourapp.com",
        "feature_description": "Test that users can login and see their dashboard with 4 task sections",
        "callback_url": "https://your-api.com/qualitymax-results",
        "custom_data": { "deploy_id": "abc-123", "branch": "feat/new-feature", "pr_number": 42 },
    })
}

/// `examples/empty_dropshot.rs` of the server: a POST that reads its body and
/// answers a constant.
async fn empty_dropshot(options: &[&str], duration: Duration) -> Result<Measured> {
    let example = process::artifact(true, "examples/empty_dropshot")?;
    let mut server = tokio::process::Command::new(example)
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let stdout = server.stdout.take().context("its output is piped")?;
    let url = BufReader::new(stdout)
        .lines()
        .next_line()
        .await?
        .context("the empty endpoint did not start")?;
    let request = reqwest::Client::new().post(url).json(&webhook()).build()?;
    load::measure(&request, CONNECTIONS, duration).await
}

pub(super) fn resident_mib(pid: u32) -> Result<f64> {
    let kib = super::status_kib(pid, "VmRSS:").context("no VmRSS in /proc")?;
    Ok(kib as f64 / 1024.0)
}

fn shown(measured: &Measured) -> String {
    format!(
        "{:.0}/s, p50 {:.1} ms, p99 {:.1} ms",
        measured.requests_per_second,
        measured.p50.as_secs_f64() * 1e3,
        measured.p99.as_secs_f64() * 1e3
    )
}
