//! Why a test was not executed, in words for the partner.

use contract::types;

use super::score;
use super::steps::Plan;

/// The rest is in the report's breakdown.
const TOLD: usize = 2;

/// The stage that kept a test from being executed, and why; none where it was
/// good enough.
pub(super) fn of(
    plan: &Plan,
    quality: &types::Quality,
    result: types::ResultStatus,
    threshold: u8,
) -> Option<(&'static str, String)> {
    let is_below = result == types::ResultStatus::BelowThreshold;
    let stage = if plan.asserts() { "score" } else { "plan" };
    if is_below {
        Some((stage, below(plan, quality, threshold)))
    } else if !plan.asserts() {
        Some((stage, asserts_nothing(plan)))
    } else {
        None
    }
}

/// Of a test that asserts nothing. What could not be followed comes first: it is
/// why nothing is left to assert.
fn asserts_nothing(plan: &Plan) -> String {
    let lost = score::lost(plan);
    if lost.is_empty() {
        return "The generated test asserts nothing that could fail, so it was not executed: the \
            description does not say what should be seen, and nothing that was tried on the page \
            showed an effect."
            .to_owned();
    }
    format!(
        "Not followed: {}. What is left asserts nothing that could fail, so it was not executed.",
        lost.join("; ")
    )
}

/// Of a test whose score stayed below `threshold`.
fn below(plan: &Plan, quality: &types::Quality, threshold: u8) -> String {
    let told = format!(
        "The test's quality score, {}, is below the threshold of {threshold}",
        quality.score
    );
    if !plan.asserts() {
        return format!("{} {told}.", asserts_nothing(plan));
    }
    let mut reasons = Vec::new();
    let sum: i64 = quality.criteria.iter().map(|each| each.points).sum();
    if quality.score < sum {
        reasons.push("nothing is asserted after the last step".to_owned());
    }
    let mut short: Vec<&types::QualityCriterion> = quality
        .criteria
        .iter()
        // A test that was not executed can't agree with anything.
        .filter(|each| each.name != score::AGREEMENT && each.points < each.of)
        .collect();
    short.sort_by_key(|each| each.points - each.of);
    reasons.extend(
        short
            .iter()
            .take(TOLD)
            .map(|each| format!("{} {} of {}, {}", each.name, each.points, each.of, each.why)),
    );
    if reasons.is_empty() {
        return format!(
            "{told}, so it was not executed. It lacks only the points of “{}”, which no test has \
             before a run.",
            score::AGREEMENT
        );
    }
    format!(
        "{told}, so it was not executed. What it lacks: {}.",
        reasons.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser::locator::Locator;
    use crate::job::steps::{Act, Expectation, Intent, IntentOutcome, Step};

    const NO_LOGIN: &str = "it needs a login, and the webhook gave no `auth`";

    fn plan(outcomes: &[Option<&str>], steps: Vec<Act>) -> Plan {
        let intent = |(index, lost): (usize, &Option<&str>)| Intent {
            says: format!("thing {index}"),
            outcome: match lost {
                None => IntentOutcome::Rehearsed,
                Some(why) => IntentOutcome::NotUnderstood {
                    why: (*why).to_owned(),
                },
            },
        };
        Plan {
            intents: outcomes.iter().enumerate().map(intent).collect(),
            steps: steps
                .into_iter()
                .map(|act| Step { intent: 0, act })
                .collect(),
            ..Plan::default()
        }
    }

    fn sees() -> Act {
        let title = "Shop".to_owned();
        Act::Expect(Expectation::Title { title })
    }

    #[test]
    fn what_could_not_be_followed_is_named_before_what_came_of_it() {
        let lost = plan(&[Some(NO_LOGIN)], Vec::new());
        let told = asserts_nothing(&lost);
        assert!(
            told.starts_with(&format!("Not followed: “thing 0”: {NO_LOGIN}.")),
            "{told}"
        );
        assert!(!told.contains("does not say what should be seen"), "{told}");
        let told = below(&lost, &score::assess(&lost, None), 45);
        assert!(
            told.starts_with("Not followed: “thing 0”")
                && told.ends_with("The test's quality score, 0, is below the threshold of 45."),
            "{told}"
        );

        let vague = asserts_nothing(&plan(&[None], Vec::new()));
        assert!(
            vague.contains("does not say what should be seen"),
            "{vague}"
        );
    }

    #[test]
    fn a_test_below_the_threshold_is_told_with_score_threshold_and_what_it_lacks_most() {
        let half = plan(
            &[None, Some(NO_LOGIN), Some("no such button")],
            vec![sees()],
        );
        let quality = score::assess(&half, None);
        let told = below(&half, &quality, 60);
        let begins = format!(
            "The test's quality score, {}, is below the threshold of 60, so it was not executed. \
             What it lacks: description followed 13 of 40, not followed: “thing 1”: {NO_LOGIN}",
            quality.score
        );
        assert!(told.starts_with(&begins), "{told}");
        assert!(!told.contains(score::AGREEMENT), "{told}");
    }

    #[test]
    fn a_threshold_that_no_test_reaches_before_a_run_is_told_as_that() {
        let target = Locator::Text {
            text: "Buy".to_owned(),
            exact: true,
        };
        let visible = Act::Expect(Expectation::Visible { target });
        let best = plan(&[None], vec![visible]);
        let told = below(&best, &score::assess(&best, None), 100);
        assert_eq!(
            told,
            "The test's quality score, 90, is below the threshold of 100, so it was not executed. \
             It lacks only the points of “run agrees with rehearsal”, which no test has before a run."
        );
    }

    #[test]
    fn a_test_that_ends_with_an_act_is_told_so() {
        let target = Locator::Text {
            text: "Buy".to_owned(),
            exact: true,
        };
        let open = plan(&[None], vec![sees(), Act::Click { target }]);
        let told = below(&open, &score::assess(&open, None), 45);
        assert!(
            told.contains("What it lacks: nothing is asserted after the last step"),
            "{told}"
        );
    }
}
