//! `cargo xtask test`: everything that must hold, in the order in which a
//! failure is cheapest to learn of.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::conformance::{self, ConformanceArgs};
use crate::process::{self, cargo, installed};

#[derive(Args)]
#[command(after_help = "Examples:\n  \
cargo xtask test                   formats, lints, licences, contract, every test\n  \
cargo xtask test survives_a_kill   only the tests whose names contain this")]
pub struct TestArgs {
    /// Only the tests whose names contain this
    filter: Option<String>,
}

pub fn run(args: &TestArgs) -> Result<()> {
    let started = Instant::now();
    if args.filter.is_none() {
        step("format")?;
        component("cargo-fmt", "rustfmt")?;
        process::run(cargo().args(["fmt", "--all", "--check"]))?;
        step("clippy, warnings denied")?;
        component("cargo-clippy", "clippy")?;
        process::run(cargo().args([
            "clippy",
            "--quiet",
            "--locked",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ]))?;
        step("licences, sources and bans (cargo deny)")?;
        deny()?;
        step("contract")?;
        ensure!(
            crate::check::all_holds(false)?,
            "the contract does not hold; what to do is above"
        );
    }
    step("setup")?;
    crate::setup::run()?;
    step("tests")?;
    let ran = tests(args.filter.as_deref())?;
    if args.filter.is_none() {
        step("conformance of the server")?;
        crate::asynchronous(conformance::run(ConformanceArgs::of_every_test_run()))?;
    }
    println!(
        "\n     Summary [{:>8.3}s] {ran}",
        started.elapsed().as_secs_f64()
    );
    ensure!(ran.failed == 0, "{} tests failed", ran.failed);
    if args.filter.is_none() {
        step("mutants: the conformance suite sees each fault")?;
        crate::mutants::all_are_caught()?;
    }
    Ok(())
}

fn step(name: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n== {name}")?;
    out.flush()?;
    Ok(())
}

/// Rustup installs what a minimal toolchain leaves out.
fn component(program: &str, component: &str) -> Result<()> {
    if installed(program, &["--version"]) {
        return Ok(());
    }
    process::run(Command::new("rustup").args(["component", "add", component]))
        .with_context(|| format!("install the toolchain's {component}"))
}

/// How many tests ran, as cargo-nextest words it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ran {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl std::ops::AddAssign for Ran {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} tests run: {} passed",
            self.passed + self.failed,
            self.passed
        )?;
        if self.failed > 0 {
            write!(formatter, ", {} failed", self.failed)?;
        }
        write!(formatter, ", {} skipped", self.skipped)
    }
}

/// Under cargo-nextest where it is installed; doc tests it does not know.
fn tests(filter: Option<&str>) -> Result<Ran> {
    let common = ["--locked", "--workspace", "--no-fail-fast"];
    if !installed("cargo-nextest", &["--version"]) {
        return counted(cargo().arg("test").args(common).args(filter));
    }
    let mut ran = counted(
        cargo()
            .args(["nextest", "run", "--no-tests=pass"])
            .args(common)
            .args(filter),
    )?;
    ran += counted(cargo().args(["test", "--doc"]).args(common).args(filter))?;
    Ok(ran)
}

/// Runs tests, their output shown, and counts them by it. Both test runners
/// count on their standard output or error, which are one here.
fn counted(command: &mut Command) -> Result<Ran> {
    let (reader, writer) = std::io::pipe()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()
        .context("the tests could not be started")?;
    // The command holds the pipe's other end, and would keep it open.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut ran = Ran::default();
    let mut out = std::io::stdout().lock();
    for line in BufReader::new(reader).split(b'\n') {
        let line = line?;
        out.write_all(&line)?;
        out.write_all(b"\n")?;
        if let Some(counts) = counts(&String::from_utf8_lossy(&line)) {
            ran += counts;
        }
    }
    let status = child.wait()?;
    ensure!(
        status.success() || ran.failed > 0,
        "the tests could not be run ({status}); what is wrong is above"
    );
    Ok(ran)
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; ...` of libtest, or
/// `Summary [  0.5s] 17 tests run: 16 passed, 1 failed, 0 skipped` of nextest.
///
/// What nextest shows of a failed test is indented, libtest's own count in it
/// too: that failure is counted already.
fn counts(line: &str) -> Option<Ran> {
    if !line.starts_with("test result: ") && !line.trim_start().starts_with("Summary [") {
        return None;
    }
    let number = |what: &str| {
        let before = line
            .split(what)
            .next()
            .filter(|before| before.len() < line.len())?;
        before.trim_end().rsplit(' ').next()?.parse::<usize>().ok()
    };
    Some(Ran {
        passed: number(" passed").unwrap_or(0),
        failed: number(" failed").unwrap_or(0) + number(" timed out").unwrap_or(0),
        skipped: number(" ignored")
            .or_else(|| number(" skipped"))
            .unwrap_or(0),
    })
}

/// The advisory database needs the network at each run, so it is a
/// maintainer's own `cargo deny check advisories`; what the lock file alone
/// decides is checked here.
fn deny() -> Result<()> {
    let root = process::target_dir()?.join("tools").join(CARGO_DENY);
    let binary = root.join("bin/cargo-deny");
    if !binary.exists() {
        println!("building {CARGO_DENY} (once, about two minutes)");
        process::run(
            cargo()
                .args([
                    "install",
                    "--quiet",
                    "--locked",
                    "--debug",
                    "--no-track",
                    CARGO_DENY,
                    "--root",
                ])
                .arg(&root)
                // Nobody debugs it.
                .env("CARGO_PROFILE_DEV_DEBUG", "0"),
        )?;
    }
    process::run(
        Command::new(binary)
            .current_dir(process::workspace())
            .args([
                "--log-level",
                "error",
                "check",
                "bans",
                "licenses",
                "sources",
            ]),
    )
}

const CARGO_DENY: &str = "cargo-deny@0.20.2";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_by_what_either_runner_prints() {
        let ran = |passed, failed, skipped| {
            Some(Ran {
                passed,
                failed,
                skipped,
            })
        };
        let cases = [
            (
                "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s",
                ran(12, 0, 1),
            ),
            (
                "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out",
                ran(2, 3, 0),
            ),
            (
                "     Summary [   0.522s] 17 tests run: 17 passed, 0 skipped",
                ran(17, 0, 0),
            ),
            (
                "     Summary [   9.001s] 5 tests run: 2 passed (1 slow), 2 failed, 1 timed out, 4 skipped",
                ran(2, 3, 4),
            ),
            (
                "     Summary [   9.001s] 3/5 tests run: 2 passed, 1 failed, 4 skipped",
                ran(2, 1, 4),
            ),
            (
                "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 24 filtered out",
                None,
            ),
            ("test names_are_kept ... ok", None),
            ("running 3 tests", None),
        ];
        for (line, expected) in cases {
            assert_eq!(counts(line), expected, "{line}");
        }
    }

    #[test]
    fn the_summary_is_worded_as_nextest_words_it() {
        let mut ran = Ran {
            passed: 10,
            failed: 0,
            skipped: 1,
        };
        ran += Ran {
            passed: 2,
            failed: 0,
            skipped: 0,
        };
        assert_eq!(ran.to_string(), "12 tests run: 12 passed, 1 skipped");
        ran += Ran {
            passed: 0,
            failed: 2,
            skipped: 0,
        };
        assert_eq!(
            ran.to_string(),
            "14 tests run: 12 passed, 2 failed, 1 skipped"
        );
    }
}
