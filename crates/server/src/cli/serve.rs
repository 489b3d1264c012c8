//! `qualitymax serve`

use std::io::IsTerminal;
use std::net::SocketAddr;

use anyhow::{Context, Result};
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use engine::repository::url::Host;
use engine::tools::Tools;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use url::Url;

use super::{Common, Exit, output, scan};
use crate::{Options, RateLimits, Server};

/// Serve the Partner API and work on its jobs
#[derive(Args)]
#[command(after_help = "\
Examples:
  qualitymax serve
  qualitymax serve --listen 0.0.0.0:8080 --public-url https://qa.example.com
  qualitymax serve --git-host gitlab=git.internal,private,/etc/ssl/own-ca.pem
  qualitymax serve --allow-loopback                # to test pages on this machine
  qualitymax serve --json --listen 127.0.0.1:0     # prints {\"url\": ...} once it listens

TLS belongs to a proxy in front. SIGTERM and Ctrl-C finish the answers under
way and put jobs back for the next start; a second one ends at once.")]
pub(super) struct ServeArgs {
    /// Address and port; port 0 takes a free one
    #[arg(
        long,
        env = "QUALITYMAX_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS:PORT",
        value_parser = address
    )]
    listen: SocketAddr,
    /// How partners reach this server; links in callbacks begin with it. To be
    /// set with --listen 0.0.0.0:PORT, whose links lead to 127.0.0.1 otherwise
    /// [default: the address it listens on]
    #[arg(long, env = "QUALITYMAX_PUBLIC_URL", value_name = "URL", value_parser = http_url)]
    public_url: Option<Url>,
    /// Jobs worked on at a time; 0 only stores them [default: 2, or 1 on one core]
    #[arg(long, env = "QUALITYMAX_WORKERS", value_name = "N", value_parser = workers)]
    workers: Option<usize>,
    /// Further host that repositories may be imported from, with its own
    /// certificate authority if need be; repeatable. It has to have a public
    /// address, like every URL from outside, unless it is marked `private`:
    /// then this host, and no other, is reached in a private network too
    #[arg(
        long = "git-host",
        env = "QUALITYMAX_GIT_HOSTS",
        value_delimiter = ' ',
        value_name = "FORGE=HOST[:PORT][,private][,CA_FILE]"
    )]
    git_hosts: Vec<Host>,
    /// Development only: let URLs from outside lead to this machine
    #[arg(long, env = "QUALITYMAX_ALLOW_LOOPBACK", value_parser = BoolishValueParser::new())]
    allow_loopback: bool,
    /// Semgrep rules beside our own: a file, a directory, or a rule set of the
    /// registry such as p/ci; several are separated by commas
    #[arg(
        long,
        env = "QUALITYMAX_SAST_RULES",
        value_name = "RULES",
        value_delimiter = ','
    )]
    sast_rules: Vec<String>,
    /// For measurements only: answer whatever comes
    #[arg(long, env = "QUALITYMAX_DISABLE_RATE_LIMITS", value_parser = BoolishValueParser::new())]
    disable_rate_limits: bool,
    /// What to log, such as `info` or `qualitymax_engine=debug,warn`
    #[arg(
        long,
        env = "QUALITYMAX_LOG",
        default_value = "info",
        value_name = "FILTER",
        value_parser = log_filter
    )]
    log: String,
    /// How to log, on stderr
    #[arg(long, env = "QUALITYMAX_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

pub(super) async fn run(common: &Common, args: ServeArgs) -> Result<()> {
    let sast_rules = match scan::rule_sets(&args.sast_rules) {
        Ok(rules) => rules,
        Err(error) => {
            command_line::tell!("error: --sast-rules: {error:#}");
            return Err(Exit::USAGE.into());
        }
    };
    start_logging(&args.log, args.log_format)?;
    if args.allow_loopback {
        tracing::warn!(
            "--allow-loopback: partners can reach services on this machine. For development only"
        );
    }
    if args.public_url.is_none() && args.listen.ip().is_unspecified() {
        tracing::warn!(
            "links in callbacks lead to 127.0.0.1, where partners find nothing: set --public-url \
             (QUALITYMAX_PUBLIC_URL) to how they reach this server, such as https://qa.example.com"
        );
    }
    if args.disable_rate_limits {
        tracing::warn!("--disable-rate-limits: the documented rate limits are not kept");
    }
    // A connection takes up to three descriptors, and so does a browser's.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit on open files could not be raised");
    }
    let tools = Tools::find();
    for (what, found) in [("Semgrep", &tools.semgrep), ("Bandit", &tools.bandit)] {
        if found.is_none() {
            tracing::warn!(
                "{what} was not found: scans will fail. `qualitymax setup` installs what is missing"
            );
        }
    }
    for (what, found) in [
        ("Node", &tools.node),
        ("Playwright", &tools.node_modules),
        ("Chromium", &tools.chromium),
    ] {
        if found.is_none() {
            tracing::warn!(
                "{what} was not found: jobs will fail. `qualitymax setup` installs what is missing"
            );
        }
    }
    let server = Server::start(Options {
        listen: args.listen,
        public_url: args.public_url,
        data_dir: common.data_dir.clone(),
        workers: args.workers.unwrap_or_else(default_workers),
        allow_loopback: args.allow_loopback,
        rate_limits: if args.disable_rate_limits {
            RateLimits::disabled()
        } else {
            RateLimits::documented()
        },
        limits: edge::Limits::default(),
        tools,
        git_hosts: Host::public().into_iter().chain(args.git_hosts).collect(),
        sast_rules,
    })
    .await?;
    let stop = stop_signal()?;
    let url = server.url().as_str().trim_end_matches('/').to_owned();
    tracing::info!(url, data_dir = %common.data_dir.display(), "listening");
    if server.engine().partners().list().await?.is_empty() {
        tracing::info!("no partner yet: create one with `qualitymax partner create SLUG`");
    }
    if common.json {
        output::json(&serde_json::json!({ "url": url }))?;
    }
    server.run(stop.cancelled()).await?;
    tracing::info!("stopped");
    Ok(())
}

fn start_logging(filter: &str, format: LogFormat) -> Result<()> {
    let filter = EnvFilter::try_new(filter).context("--log")?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}

/// Cancelled by the first SIGTERM or Ctrl-C; the second ends the process.
fn stop_signal() -> Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM can't be handled")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT can't be handled")?;
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        for turn in 0.. {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if turn > 0 {
                tracing::warn!("a second signal: ending at once");
                std::process::exit(1);
            }
            tracing::info!("stopping: finishing what is under way");
            stopped.cancel();
        }
    });
    Ok(stop)
}

fn default_workers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(2))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "an IP address and a port, such as 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080".to_owned()
    })
}

fn workers(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "a number, such as 2".to_owned())
}

fn log_filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|error| format!("{error}; try `info` or `qualitymax_engine=debug,warn`"))
}

fn http_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https")
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(
            "an http or https URL without query and fragment, such as https://qa.example.com"
                .to_owned(),
        );
    }
    Ok(url)
}
