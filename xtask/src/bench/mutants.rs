//! The conformance suite beside Schemathesis on the same mutants. Schemathesis is
//! given `openapi.json`, the keys, and a hook that signs webhooks.
//!
//! It counts as having caught a mutant only by a check that it does not fail on
//! the same operation of the mock as it is: those are false alarms, and are named.
//! It does not know of rate limits, and so has as many keys as the mock.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Goal, Row};
use crate::mutants::run::{Bench, Outcome, SECRET, SEED, alarms, keys};
use crate::mutants::{self, Mutant, each};
use crate::process;

const VERSION: &str = "4.32.5";
/// Test cases an operation and phase; with its own 100 a mutant would take
/// Schemathesis minutes.
const EXAMPLES: &str = "10";
/// After so long a run of it is given up, and catches nothing.
const LIMIT: Duration = Duration::from_secs(180);
/// It works where the suite mostly waits: no more than there are cores.
const JOBS: usize = 2;

/// What stands or falls together, by tag: an operation is tried together with
/// those that make what it asks for.
const SCOPES: [&[&str]; 5] = [
    &["webhook", "jobs", "artifacts"],
    &["repositories"],
    &["sast", "repositories"],
    &["gap-analysis", "repositories"],
    &["test-cases", "api-tests"],
];

/// A check that failed, and the operation.
type Failure = (String, String);

/// One mutant under both.
#[derive(Serialize)]
struct Pair {
    mutant: String,
    ours: Vec<String>,
    ours_seconds: f64,
    theirs: BTreeSet<Failure>,
    theirs_seconds: f64,
}

pub fn measure(every: usize) -> Result<Vec<Row>> {
    let bench = Bench::build(false)?;
    let schemathesis = Schemathesis::install()?;
    let all = bench.mutants()?;
    let mutants: Vec<Mutant> = all.into_iter().step_by(every.max(1)).collect();
    let checks = bench.unbroken(&mutants)?;
    let own_alarms = alarms(&checks);

    let began = Instant::now();
    let ours = each(&mutants, mutants::JOBS, |mutant| {
        bench.try_on(mutant, &checks)
    })?;
    let ours_took = began.elapsed();

    let false_alarms = schemathesis.false_alarms(&bench)?;
    let began = Instant::now();
    let theirs = each(&mutants, JOBS, |mutant| {
        schemathesis.try_on(&bench, mutant, &false_alarms)
    })?;
    let theirs_took = began.elapsed();

    let pairs: Vec<Pair> = ours.iter().zip(theirs).map(pair).collect();
    let file = process::target_dir()?.join("bench-mutants.json");
    std::fs::write(&file, serde_json::to_string_pretty(&pairs)?)?;
    println!("{}", table(&pairs, &own_alarms, &false_alarms));
    println!("each mutant: {}", file.display());
    let (caught, by_them) = totals(&pairs);
    let of = pairs.len();
    Ok(vec![Row {
        what: "mutants caught, beside Schemathesis",
        ours: format!("{caught} of {of} in {:.0} s", ours_took.as_secs_f64()),
        beside: format!("{by_them} of {of} in {:.0} s", theirs_took.as_secs_f64()),
        ratio: format!("{:.1}x", caught as f64 / by_them.max(1) as f64),
        goal: Some(Goal {
            says: "all of them, and none falsely:",
            met: caught == of && own_alarms.is_empty(),
        }),
    }])
}

fn pair((ours, (theirs, took)): (&Outcome, (BTreeSet<Failure>, Duration))) -> Pair {
    Pair {
        mutant: ours.mutant.id.clone(),
        ours: ours.by.clone(),
        ours_seconds: ours.took.as_secs_f64(),
        theirs,
        theirs_seconds: took.as_secs_f64(),
    }
}

fn totals<'a>(pairs: impl IntoIterator<Item = &'a Pair>) -> (usize, usize) {
    pairs.into_iter().fold((0, 0), |(ours, theirs), pair| {
        (
            ours + usize::from(!pair.ours.is_empty()),
            theirs + usize::from(!pair.theirs.is_empty()),
        )
    })
}

/// As it stands in docs/benchmarks.md.
fn table(pairs: &[Pair], own_alarms: &[String], false_alarms: &BTreeSet<Failure>) -> String {
    let mut groups: BTreeMap<&str, Vec<&Pair>> = BTreeMap::new();
    for pair in pairs {
        let group = pair.mutant.split('.').next().unwrap_or_default();
        groups.entry(group).or_default().push(pair);
    }
    let mut text = "| mutants | number | caught by the suite | median time | caught by \
        Schemathesis | median time |\n|---|---|---|---|---|---|\n"
        .to_owned();
    let all: Vec<&Pair> = pairs.iter().collect();
    for (group, pairs) in groups.into_iter().chain([("**all**", all)]) {
        let (ours, theirs) = totals(pairs.iter().copied());
        text.push_str(&format!(
            "| {group} | {} | {ours} | {:.1} s | {theirs} | {:.1} s |\n",
            pairs.len(),
            median(pairs.iter().map(|pair| pair.ours_seconds)),
            median(pairs.iter().map(|pair| pair.theirs_seconds)),
        ));
    }
    let told = |alarms: Vec<String>| match alarms.is_empty() {
        true => "none".to_owned(),
        false => alarms.join("; "),
    };
    let theirs = false_alarms
        .iter()
        .map(|(check, operation)| format!("{check} on {operation}"));
    text.push_str(&format!(
        "\nFalse alarms on the mock as it is: of the suite {}; of Schemathesis {}: {}.\n",
        told(own_alarms.to_vec()),
        false_alarms.len(),
        told(theirs.collect()),
    ));
    text
}

fn median(seconds: impl Iterator<Item = f64>) -> f64 {
    super::median(seconds.map(Duration::from_secs_f64).collect()).as_secs_f64()
}

struct Schemathesis {
    program: PathBuf,
    document: PathBuf,
    hooks: PathBuf,
    /// Each operation's tag.
    tags: BTreeMap<String, String>,
}

/// Of its JSON report, what is looked at.
#[derive(Deserialize)]
struct Report {
    failures: Vec<Failed>,
}

#[derive(Deserialize)]
struct Failed {
    title: String,
    operations: Vec<String>,
}

impl Schemathesis {
    /// Into a virtual environment of its own, once.
    fn install() -> Result<Self> {
        let home = process::workspace().join("target/tools/schemathesis");
        let pinned = format!("schemathesis=={VERSION}");
        let program = home.join("bin/schemathesis");
        let there = Command::new(&program)
            .arg("--version")
            .output()
            .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(VERSION));
        if !there {
            process::run(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
            let mut pip = Command::new(home.join("bin/pip"));
            process::run(pip.args(["install", "--quiet", &pinned]))?;
        }
        let document = process::workspace().join("openapi.json");
        let contract = serde_json::from_slice(&std::fs::read(&document)?)?;
        Ok(Self {
            program,
            document,
            hooks: process::workspace().join("xtask/src/bench/schemathesis.py"),
            tags: tags(&contract),
        })
    }

    /// What it finds on the mock as it is, in each scope and in the whole document.
    fn false_alarms(&self, bench: &Bench) -> Result<BTreeSet<Failure>> {
        let mut alarms = BTreeSet::new();
        for scope in SCOPES.into_iter().chain([&[] as &[&str]]) {
            let mock = bench.serve(None)?;
            alarms.extend(self.run(&mock.url, scope)?);
        }
        Ok(alarms)
    }

    fn try_on(
        &self,
        bench: &Bench,
        mutant: &Mutant,
        false_alarms: &BTreeSet<Failure>,
    ) -> Result<(BTreeSet<Failure>, Duration)> {
        let began = Instant::now();
        let mock = bench.serve(Some(&mutant.id))?;
        let found = self.run(&mock.url, self.scope(mutant))?;
        let found = found.difference(false_alarms).cloned().collect();
        Ok((found, began.elapsed()))
    }

    /// The whole document where a mutant is not of one operation.
    fn scope(&self, mutant: &Mutant) -> &'static [&'static str] {
        let operation = mutant.operation.as_deref();
        let tag = operation.and_then(|operation| self.tags.get(operation));
        tag.and_then(|tag| {
            SCOPES
                .into_iter()
                .find(|scope| scope.contains(&tag.as_str()))
        })
        .unwrap_or(&[])
    }

    fn run(&self, url: &str, scope: &[&str]) -> Result<BTreeSet<Failure>> {
        let dir = tempfile::tempdir()?;
        let report = dir.path().join("report.json");
        let mut command = Command::new(&self.program);
        command
            .arg("run")
            .arg(&self.document)
            .args(["--url", url, "--seed", SEED, "--max-examples", EXAMPLES])
            // The same in each run: nothing is remembered from the last.
            .args(["--generation-database", "none", "--no-shrink"])
            .args(["--report", "json", "--report-json-path"])
            .arg(&report)
            .env("SCHEMATHESIS_HOOKS", &self.hooks)
            .env("QUALITYMAX_CONFORMANCE_KEY", keys().join(","))
            .env("QUALITYMAX_CONFORMANCE_SECRET", SECRET)
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for tag in scope {
            command.args(["--include-tag", tag]);
        }
        if !ended(&mut command)? {
            return Ok(BTreeSet::new());
        }
        failures(&report).context("Schemathesis left no report")
    }
}

/// Whether it ended by itself in time.
fn ended(command: &mut Command) -> Result<bool> {
    let mut child = command.spawn().context("Schemathesis does not start")?;
    let began = Instant::now();
    loop {
        match child.try_wait()?.map(|status| status.code()) {
            // Nothing found, or something.
            Some(Some(0 | 1)) => return Ok(true),
            Some(code) => bail!("Schemathesis ended with {code:?}"),
            None if began.elapsed() > LIMIT => {
                child.kill()?;
                child.wait()?;
                return Ok(false);
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

fn failures(report: &Path) -> Result<BTreeSet<Failure>> {
    let report: Report = serde_json::from_slice(&std::fs::read(report)?)?;
    let failed = report.failures.into_iter().flat_map(|failed| {
        let Failed { title, operations } = failed;
        operations
            .into_iter()
            .map(move |operation| (title.clone(), operation))
    });
    Ok(failed.collect())
}

fn tags(contract: &Value) -> BTreeMap<String, String> {
    let paths = contract["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(_, path)| path.as_object().into_iter().flatten());
    let tagged = operations.filter_map(|(_, operation)| {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some((
            text(&operation["operationId"])?,
            text(&operation["tags"][0])?,
        ))
    });
    tagged.collect()
}
