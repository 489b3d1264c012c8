//! The operator's command line.

/// Prints a line on stdout.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::cli::output::print(format_args!("{}\n", format_args!($($text)*)))
    };
}

mod api_tests;
mod gaps;
mod job;
mod key;
mod llm;
mod output;
mod partner;
mod scan;
mod serve;
mod setup;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{CommandFactory, Parser, Subcommand};
use engine::repository::url::Host;
use engine::tools::Tools;
use engine::{Config, Engine};
use url::Url;

/// Server of the QualityMax Partner API.
#[derive(Parser)]
#[command(
    name = "qualitymax",
    version,
    after_help = "\
A first deployment:
  qualitymax setup
  qualitymax partner create veilstream
  qualitymax key create --partner veilstream
  qualitymax serve

Environment, beside what each command's options name:
  QUALITYMAX_MASTER_KEY    seals secrets in the database: 32 bytes in hex or base64
                           [default: master.key in the data directory, made at first use]
  QUALITYMAX_TOOLS_DIR     where `setup` installs, and the others look
                           [default: ~/.local/share/qualitymax/tools]
  QUALITYMAX_CHROMIUM      the browser to use instead of the one that is found

Exit codes: 0 done, 1 failed (the reason is on stderr), 2 wrong usage."
)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Args)]
struct Common {
    /// Where the database, artifacts and the master key are kept
    #[arg(
        long,
        global = true,
        env = "QUALITYMAX_DATA_DIR",
        default_value_os_t = default_data_dir(),
        value_name = "DIR"
    )]
    data_dir: PathBuf,
    /// Print JSON, for machines
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    Setup(setup::SetupArgs),
    Serve(serve::ServeArgs),
    /// Who may send webhooks: create, list, rotate the webhook secret
    #[command(subcommand)]
    Partner(partner::PartnerCommand),
    /// API keys of partners: create, list, revoke
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Webhook jobs: list, show, send a callback once more
    #[command(subcommand)]
    Job(job::JobCommand),
    Gaps(gaps::GapsArgs),
    Scan(scan::ScanArgs),
    ApiTests(api_tests::ApiTestsArgs),
    /// LLM providers that partners bring: set, show, check, remove
    #[command(subcommand)]
    Llm(llm::LlmCommand),
    /// Print a completion script for your shell
    #[command(
        after_help = "Example:\n  qualitymax completions bash > /etc/bash_completion.d/qualitymax"
    )]
    Completions {
        shell: clap_complete::Shell,
    },
}

pub fn main() -> ExitCode {
    // Wrong usage ends here, with 2.
    let cli: Cli = command_line::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if let Some(Exit(code)) = error.downcast_ref() {
                return ExitCode::from(*code);
            }
            command_line::tell!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    if let Command::Completions { shell } = cli.command {
        let name = "qualitymax";
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), name, &mut script);
        output::print(format_args!("{}", String::from_utf8_lossy(&script)));
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime could not be started")?;
    runtime.block_on(async {
        match cli.command {
            Command::Setup(_) => setup::run(&cli.common).await,
            Command::Serve(args) => serve::run(&cli.common, args).await,
            Command::Partner(command) => partner::run(&cli.common, command).await,
            Command::Key(command) => key::run(&cli.common, command).await,
            Command::ApiTests(args) => api_tests::run(&cli.common, args).await,
            Command::Llm(command) => llm::run(&cli.common, command).await,
            Command::Job(command) => job::run(&cli.common, command).await,
            Command::Gaps(args) => gaps::run(&cli.common, args).await,
            Command::Scan(args) => scan::run(&cli.common, args).await,
            Command::Completions { .. } => Ok(()),
        }
    })
}

/// Ends the program with a code of its own; what there was to say was said.
#[derive(Debug, thiserror::Error)]
#[error("exit code {0}")]
struct Exit(u8);

impl Exit {
    /// An engine found what it was told to fail on.
    const FOUND: Self = Self(1);
    const USAGE: Self = Self(2);
    /// An engine could not do its work.
    const FAILED: Self = Self(3);
}

impl Common {
    /// The deployment in the data directory, created where there is none.
    async fn open_or_create(&self) -> anyhow::Result<Engine> {
        open(&self.data_dir).await
    }

    /// The deployment in the data directory. One that was mistyped must not
    /// come into being by looking at it.
    async fn open(&self) -> anyhow::Result<Engine> {
        let empty = std::fs::read_dir(&self.data_dir).map_or(true, |mut dir| dir.next().is_none());
        if empty {
            bail!(
                "there is no deployment in {}. Name another with --data-dir, or begin one with `qualitymax partner create SLUG`",
                self.data_dir.display()
            );
        }
        open(&self.data_dir).await
    }
}

/// The same from whichever directory a command is given.
fn default_data_dir() -> PathBuf {
    let path = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    path("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| path("HOME").map(|home| PathBuf::from(home).join(".local/share")))
        .unwrap_or_else(|| PathBuf::from("/var/lib"))
        .join("qualitymax/data")
}

async fn open(data_dir: &Path) -> anyhow::Result<Engine> {
    let config = Config {
        data_dir: data_dir.to_owned(),
        // No link is written by a command.
        public_url: Url::parse("http://127.0.0.1").expect("a URL"),
        allow_loopback: false,
        tools: Tools::default(),
        git_hosts: Host::public(),
        sast_rules: Vec::new(),
    };
    Ok(Engine::open(config).await?)
}
