//! The suite against the mock, which keeps the contract, and against what the mock
//! can be made to break.
#![allow(clippy::unwrap_used)]

use mock::{Mock, Options, Partner};
use qualitymax_conformance::report::{Status, html, junit, terminal};
use qualitymax_conformance::{Budget, Deployment, Report, RunError, Selection, run};

const SECRET: &str = "your-webhook-secret";

async fn start() -> Mock {
    let keys: Vec<String> = (0..24)
        .map(|number| format!("qm-key{number}"))
        .chain(["qm_actions".to_owned(), "qm-for-rate-limits".to_owned()])
        .collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let partners = vec![Partner::new("veilstream", SECRET, &keys), Partner::acme()];
    Mock::start(Options {
        partners,
        speed: 10.0,
        ..Options::default()
    })
    .await
    .unwrap()
}

fn deployment(mock: &Mock) -> Deployment {
    let mut keys: Vec<String> = (0..24).map(|number| format!("qm-key{number}")).collect();
    keys.push("qm_actions".to_owned());
    keys.push("qm-for-rate-limits".to_owned());
    Deployment {
        url: mock.url().parse().unwrap(),
        slug: "veilstream".to_owned(),
        keys,
        other_key: Some("qm-acme-token".to_owned()),
        secret: SECRET.to_owned(),
        receiver: Default::default(),
        target_url: None,
        repository_url: None,
    }
}

fn only(names: &[&str]) -> Selection {
    Selection {
        only: names.iter().map(|&name| name.to_owned()).collect(),
        ..Selection::default()
    }
}

fn seeded() -> Budget {
    Budget {
        seed: Some(1),
        ..Budget::default()
    }
}

fn with_status(report: &Report, status: Status) -> Vec<&str> {
    let checks = report.checks.iter().filter(|check| check.status == status);
    checks.map(|check| check.id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mock_conforms_and_every_check_is_made() {
    let mock = start().await;
    let report = run(
        &deployment(&mock),
        &Selection::default(),
        &Budget::default(),
        &(),
    )
    .await
    .unwrap();
    assert!(report.conforms(true), "{}", terminal::render(&report, true));
    assert_eq!(
        with_status(&report, Status::Skipped),
        ["errors.unavailable"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_told_with_the_clause_and_a_command() {
    let mock = start().await;
    let deployment = Deployment {
        secret: "another-secret".to_owned(),
        ..deployment(&mock)
    };
    let mut selection = only(&["signatures.raw-body", "callback.signature"]);
    selection.skip.push("callback.retried".to_owned());
    let report = run(&deployment, &selection, &seeded(), &()).await.unwrap();
    assert_eq!(
        with_status(&report, Status::Failed),
        ["signatures.raw-body"]
    );
    // What could not be looked at is not called broken.
    assert_eq!(
        with_status(&report, Status::Skipped),
        ["callback.signature"]
    );
    let failure = &report.checks[0].failures[0];
    assert_eq!(failure.clause, "webhook.signature.raw-body");
    assert!(
        failure
            .curl
            .as_deref()
            .unwrap()
            .contains("openssl dgst -sha256 -hmac")
    );
    for text in [
        report.to_json(),
        junit::render(&report),
        html::render(&report).unwrap(),
        terminal::render(&report, true),
    ] {
        assert!(text.contains("webhook.signature.raw-body"), "{text}");
        for secret in ["another-secret", "qm-key0", "qm-acme-token"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_read_as_it_was_written() {
    let mock = start().await;
    let report = run(&deployment(&mock), &only(&["auth"]), &seeded(), &())
        .await
        .unwrap();
    let read: Report = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(read.to_json(), report.to_json());
    assert_eq!(read.seed, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_budget_leaves_out_is_skipped_and_not_passed() {
    let mock = start().await;
    let budget = Budget {
        requests: Some(5),
        ..seeded()
    };
    let report = run(&deployment(&mock), &only(&["auth", "errors"]), &budget, &())
        .await
        .unwrap();
    assert!(report.requests <= 5);
    assert_eq!(with_status(&report, Status::Failed), Vec::<&str>::new());
    assert!(report.summary.skipped > 5, "{:?}", report.summary);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_enough_for_all_but_its_other_format() {
    let mock = start().await;
    let mut deployment = deployment(&mock);
    deployment.keys.truncate(1);
    deployment.other_key = None;
    let selection = only(&["auth", "signatures.wrong", "callback.echo"]);
    let report = run(&deployment, &selection, &seeded(), &()).await.unwrap();
    assert!(report.conforms(true), "{}", terminal::render(&report, true));
    let skipped = with_status(&report, Status::Skipped);
    assert_eq!(skipped, ["auth.key-formats", "auth.other-partner"]);
}

#[tokio::test]
async fn without_an_answer_or_a_key_there_is_no_verdict() {
    let mock = start().await;
    let mut refused = deployment(&mock);
    refused.keys = vec!["qm-nobody".to_owned()];
    let outcome = run(&refused, &only(&["auth"]), &seeded(), &()).await;
    assert!(
        matches!(outcome, Err(RunError::KeyRefused { .. })),
        "{outcome:?}"
    );
    let mut gone = deployment(&mock);
    gone.url = "http://127.0.0.1:1/".parse().unwrap();
    let outcome = run(&gone, &only(&["auth"]), &seeded(), &()).await;
    assert!(
        matches!(outcome, Err(RunError::Unreachable { .. })),
        "{outcome:?}"
    );
}
