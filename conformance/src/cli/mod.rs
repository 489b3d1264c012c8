//! The command line.

mod deployment;
mod interrupt;
mod output;
mod replay;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use url::Url;

use crate::catalogue;
use crate::checks;
use crate::receiver::command::ReceiverArgs;
use crate::report::terminal;
use crate::run::{Budget, RunError, run_until};
use crate::selection::{Named, Selection};
use deployment::DeploymentArgs;
pub(crate) use interrupt::interruption;
pub(crate) use output::{OutputArgs, SelectionArgs};

const CONFORMS: u8 = 0;
const BROKEN: u8 = 1;
const MISUSED: u8 = 2;
const NO_VERDICT: u8 = 3;

/// Holds a deployment of the QualityMax Partner API against the documented contract.
#[derive(Parser)]
#[command(
    name = "qualitymax-conformance",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  \
qualitymax-conformance --url http://127.0.0.1:8080 --slug veilstream --key qm-... --secret ...\n  \
qualitymax-conformance --only callback --only signatures        # these groups\n  \
qualitymax-conformance --level must --budget 10s                # what is documented, quickly\n  \
qualitymax-conformance --format html --output conformance.html  # or json, or junit\n  \
qualitymax-conformance --replay conformance.json                # what failed in that report\n  \
qualitymax-conformance --only callback --list                   # what this would check\n  \
qualitymax-conformance receiver --help                          # for your own receiver\n\n\
The options of the first may be set as QUALITYMAX_CONFORMANCE_URL, _SLUG, _KEY and\n\
_SECRET instead. Several --key (or keys with commas between) make it faster, as rate\n\
limits are per key; of several the last one is kept for the checks that use up a limit.\n\n\
Exit codes:\n  \
0  every documented clause that could be checked holds\n  \
1  one does not; with --strict, also where the deployment deviates from what only\n     \
the contract says, or its answers from their recorded shapes\n  \
2  wrong usage: an option, a name or a file to be replayed is not understood\n  \
3  no verdict: the deployment does not answer or takes none of the keys, no check\n     \
could be made, the report can't be written, or it was interrupted before anything\n     \
was found\n\n\
Ctrl-C or SIGTERM ends a run as --budget does: what is left is skipped, and the report\n\
is written. A second one ends it at once, with 3 and without a report."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Print docs/conformance.md: what is checked, and which check proves which clause
    Catalogue,
    /// Check a receiver of callbacks instead: what it takes, and what it refuses
    Receiver(Box<ReceiverArgs>),
}

#[derive(Args)]
struct RunArgs {
    #[command(flatten)]
    deployment: DeploymentArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    /// Time after which what is left is skipped, such as `60s` or `5m`
    #[arg(long, value_name = "TIME", value_parser = time)]
    budget: Option<Duration>,
    /// Requests after which what is left is skipped
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_requests: Option<u32>,
    /// What generated requests are drawn with; the report tells the seed of each run
    #[arg(long)]
    seed: Option<u64>,
    /// Make the checks that failed in this JSON report again, with its seed
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

/// Why the command came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(
        "{} missing; give {}, or set {} (--help has examples)",
        list(.0, |it| it.option),
        if .0.len() > 1 { "them" } else { "it" },
        list(.0, |it| it.variable)
    )]
    Missing(Vec<Missing>),
    #[error("{path} can't be replayed: {why}")]
    Replay { path: PathBuf, why: String },
    #[error("the report can't be written to {path}: {error}; choose another file with --output")]
    Report {
        path: PathBuf,
        error: std::io::Error,
    },
    #[error("standard output can't be written to: {0}")]
    Stdout(std::io::Error),
    #[error("the report can't be rendered: {0}")]
    Render(#[from] askama::Error),
    #[error("the runtime can't be started: {0}")]
    Runtime(std::io::Error),
    #[error("signals can't be handled: {0}")]
    Signals(std::io::Error),
    #[error(transparent)]
    Run(#[from] RunError),
}

/// An option that is needed, and the variable that may stand for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Missing {
    option: &'static str,
    variable: &'static str,
}

impl Missing {
    const URL: Self = Self::new("--url", "QUALITYMAX_CONFORMANCE_URL");
    const SLUG: Self = Self::new("--slug", "QUALITYMAX_CONFORMANCE_SLUG");
    const KEY: Self = Self::new("--key", "QUALITYMAX_CONFORMANCE_KEY");
    pub(crate) const SECRET: Self = Self::new("--secret", "QUALITYMAX_CONFORMANCE_SECRET");
    pub(crate) const RECEIVER_URL: Self = Self::new("--url", "QUALITYMAX_RECEIVER_URL");

    const fn new(option: &'static str, variable: &'static str) -> Self {
        Self { option, variable }
    }
}

fn list(missing: &[Missing], name: fn(&Missing) -> &'static str) -> String {
    let names: Vec<&str> = missing.iter().map(name).collect();
    names.join(", ")
}

/// Parses the command line and does what it says.
pub fn main() -> ExitCode {
    let cli: Cli = command_line::parse();
    let outcome = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(cli.perform()),
        Err(error) => Err(CliError::Runtime(error)),
    };
    ExitCode::from(outcome.unwrap_or_else(|error| {
        command_line::tell!("error: {error}");
        error.exit_code()
    }))
}

impl CliError {
    /// Of what is needed, each with whether it is missing.
    pub(crate) fn missing(needed: &[(bool, Missing)]) -> Self {
        let missing = needed.iter().filter(|(missing, _)| *missing);
        Self::Missing(missing.map(|(_, option)| *option).collect())
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::Missing(_)
            | Self::Replay { .. }
            | Self::Run(
                RunError::NothingSelected
                | RunError::UnknownName { .. }
                | RunError::NoKey
                | RunError::OtherKeyIsOwn,
            ) => MISUSED,
            _ => NO_VERDICT,
        }
    }
}

impl Cli {
    async fn perform(self) -> Result<u8, CliError> {
        match self.command {
            Some(Command::Catalogue) => {
                let page = catalogue::markdown(checks::all());
                let written = std::io::stdout().write_all(page.as_bytes());
                written.map(|()| CONFORMS).map_err(CliError::Stdout)
            }
            Some(Command::Receiver(receiver)) => receiver.perform().await,
            None => self.run.perform().await,
        }
    }
}

impl RunArgs {
    async fn perform(self) -> Result<u8, CliError> {
        let mut selection = self.selection.read();
        let mut seed = self.seed;
        if let Some(path) = &self.replay {
            let earlier = replay::read(path)?;
            seed = seed.or(earlier.seed);
            selection.only.extend(earlier.failed);
        }
        if self.selection.list {
            return self.list(&selection);
        }
        let deployment = self.deployment.read()?;
        self.output.is_writable()?;
        let budget = Budget {
            time: self.budget,
            requests: self.max_requests,
            seed,
        };
        let progress = terminal::Progress::new();
        let interruption = interruption(&progress)?;
        let report = run_until(&deployment, &selection, &budget, &progress, &interruption).await;
        progress.done();
        self.output.deliver(&report?)
    }

    fn list(&self, selection: &Selection) -> Result<u8, CliError> {
        let known: Vec<Named<'_>> = checks::all().iter().map(Named::of).collect();
        selection.names_are_known(&known)?;
        let selected = selection.checks();
        let lines = selected
            .iter()
            .map(|check| (check.id.as_str(), check.level, check.proves.as_str()));
        self.output.list(lines, checks::all().len())
    }
}

/// A length of time above zero.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    match command_line::time(text) {
        Ok(Duration::ZERO) => Err("it has to be more than nothing".to_owned()),
        other => other.map_err(|error| error.to_string()),
    }
}

/// A URL that can be asked over HTTP.
pub(crate) fn http_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| "write it in full, such as http://127.0.0.1:8080".to_owned())
}
