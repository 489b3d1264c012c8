//! The shapes of the mock's answers, recorded: what a run against a deployment
//! tells drift from. `cargo insta review`, or `INSTA_UPDATE=always`, after a
//! change that is meant.
#![allow(clippy::unwrap_used)]

use mock::{Mock, Options, Partner};
use qualitymax_conformance::drift::{Outlines, contract, drift};
use qualitymax_conformance::{Budget, Deployment, Selection, run};

const SECRET: &str = "your-webhook-secret";

/// What shows every field there is, between them.
const SCENARIOS: [&str; 5] = [
    "passed",
    "failed",
    "crawl-failure",
    "critical-finding",
    "scan-failure",
];

/// The answers of a mock under this scenario.
async fn observe(scenario: &str) -> Outlines {
    let keys = ["qm-1", "qm-2", "qm-3", "qm-4", "qm-5", "qm-6"];
    let mock = Mock::start(Options {
        partners: vec![Partner::new("veilstream", SECRET, &keys), Partner::acme()],
        scenario: scenario.to_owned(),
        speed: 60.0,
        ..Options::default()
    })
    .await
    .unwrap();
    let deployment = Deployment {
        url: mock.url().parse().unwrap(),
        slug: "veilstream".to_owned(),
        keys: keys.iter().map(|&key| key.to_owned()).collect(),
        other_key: Some("qm-acme-token".to_owned()),
        secret: SECRET.to_owned(),
        receiver: Default::default(),
        target_url: None,
        repository_url: None,
    };
    let groups = [
        "auth",
        "webhook",
        "callback",
        "reports",
        "artifacts",
        "repositories",
        "sast",
        "api-tests",
        "test-cases",
        "gap-analysis",
    ];
    let selection = Selection {
        only: groups.iter().map(|&group| group.to_owned()).collect(),
        // They wait, and see nothing that others do not.
        skip: vec!["callback.retried".to_owned(), "rate-limits".to_owned()],
        level: None,
    };
    let report = run(&deployment, &selection, &Budget::default(), &()).await;
    report.unwrap().outlines
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shapes_of_all_answers_are_recorded() {
    let mut recorded = Outlines::new();
    for scenario in SCENARIOS {
        for (answer, outline) in observe(scenario).await {
            recorded.entry(answer).or_default().merge(&outline);
        }
    }
    for (answer, outline) in &recorded {
        // Two operations answer alike, and only one of them with a script.
        let alike = recorded
            .iter()
            .filter(|(other, _)| contract(other) == contract(answer));
        let seen: String = alike.map(|(_, outline)| outline.to_string()).collect();
        for field in contract(answer) {
            let holds = |line: &str| line.split(['?', ':']).next() == Some(&field);
            assert!(
                seen.lines().any(holds),
                "{answer} was never seen with {field}"
            );
        }
        insta::with_settings!({
            snapshot_path => "../snapshots",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(*answer, outline.to_string());
        });
    }
    assert_eq!(drift(&recorded), []);
}
