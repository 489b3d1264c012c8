//! What a job will come to: decided by its scenario and its request when it is
//! accepted, so that report, callback, artifacts and logs can't disagree.

use std::time::Duration;

use contract::types::{self, ExecutionStatus, ResultStatus};

use crate::scenario::{Outcome, Scenario};
use crate::seed::Seed;
use crate::state::State;

/// Of a test, as its message says it.
const TIME_LIMIT: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Course {
    pub(crate) ends: Ends,
    /// None where the crawl fails.
    pub(crate) pages: Option<u32>,
    pub(crate) tests: Vec<Test>,
    pub(crate) result: ResultStatus,
    /// By so much longer than by the clock it is said to have run: a test that ran
    /// into its limit says that it took that long, and nobody has to wait for it.
    pub(crate) longer: Duration,
    /// Stage and reason.
    pub(crate) failure: Option<(&'static str, String)>,
}

/// When the stages end, since acceptance. A stage that is not reached ends
/// with the one before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(crate) accepted: Duration,
    pub(crate) crawl: Duration,
    pub(crate) generate: Duration,
    pub(crate) execute: Duration,
    pub(crate) score: Duration,
}

#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) script_id: i64,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) source: String,
    pub(crate) quality: u8,
    pub(crate) run: Option<Run>,
}

#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) execution_id: String,
    pub(crate) status: ExecutionStatus,
    pub(crate) duration_ms: i64,
    pub(crate) error_message: Option<String>,
}

/// What a course is laid for.
pub(super) struct Wish<'a> {
    /// Number of the job.
    pub(super) job: u64,
    pub(super) target: &'a str,
    pub(super) description: &'a str,
    pub(super) options: &'a types::WebhookOptions,
    pub(super) with_login: bool,
    pub(super) scenario: &'a Scenario,
}

impl Course {
    pub(super) fn lay(seed: Seed, state: &mut State, wish: &Wish<'_>) -> Self {
        let scenario = wish.scenario;
        // No two jobs take equally long.
        let total = scenario
            .duration
            .mul_f64(0.9 + 0.2 * seed.share("duration", wish.job));
        let after = |share: f64| total.mul_f64(share);
        if scenario.outcome == Outcome::CrawlFailure {
            let crawl = after(0.3);
            return Self {
                ends: Ends {
                    accepted: after(0.05),
                    crawl,
                    generate: crawl,
                    execute: crawl,
                    score: crawl,
                },
                pages: None,
                tests: Vec::new(),
                result: ResultStatus::Error,
                longer: Duration::ZERO,
                failure: Some(("crawl", "the target answered with status 502".to_owned())),
            };
        }
        let quality = match scenario.outcome {
            Outcome::BelowThreshold => scenario
                .quality
                .min(wish.options.quality_threshold.saturating_sub(1)),
            _ => scenario.quality,
        };
        let below = quality < wish.options.quality_threshold;
        let executed = !below && wish.options.auto_execute;
        let ends = Ends {
            accepted: after(0.05),
            crawl: after(0.35),
            generate: after(0.65),
            execute: after(if executed { 0.95 } else { 0.65 }),
            score: after(if executed { 1.0 } else { 0.7 }),
        };
        let count = scenario.tests.max(scenario.callback.min_tests).max(1);
        let each = (ends.execute - ends.generate) / count;
        let tests: Vec<Test> = (0..count)
            .map(|index| {
                let last = index + 1 == count;
                test(
                    seed,
                    state,
                    wish,
                    index,
                    quality,
                    executed.then_some((each, last)),
                )
            })
            .collect();
        let passed = |test: &Test| {
            test.run
                .as_ref()
                .is_some_and(|run| run.status == ExecutionStatus::Passed)
        };
        let result = match () {
            () if below => ResultStatus::BelowThreshold,
            () if !executed => ResultStatus::NotExecuted,
            () if tests.iter().all(passed) => ResultStatus::Passed,
            () => ResultStatus::Failed,
        };
        let timed_out = tests.iter().filter_map(|test| test.run.as_ref());
        let timed_out = timed_out.filter(|run| run.status == ExecutionStatus::TimedOut);
        let longer = timed_out.map(|_| TIME_LIMIT.saturating_sub(each)).sum();
        Self {
            ends,
            longer,
            pages: Some(scenario.pages),
            tests,
            result,
            failure: below.then(|| ("score", told_below(quality, wish.options))),
        }
    }

    /// Each run with its test's index.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (usize, &Run)> {
        let tests = self.tests.iter().enumerate();
        tests.filter_map(|(index, test)| Some((index, test.run.as_ref()?)))
    }
}

/// As a deployment begins it; what the test lacks would follow.
fn told_below(quality: u8, options: &types::WebhookOptions) -> String {
    format!(
        "The test's quality score, {quality}, is below the threshold of {}, so it was not executed.",
        options.quality_threshold
    )
}

/// `run`: how long it runs, and whether it is the last of its job.
fn test(
    seed: Seed,
    state: &mut State,
    wish: &Wish<'_>,
    index: u32,
    quality: u8,
    run: Option<(Duration, bool)>,
) -> Test {
    let mut title = title(wish.description);
    if index > 0 {
        title = format!("{title} ({})", index + 1);
    }
    let script_id = state.next_script;
    state.next_script += 1;
    Test {
        script_id,
        name: file_name(&title),
        source: source(&title, wish),
        quality,
        run: run.map(|(duration, last)| {
            state.next_execution += 1;
            let (status, error_message) = verdict(wish, last);
            Run {
                execution_id: seed.id("exec_", state.next_execution),
                status,
                duration_ms: super::report::millis(match status {
                    ExecutionStatus::TimedOut => duration.max(TIME_LIMIT),
                    _ => duration,
                }),
                error_message,
            }
        }),
        title,
    }
}

fn verdict(wish: &Wish<'_>, last: bool) -> (ExecutionStatus, Option<String>) {
    let failed = |message: &str| (ExecutionStatus::Failed, Some(message.to_owned()));
    match wish.scenario.outcome {
        Outcome::Failed if last => failed(
            "Error: expect(locator).toHaveCount(expected) failed\n\nLocator:  getByRole('listitem')\nExpected: 4\nReceived: 3\nTimeout:  5000ms",
        ),
        Outcome::LoginRefused if last => failed(
            "Error: expect(page).toHaveURL(expected) failed\n\nExpected: \"/dashboard\"\nReceived: \"/login\"\nTimeout:  5000ms\n\nThe page says: \"Invalid email or password.\"",
        ),
        Outcome::TimedOut if last => (
            ExecutionStatus::TimedOut,
            Some("Test timeout of 30000ms exceeded.".to_owned()),
        ),
        _ => (ExecutionStatus::Passed, None),
    }
}

/// The description's first words, as a title.
fn title(description: &str) -> String {
    const LONGEST: usize = 60;
    let mut title = String::new();
    for word in description.split_whitespace() {
        // Magic words are for the mock.
        if word.starts_with('[') {
            continue;
        }
        if title.len() + 1 + word.len() > LONGEST {
            break;
        }
        if !title.is_empty() {
            title.push(' ');
        }
        title.push_str(word);
    }
    let title = title.trim_end_matches(['.', ',', ';', ':']);
    let mut letters = title.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => "Generated test".to_owned(),
    }
}

/// `Login and Dashboard` as `login-and-dashboard`
fn file_name(title: &str) -> String {
    let mut name = String::new();
    for letter in title.chars() {
        if letter.is_ascii_alphanumeric() {
            name.push(letter.to_ascii_lowercase());
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() {
        "generated-test"
    } else {
        name
    }
    .to_owned()
}

fn source(title: &str, wish: &Wish<'_>) -> String {
    let quoted = |text: &str| {
        let text = text.replace('\\', "\\\\").replace('\'', "\\'");
        format!("'{}'", text.replace(['\n', '\r'], " "))
    };
    let login = if wish.with_login {
        "  await page.getByLabel('Email').fill(process.env.TEST_USERNAME!);\n  \
         await page.getByLabel('Password').fill(process.env.TEST_PASSWORD!);\n  \
         await page.getByRole('button', { name: 'Log in' }).click();\n"
    } else {
        ""
    };
    format!(
        "import {{ test, expect }} from '@playwright/test';\n\n\
         test({}, async ({{ page }}) => {{\n  \
           await page.goto({});\n{login}  \
           await expect(page.getByRole('main')).toBeVisible();\n\
         }});\n",
        quoted(title),
        quoted(wish.target),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_becomes_a_title_and_a_file_name() {
        let title = title(
            "[scenario:slow] test that users can login and see their dashboard with 4 task sections.",
        );
        assert_eq!(
            title,
            "Test that users can login and see their dashboard with 4"
        );
        assert_eq!(
            file_name(&title),
            "test-that-users-can-login-and-see-their-dashboard-with-4"
        );
        assert_eq!(file_name("测试"), "generated-test");
    }
}
