//! The commands that speak to a mock that runs: the admin API, for shells.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use command_line::time;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use url::Url;

use crate::AnswerFault;

#[derive(Subcommand)]
pub(super) enum Control {
    /// Print the requests that were made, as JSON, the newest last
    #[command(after_help = "Example:\n  qualitymax-mock requests --status 429 | jq length")]
    Requests {
        #[command(flatten)]
        at: At,
        /// Only of this operationId
        #[arg(long, value_name = "ID", value_parser = operations(), hide_possible_values = true)]
        operation: Option<String>,
        /// Only of this partner's keys
        #[arg(long, value_name = "SLUG")]
        partner: Option<String>,
        /// Only those answered so
        #[arg(long, value_name = "CODE")]
        status: Option<u16>,
        /// Only the last so many
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Print the jobs and how far they have come, as JSON
    Jobs(At),
    /// Print the callbacks and what their receivers answered, as JSON
    Callbacks(At),
    /// Print the scenarios, as JSON
    Scenarios(At),
    /// Send a job's callback once more, the same bytes
    #[command(
        after_help = "Example:\n  qualitymax-mock replay $(qualitymax-mock jobs | jq -r '.[-1].id')"
    )]
    Replay {
        #[command(flatten)]
        at: At,
        /// As the webhook's answer has it, pwj_...
        job_id: String,
    },
    /// Choose the scenario of requests that choose none
    #[command(
        after_help = "Example:\n  qualitymax-mock scenario failed    # `scenarios` prints their names"
    )]
    Scenario {
        #[command(flatten)]
        at: At,
        /// One that is built in, or of the file
        name: String,
    },
    /// Choose the faults of every answer, in the place of those before; none
    /// where none is named
    #[command(
        after_help = "Examples:\n  qualitymax-mock faults unavailable:0.2 slow\n  qualitymax-mock faults"
    )]
    Faults {
        #[command(flatten)]
        at: At,
        /// rate_limited, unavailable, internal, broken, slow
        #[arg(value_name = "FAULT[:RATE]")]
        faults: Vec<AnswerFault>,
    },
    /// Forget all that was sent
    Reset(At),
    /// Let time pass on the mock's clock
    #[command(
        after_help = "Example:\n  qualitymax-mock advance 60s    # the rate windows are over"
    )]
    Advance {
        #[command(flatten)]
        at: At,
        /// Such as 90s or 2m
        #[arg(value_name = "TIME", value_parser = time)]
        by: Duration,
    },
    /// Wait until no job, callback, scan or analysis is under way; exit code 1
    /// where that is not in time
    #[command(after_help = "Example:\n  qualitymax-mock wait --timeout 30s")]
    Wait {
        #[command(flatten)]
        at: At,
        /// At most, such as 30s or 2m
        #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
        timeout: Duration,
    },
}

#[derive(Args)]
pub(super) struct At {
    /// Where the mock listens
    #[arg(
        long,
        env = "QUALITYMAX_MOCK_URL",
        default_value = "http://127.0.0.1:4010",
        value_parser = http_url
    )]
    url: Url,
}

pub(super) async fn run(command: Control) -> Result<()> {
    match command {
        Control::Requests {
            at,
            operation,
            partner,
            status,
            limit,
        } => {
            let mut url = at.path("requests")?;
            let status = status.map(|status| status.to_string());
            let limit = limit.map(|limit| limit.to_string());
            for (name, value) in [
                ("operation", operation),
                ("partner", partner),
                ("status", status),
                ("limit", limit),
            ] {
                if let Some(value) = value {
                    url.query_pairs_mut().append_pair(name, &value);
                }
            }
            print(&ask(Method::GET, url, None).await?)
        }
        Control::Jobs(at) => print(&ask(Method::GET, at.path("jobs")?, None).await?),
        Control::Callbacks(at) => print(&ask(Method::GET, at.path("callbacks")?, None).await?),
        Control::Scenarios(at) => print(&ask(Method::GET, at.path("scenarios")?, None).await?),
        Control::Replay { at, job_id } => {
            let mut url = at.path("callbacks")?;
            url.path_segments_mut()
                .ok()
                .context("--url: it has no path")?
                .extend([&job_id, "replay"]);
            ask(Method::POST, url, None).await.map(drop)
        }
        Control::Scenario { at, name } => {
            let body = json!({ "name": name });
            ask(Method::PUT, at.path("scenario")?, Some(body))
                .await
                .map(drop)
        }
        Control::Faults { at, faults } => ask(Method::PUT, at.path("faults")?, Some(json!(faults)))
            .await
            .map(drop),
        Control::Reset(at) => ask(Method::POST, at.path("reset")?, None).await.map(drop),
        Control::Advance { at, by } => {
            let body = json!({ "by": humantime::format_duration(by).to_string() });
            ask(Method::POST, at.path("advance")?, Some(body))
                .await
                .map(drop)
        }
        Control::Wait { at, timeout } => {
            let timeout = humantime::format_duration(timeout).to_string();
            let body = json!({ "timeout": timeout });
            let answer = ask(Method::POST, at.path("idle")?, Some(body)).await?;
            ensure!(
                answer["idle"] == true,
                "something is still under way after {timeout}; `qualitymax-mock jobs` and `callbacks` tell what"
            );
            Ok(())
        }
    }
}

fn operations() -> PossibleValuesParser {
    let all = contract::OPERATIONS.iter();
    PossibleValuesParser::new(all.map(|operation| operation.id))
}

/// A URL that requests can be sent to.
pub(super) fn http_url(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        _ => Err("it is no http or https URL, such as http://127.0.0.1:4010".to_owned()),
    }
}

impl At {
    fn path(&self, path: &str) -> Result<Url> {
        self.url
            .join(&format!("/_mock/{path}"))
            .context("--url: it can't be a base")
    }
}

async fn ask(method: Method, url: Url, body: Option<Value>) -> Result<Value> {
    let client = Client::builder().no_proxy().build()?;
    let mut request = client.request(method, url.clone());
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.with_context(|| {
        format!(
            "no mock answers at {}. Start one, or name another with --url",
            url.origin().ascii_serialization()
        )
    })?;
    let status = answer.status();
    let body: Value = answer
        .json()
        .await
        .context("what answers there is no mock")?;
    match body["detail"].as_str() {
        Some(detail) if !status.is_success() => bail!("{detail}"),
        _ => Ok(body),
    }
}

fn print(value: &Value) -> Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    command_line::print(&text).context("standard output can't be written")
}
