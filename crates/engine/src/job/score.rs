//! Stage 5: 0-100 from stated criteria, with a breakdown.

use contract::types;

use super::execute::Run;
use super::steps::{Act, Expectation, IntentOutcome, Plan, PlannedBy};
use crate::browser::locator::Locator;

/// A test without an assertion proves nothing, however well it clicks.
const WITHOUT_ASSERTION: i64 = 20;
/// One that asserts nothing after its last act passes whatever that leads to:
/// less than the default threshold.
const WITHOUT_END: i64 = 40;

/// Weighs what a script is printed from; with a run, also whether the run agrees
/// with the rehearsal.
pub fn assess(plan: &Plan, run: Option<&Run>) -> types::Quality {
    let criteria = vec![
        understood(plan),
        asserted(plan),
        rehearsed(plan),
        findable(plan),
        agreement(plan, run),
    ];
    let total: i64 = criteria.iter().map(|criterion| criterion.points).sum();
    let most = if !plan.asserts() {
        WITHOUT_ASSERTION
    } else if !plan.asserts_in_the_end() {
        WITHOUT_END
    } else {
        total
    };
    let score = total.min(most);
    types::Quality { criteria, score }
}

fn criterion(name: &str, share: f64, of: i64, why: String) -> types::QualityCriterion {
    types::QualityCriterion {
        name: name.to_owned(),
        of,
        points: (share * of as f64).round() as i64,
        why,
    }
}

/// How much of the description could be followed.
fn understood(plan: &Plan) -> types::QualityCriterion {
    let all = plan.intents.len();
    let lost: Vec<String> = plan
        .intents
        .iter()
        .filter_map(|intent| match &intent.outcome {
            IntentOutcome::NotUnderstood { why } => Some(format!("“{}”: {why}", intent.says)),
            _ => None,
        })
        .collect();
    let share = share(all - lost.len(), all);
    let mut why = if lost.is_empty() {
        format!("all {all} things that the description asks for could be followed")
    } else {
        format!("not followed: {}", lost.join("; "))
    };
    match &plan.planned_by {
        PlannedBy::Planner => {}
        PlannedBy::Llm { model } => why.push_str(&format!("; planned by your LLM, {model}")),
        PlannedBy::PlannerInstead { why: reason } => {
            why.push_str(&format!("; planned without your LLM: {reason}"));
        }
    }
    criterion("description followed", share, 40, why)
}

/// Whether what is asked for is asserted, and not only acted out.
fn asserted(plan: &Plan) -> types::QualityCriterion {
    let followed: Vec<usize> = (0..plan.intents.len())
        .filter(|index| {
            !matches!(
                plan.intents[*index].outcome,
                IntentOutcome::NotUnderstood { .. }
            )
        })
        .collect();
    let last_assertion = plan.steps.iter().rev().find(|step| step.asserts());
    // An act is proven by what is asserted after it.
    let proven = followed
        .iter()
        .filter(|index| last_assertion.is_some_and(|step| step.intent >= **index))
        .count();
    let count = plan.steps.iter().filter(|step| step.asserts()).count();
    let share = share(proven, plan.intents.len());
    let mut why = format!(
        "{count} assertions that can fail, after {proven} of {} things asked for",
        plan.intents.len()
    );
    if count > 0 && !plan.asserts_in_the_end() {
        why.push_str("; none after the last step");
    }
    criterion("asserted", share, 25, why)
}

/// How much of what is asserted was seen while planning.
fn rehearsed(plan: &Plan) -> types::QualityCriterion {
    let seen = plan
        .intents
        .iter()
        .filter(|intent| intent.outcome == IntentOutcome::Rehearsed)
        .count();
    let unseen: Vec<String> = plan
        .intents
        .iter()
        .filter_map(|intent| match &intent.outcome {
            IntentOutcome::NotSeen { seen } => Some(format!("“{}”: instead {seen}", intent.says)),
            _ => None,
        })
        .collect();
    let why = if unseen.is_empty() {
        "every step was acted out in the browser before the test was written".to_owned()
    } else {
        format!("promised and not seen: {}", unseen.join("; "))
    };
    criterion("rehearsed", share(seen, plan.intents.len()), 15, why)
}

/// Whether elements are found as a person finds them.
fn findable(plan: &Plan) -> types::QualityCriterion {
    let targets: Vec<&Locator> = plan
        .steps
        .iter()
        .filter_map(|step| target(&step.act))
        .collect();
    let by_selector = targets.iter().filter(|target| uses_css(target)).count();
    let why = if by_selector == 0 {
        "every element is found by role, label or text".to_owned()
    } else {
        format!(
            "{by_selector} of {} elements are found by a CSS selector",
            targets.len()
        )
    };
    let share = share(targets.len() - by_selector, targets.len());
    criterion("locators", share, 10, why)
}

/// A run that ends otherwise than the rehearsal hints at a flaky test.
fn agreement(plan: &Plan, run: Option<&Run>) -> types::QualityCriterion {
    let expected = plan
        .intents
        .iter()
        .all(|intent| !matches!(intent.outcome, IntentOutcome::NotSeen { .. }));
    let (agrees, why) = match run {
        None => (false, "not executed".to_owned()),
        Some(run) => {
            let passed = run.status == types::ExecutionStatus::Passed;
            let verdict = if passed { "passed" } else { "did not pass" };
            (
                passed == expected,
                format!(
                    "the run {verdict}, the rehearsal {}",
                    if expected {
                        "saw all of it"
                    } else {
                        "missed some of it"
                    }
                ),
            )
        }
    };
    criterion(
        "run agrees with rehearsal",
        if agrees { 1.0 } else { 0.0 },
        10,
        why,
    )
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

fn target(act: &Act) -> Option<&Locator> {
    match act {
        Act::Goto { .. } => None,
        Act::Click { target }
        | Act::Fill { target, .. }
        | Act::Select { target, .. }
        | Act::Check { target, .. }
        | Act::Press { target, .. } => Some(target),
        Act::Expect(expectation) => match expectation {
            Expectation::Path { .. } | Expectation::Title { .. } => None,
            Expectation::Visible { target }
            | Expectation::Hidden { target }
            | Expectation::Count { target, .. }
            | Expectation::Text { target, .. }
            | Expectation::ContainsText { target, .. }
            | Expectation::FieldValue { target, .. }
            | Expectation::Checked { target, .. }
            | Expectation::Disabled { target }
            | Expectation::Enabled { target } => Some(target),
        },
    }
}

fn uses_css(locator: &Locator) -> bool {
    match locator {
        Locator::Css { .. } => true,
        Locator::Within { parent, child } => uses_css(parent) || uses_css(child),
        Locator::Filter { base, .. } | Locator::First { base } => uses_css(base),
        Locator::Frame { child, .. } => uses_css(child),
        _ => false,
    }
}
