//! For people with a browser: one page that needs nothing beside it.

use askama::Template;

use super::{CheckReport, Report, Status, Summary};
use crate::check::Group;
use crate::document::Document;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    /// Failed ones first.
    broken: Vec<&'a CheckReport>,
    variables: Vec<&'static str>,
    groups: Vec<Section<'a>>,
    conforms: bool,
}

struct Section<'a> {
    name: &'static str,
    counts: String,
    /// Where there is more to be read than that it holds.
    open: bool,
    checks: Vec<&'a CheckReport>,
}

/// The report as one HTML page.
pub fn render(report: &Report) -> Result<String, askama::Error> {
    let mut groups: Vec<(Group, Vec<&CheckReport>)> = Vec::new();
    for check in &report.checks {
        match groups.last_mut() {
            Some((group, checks)) if *group == check.group => checks.push(check),
            _ => groups.push((check.group, vec![check])),
        }
    }
    let broken = report.checks.iter();
    let mut broken: Vec<&CheckReport> = broken.filter(|check| !check.failures.is_empty()).collect();
    broken.sort_by_key(|check| check.status);
    Page {
        report,
        broken,
        variables: report.variables(),
        groups: groups.into_iter().map(Section::of).collect(),
        conforms: report.is_verdict() && report.conforms(false),
    }
    .render()
}

impl<'a> Section<'a> {
    fn of((group, checks): (Group, Vec<&'a CheckReport>)) -> Self {
        let summary = Summary::of(checks.iter().copied());
        let counts = [
            (summary.passed, "passed"),
            (summary.failed, "failed"),
            (summary.deviating, "deviating"),
            (summary.skipped, "skipped"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        Self {
            name: group.name(),
            counts: counts.join(", "),
            open: summary.passed < checks.len(),
            checks,
        }
    }
}

impl Page<'_> {
    fn verdict(&self) -> &'static str {
        let receiver = self.report.slug.is_empty();
        match (self.report.is_verdict(), self.conforms) {
            (false, _) => "No check could be made",
            (true, true) => "Every clause that could be checked holds",
            (true, false) if receiver => "The receiver does not conform",
            (true, false) => "The deployment does not conform",
        }
    }

    fn seconds(&self) -> String {
        format!("{:.1}", self.report.duration_ms as f64 / 1000.0)
    }

    fn says(&self, clause: &str) -> String {
        let clause = Document::get().clause(clause);
        clause.map(|clause| clause.says.clone()).unwrap_or_default()
    }

    fn word(&self, status: &Status) -> &'static str {
        match status {
            Status::Passed => "passed",
            Status::Failed => "failed",
            Status::Deviating => "deviating",
            Status::Skipped => "skipped",
        }
    }
}
