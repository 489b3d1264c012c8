//! `cargo xtask test`: everything that must hold, in the order in which a
//! failure is cheapest to learn of.

use std::process::Command;
use std::time::Instant;

use anyhow::Result;
use clap::Args;

use crate::process::{self, cargo, installed};

#[derive(Args)]
pub struct TestArgs {
    /// Only the tests whose names contain this
    filter: Option<String>,
}

pub fn run(args: TestArgs) -> Result<()> {
    let started = Instant::now();
    step("setup: browser, Playwright, ffmpeg")?;
    crate::setup::run()?;
    if args.filter.is_none() {
        step("format")?;
        process::run(cargo().args(["fmt", "--all", "--check"]))?;
        step("clippy, warnings denied")?;
        process::run(cargo().args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"]))?;
        step("licences, sources and bans (cargo deny)")?;
        deny()?;
        step("contract: fresh, round trip, lint, examples, released")?;
        crate::check::run()?;
    }
    step("tests")?;
    tests(args.filter.as_deref())?;
    println!("\nall of it passed in {} s", started.elapsed().as_secs());
    Ok(())
}

fn step(name: &str) -> Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n== {name}")?;
    out.flush()?;
    Ok(())
}

fn tests(filter: Option<&str>) -> Result<()> {
    let mut command = cargo();
    if installed("cargo-nextest", &["--version"]) {
        command.args(["nextest", "run", "--workspace"]);
    } else {
        command.args(["test", "--workspace"]);
    }
    process::run(command.args(filter))
}

/// The advisory database needs the network at each run, so it is a
/// maintainer's own `cargo deny check advisories`; what the lock file alone
/// decides is checked here.
fn deny() -> Result<()> {
    let root = process::target_dir()?.join("tools").join(CARGO_DENY);
    let binary = root.join("bin/cargo-deny");
    if !binary.exists() {
        println!("building {CARGO_DENY} (once, about a minute)");
        process::run(
            cargo()
                .args(["install", "--quiet", "--locked", "--debug", CARGO_DENY, "--root"])
                .arg(&root),
        )?;
    }
    process::run(
        Command::new(binary)
            .current_dir(process::workspace())
            .args(["--log-level", "error", "check", "bans", "licenses", "sources"]),
    )
}

const CARGO_DENY: &str = "cargo-deny@0.20.2";
