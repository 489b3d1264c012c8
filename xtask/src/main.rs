//! The maintainers' bench: what is done to the workspace and with it.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bench;
mod check;
mod conformance;
mod demo;
mod diff;
mod dist;
mod document;
mod generate;
mod mutants;
mod process;
mod setup;
mod sites;
mod table;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The maintainers' bench of the QualityMax Partner API.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    after_help = "Examples:\n  \
cargo xtask demo                    the main job, from webhook to callback\n  \
cargo xtask test                    everything that must hold\n  \
cargo xtask generate                after an edit of openapi.json\n  \
cargo xtask diff old.json new.json  whom a change breaks"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what this machine lacks: Node packages, browser, ffmpeg, scanners
    Setup,
    /// Write types, trait, client and clause list from openapi.json
    Generate,
    /// Hold the contract against all that is made of it, and against the last release
    Check(check::CheckArgs),
    /// Name each breaking and non-breaking change between two OpenAPI documents
    Diff(diff::DiffArgs),
    /// Run the main job on real parts and show what comes out
    Demo(demo::DemoArgs),
    /// Hold mock and server against the contract, with the conformance suite
    Conformance(conformance::ConformanceArgs),
    /// Serve the sample sites
    Sites(sites::SitesArgs),
    /// Check, lint and test everything
    Test(test::TestArgs),
    /// Hold the conformance suite against deployments with one clause broken each
    Mutants(mutants::MutantsArgs),
    /// Build the mock as one static binary; fails where it is 15 MB or more
    Dist,
    /// Measure, each number beside another of the same run
    Bench(bench::BenchArgs),
}

/// 0: done, and nothing to complain of. 1: something was found, or went wrong.
/// 2: the question could not be answered, or was not understood.
fn main() -> ExitCode {
    let command = Cli::parse().command;
    let unanswered = matches!(command, Command::Check(_) | Command::Diff(_));
    let done = |()| ExitCode::SUCCESS;
    let result = match command {
        Command::Setup => setup::run().map(done),
        Command::Generate => generate::run().map(done),
        Command::Check(args) => check::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Demo(args) => asynchronous(demo::run(args)).map(done),
        Command::Conformance(args) => asynchronous(conformance::run(args)).map(done),
        Command::Sites(args) => asynchronous(sites::run(args)).map(done),
        Command::Test(args) => test::run(&args).map(done),
        Command::Mutants(args) => mutants::run(&args),
        Command::Dist => dist::run().map(done),
        Command::Bench(args) => asynchronous(bench::run(args)).map(done),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(if unanswered { 2 } else { 1 })
    })
}

fn asynchronous<T>(task: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Runtime::new()?.block_on(task)
}
