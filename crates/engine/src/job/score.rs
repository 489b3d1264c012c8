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

pub(super) const AGREEMENT: &str = "run agrees with rehearsal";

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
    let lost = lost(plan);
    let share = share(all - lost.len(), all);
    let mut why = match (lost.as_slice(), all) {
        ([], 0) => "nothing was found that the description asks for".to_owned(),
        ([], 1) => "the one thing that the description asks for could be followed".to_owned(),
        ([], _) => format!("all {all} things that the description asks for could be followed"),
        (lost, _) => format!("not followed: {}", lost.join("; ")),
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

/// What could not be followed, and why.
pub(super) fn lost(plan: &Plan) -> Vec<String> {
    plan.intents
        .iter()
        .filter_map(|intent| match &intent.outcome {
            IntentOutcome::NotUnderstood { why } => Some(format!("“{}”: {why}", intent.says)),
            _ => None,
        })
        .collect()
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
        "{} that can fail, after {proven} of {} asked for",
        counted(count, "assertion"),
        counted(plan.intents.len(), "thing")
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
    let why = if !unseen.is_empty() {
        format!("promised and not seen: {}", unseen.join("; "))
    } else if seen == 0 {
        "no step was acted out".to_owned()
    } else if seen < plan.intents.len() {
        "what could be followed was acted out in the browser before the test was written".to_owned()
    } else {
        "every step was acted out in the browser before the test was written".to_owned()
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
    let why = if targets.is_empty() {
        "no element is used".to_owned()
    } else if by_selector == 0 {
        "every element is found by role, label or text".to_owned()
    } else {
        format!(
            "{by_selector} of {} {} found by a CSS selector",
            counted(targets.len(), "element"),
            if by_selector == 1 { "is" } else { "are" }
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
    criterion(AGREEMENT, if agrees { 1.0 } else { 0.0 }, 10, why)
}

/// `1 step`, `2 steps`.
fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::steps::{Intent, Step};

    fn whys(intents: usize, steps: Vec<Act>) -> Vec<String> {
        let intent = Intent {
            says: "it greets".to_owned(),
            outcome: IntentOutcome::Rehearsed,
        };
        let plan = Plan {
            intents: vec![intent; intents],
            steps: steps
                .into_iter()
                .map(|act| Step { intent: 0, act })
                .collect(),
            ..Plan::default()
        };
        let quality = assess(&plan, None);
        quality.criteria.into_iter().map(|each| each.why).collect()
    }

    #[test]
    fn of_a_plan_without_steps_nothing_is_said_of_every_step_or_element() {
        let whys = whys(0, Vec::new());
        assert_eq!(
            whys[..4],
            [
                "nothing was found that the description asks for",
                "0 assertions that can fail, after 0 of 0 things asked for",
                "no step was acted out",
                "no element is used",
            ]
        );
    }

    #[test]
    fn one_of_a_kind_is_told_in_the_singular() {
        let target = Locator::Css {
            selector: "#greeting".to_owned(),
        };
        let whys = whys(1, vec![Act::Expect(Expectation::Visible { target })]);
        assert_eq!(
            whys[..4],
            [
                "the one thing that the description asks for could be followed",
                "1 assertion that can fail, after 1 of 1 thing asked for",
                "every step was acted out in the browser before the test was written",
                "1 of 1 element is found by a CSS selector",
            ]
        );
    }
}
