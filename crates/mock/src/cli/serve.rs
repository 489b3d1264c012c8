//! `qualitymax-mock serve`

use std::io::{IsTerminal, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use clap::builder::FalseyValueParser;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use url::Url;

use super::control::http_url;
use crate::mock::reach;
use crate::options::File;
use crate::tape;
use crate::{AnswerFault, Mock, Options, Partner};

/// What a tape knows nothing of.
const SCENARIOS: [&str; 10] = [
    "partner",
    "secret",
    "keys",
    "config",
    "scenario",
    "faults",
    "speed",
    "seed",
    "keep_jobs",
    "admin_hosts",
];

/// Serve the API; the default
#[derive(Args)]
pub(super) struct ServeArgs {
    /// Port; 0 takes a free one
    #[arg(long, env = "QUALITYMAX_MOCK_PORT", default_value_t = 4010)]
    port: u16,
    /// Address to listen on
    #[arg(long, env = "QUALITYMAX_MOCK_HOST", default_value = "127.0.0.1")]
    host: IpAddr,
    /// Print the URL on stdout, and nothing else, once it listens
    #[arg(long)]
    print_url: bool,
    /// Slug of the partner [default: veilstream, and acme beside it]
    #[arg(long, env = "QUALITYMAX_MOCK_PARTNER", value_name = "SLUG")]
    partner: Option<String>,
    /// The partner's webhook secret [default: your-webhook-secret]
    #[arg(long, env = "QUALITYMAX_MOCK_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// An API key of the partner, qm-... or qm_...; repeatable [default: qm-your-token]
    #[arg(
        long = "key",
        env = "QUALITYMAX_MOCK_KEYS",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "KEY"
    )]
    keys: Vec<String>,
    /// Partners, scenarios, faults and more from a YAML file
    #[arg(long, env = "QUALITYMAX_MOCK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Scenario of requests that choose none [default: passed]
    #[arg(long, env = "QUALITYMAX_MOCK_SCENARIO", value_name = "NAME")]
    scenario: Option<String>,
    /// Fault of every answer, or of a share of them: rate_limited, unavailable,
    /// internal, broken, slow; repeatable
    #[arg(long = "fault", value_name = "FAULT[:RATE]")]
    faults: Vec<AnswerFault>,
    /// How many times faster than the wall's the mock's clock runs; 0 stands
    /// still until it is advanced [default: 1]
    #[arg(
        long,
        env = "QUALITYMAX_MOCK_SPEED",
        value_name = "N",
        allow_negative_numbers = true
    )]
    speed: Option<f64>,
    /// Seed of all that is random [default: 0]
    #[arg(long, env = "QUALITYMAX_MOCK_SEED", value_name = "N")]
    seed: Option<u64>,
    /// Forget the oldest jobs past so many, once their callbacks are done with
    /// [default: 10000]
    #[arg(long, env = "QUALITYMAX_MOCK_KEEP_JOBS", value_name = "N")]
    keep_jobs: Option<usize>,
    /// A further host by which the admin API may be asked, such as `mock` in a
    /// Compose network; repeatable [default: those of this machine, and --host]
    #[arg(
        long = "admin-host",
        env = "QUALITYMAX_MOCK_ADMIN_HOSTS",
        value_delimiter = ',',
        value_name = "HOST"
    )]
    admin_hosts: Vec<String>,
    /// Answer whatever comes
    #[arg(
        long,
        env = "QUALITYMAX_MOCK_DISABLE_RATE_LIMITS",
        value_parser = FalseyValueParser::new()
    )]
    disable_rate_limits: bool,
    /// Pass requests on to a real deployment and write down what it answers,
    /// without secrets
    #[arg(
        long,
        value_name = "FILE",
        requires = "upstream",
        conflicts_with = "replay",
        conflicts_with_all = SCENARIOS
    )]
    record: Option<PathBuf>,
    /// The deployment to record, such as https://app.qualitymax.io
    #[arg(long, value_name = "URL", requires = "record", value_parser = http_url)]
    upstream: Option<Url>,
    /// Answer from what was recorded, and with nothing else
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = SCENARIOS
    )]
    replay: Option<PathBuf>,
    /// What to log on stderr, such as `info`
    #[arg(
        long,
        env = "QUALITYMAX_MOCK_LOG",
        default_value = "warn",
        value_name = "FILTER"
    )]
    log: String,
}

impl ServeArgs {
    /// What clap can't tell: a variable that says `0` asks for nothing.
    pub(super) fn conflict(&self) -> Option<&'static str> {
        let of_a_tape = self.record.is_some() || self.replay.is_some();
        (of_a_tape && self.disable_rate_limits).then_some(
            "--disable-rate-limits has no effect beside --record or --replay, as a tape limits nothing",
        )
    }
}

pub(super) async fn run(args: ServeArgs) -> Result<()> {
    start_logging(&args.log)?;
    let print_url = args.print_url;
    let stop = stop_signal()?;
    if let Some(router) = tape(&args)? {
        let address = SocketAddr::from((args.host, args.port));
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("can't listen on {address}. Choose another with --port or --host")
        })?;
        let url = reach(listener.local_addr()?);
        if print_url {
            say(&url)?;
        } else {
            command_line::tell!("Listening on {url}");
        }
        return Ok(axum::serve(listener, router)
            .with_graceful_shutdown(stop.cancelled_owned())
            .await?);
    }
    let mock = Mock::start(options(args)?).await?;
    if print_url {
        say(mock.url())?;
    } else {
        command_line::tell!("{}", introduction(&mock));
    }
    mock.run(stop.cancelled()).await?;
    Ok(())
}

/// What stands in the place of the mock, where a deployment is recorded or its
/// recording is played.
fn tape(args: &ServeArgs) -> Result<Option<axum::Router>> {
    if let Some(path) = &args.replay {
        return Ok(Some(tape::player(path).context("--replay")?));
    }
    match (&args.record, &args.upstream) {
        (Some(path), Some(upstream)) => {
            // The caller follows redirects, if anybody does.
            let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
            let recorder = tape::recorder(path, upstream.clone(), http.build()?);
            Ok(Some(recorder.context("--record")?))
        }
        _ => Ok(None),
    }
}

fn say(url: &str) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{url}").and_then(|()| out.flush())?;
    Ok(())
}

fn options(args: ServeArgs) -> Result<Options> {
    let mut options = Options {
        listen: (args.host, args.port).into(),
        ..Options::default()
    };
    if let Some(path) = &args.config {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("--config: {} can't be read", path.display()))?;
        let file: File = serde_saphyr::from_str(&text)
            .with_context(|| format!("--config: {} can't be understood", path.display()))?;
        options.take(file);
    }
    if args.partner.is_some() || args.secret.is_some() || !args.keys.is_empty() {
        let first = options.partners.first_mut();
        let first = first.context("the file names no partner")?;
        *first = Partner {
            slug: args.partner.unwrap_or_else(|| first.slug.clone()),
            secret: args.secret.unwrap_or_else(|| first.secret.clone()),
            keys: if args.keys.is_empty() {
                first.keys.clone()
            } else {
                args.keys
            },
        };
        let slug = first.slug.clone();
        // The second of the defaults makes room for one of the same name.
        let mut seen = false;
        options
            .partners
            .retain(|partner| partner.slug != slug || !std::mem::replace(&mut seen, true));
    }
    options.faults.extend(args.faults);
    options.scenario = args.scenario.unwrap_or(options.scenario);
    options.speed = args.speed.unwrap_or(options.speed);
    options.seed = args.seed.unwrap_or(options.seed);
    options.keep_jobs = args.keep_jobs.unwrap_or(options.keep_jobs);
    options.admin_hosts.extend(args.admin_hosts);
    options.rate_limits &= !args.disable_rate_limits;
    Ok(options)
}

fn introduction(mock: &Mock) -> String {
    let mut text = format!("The mock listens on {}\n", mock.url());
    for partner in mock.partners() {
        text.push_str(&format!(
            "  POST {}/api/webhooks/{}\n",
            mock.url(),
            partner.slug
        ));
    }
    text.push_str(&format!("  admin API and page: {}/_mock/", mock.url()));
    text
}

fn start_logging(filter: &str) -> Result<()> {
    let filter = EnvFilter::try_new(filter)
        .with_context(|| format!("--log: {filter:?} is no log filter; try `info`"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // It would tell of a closed stderr on stderr, and panic.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    Ok(())
}

/// Cancelled by the first SIGTERM or Ctrl-C; the second ends the process.
fn stop_signal() -> Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM can't be handled")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT can't be handled")?;
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        for turn in 0..2 {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if turn == 1 {
                std::process::exit(1);
            }
            stopping.cancel();
        }
    });
    Ok(stop)
}
