//! `cargo xtask conformance`: the conformance suite against the mock and against
//! the real server, both started for it, with keys enough to be quick.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use testbed::{Deployment, GitHost};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::{process, setup};

const SLUG: &str = "veilstream";
/// Limits are per key, and some operations allow ten requests a minute.
const KEYS: usize = 24;
/// The mock's clock runs so much faster, and so do its limits' windows.
const SPEED: &str = "10";

#[derive(Args)]
#[command(after_help = "Examples:\n  \
cargo xtask conformance\n  \
cargo xtask conformance --against mock --seeds 10\n  \
cargo xtask conformance --against server -- --only callback --verbose\n\n\
What follows -- is for qualitymax-conformance.")]
pub struct ConformanceArgs {
    /// What is checked
    #[arg(long, value_enum, default_value = "both")]
    against: Against,
    /// So many runs, each with a seed of its own
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Leave out the rate limits, whose window takes the server a minute
    #[arg(long)]
    fast: bool,
    /// For the suite itself
    #[arg(last = true)]
    suite: Vec<String>,
}

impl ConformanceArgs {
    /// The server, quickly: what the mock keeps, the suite's own tests tell.
    pub fn of_every_test_run() -> Self {
        Self {
            against: Against::Server,
            seeds: 1,
            fast: true,
            suite: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Against {
    Mock,
    Server,
    Both,
}

/// What the suite is told of a deployment.
struct Subject {
    name: &'static str,
    url: String,
    secret: String,
    keys: Vec<String>,
    other_key: String,
    repository: Option<String>,
}

pub async fn run(args: ConformanceArgs) -> Result<()> {
    process::build(&[
        "--bin",
        "qualitymax-conformance",
        "--bin",
        "qualitymax-mock",
        "--bin",
        "qualitymax",
        "--example",
        "stub_document",
    ])?;
    let suite = process::artifact(false, "qualitymax-conformance")?;
    let mut broken = Vec::new();
    if args.against != Against::Server {
        for seed in 1..=args.seeds {
            // A new one each time, so that no limit is used up by the last run.
            let (_mock, subject) = start_mock().await?;
            broken.extend(check(&suite, &subject, &args, seed).await?);
        }
    }
    if args.against != Against::Mock {
        let binary = process::artifact(false, "qualitymax")?;
        setup::with(&binary)?;
        let git = GitHost::start().await?;
        let deployment = Deployment::create(&binary, SLUG)?;
        let host = format!("gitlab={},{}", git.authority(), git.ca_file().display());
        let server = deployment.serve(&["--git-host", &host], &[]).await?;
        let subject = server_subject(&server.url, &deployment, &git)?;
        for seed in 1..=args.seeds {
            broken.extend(check(&suite, &subject, &args, seed).await?);
        }
    }
    ensure!(broken.is_empty(), "does not conform: {}", broken.join(", "));
    Ok(())
}

/// One run; its name where it found something.
async fn check(
    suite: &Path,
    subject: &Subject,
    args: &ConformanceArgs,
    seed: u64,
) -> Result<Option<String>> {
    let Subject { name, .. } = subject;
    println!("\n== {name}, seed {seed}");
    let mut command = Command::new(suite);
    command
        .args(["--strict", "--seed", &seed.to_string()])
        .args(&args.suite)
        .env("QUALITYMAX_CONFORMANCE_URL", &subject.url)
        .env("QUALITYMAX_CONFORMANCE_SLUG", SLUG)
        .env("QUALITYMAX_CONFORMANCE_SECRET", &subject.secret)
        .env("QUALITYMAX_CONFORMANCE_KEY", subject.keys.join(","))
        .env("QUALITYMAX_CONFORMANCE_OTHER_KEY", &subject.other_key)
        .stdin(Stdio::null());
    if args.fast {
        command.args(["--skip", "rate-limits"]);
    }
    if let Some(repository) = &subject.repository {
        command.env("QUALITYMAX_CONFORMANCE_REPOSITORY_URL", repository);
    }
    let status = command.status().await?;
    match status.code() {
        Some(0) => Ok(None),
        Some(1) => Ok(Some(format!("{name} (seed {seed})"))),
        _ => bail!("the suite came to no verdict on the {name} ({status})"),
    }
}

async fn start_mock() -> Result<(Child, Subject)> {
    let mut keys: Vec<String> = (1..=KEYS).map(|number| format!("qm-key{number}")).collect();
    keys.push("qm_actions".to_owned());
    keys.push("qm-for-rate-limits".to_owned());
    let mut command = Command::new(process::artifact(false, "qualitymax-mock")?);
    command.args(["--port", "0", "--print-url", "--speed", SPEED]);
    for key in &keys {
        command.args(["--key", key]);
    }
    let mut mock = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("the mock could not be started")?;
    let stdout = mock.stdout.take().context("the mock's output is piped")?;
    let mut lines = BufReader::new(stdout).lines();
    let url = tokio::time::timeout(Duration::from_secs(30), lines.next_line()).await??;
    let subject = Subject {
        name: "mock",
        url: url.context("the mock stopped before it listened")?,
        secret: "your-webhook-secret".to_owned(),
        keys,
        // Of the partner that the mock has beside the first.
        other_key: "qm-acme-token".to_owned(),
        repository: None,
    };
    Ok((mock, subject))
}

fn server_subject(url: &str, deployment: &Deployment, git: &GitHost) -> Result<Subject> {
    deployment.another_partner("acme")?;
    let mut keys = vec![deployment.api_key.clone()];
    for _ in 1..KEYS {
        keys.push(deployment.another_key(SLUG, "api-token")?);
    }
    keys.push(deployment.another_key(SLUG, "github-actions")?);
    keys.push(deployment.another_key(SLUG, "api-token")?);
    publish(git)?;
    Ok(Subject {
        name: "server",
        url: url.to_owned(),
        secret: deployment.webhook_secret.clone(),
        keys,
        other_key: deployment.another_key("acme", "api-token")?,
        repository: Some(git.url("samples/flask")),
    })
}

/// A repository with a flaw to be found and routes without tests.
fn publish(git: &GitHost) -> Result<()> {
    let tree: PathBuf = process::workspace().join("fixtures/repositories/flask");
    git.publish("samples/flask", "main", &tree)
}
