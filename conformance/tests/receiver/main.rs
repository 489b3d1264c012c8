//! Receiver mode against the sample receivers: right ones pass, and each wrong
//! one is caught by the check that names its fault.

#![allow(clippy::unwrap_used)]

mod command;
mod sample;

use std::time::Duration;

use clap::ValueEnum;
use futures::StreamExt;
use qualitymax_conformance::receiver::{self, Target};
use qualitymax_conformance::report::Status;
use qualitymax_conformance::{Report, Selection};
use sample::{Language, SECRET, Sample};
use sample_receivers::Fault;

/// Faults looked for at a time.
const AT_ONCE: usize = 4;

/// The check that names the fault, and those that it can't but break too.
fn caught_by(fault: Fault) -> (&'static str, &'static [&'static str]) {
    match fault {
        Fault::NoVerification => (
            "receiver.tampered",
            &[
                "receiver.wrong-secret",
                "receiver.reserialised",
                "receiver.unsigned",
                "receiver.wrong-prefix",
                "receiver.truncated",
                "receiver.garbled-signature",
                "receiver.two-signatures",
                "receiver.refused-first",
                "receiver.refused-not-processed",
            ],
        ),
        Fault::UnsignedAccepted => ("receiver.unsigned", &["receiver.refused-not-processed"]),
        Fault::NoPrefix => ("receiver.wrong-prefix", &[]),
        Fault::TruncatedCompare => ("receiver.truncated", &["receiver.unsigned"]),
        Fault::UnguardedCompare => (
            "receiver.garbled-signature",
            &[
                "receiver.unsigned",
                "receiver.wrong-prefix",
                "receiver.truncated",
            ],
        ),
        Fault::FirstSignature => ("receiver.two-signatures", &[]),
        Fault::ParsedBytes => (
            "receiver.raw-bytes",
            &[
                "receiver.custom-data",
                "receiver.tampered",
                "receiver.reserialised",
            ],
        ),
        Fault::Latin1 => ("receiver.unicode", &[]),
        Fault::NotIdempotent | Fault::RejectsDuplicates => ("receiver.duplicate", &[]),
        Fault::FirstAttemptOnly => ("receiver.late", &["receiver.duplicate"]),
        Fault::DeduplicatesFirst => ("receiver.refused-first", &[]),
        Fault::ProcessesRefused => (
            "receiver.refused-not-processed",
            &["receiver.refused-first"],
        ),
        Fault::RejectsUnknownFields => ("receiver.unknown-fields", &[]),
        Fault::CrashOnNull => ("receiver.custom-data", &[]),
        Fault::NeedsTests => ("receiver.no-tests", &[]),
        Fault::NeedsLinks => ("receiver.optional-fields", &[]),
        Fault::KnowsTwoStatuses => ("receiver.statuses", &[]),
        Fault::BodyLimit100Kb => ("receiver.large", &["receiver.huge"]),
        Fault::BodyLimit1Mb => ("receiver.huge", &[]),
        Fault::Slow => ("receiver.in-time", &["receiver.good"]),
    }
}

fn target(sample: &Sample) -> Target {
    let mut target = Target::new(sample.url.parse().unwrap(), SECRET);
    target.state_url = Some(sample.state_url.parse().unwrap());
    target
}

async fn check(sample: &Sample) -> Report {
    receiver::check(&target(sample), &Selection::default(), &())
        .await
        .unwrap()
}

fn broken(report: &Report) -> Vec<&str> {
    let checks = report.checks.iter();
    checks
        .filter(|check| matches!(check.status, Status::Failed | Status::Deviating))
        .map(|check| check.id.as_str())
        .collect()
}

async fn a_wrong_one_is_caught(language: Language, fault: Fault) {
    let sample = Sample::start(language, Some(fault)).await;
    let mut target = target(&sample);
    let mut selection = Selection::default();
    match fault {
        Fault::Slow => {
            target.answer_within = Duration::from_secs(2);
            selection.only = vec!["receiver.good".into(), "receiver.in-time".into()];
        }
        Fault::BodyLimit100Kb | Fault::BodyLimit1Mb => {}
        // Large bodies take most of the time, and only limits are about these.
        _ => selection.skip = vec!["receiver.huge".into(), "receiver.large".into()],
    }
    let report = receiver::check(&target, &selection, &()).await.unwrap();
    let broken = broken(&report);
    let (named, also) = caught_by(fault);
    let name = format!("{language:?} with {fault:?}: {broken:?}");
    assert!(broken.contains(&named), "{name}");
    let expected = |id: &&str| *id == named || also.contains(id);
    assert!(broken.iter().all(expected), "{name}\n{}", report.to_json());
}

async fn every_wrong_one_is_caught(language: Language) {
    futures::stream::iter(Fault::value_variants())
        .for_each_concurrent(AT_ONCE, |&fault| a_wrong_one_is_caught(language, fault))
        .await;
}

#[tokio::test]
async fn every_wrong_rust_receiver_is_caught_by_the_check_that_names_its_fault() {
    every_wrong_one_is_caught(Language::Rust).await;
}

#[tokio::test]
async fn every_wrong_python_receiver_is_caught_by_the_check_that_names_its_fault() {
    every_wrong_one_is_caught(Language::Python).await;
}

#[tokio::test]
async fn every_wrong_node_receiver_is_caught_by_the_check_that_names_its_fault() {
    every_wrong_one_is_caught(Language::Node).await;
}

#[tokio::test]
async fn the_right_receivers_pass_every_check() {
    for language in [Language::Rust, Language::Python, Language::Node] {
        let report = check(&Sample::start(language, None).await).await;
        assert_eq!(broken(&report), [""; 0], "{}", report.to_json());
        assert_eq!(report.summary.passed, receiver::checks().len());
    }
}

/// Without a state URL a duplicate that is refused is still seen, and what can't
/// be seen is said to be skipped.
#[tokio::test]
async fn without_a_state_url_only_what_shows_from_outside_is_judged() {
    let sample = Sample::start(Language::Rust, Some(Fault::RejectsDuplicates)).await;
    let target = Target {
        state_url: None,
        ..target(&sample)
    };
    let selection = Selection {
        only: vec![
            "receiver.duplicate".into(),
            "receiver.refused-not-processed".into(),
        ],
        ..Selection::default()
    };
    let report = receiver::check(&target, &selection, &()).await.unwrap();
    assert_eq!(broken(&report), ["receiver.duplicate"]);
    let unseen = report.check("receiver.refused-not-processed").unwrap();
    assert_eq!(unseen.status, Status::Skipped);
}

#[test]
fn the_page_for_partners_names_every_check() {
    let page = include_str!("../../../docs/receivers.md");
    for check in receiver::checks() {
        let row = format!("| `{}` | {} |", check.id, check.level.name());
        assert!(page.contains(&row), "docs/receivers.md lacks {row}");
    }
}
