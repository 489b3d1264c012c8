//! The scenarios that need no file.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{AnswerFault, CallbackFaults, Fault, Findings, Outcome, Scenario, Signature};

pub(super) fn all() -> BTreeMap<String, Scenario> {
    let scenario = |description: &str| Scenario {
        description: description.to_owned(),
        ..Scenario::default()
    };
    let outcome = |outcome, description| Scenario {
        outcome,
        ..scenario(description)
    };
    let callback = |callback, description| Scenario {
        callback,
        ..scenario(description)
    };
    let findings = |findings, description| Scenario {
        findings,
        ..scenario(description)
    };
    let answers = |answers, description| Scenario {
        answers,
        ..scenario(description)
    };
    let usual = CallbackFaults::default;
    let named = [
        ("passed", scenario("One test is generated and passes")),
        (
            "failed",
            Scenario {
                tests: 2,
                quality: 91,
                ..outcome(Outcome::Failed, "Two tests, the second fails")
            },
        ),
        (
            "crawl-failure",
            outcome(
                Outcome::CrawlFailure,
                "The target answers 502; the callback says error",
            ),
        ),
        (
            "login-refused",
            Scenario {
                quality: 81,
                ..outcome(
                    Outcome::LoginRefused,
                    "The target refuses the credentials; the test fails",
                )
            },
        ),
        (
            "timeout",
            Scenario {
                quality: 88,
                ..outcome(Outcome::TimedOut, "The test runs into its time limit")
            },
        ),
        (
            "below-threshold",
            Scenario {
                quality: 38,
                ..outcome(
                    Outcome::BelowThreshold,
                    "The quality stays below quality_threshold; nothing is executed",
                )
            },
        ),
        (
            "slow",
            Scenario {
                duration: Duration::from_millis(54_600),
                ..scenario("As passed, in 54.6 s instead of a quarter of a second")
            },
        ),
        (
            "callback-late",
            callback(
                CallbackFaults {
                    delay: Duration::from_secs(5),
                    ..usual()
                },
                "The callback comes 5 s after the job's end",
            ),
        ),
        (
            "callback-twice",
            callback(
                CallbackFaults {
                    copies: 2,
                    ..usual()
                },
                "The callback comes twice, with one delivery id",
            ),
        ),
        (
            "callback-out-of-order",
            callback(
                CallbackFaults {
                    after_the_next: true,
                    ..usual()
                },
                "The callback comes after the next job's",
            ),
        ),
        (
            "callback-bad-signature",
            callback(
                CallbackFaults {
                    signature: Signature::Bad,
                    ..usual()
                },
                "The callback is signed with another secret",
            ),
        ),
        (
            "callback-unsigned",
            callback(
                CallbackFaults {
                    signature: Signature::Missing,
                    ..usual()
                },
                "The callback has no signature",
            ),
        ),
        (
            "callback-huge",
            callback(
                CallbackFaults {
                    min_tests: 5000,
                    ..usual()
                },
                "The callback lists 5000 tests, more than 2 MB",
            ),
        ),
        (
            "critical-finding",
            findings(
                Findings::Critical,
                "Scans find a critical flaw; the verdict is fail",
            ),
        ),
        (
            "no-findings",
            findings(Findings::None, "Scans find nothing"),
        ),
        (
            "scan-failure",
            findings(Findings::Failed, "Scans and gap analyses end as failed"),
        ),
        (
            "rate-limited",
            answers(
                vec![first(3, Fault::RateLimited)],
                "The first three requests to each operation are answered 429",
            ),
        ),
        (
            "unavailable",
            answers(
                vec![first(2, Fault::Unavailable)],
                "The first two requests to each operation are answered 503",
            ),
        ),
        (
            "internal-error",
            answers(
                vec![first(1, Fault::Internal)],
                "The first request to each operation is answered 500",
            ),
        ),
        (
            "broken-connection",
            answers(
                vec![first(1, Fault::Broken)],
                "The first request to each operation takes effect, and its answer is lost",
            ),
        ),
        (
            "slow-body",
            answers(
                vec![AnswerFault {
                    first: None,
                    ..first(0, Fault::Slow)
                }],
                "Answers come in small pieces, over two seconds",
            ),
        ),
        (
            "flaky",
            answers(
                vec![
                    share(0.15, Fault::Unavailable),
                    share(0.1, Fault::RateLimited),
                    share(0.1, Fault::Broken),
                    share(0.05, Fault::Internal),
                ],
                "Of all answers a third are 503, 429, broken off or 500, drawn by the seed",
            ),
        ),
    ];
    named
        .into_iter()
        .map(|(name, scenario)| (name.to_owned(), scenario))
        .collect()
}

fn first(count: u64, fault: Fault) -> AnswerFault {
    AnswerFault {
        fault,
        operations: Vec::new(),
        first: Some(count),
        rate: None,
        retry_after: 1,
    }
}

fn share(rate: f64, fault: Fault) -> AnswerFault {
    AnswerFault {
        first: None,
        rate: Some(rate),
        ..first(0, fault)
    }
}
