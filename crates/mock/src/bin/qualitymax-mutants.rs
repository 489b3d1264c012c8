//! Serves one mutant, or lists them all: what `cargo xtask mutants` runs.

use std::io::IsTerminal;
use std::os::unix::fs::FileTypeExt;

use anyhow::Result;
use clap::Parser;
use qualitymax_mock::mutants::Mutant;
use qualitymax_mock::{Mock, Options, Partner};
use tokio::signal::unix::{SignalKind, signal};

/// Deployments with one clause broken each.
///
/// Prints the URL once it listens, and serves until its standard input ends, so that
/// it does not outlive whoever started it; where that is /dev/null, as for a job that
/// a script puts in the background, until Ctrl-C or SIGTERM.
#[derive(Parser)]
struct Args {
    /// Print every mutant as JSON
    #[arg(long)]
    list: bool,
    /// The mutant to serve; without it nothing is broken
    #[arg(long, value_name = "ID", value_parser = mutant)]
    mutant: Option<&'static Mutant>,
    /// How many times faster than the wall's the clock runs
    #[arg(long, default_value_t = 60.0)]
    speed: f64,
    /// An API key of the partner `veilstream`; repeatable
    #[arg(long = "key", default_value = "qm-your-token")]
    keys: Vec<String>,
}

fn mutant(id: &str) -> Result<&'static Mutant, String> {
    Mutant::by_id(id).ok_or_else(|| "there is no such mutant; --list prints them all".to_owned())
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    if args.list {
        return Ok(command_line::print(&serde_json::to_string_pretty(
            Mutant::all(),
        )?)?);
    }
    let mut options = Options {
        speed: args.speed,
        mutant: args.mutant,
        ..Options::default()
    };
    options.partners[0] = Partner {
        keys: args.keys,
        ..Partner::of_the_examples()
    };
    let mock = Mock::start(options).await?;
    command_line::print(mock.url())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        ended = starter_ends() => ended?,
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    mock.stop().await?;
    // A read of standard input that nothing ends would hold up the runtime.
    std::process::exit(0)
}

/// Standard input ends with whoever holds its other end; /dev/null has none.
async fn starter_ends() -> Result<()> {
    let kind = std::fs::metadata("/dev/stdin").map(|it| it.file_type());
    let of_nobody = kind.is_ok_and(|kind| kind.is_char_device());
    if of_nobody && !std::io::stdin().is_terminal() {
        return std::future::pending().await;
    }
    tokio::io::copy(&mut tokio::io::stdin(), &mut tokio::io::sink()).await?;
    Ok(())
}
