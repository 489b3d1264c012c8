//! For people with a browser: one page that needs nothing beside it.

use askama::Template;

use super::{CheckReport, Report, Status};
use crate::check::Group;
use crate::document::Document;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    groups: Vec<(Group, Vec<&'a CheckReport>)>,
    conforms: bool,
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
    let conforms = report.conforms(false);
    Page {
        report,
        groups,
        conforms,
    }
    .render()
}

impl Page<'_> {
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
