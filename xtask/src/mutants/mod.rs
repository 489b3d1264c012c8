//! `cargo xtask mutants`: the proof that the conformance suite sees a fault.
//! Each mutant is a deployment with one clause broken; the checks that carry the
//! clause have to fail on it, and none of them on the mock as it is.

pub(crate) mod run;
mod table;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::process;
use run::Bench;

/// So many at a time: under the suite they mostly wait.
pub(crate) const JOBS: usize = 6;

#[derive(Args)]
#[command(after_help = "Examples:\n  \
cargo xtask mutants                           every mutant, with the checks of its clause\n  \
cargo xtask mutants --only callback           those whose ids begin like this\n  \
cargo xtask mutants --full                    with the whole suite, which takes longer\n  \
cargo xtask mutants --format markdown         the table of docs/mutants.md\n\n\
Exit code 1: a mutant survived, or the mock as it is fails a check.")]
pub struct MutantsArgs {
    /// Only mutants whose ids are this, or begin with it and a dot; repeatable
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// How many at a time
    #[arg(long, value_name = "N", default_value_t = JOBS)]
    jobs: usize,
    /// Make every check on each, not only those of its clause
    #[arg(long)]
    full: bool,
    /// How the table is printed
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Markdown,
    Json,
}

/// A mutant, as the mock lists it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Mutant {
    pub(crate) id: String,
    clause: String,
    documented: bool,
    slow: bool,
    /// Whose requests or answers are changed; none where it is not one alone.
    pub(crate) operation: Option<String>,
    fault: String,
}

/// Every mutant, as `cargo xtask test` runs them.
pub fn all_are_caught() -> Result<()> {
    let args = MutantsArgs {
        only: Vec::new(),
        jobs: JOBS,
        full: false,
        format: Format::Text,
    };
    ensure!(
        run(&args)? == ExitCode::SUCCESS,
        "the conformance suite misses a fault; the table is above"
    );
    Ok(())
}

pub fn run(args: &MutantsArgs) -> Result<ExitCode> {
    let bench = Bench::build(args.full)?;
    let mutants: Vec<Mutant> = bench
        .mutants()?
        .into_iter()
        .filter(|mutant| args.takes(mutant))
        .collect();
    ensure!(!mutants.is_empty(), "no mutant has such an id");
    let began = Instant::now();
    let checks = bench.unbroken(&mutants)?;
    let alarms = run::alarms(&checks);
    let mut outcomes = each(&mutants, args.jobs.max(1), |mutant| {
        bench.try_on(mutant, &checks)
    })?;
    // Where a machine stands still for a moment, a rate limit's window passes
    // within a burst; alone it has no reason to.
    for outcome in outcomes.iter_mut().filter(|outcome| !outcome.caught()) {
        let mutant = outcome.mutant.clone();
        eprintln!("{} survived beside others; once more, alone", mutant.id);
        *outcome = bench.try_on(&mutant, &checks)?;
    }
    let text = match args.format {
        Format::Text => table::text(&outcomes),
        Format::Markdown => table::markdown(&outcomes),
        Format::Json => serde_json::to_string_pretty(&outcomes)?,
    };
    println!("{text}");
    let caught = outcomes.iter().filter(|outcome| outcome.caught()).count();
    eprintln!(
        "{caught} of {} mutants caught in {:.0} s; false alarms on the mock as it is: {}",
        outcomes.len(),
        began.elapsed().as_secs_f64(),
        if alarms.is_empty() {
            "none".to_owned()
        } else {
            alarms.join(", ")
        }
    );
    for outcome in outcomes.iter().filter(|outcome| !outcome.caught()) {
        eprintln!("survived: {}: {}", outcome.mutant.id, outcome.mutant.fault);
    }
    Ok(ExitCode::from(u8::from(
        caught < outcomes.len() || !alarms.is_empty(),
    )))
}

impl MutantsArgs {
    fn takes(&self, mutant: &Mutant) -> bool {
        let named = |name: &String| {
            mutant.id == *name
                || mutant
                    .id
                    .strip_prefix(name.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
        };
        self.only.is_empty() || self.only.iter().any(named)
    }
}

/// Does it to several at a time; they mostly wait. In the order of the mutants.
pub(crate) fn each<T: Send>(
    mutants: &[Mutant],
    jobs: usize,
    try_on: impl Fn(&Mutant) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    // What waits longest begins first.
    let mut order: Vec<(usize, &Mutant)> = mutants.iter().enumerate().collect();
    order.sort_by_key(|(_, mutant)| !mutant.slow);
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(&(index, mutant)) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = try_on(mutant);
                    let mut done = done.lock().expect("no thread panics with it");
                    done.push((index, outcome));
                    progress(done.len(), mutants.len());
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no thread panics with it");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

fn progress(done: usize, of: usize) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        let end = if done == of { "\n" } else { "" };
        // What can't be shown is no reason to stop.
        let _ = write!(out, "\r{done} of {of}{end}").and_then(|()| out.flush());
    }
}

/// The binaries that are run: the mock with its mutants under a name of its own,
/// so that the mock as it is need not be built again.
fn build() -> Result<()> {
    process::build(&[
        "--quiet",
        "--features=qualitymax-mock/mutants",
        "--bin=qualitymax-mutants",
        "--bin=qualitymax-conformance",
        // With the features that the tests are built with, or all that both
        // stand on would be built anew.
        "--example=stub_document",
    ])
}
