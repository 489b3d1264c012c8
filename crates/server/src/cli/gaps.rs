//! `qualitymax gaps`

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use contract::types::GapCategory;
use engine::gap::{self, Gap, GapOptions, GapReport};
use indicatif::{ProgressBar, ProgressStyle};

use super::output::{Output, count, printable};
use super::{Common, Exit};

/// List what the tests of a directory do not reach, riskiest first
#[derive(Args)]
#[command(after_help = "\
Examples:
  qualitymax gaps
  qualitymax gaps ../shop --category security --max 5 --cases
  qualitymax gaps --format sarif --output gaps.sarif
  qualitymax gaps --json | jq -r '.gaps[].test_case.title'

Nothing in the directory is run. Vendored, generated and ignored files are left
out. Exit codes: 0 done, 1 there are gaps and --fail-on-gaps was given, 2 wrong
usage, 3 the directory could not be analysed (the reason is on stderr).")]
pub(super) struct GapsArgs {
    /// The directory to analyse
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// What kind of test to look for; all if not given
    #[arg(long = "category", value_name = "CATEGORY", value_parser = ["e2e", "security", "integration"])]
    categories: Vec<String>,
    /// At most so many gaps of each category
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    max: u32,
    #[command(flatten)]
    output: Output,
    /// With text: print the missing test cases in full
    #[arg(long)]
    cases: bool,
    /// End with exit code 1 where there are gaps
    #[arg(long)]
    fail_on_gaps: bool,
}

pub(super) async fn run(common: &Common, args: GapsArgs) -> Result<()> {
    if !args.dir.is_dir() {
        command_line::tell!("error: {} is not a directory", args.dir.display());
        return Err(Exit::USAGE.into());
    }
    let options = options(&args)?;
    let dir = args.dir.clone();
    let analysed = tokio::task::spawn_blocking(move || {
        let bar = bar();
        let report = gap::analyse(&dir, &options, |share| {
            bar.set_position((share * 1000.0) as u64);
        });
        bar.finish_and_clear();
        report
    })
    .await
    .context("the analysis broke off")?;
    let report = match analysed {
        Ok(report) => report,
        Err(error) => {
            command_line::tell!("error: {error}");
            return Err(Exit::FAILED.into());
        }
    };
    args.output.print(
        common,
        &report,
        |report, to_terminal| text(report, args.cases, to_terminal),
        GapReport::to_sarif,
        summary,
    )?;
    if args.fail_on_gaps && !report.gaps.is_empty() {
        return Err(Exit::FOUND.into());
    }
    Ok(())
}

fn options(args: &GapsArgs) -> Result<GapOptions> {
    let mut options = GapOptions {
        max_tests_per_category: args.max as usize,
        ..GapOptions::default()
    };
    if !args.categories.is_empty() {
        let categories: Result<Vec<GapCategory>, _> =
            args.categories.iter().map(|name| name.parse()).collect();
        options.categories = categories.context("no such category")?;
    }
    Ok(options)
}

/// How far it is, on stderr, for people.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("reading {bar:30} {percent}% {elapsed:.dim}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(1000).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn text(report: &GapReport, cases: bool, to_terminal: bool) -> String {
    let mut text = String::new();
    for category in report.categories.keys() {
        let gaps: Vec<&Gap> = report
            .gaps
            .iter()
            .filter(|gap| gap.category == *category)
            .collect();
        if gaps.is_empty() {
            continue;
        }
        text.push_str(&format!("{}\n", heading(*category)));
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic);
        if !to_terminal {
            table.force_no_tty();
        }
        for gap in gaps {
            table.add_row([priority(gap), Cell::new(printable(&describe(gap, cases)))]);
        }
        text.push_str(&table.trim_fmt());
        text.push_str("\n\n");
    }
    text.push_str(&summary(report));
    text.push('\n');
    text
}

fn heading(category: GapCategory) -> &'static str {
    match category {
        GapCategory::E2e => "End to end",
        GapCategory::Security => "Security",
        GapCategory::Integration => "Integration",
    }
}

fn priority(gap: &Gap) -> Cell {
    let cell = Cell::new(format!("P{}", gap.test_case.priority));
    match gap.test_case.priority {
        1 => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        2 => cell.fg(Color::Red),
        3 => cell.fg(Color::Yellow),
        _ => cell.fg(Color::Cyan),
    }
}

fn describe(gap: &Gap, cases: bool) -> String {
    let mut text = format!("{}  {}:{}\n{}", gap.unit, gap.file, gap.line, gap.risk);
    if cases {
        let case = &gap.test_case;
        text.push_str(&format!(
            "\nTest: {}\n{}\nExpected:\n{}",
            case.title, case.steps, case.expected_results
        ));
    }
    text
}

fn summary(report: &GapReport) -> String {
    let units = report.units;
    let kinds: Vec<String> = [
        (units.routes, "route", "routes"),
        (units.pages, "page", "pages"),
        (units.forms, "form", "forms"),
        (units.flows, "flow", "flows"),
        (units.functions, "function", "functions"),
        (units.classes, "class", "classes"),
    ]
    .into_iter()
    .filter(|(number, _, _)| *number > 0)
    .map(|(number, one, many)| count(number, one, many))
    .collect();
    let kinds = if kinds.is_empty() {
        String::new()
    } else {
        format!(" ({})", kinds.join(", "))
    };
    let mut lines = vec![format!(
        "{} of {}{kinds} reached by tests in {}",
        report.reached,
        count(units.total(), "unit", "units"),
        count(report.test_files, "file", "files"),
    )];
    lines.push(format!(
        "{} shown of {}: {}",
        count(report.gaps.len(), "gap", "gaps"),
        report.found.values().sum::<usize>(),
        shares(&report.categories, &report.found)
    ));
    lines.push(format!(
        "{}, {} lines read",
        count(report.files, "file", "files"),
        report.lines
    ));
    let skipped = report.skipped;
    for (number, why) in [
        (skipped.too_large, "over 1 MB"),
        (skipped.generated, "generated or minified"),
        (skipped.unreadable, "not text, or unreadable"),
        (skipped.unparsed, "could not be parsed in time"),
        (skipped.beyond_limit, "beyond what is read of one tree"),
    ] {
        if number > 0 {
            let number = usize::try_from(number).unwrap_or(usize::MAX);
            lines.push(format!(
                "{} left out: {why}",
                count(number, "file", "files")
            ));
        }
    }
    lines.join("\n")
}

/// `e2e 2 of 2, security 10 of 31`
fn shares(shown: &BTreeMap<GapCategory, usize>, found: &BTreeMap<GapCategory, usize>) -> String {
    let parts: Vec<String> = shown
        .iter()
        .map(|(category, number)| {
            let all = found.get(category).copied().unwrap_or_default();
            format!("{category} {number} of {all}")
        })
        .collect();
    parts.join(", ")
}
