//! Serves one mutant, or lists them all: what `cargo xtask mutants` runs.

use anyhow::{Context, Result};
use clap::Parser;
use qualitymax_mock::mutants::Mutant;
use qualitymax_mock::{Mock, Options, Partner};

/// Deployments with one clause broken each.
#[derive(Parser)]
struct Args {
    /// Print every mutant as JSON
    #[arg(long)]
    list: bool,
    /// The mutant to serve; without it nothing is broken
    #[arg(long, value_name = "ID")]
    mutant: Option<String>,
    /// How many times faster than the wall's the clock runs
    #[arg(long, default_value_t = 60.0)]
    speed: f64,
    /// An API key of the partner `veilstream`; repeatable
    #[arg(long = "key", default_value = "qm-your-token")]
    keys: Vec<String>,
}

/// Prints the URL once it listens, and serves until standard input ends: with
/// whoever started it.
#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    if args.list {
        println!("{}", serde_json::to_string_pretty(Mutant::all())?);
        return Ok(());
    }
    let mutant = match args.mutant.as_deref() {
        Some(id) => Some(Mutant::by_id(id).with_context(|| format!("there is no mutant {id}"))?),
        None => None,
    };
    let mut options = Options {
        speed: args.speed,
        mutant,
        ..Options::default()
    };
    options.partners[0] = Partner {
        keys: args.keys,
        ..Partner::of_the_examples()
    };
    let mock = Mock::start(options).await?;
    println!("{}", mock.url());
    tokio::io::copy(&mut tokio::io::stdin(), &mut tokio::io::sink()).await?;
    mock.stop().await?;
    Ok(())
}
