//! The same load on each side of a comparison: so many connections, each
//! sending its next request when the last is answered.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use reqwest::{Client, Request};
use tokio::task::JoinSet;

pub struct Measured {
    pub requests_per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
}

/// Sends clones of `request` over `connections` for `duration`; an answer other
/// than 2xx fails the measurement, since it would measure something else.
pub async fn measure(
    request: &Request,
    connections: usize,
    duration: Duration,
) -> Result<Measured> {
    let mut clients = JoinSet::new();
    let started = Instant::now();
    for _ in 0..connections {
        let client = Client::builder().pool_max_idle_per_host(1).build()?;
        let Some(request) = request.try_clone() else {
            bail!("a streaming body can't be sent twice");
        };
        clients.spawn(keep_sending(client, request, started + duration));
    }
    let mut latencies = Vec::new();
    for result in clients.join_all().await {
        latencies.extend(result?);
    }
    let elapsed = started.elapsed();
    if latencies.is_empty() {
        bail!("no request was answered within {} s", duration.as_secs());
    }
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    Ok(Measured {
        requests_per_second: latencies.len() as f64 / elapsed.as_secs_f64(),
        p50: at(0.50),
        p99: at(0.99),
    })
}

async fn keep_sending(client: Client, request: Request, until: Instant) -> Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    while Instant::now() < until {
        let Some(next) = request.try_clone() else {
            bail!("a streaming body can't be sent twice");
        };
        let sent = Instant::now();
        let response = client.execute(next).await?;
        if !response.status().is_success() {
            bail!("answered {}: {}", response.status(), response.text().await?);
        }
        response.bytes().await?;
        latencies.push(sent.elapsed());
    }
    Ok(latencies)
}
