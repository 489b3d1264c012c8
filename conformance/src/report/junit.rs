//! For build servers: JUnit XML, a test case a check.

use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::{Failure, Report, Status};
use crate::check::Group;

/// The report as JUnit XML. What deviates only from what the contract decides is
/// a skipped test with a message, as it fails no deployment.
pub fn render(report: &Report) -> String {
    let mut junit = quick_junit::Report::new("qualitymax-conformance");
    junit.set_time(Duration::from_millis(report.duration_ms));
    let mut suites: Vec<(Group, TestSuite)> = Vec::new();
    for check in &report.checks {
        if suites.last().is_none_or(|(group, _)| *group != check.group) {
            suites.push((check.group, TestSuite::new(check.group.name())));
        }
        let mut case = TestCase::new(check.id.as_str(), status(check.status));
        case.set_classname(format!("conformance.{}", check.group.name()));
        case.set_time(Duration::from_millis(check.duration_ms));
        if let Some(reason) = &check.reason {
            case.status.set_message(reason.as_str());
        }
        if let Some(first) = check.failures.first() {
            case.status
                .set_message(format!("{}: expected {}", first.clause, first.expected));
            let all: Vec<String> = check.failures.iter().map(text).collect();
            case.status.set_description(all.join("\n\n"));
        }
        if let Some((_, suite)) = suites.last_mut() {
            suite.add_test_case(case);
        }
    }
    junit.add_test_suites(suites.into_iter().map(|(_, suite)| suite));
    if !report.compared.is_empty() {
        junit.add_test_suite(drift(report));
    }
    junit.to_string().unwrap_or_default()
}

/// A test case an answer that was compared; drift fails no deployment, and so
/// is a skipped test with a message.
fn drift(report: &Report) -> TestSuite {
    let mut suite = TestSuite::new("drift");
    for answer in &report.compared {
        let changes = report.drift.iter().filter(|drift| drift.answer == *answer);
        let changes: Vec<String> = changes.map(ToString::to_string).collect();
        let status = match changes.is_empty() {
            true => Status::Passed,
            false => Status::Deviating,
        };
        let mut case = TestCase::new(answer.as_str(), self::status(status));
        case.set_classname("conformance.drift");
        if !changes.is_empty() {
            case.status.set_message(changes.join("; "));
        }
        suite.add_test_case(case);
    }
    suite
}

fn status(status: Status) -> TestCaseStatus {
    match status {
        Status::Passed => TestCaseStatus::success(),
        Status::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Status::Deviating | Status::Skipped => TestCaseStatus::skipped(),
    }
}

fn text(failure: &Failure) -> String {
    let curl = failure.curl.as_deref().unwrap_or_default();
    format!(
        "{} {}\nexpected {}\nseen {}\n{curl}",
        failure.level.name(),
        failure.clause,
        failure.expected,
        failure.seen
    )
}
