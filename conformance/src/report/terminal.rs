//! For people at a terminal: progress while it runs, then what came of it.

use std::fmt::Write;
use std::time::Duration;

use console::{Style, style};

use super::{CheckReport, Failure, Report, Status};
use crate::check::Level;

pub use progress::Progress;

mod progress;

fn hint(text: &str) -> String {
    format!("{} {text}", style("!").yellow().bold())
}

/// The whole report as text, with colours where the terminal has them.
pub fn render(report: &Report, verbose: bool) -> String {
    let mut out = String::new();
    let mut group = None;
    for check in &report.checks {
        if group != Some(check.group) {
            group = Some(check.group);
            let _ = writeln!(out, "\n{}", style(check.group.name()).bold());
        }
        let _ = writeln!(out, "{}", line(check));
        if let Some(reason) = &check.reason {
            let _ = writeln!(out, "      {}", style(reason).dim());
        }
        for seen in check.seen.iter().filter(|_| verbose) {
            let _ = writeln!(out, "      {}", style(seen).dim());
        }
    }
    let broken: Vec<&CheckReport> = report
        .checks
        .iter()
        .filter(|check| !check.failures.is_empty())
        .collect();
    for check in broken {
        let _ = writeln!(out, "\n{} {}", mark(check.status), style(&check.id).bold());
        let _ = writeln!(out, "  {}", check.proves);
        let shown = if verbose { usize::MAX } else { 3 };
        for failure in check.failures.iter().take(shown) {
            out.push_str(&detail(failure));
        }
        if check.failures.len() > shown {
            let more = check.failures.len() - shown;
            let _ = writeln!(out, "\n  and {more} more; --verbose shows all");
        }
    }
    out.push_str(&variables(report));
    out.push_str(&drift(report));
    out.push_str(&closing(report));
    out
}

/// What the commands that are shown ask for.
fn variables(report: &Report) -> String {
    match report.variables().as_slice() {
        [] => String::new(),
        names => {
            let text = format!("The commands take {} from the shell.", names.join(", "));
            format!("\n{}\n", style(text).dim())
        }
    }
}

/// Where the suite itself seems to have been called wrongly.
pub(crate) fn hints(report: &Report) -> String {
    let mut out = String::new();
    for hint in &report.hints {
        let _ = writeln!(out, "{}", self::hint(hint));
    }
    out
}

/// How the answers differ from their recorded shapes.
fn drift(report: &Report) -> String {
    let mut out = String::new();
    if !report.drift.is_empty() {
        let title = style("drift from the recorded shapes").bold();
        let _ = writeln!(out, "\n{title}");
    }
    for drift in &report.drift {
        let mark = mark(Status::Deviating);
        let _ = writeln!(out, "  {mark} {}  {drift}", drift.answer);
    }
    out
}

fn detail(failure: &Failure) -> String {
    let mut out = format!(
        "\n  {} {}\n  expected  {}\n  seen      {}\n",
        failure.level.name(),
        failure.clause,
        failure.expected,
        style(&failure.seen).red()
    );
    if let Some(says) = crate::document::Document::get().clause(&failure.clause) {
        let quoted = format!("  \u{201c}{}\u{201d}", says.says);
        let at = out.find("\n  expected").unwrap_or(out.len());
        out.insert_str(at, &style(quoted).dim().to_string());
    }
    if let Some(curl) = &failure.curl {
        out.push('\n');
        for line in curl.lines() {
            let _ = writeln!(out, "    {}", style(line).cyan());
        }
    }
    out
}

/// The counts, and the hints.
pub(crate) fn closing(report: &Report) -> String {
    let summary = report.summary;
    let count = |number: usize, word: &str, colour: Style| {
        let text = format!("{number} {word}");
        if number == 0 {
            text
        } else {
            colour.apply_to(text).to_string()
        }
    };
    let drift = match (report.compared.len(), report.drift.len()) {
        (0, _) => String::new(),
        (compared, drift) => format!(
            ", {drift} drifted in {compared} {}",
            if compared == 1 { "answer" } else { "answers" }
        ),
    };
    let seed = report.seed.map(|seed| format!(" (seed {seed})"));
    format!(
        "\n{}, {}, {}, {}{drift} in {:.1} s with {} requests{}\n{}",
        count(summary.passed, "passed", Style::new().green()),
        count(summary.failed, "failed", Style::new().red().bold()),
        count(summary.deviating, "deviating", Style::new().yellow()),
        count(summary.skipped, "skipped", Style::new().dim()),
        Duration::from_millis(report.duration_ms).as_secs_f64(),
        report.requests,
        seed.unwrap_or_default(),
        hints(report)
    )
}

fn line(check: &CheckReport) -> String {
    let level = match check.level {
        Level::Must => "",
        Level::Should => " (should)",
    };
    format!(
        "  {} {}{}",
        mark(check.status),
        check.id,
        style(level).dim()
    )
}

fn mark(status: Status) -> String {
    match status {
        Status::Passed => style("✓").green(),
        Status::Failed => style("✗").red().bold(),
        Status::Deviating => style("~").yellow(),
        Status::Skipped => style("-").dim(),
    }
    .to_string()
}
