//! `qualitymax-conformance receiver`, as a partner runs it.

use std::process::Output;

use qualitymax_conformance::Report;
use sample_receivers::Fault;
use tokio::process::Command;

use super::check;
use super::sample::{Language, SECRET, Sample};

async fn run(sample: &Sample, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_qualitymax-conformance"))
        .args(["receiver", "--url", &sample.url, "--secret", SECRET])
        .args(args)
        .output()
        .await
        .unwrap()
}

#[tokio::test]
async fn the_exit_code_tells_whether_the_receiver_conforms() {
    let right = Sample::start(Language::Node, None).await;
    let quick = ["--only", "receiver.unsigned", "--only", "receiver.statuses"];
    assert_eq!(run(&right, &quick).await.status.code(), Some(0));

    let unsigned = Sample::start(Language::Node, Some(Fault::UnsignedAccepted)).await;
    assert_eq!(run(&unsigned, &quick).await.status.code(), Some(1));

    // What only the contract says fails with --strict alone.
    let deviating = Sample::start(Language::Node, Some(Fault::KnowsTwoStatuses)).await;
    assert_eq!(run(&deviating, &quick).await.status.code(), Some(0));
    let strict = [&quick[..], &["--strict"]].concat();
    assert_eq!(run(&deviating, &strict).await.status.code(), Some(1));

    assert_eq!(
        run(&right, &["--only", "no-such"]).await.status.code(),
        Some(2)
    );

    let mut gone = right;
    gone.url = "http://127.0.0.1:1/callback".to_owned();
    assert_eq!(run(&gone, &quick).await.status.code(), Some(3));
}

#[tokio::test]
async fn a_wrong_secret_is_hinted_at() {
    let right = Sample::start(Language::Node, None).await;
    let only = [
        "--only",
        "receiver.unicode,receiver.statuses,receiver.duplicate",
    ];
    let output = run(&right, &[&only[..], &["--format", "json"]].concat()).await;
    let report: Report = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report.hints, Vec::<String>::new());

    let output = Command::new(env!("CARGO_BIN_EXE_qualitymax-conformance"))
        .args(["receiver", "--url", &right.url, "--secret", "another"])
        .args(only)
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let hint = "is --secret what the receiver verifies with";
    assert!(text.contains(hint), "{text}");
}

#[tokio::test]
async fn the_report_says_what_was_seen_and_keeps_the_secret() {
    let sample = Sample::start(Language::Python, Some(Fault::NoVerification)).await;
    let output = run(&sample, &["--format", "json", "--skip", "receiver.huge"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains(SECRET));
    let report: Report = serde_json::from_str(&text).unwrap();
    let tampered = report.check("receiver.tampered").unwrap();
    assert!(tampered.seen[0].starts_with("a callback of which one byte was changed: 200 OK after"));
    assert_eq!(tampered.failures[0].clause, "callback.signature.raw-body");
}

/// Whoever runs the commands of a failure sees the same status.
#[tokio::test]
async fn each_curl_shows_its_failure_again() {
    for fault in [Fault::ParsedBytes, Fault::NoVerification] {
        let sample = Sample::start(Language::Node, Some(fault)).await;
        let report = check(&sample).await;
        let mut shown = 0;
        for failure in report.checks.iter().flat_map(|check| &check.failures) {
            let curl = failure.curl.as_ref().unwrap();
            let Some((status, _)) = failure.seen.split_once(' ') else {
                continue;
            };
            // A story's last delivery is not the first answer that is printed.
            if status.parse::<u16>().is_err() || curl.matches("curl ").count() > 1 {
                continue;
            }
            let directory = tempfile::tempdir().unwrap();
            let output = Command::new("sh")
                .args(["-c", curl])
                .current_dir(directory.path())
                .env("QUALITYMAX_CONFORMANCE_SECRET", SECRET)
                .output()
                .await
                .unwrap();
            let answer = String::from_utf8_lossy(&output.stdout).into_owned();
            let line = format!("HTTP/1.1 {status} ");
            assert!(
                answer.contains(&line),
                "{}\n{curl}\n{answer}",
                failure.expected
            );
            shown += 1;
        }
        assert!(shown > 0, "{fault:?}");
    }
}
