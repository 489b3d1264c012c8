//! The command line.

mod control;
mod serve;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

/// Mock of the QualityMax Partner API: stateful, signed, rate-limited, with
/// callbacks that are really delivered. Nothing needs to be set up
#[derive(Parser)]
#[command(
    version,
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  qualitymax-mock                            # on port 4010
  qualitymax-mock --port 0 --print-url       # prints where it listens
  qualitymax-mock --scenario failed
  qualitymax-mock --partner shop --secret s3cret --key qm-shop
  qualitymax-mock wait --timeout 30s         # until the mock has nothing to do
  qualitymax-mock requests --operation trigger_test_generation

Exit codes: 0 done, or stopped by a signal; 1 failed (could not start, no mock
there, not idle in time); 2 wrong usage.
SIGTERM and Ctrl-C finish the answers under way; a second one ends at once,
with 1."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::ServeArgs,
}

#[derive(Subcommand)]
enum Command {
    Serve(Box<serve::ServeArgs>),
    #[command(flatten)]
    Control(control::Control),
}

pub fn main() -> ExitCode {
    // Wrong usage ends here, with 2.
    let cli: Cli = command_line::parse();
    let serve = match &cli.command {
        None => Some(&cli.serve),
        Some(Command::Serve(args)) => Some(&**args),
        Some(Command::Control(_)) => None,
    };
    if let Some(conflict) = serve.and_then(serve::ServeArgs::conflict) {
        let kind = ErrorKind::ArgumentConflict;
        Cli::command().error(kind, conflict).exit();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(async {
            match cli.command {
                Some(Command::Serve(args)) => serve::run(*args).await,
                Some(Command::Control(command)) => control::run(command).await,
                None => serve::run(cli.serve).await,
            }
        }),
        Err(error) => Err(error.into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            command_line::tell!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
