//! `cargo xtask check`: the contract held against all that is made of it, and
//! against what was released.

mod examples;
mod fresh;
mod lint;
mod proven;
mod released;
mod round_trip;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};

use crate::document;

#[cfg(test)]
pub use examples::golden_body;

#[derive(Args)]
#[command(
    after_help = "Exit codes: 0 all holds, 1 something does not, 2 openapi.json can't be read.\n\n\
Examples:\n  \
cargo xtask check\n  \
cargo xtask check --json | jq '.problems[].at'"
)]
pub struct CheckArgs {
    /// Print one JSON object: what was checked, and the problems
    #[arg(long)]
    json: bool,
}

/// Something that does not hold.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A file, or a JSON pointer into `openapi.json`.
    pub at: String,
    pub says: String,
    /// What to do about it.
    pub fix: String,
}

impl Problem {
    fn new(at: impl Into<String>, says: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            at: at.into(),
            says: says.into(),
            fix: fix.into(),
        }
    }
}

/// What one check looked at and found.
struct Checked {
    name: &'static str,
    looked_at: String,
    /// Whether there was nothing to look at: what was found before has to be
    /// mended first.
    skipped: bool,
    problems: Vec<Problem>,
}

pub fn run(args: &CheckArgs) -> Result<ExitCode> {
    Ok(if all_holds(args.json)? {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// Runs and shows every check.
pub fn all_holds(json: bool) -> Result<bool> {
    let document = document::contract()?;
    let mut all: Vec<Checked> = Vec::new();
    for (name, check) in CHECKS {
        let checked = if name == ROUND_TRIP && all.iter().any(Checked::is_stale) {
            Checked {
                name,
                looked_at: "until the stubs are those of openapi.json".to_owned(),
                skipped: true,
                problems: Vec::new(),
            }
        } else {
            looked_at(name, check, &document)
        };
        if !json {
            show(&checked);
        }
        all.push(checked);
    }
    let problems: usize = all.iter().map(|checked| checked.problems.len()).sum();
    if json {
        println!("{:#}", as_json(&all));
    } else if problems > 0 {
        println!(
            "\n{problems} {}",
            if problems == 1 { "problem" } else { "problems" }
        );
    }
    Ok(problems == 0)
}

fn looked_at(name: &'static str, check: Check, document: &Value) -> Checked {
    let (looked_at, problems) = check(document).unwrap_or_else(|error| {
        let fix = "correct it, and what else is named here, and check again";
        let problem = Problem::new("openapi.json", format!("can't be checked: {error:#}"), fix);
        (String::new(), vec![problem])
    });
    Checked {
        name,
        looked_at,
        skipped: false,
        problems,
    }
}

impl Checked {
    /// Whether what was generated is of another document, and so says nothing of this one.
    fn is_stale(&self) -> bool {
        self.name == FRESH && !self.problems.is_empty()
    }
}

/// What was looked at, and what does not hold.
type Outcome = Result<(String, Vec<Problem>)>;
type Check = fn(&Value) -> Outcome;

const FRESH: &str = "fresh";
const ROUND_TRIP: &str = "round trip";

/// What is wrong with the document itself is told before what is made of it.
const CHECKS: [(&str, Check); 6] = [
    ("lint", lint),
    ("examples", examples),
    (FRESH, fresh),
    (ROUND_TRIP, round_trip),
    ("proven", proven),
    ("released", released),
];

fn fresh(_: &Value) -> Outcome {
    let files = crate::generate::all()?;
    let looked_at = format!("{} generated files", files.len());
    Ok((looked_at, fresh::stale(&files)))
}

fn lint(document: &Value) -> Outcome {
    let looked_at = format!(
        "{} operations, {} callback, {} clauses",
        document::operations(document).count(),
        document::callbacks(document).count(),
        crate::generate::clauses(document).len()
    );
    Ok((looked_at, lint::lint(document)))
}

fn examples(document: &Value) -> Outcome {
    let bodies = examples::golden_bodies()?;
    let examples = examples::examples(document);
    let looked_at = format!(
        "{} examples, {} golden bodies",
        examples.len(),
        bodies.len()
    );
    Ok((looked_at, examples::check(document, &examples, &bodies)?))
}

fn round_trip(document: &Value) -> Outcome {
    let emitted = round_trip::emitted()?;
    let looked_at = format!(
        "dropshot's own document, {} exceptions",
        round_trip::EXCEPTIONS.len()
    );
    Ok((looked_at, round_trip::compare(document, &emitted)))
}

fn proven(document: &Value) -> Outcome {
    let clauses = crate::generate::clauses(document);
    let page = proven::page().context("docs/conformance.md can't be read")?;
    let problems = proven::unproven(&clauses, &page);
    let looked_at = format!(
        "the checks of {} clauses in docs/conformance.md",
        clauses.len()
    );
    Ok((looked_at, problems))
}

fn released(document: &Value) -> Outcome {
    let latest = released::latest()?;
    let looked_at = released::looked_at(document, &latest);
    Ok((looked_at, released::check(document, &latest)?))
}

fn show(checked: &Checked) {
    let verdict = match (checked.skipped, checked.problems.is_empty()) {
        (true, _) => "skipped",
        (_, true) => "ok",
        _ => "FAILED",
    };
    println!("{verdict:>7}  {:<11} {}", checked.name, checked.looked_at);
    for problem in &checked.problems {
        println!(
            "\n        {}\n          {}\n          {}",
            problem.at, problem.says, problem.fix
        );
    }
}

fn as_json(all: &[Checked]) -> Value {
    let checks: Vec<_> = all
        .iter()
        .map(|checked| {
            json!({
                "check": checked.name,
                "looked_at": checked.looked_at,
                "skipped": checked.skipped,
                "ok": !checked.skipped && checked.problems.is_empty(),
                "problems": checked.problems,
            })
        })
        .collect();
    let problems: Vec<_> = all.iter().flat_map(|checked| &checked.problems).collect();
    json!({ "ok": problems.is_empty(), "checks": checks, "problems": problems })
}
