//! The command line.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use url::Url;

use crate::catalogue;
use crate::check::Level;
use crate::checks;
use crate::deployment::{Deployment, Receiver};
use crate::receiver::command::ReceiverArgs;
use crate::report::{Report, html, junit, terminal};
use crate::run::{Budget, RunError, Selection, run};

const CONFORMS: u8 = 0;
const BROKEN: u8 = 1;
const NOT_RUN: u8 = 3;

/// Holds a deployment of the QualityMax Partner API against the documented contract.
#[derive(Parser)]
#[command(
    name = "qualitymax-conformance",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  \
qualitymax-conformance --url http://127.0.0.1:8080 --slug veilstream --key qm-... --secret ...\n  \
qualitymax-conformance --only callback --only signatures        # these groups\n  \
qualitymax-conformance --level must --budget 60s                # what is documented, in a minute\n  \
qualitymax-conformance --format junit --output conformance.xml  # for a build server\n  \
qualitymax-conformance --list                                   # the catalogue\n  \
qualitymax-conformance receiver --help                          # for your own receiver\n\n\
Several --key make it faster, as rate limits are per key; of several the last one\n\
is kept for the checks that use up a limit.\n\n\
Exit codes: 0 every documented clause that could be checked holds; 1 one does not\n\
(with --strict, also where the deployment deviates from what only the contract\n\
says, or its answers from their recorded shapes); 2 the command line is not understood; 3 there is no verdict: the deployment\n\
does not answer, takes none of the keys, or the report can't be written."
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
    /// Checks a receiver of callbacks instead: what it takes, and what it refuses
    Receiver(Box<ReceiverArgs>),
}

#[derive(Args)]
struct RunArgs {
    #[command(flatten)]
    deployment: DeploymentArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    /// Time after which what is left is skipped, such as `60s` or `5m`
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    budget: Option<Duration>,
    /// Requests after which what is left is skipped
    #[arg(long, value_name = "N")]
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

/// Which checks are made, whatever is checked.
#[derive(Args)]
pub(crate) struct SelectionArgs {
    /// Only these checks: ids, groups, or clauses; `callback` takes `callback.echo` in
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Not these checks
    #[arg(long, value_name = "NAME")]
    skip: Vec<String>,
    /// `must`: only checks of documented clauses
    #[arg(long, value_enum, ignore_case = true)]
    level: Option<Level>,
    /// Print the checks that would be made, and make none
    #[arg(long)]
    pub(crate) list: bool,
}

impl SelectionArgs {
    pub(crate) fn read(&self) -> Selection {
        Selection {
            only: self.only.clone(),
            skip: self.skip.clone(),
            level: self.level,
        }
    }
}

/// What becomes of a report, whatever was checked.
#[derive(Args)]
pub(crate) struct OutputArgs {
    /// How the report is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Where the report is written; standard output if not given
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Exit with 1 also for what only the contract says, and for drift
    #[arg(long)]
    strict: bool,
    /// Show every failure of a check, and what was seen where it says so
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Args)]
struct DeploymentArgs {
    /// Base URL of the deployment
    #[arg(long, env = "QUALITYMAX_CONFORMANCE_URL")]
    url: Option<Url>,
    /// Partner slug
    #[arg(long, env = "QUALITYMAX_CONFORMANCE_SLUG")]
    slug: Option<String>,
    /// API key of this partner; repeatable
    #[arg(
        long = "key",
        env = "QUALITYMAX_CONFORMANCE_KEY",
        value_delimiter = ',',
        hide_env_values = true
    )]
    keys: Vec<String>,
    /// API key of another partner, for what has to be kept apart
    #[arg(long, env = "QUALITYMAX_CONFORMANCE_OTHER_KEY", hide_env_values = true)]
    other_key: Option<String>,
    /// Webhook secret
    #[arg(long, env = "QUALITYMAX_CONFORMANCE_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// Where to listen for callbacks
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "QUALITYMAX_CONFORMANCE_RECEIVER_BIND",
        default_value = "127.0.0.1:0"
    )]
    receiver_bind: SocketAddr,
    /// How the deployment reaches that address; needed where it is on another machine
    #[arg(long, value_name = "URL", env = "QUALITYMAX_CONFORMANCE_RECEIVER_URL")]
    receiver_url: Option<Url>,
    /// A page to be tested, with the heading `Conformance`; one is served if not given
    #[arg(long, value_name = "URL", env = "QUALITYMAX_CONFORMANCE_TARGET_URL")]
    target_url: Option<Url>,
    /// The repository to import; a small public one if not given
    #[arg(
        long,
        value_name = "URL",
        env = "QUALITYMAX_CONFORMANCE_REPOSITORY_URL"
    )]
    repository_url: Option<Url>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Junit,
    Html,
}

/// Why the command came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error("{0} is missing: give it, or set {1}")]
    Missing(&'static str, &'static str),
    #[error("{path} can't be read: {why}")]
    Replay { path: PathBuf, why: String },
    #[error("the report can't be written: {0}")]
    Output(#[from] std::io::Error),
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Parses the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&CliError::Output(error)),
    };
    let outcome = match cli.command {
        Some(Command::Catalogue) => {
            let page = catalogue::markdown(checks::all());
            std::io::stdout()
                .write_all(page.as_bytes())
                .map(|()| CONFORMS)
                .map_err(CliError::Output)
        }
        Some(Command::Receiver(receiver)) => runtime.block_on(receiver.perform()),
        None => runtime.block_on(cli.run.perform()),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => fail(&error),
    }
}

fn fail(error: &CliError) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(match error {
        CliError::Missing(..) | CliError::Run(RunError::NothingSelected) => 2,
        _ => NOT_RUN,
    })
}

impl RunArgs {
    async fn perform(self) -> Result<u8, CliError> {
        let mut selection = self.selection.read();
        let mut seed = self.seed;
        if let Some(path) = &self.replay {
            let earlier = read(path)?;
            seed = seed.or(earlier.seed);
            let broken = earlier
                .checks
                .iter()
                .filter(|check| !check.failures.is_empty());
            selection.only.extend(broken.map(|check| check.id.clone()));
        }
        if self.selection.list {
            return self.list(&selection);
        }
        let deployment = self.deployment.read()?;
        let budget = Budget {
            time: self.budget,
            requests: self.max_requests,
            seed,
        };
        let progress = terminal::Progress::new();
        let report = run(&deployment, &selection, &budget, &progress).await;
        progress.done();
        self.output.deliver(&report?)
    }

    fn list(&self, selection: &Selection) -> Result<u8, CliError> {
        let selected = selection.checks();
        let lines = selected
            .iter()
            .map(|check| (check.id.as_str(), check.level, check.proves.as_str()));
        self.output.list(lines, checks::all().len())
    }
}

impl OutputArgs {
    /// Writes the report; the exit code that it comes to.
    pub(crate) fn deliver(&self, report: &Report) -> Result<u8, CliError> {
        let text = match self.format {
            Format::Text => terminal::render(report, self.verbose),
            Format::Json => report.to_json() + "\n",
            Format::Junit => junit::render(report),
            Format::Html => html::render(report).map_err(std::io::Error::other)?,
        };
        self.write(&text)?;
        Ok(match report.conforms(self.strict) {
            true => CONFORMS,
            false => BROKEN,
        })
    }

    /// Writes the selected ones (id, level, what it proves) of `all` checks.
    pub(crate) fn list<'a>(
        &self,
        selected: impl ExactSizeIterator<Item = (&'a str, Level, &'a str)>,
        all: usize,
    ) -> Result<u8, CliError> {
        let count = selected.len();
        let mut text = String::new();
        for (id, level, proves) in selected {
            let level = level.name();
            text.push_str(&format!("{id:<32} {level:<6} {proves}\n"));
        }
        text.push_str(&format!("{count} of {all} checks\n"));
        self.write(&text)?;
        Ok(CONFORMS)
    }

    fn write(&self, text: &str) -> std::io::Result<()> {
        match &self.output {
            Some(path) => std::fs::write(path, console::strip_ansi_codes(text).as_bytes()),
            None => std::io::stdout().write_all(text.as_bytes()),
        }
    }
}

impl DeploymentArgs {
    fn read(&self) -> Result<Deployment, CliError> {
        if self.keys.is_empty() {
            return Err(CliError::Missing("--key", "QUALITYMAX_CONFORMANCE_KEY"));
        }
        let missing = |option, variable| move || CliError::Missing(option, variable);
        Ok(Deployment {
            url: self
                .url
                .clone()
                .ok_or_else(missing("--url", "QUALITYMAX_CONFORMANCE_URL"))?,
            slug: self
                .slug
                .clone()
                .ok_or_else(missing("--slug", "QUALITYMAX_CONFORMANCE_SLUG"))?,
            keys: self.keys.clone(),
            other_key: self.other_key.clone(),
            secret: self
                .secret
                .clone()
                .ok_or_else(missing("--secret", "QUALITYMAX_CONFORMANCE_SECRET"))?,
            receiver: Receiver {
                bind: self.receiver_bind,
                url: self.receiver_url.clone(),
            },
            target_url: self.target_url.clone(),
            repository_url: self.repository_url.clone(),
        })
    }
}

fn read(path: &PathBuf) -> Result<Report, CliError> {
    let unreadable = |why: String| CliError::Replay {
        path: path.clone(),
        why,
    };
    let text = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))
}
