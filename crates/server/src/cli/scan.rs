//! `qualitymax scan`

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use contract::types::Severity;
use engine::sast::{self, Engine, Finding, Limits, Progress, ScanOptions, ScanReport, Skipped};
use engine::tools::Tools;
use indicatif::{ProgressBar, ProgressStyle};

use super::output::{Output, count};
use super::{Common, Exit};

/// Scan a directory for security flaws, with Semgrep and Bandit
#[derive(Args)]
#[command(after_help = "\
Examples:
  qualitymax scan
  qualitymax scan ../shop --fail-on high
  qualitymax scan --format sarif --output scan.sarif
  qualitymax scan --engine semgrep --rules ./our-rules

Nothing in the directory is run, and no setting in it changes what is looked at.
Exit codes: 0 nothing at or above --fail-on, 1 something is, 2 wrong usage, 3 the
scan could not be done (the reason is on stderr).")]
pub(super) struct ScanArgs {
    /// The directory to scan
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Engine to run; both if not given
    #[arg(long = "engine", value_name = "ENGINE", value_parser = ["semgrep", "bandit"])]
    engines: Vec<String>,
    #[command(flatten)]
    output: Output,
    /// Further Semgrep rules: a file, a directory, or a rule set of the registry such as p/ci
    #[arg(long = "rules", value_name = "RULES")]
    rules: Vec<String>,
    /// The mildest severity that counts as failure
    #[arg(long, value_enum, default_value = "critical", value_name = "SEVERITY")]
    fail_on: FailOn,
    /// Let `nosemgrep` and `nosec` comments hide findings
    #[arg(long)]
    honour_suppressions: bool,
    /// How long each engine may take
    #[arg(long, default_value = "15m", value_name = "TIME", value_parser = command_line::time)]
    timeout: Duration,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Critical,
    High,
    Medium,
    Low,
    Info,
}

impl From<FailOn> for Severity {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Critical => Self::Critical,
            FailOn::High => Self::High,
            FailOn::Medium => Self::Medium,
            FailOn::Low => Self::Low,
            FailOn::Info => Self::Info,
        }
    }
}

pub(super) async fn run(common: &Common, args: ScanArgs) -> Result<()> {
    if !args.dir.is_dir() {
        command_line::tell!("error: {} is not a directory", args.dir.display());
        return Err(Exit::USAGE.into());
    }
    let options = match options(&args) {
        Ok(options) => options,
        Err(error) => {
            command_line::tell!("error: {error:#}");
            return Err(Exit::USAGE.into());
        }
    };
    let shown = Shown::new();
    let scanned = sast::scan(&args.dir, &options, &Tools::find(), |progress| {
        shown.update(progress);
    })
    .await;
    shown.clear();
    let report = match scanned {
        Ok(report) => report,
        Err(error) => {
            command_line::tell!("error: {error}");
            return Err(Exit::FAILED.into());
        }
    };
    args.output
        .print(common, &report, text, ScanReport::to_sarif, summary)?;
    let threshold = Severity::from(args.fail_on);
    // The worst severity is the least.
    if report
        .findings
        .iter()
        .any(|finding| finding.severity <= threshold)
    {
        return Err(Exit::FOUND.into());
    }
    Ok(())
}

/// Rule sets as the engine takes them: paths made absolute. What names neither a
/// path nor the registry is a path that was mistyped.
pub(super) fn rule_sets(names: &[String]) -> Result<Vec<String>> {
    let absolute = |name: &String| {
        if !Path::new(name).exists() {
            ensure!(
                sast::is_registry_pack(name),
                "there are no rules at {name}: name a file, a directory, or a rule set of the \
                 registry such as p/ci"
            );
            return Ok(name.clone());
        }
        let path = std::path::absolute(name)?;
        Ok(path.to_string_lossy().into_owned())
    };
    names.iter().map(absolute).collect()
}

fn options(args: &ScanArgs) -> Result<ScanOptions> {
    let engines: Result<Vec<Engine>, _> = args.engines.iter().map(|name| name.parse()).collect();
    Ok(ScanOptions {
        engines: engines.context("no such engine")?,
        extra_rules: rule_sets(&args.rules)?,
        honour_suppressions: args.honour_suppressions,
        limits: Limits {
            time: args.timeout,
            ..Limits::default()
        },
    })
}

/// What goes on, on stderr: a line that changes for people, lines for logs.
struct Shown {
    bar: Option<ProgressBar>,
    running: std::sync::Mutex<Vec<Engine>>,
}

impl Shown {
    fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let bar = ProgressBar::new_spinner().with_style(style);
            bar.set_message("reading the directory");
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self {
            bar,
            running: std::sync::Mutex::default(),
        }
    }

    fn update(&self, progress: Progress) {
        let mut running = self
            .running
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let line = match progress {
            Progress::Read { files } => count(files, "file to scan", "files to scan"),
            Progress::Started(engine) => {
                running.push(engine);
                format!("{engine} is running")
            }
            Progress::Finished(engine, took) => {
                running.retain(|one| *one != engine);
                format!("{engine} took {:.1} s", took.as_secs_f32())
            }
        };
        let Some(bar) = &self.bar else {
            command_line::tell!("{line}");
            return;
        };
        if matches!(progress, Progress::Finished(..)) {
            bar.println(line);
        }
        if !running.is_empty() {
            let names: Vec<_> = running.iter().map(ToString::to_string).collect();
            bar.set_message(format!("{} running", names.join(" and ")));
        }
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn text(report: &ScanReport, to_terminal: bool) -> String {
    let mut text = String::new();
    if !report.findings.is_empty() {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic);
        if !to_terminal {
            table.force_no_tty();
        }
        for finding in &report.findings {
            table.add_row([severity(finding.severity), Cell::new(describe(finding))]);
        }
        text.push_str(&table.trim_fmt());
        text.push_str("\n\n");
    }
    text.push_str(&summary(report));
    text.push('\n');
    text
}

fn severity(severity: Severity) -> Cell {
    let cell = Cell::new(severity);
    match severity {
        Severity::Critical => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        Severity::High => cell.fg(Color::Red),
        Severity::Medium => cell.fg(Color::Yellow),
        Severity::Low | Severity::Info => cell.fg(Color::Cyan),
    }
}

fn describe(finding: &Finding) -> String {
    let cwe = finding.cwe_id.as_deref().unwrap_or_default();
    format!(
        "{}:{}  {}  {cwe}\n{}",
        finding.file, finding.line_start, finding.rule_id, finding.message
    )
}

fn summary(report: &ScanReport) -> String {
    use Severity::{Critical, High, Info, Low, Medium};
    let mut lines = Vec::new();
    let counts: Vec<_> = [Critical, High, Medium, Low, Info]
        .into_iter()
        .map(|severity| (report.count(severity), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {severity}"))
        .collect();
    let found = count(report.findings.len(), "finding", "findings");
    let counts = if counts.is_empty() {
        String::new()
    } else {
        format!(" ({})", counts.join(", "))
    };
    lines.push(format!("{found}{counts} in {}", files(report.files)));
    for run in &report.runs {
        let version = run.version.as_deref().unwrap_or("of unknown version");
        let seconds = Duration::from_millis(run.duration_ms).as_secs_f32();
        let read = files(run.files);
        lines.push(format!("{} {version}: {read}, {seconds:.1} s", run.engine));
        lines.extend(
            run.warnings
                .iter()
                .take(10)
                .map(|warning| format!("  {warning}")),
        );
        if run.warnings.len() > 10 {
            lines.push(format!("  and {} more", run.warnings.len() - 10));
        }
    }
    for (why, number) in &report.skipped {
        let why = match why {
            Skipped::TooLarge => "too large",
            Skipped::Minified => "minified",
            Skipped::Link => "links",
            Skipped::Special => "no plain files",
            Skipped::Unreadable => "unreadable",
            Skipped::PathTooLong => "paths too long",
        };
        lines.push(format!("{} left out: {why}", files(*number)));
    }
    lines.join("\n")
}

fn files(number: usize) -> String {
    count(number, "file", "files")
}
