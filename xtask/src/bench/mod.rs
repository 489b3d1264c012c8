//! `cargo xtask bench`: each number stands beside another of the same run, so
//! that what is claimed is a ratio and not a property of the machine.

mod disk;
mod gaps;
mod import;
mod intake;
mod job;
mod load;
mod mock;
mod mutants;
mod scan;
mod tree;

use std::time::Duration;

use anyhow::Result;
use clap::Args;

#[derive(Args)]
#[command(after_help = "Examples:\n  \
cargo xtask bench                    everything\n  \
cargo xtask bench job --runs 3       a job beside a bare run of its spec\n  \
cargo xtask bench intake --strict    exit code 1 where a goal is missed")]
pub struct BenchArgs {
    /// Only this measurement [job, intake, scan, gaps, import, mock, mutants]; mutants,
    /// which takes half an hour, is made only where it is named
    #[arg(value_enum)]
    only: Option<Measurement>,
    /// How many runs of each side the medians are taken over
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// Seconds each load lasts
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Of the mutants, only each Nth
    #[arg(long, value_name = "N", default_value_t = 1)]
    every: usize,
    /// Fail when a goal is missed
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Measurement {
    Job,
    Intake,
    Scan,
    Gaps,
    Import,
    Mock,
    Mutants,
}

/// One line of the result.
struct Row {
    what: &'static str,
    ours: String,
    beside: String,
    ratio: String,
    goal: Option<Goal>,
}

struct Goal {
    says: &'static str,
    met: bool,
}

pub async fn run(args: BenchArgs) -> Result<()> {
    let duration = Duration::from_secs(args.seconds);
    let wanted = |measurement| args.only.is_none_or(|only| only == measurement);
    let mut rows = Vec::new();
    if !matches!(args.only, Some(Measurement::Mock | Measurement::Mutants)) {
        let binary = crate::process::build_server(true)?;
        crate::setup::with(&binary)?;
        if wanted(Measurement::Job) {
            rows.extend(job::measure(&binary, args.runs).await?);
        }
        if wanted(Measurement::Intake) {
            rows.extend(intake::measure(&binary, duration).await?);
        }
        if wanted(Measurement::Scan) {
            rows.extend(scan::measure(&binary, args.runs)?);
        }
        if wanted(Measurement::Gaps) {
            rows.extend(gaps::measure(&binary, args.runs)?);
        }
        if wanted(Measurement::Import) {
            rows.extend(import::measure(&binary, args.runs).await?);
        }
    }
    if wanted(Measurement::Mock) {
        rows.extend(mock::measure(duration).await?);
    }
    if args.only == Some(Measurement::Mutants) {
        rows.extend(mutants::measure(args.every)?);
    }
    let mut table = crate::table::table();
    table.set_header(["measured", "here", "beside it", "ratio", "goal"]);
    for row in &rows {
        let goal = row.goal.as_ref().map_or_else(String::new, |goal| {
            format!("{} {}", goal.says, if goal.met { "met" } else { "MISSED" })
        });
        table.add_row([row.what, &row.ours, &row.beside, &row.ratio, &goal]);
    }
    println!("{table}");
    let missed = rows
        .iter()
        .filter_map(|row| row.goal.as_ref())
        .filter(|goal| !goal.met)
        .count();
    anyhow::ensure!(!args.strict || missed == 0, "{missed} goals were missed");
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// A line of `/proc/PID/status` such as `VmRSS:`; `None` once the process has ended.
fn status_kib(pid: u32, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}
