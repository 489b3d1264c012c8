//! Commands of an operator, for people and for machines.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use testbed::Deployment;

use crate::binary;

fn run(data_dir: &Path, args: &[&str]) -> Output {
    Command::new(binary())
        .args(args)
        .env("QUALITYMAX_DATA_DIR", data_dir)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", complained(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complained(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn partners_and_keys_are_created_shown_once_and_listed_without_secrets() {
    let data = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| said(&run(data.path(), args));
    let created = run(&["partner", "create", "veilstream"]);
    let secret = created
        .split_whitespace()
        .find(|word| word.starts_with("whsec_"));
    let token = run(&[
        "key",
        "create",
        "--partner",
        "veilstream",
        "--name",
        "laptop",
    ]);
    let token = token
        .split_whitespace()
        .find(|word| word.starts_with("qm-"));
    let ci = run(&[
        "key",
        "create",
        "--partner",
        "veilstream",
        "--kind",
        "github-actions",
        "--json",
    ]);
    let ci: Value = serde_json::from_str(&ci).unwrap();
    assert!(ci["key"].as_str().unwrap().starts_with("qm_"));

    let listed =
        run(&["partner", "list"]) + &run(&["key", "list"]) + &run(&["key", "list", "--json"]);
    assert!(listed.contains("veilstream") && listed.contains("laptop"));
    for shown_once in [secret.unwrap(), token.unwrap(), ci["key"].as_str().unwrap()] {
        assert!(!listed.contains(shown_once));
    }
    let rotated = run(&[
        "partner",
        "rotate-secret",
        "veilstream",
        "--overlap",
        "2h",
        "--json",
    ]);
    let rotated: Value = serde_json::from_str(&rotated).unwrap();
    assert_eq!(rotated["overlap_seconds"], 7200);
    assert_ne!(rotated["webhook_secret"].as_str(), secret);
}

#[test]
fn a_failure_says_what_to_do_and_exits_with_1() {
    let data = tempfile::tempdir().unwrap();
    let mistyped = run(&data.path().join("nowhere"), &["partner", "list"]);
    assert_eq!(mistyped.status.code(), Some(1));
    assert!(complained(&mistyped).contains("--data-dir"));
    assert!(!data.path().join("nowhere").exists());

    said(&run(data.path(), &["partner", "create", "veilstream"]));
    for (args, expected) in [
        (
            ["partner", "create", "veilstream"].as_slice(),
            "rotate-secret",
        ),
        (&["partner", "create", "Veil Stream"], "lower-case"),
        (&["key", "create", "--partner", "nobody"], "partner list"),
        (&["key", "revoke", "7"], "key list"),
        (&["job", "show", "pwj_1"], "job list"),
        (&["job", "list", "--partner", "nobody"], "partner list"),
        (&["job", "replay-callback", "pwj_1"], "no such job"),
        (&["serve", "--listen", "192.0.2.1:80"], "--listen"),
    ] {
        let output = run(data.path(), args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        let complaint = complained(&output);
        assert!(complaint.contains(expected), "{args:?}: {complaint}");
    }
}

#[test]
fn wrong_usage_exits_with_2() {
    let data = tempfile::tempdir().unwrap();
    for args in [
        [].as_slice(),
        &["nonsense"],
        &["key", "create"],
        &["serve", "--listen", "nowhere"],
        &["serve", "--log", "a=b=c"],
        &["serve", "--sast-rules", "/no/such/rules"],
        &["scan", "--rules", "/no/such/rules"],
        &["scan", "--json", "--format", "sarif"],
        &["gaps", "--json", "--format", "sarif"],
        &["api-tests", "--json", "--format", "text", "openapi.json"],
        &["serve", "--public-url", "ftp://example.com"],
        &[
            "partner",
            "rotate-secret",
            "veilstream",
            "--overlap",
            "soon",
        ],
    ] {
        assert_eq!(run(data.path(), args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn every_command_shows_how_it_is_used() {
    let data = tempfile::tempdir().unwrap();
    for command in [
        "setup",
        "serve",
        "partner create",
        "partner list",
        "partner rotate-secret",
        "key create",
        "key list",
        "key revoke",
        "job list",
        "job show",
        "job replay-callback",
        "completions",
    ] {
        let mut args: Vec<_> = command.split(' ').collect();
        args.push("--help");
        let help = said(&run(data.path(), &args));
        args.pop();
        args.insert(0, "help");
        assert_eq!(said(&run(data.path(), &args)), help, "{command}");
        assert!(help.contains("Example"), "{command}");
        assert!(
            help.contains(&format!("  qualitymax {command}")),
            "{command}"
        );
    }
}

/// As CI and Compose files pass on what they do not have.
#[test]
fn an_empty_variable_is_one_that_is_not_set() {
    let run = |args: &[&str]| {
        let mut command = Command::new(binary());
        for name in [
            "DATA_DIR",
            "LISTEN",
            "PUBLIC_URL",
            "WORKERS",
            "GIT_HOSTS",
            "ALLOW_LOOPBACK",
            "SAST_RULES",
            "DISABLE_RATE_LIMITS",
            "LOG",
            "LOG_FORMAT",
        ] {
            command.env(format!("QUALITYMAX_{name}"), "");
        }
        command.args(args).output().unwrap()
    };
    let data = tempfile::tempdir().unwrap();
    let data = data.path().to_str().unwrap();
    // The one thing that is wrong is told.
    let output = run(&["serve", "--data-dir", data, "--listen", "192.0.2.1:80"]);
    let complaint = complained(&output);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(complaint.contains("192.0.2.1:80"), "{complaint}");
    let help = said(&run(&["serve", "--help"]));
    assert!(help.contains("QUALITYMAX_WORKERS"), "{help}");
}

#[test]
fn a_variable_that_switches_something_on_takes_the_usual_words() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path().to_str().unwrap();
    for (value, status) in [("1", 1), ("yes", 1), ("true", 1), ("0", 1), ("perhaps", 2)] {
        let output = Command::new(binary())
            .env("QUALITYMAX_ALLOW_LOOPBACK", value)
            .env("QUALITYMAX_DISABLE_RATE_LIMITS", value)
            // What it ends with where nothing else is wrong.
            .args(["serve", "--data-dir", data, "--listen", "192.0.2.1:80"])
            .output()
            .unwrap();
        let complaint = complained(&output);
        assert_eq!(output.status.code(), Some(status), "{value}: {complaint}");
    }
}

#[tokio::test]
async fn a_key_revoked_by_command_is_unknown_to_a_running_server_at_once() {
    let deployment = Deployment::create(binary(), "veilstream").unwrap();
    let server = deployment.serve(&["--workers", "0"], &[]).await.unwrap();
    let report = server.get("/jobs/pwj_1/report").await.unwrap_err();
    assert!(report.to_string().contains("404"), "{report}");
    let revoke = ["key", "revoke", "1", "--json"];
    let revoked = said(&run(deployment.data_dir(), &revoke));
    assert!(!revoked.contains(&deployment.api_key));
    let report = server.get("/jobs/pwj_1/report").await.unwrap_err();
    assert!(report.to_string().contains("401"), "{report}");
}

#[tokio::test]
async fn jobs_are_listed_and_shown() {
    let deployment = Deployment::create(binary(), "veilstream").unwrap();
    let server = deployment.serve(&["--workers", "0"], &[]).await.unwrap();
    let job = server
        .send_webhook(&serde_json::json!({
            "url": "https://preview.example.com/login",
            "feature_description": "Test login",
            "callback_url": "https://api.example.com/results",
        }))
        .await
        .unwrap();
    let run = |args: &[&str]| said(&run(deployment.data_dir(), args));
    let listed = run(&["job", "list", "--partner", "veilstream"]);
    assert!(listed.contains(&job) && listed.contains("accepted"));
    let shown = run(&["job", "show", &job]);
    assert!(
        shown.contains("https://preview.example.com/login"),
        "{shown}"
    );
    let report: Value = serde_json::from_str(&run(&["job", "show", &job, "--json"])).unwrap();
    let served = server.get(&format!("/jobs/{job}/report")).await.unwrap();
    assert_eq!(report["job"]["id"], served["job"]["id"]);
}

/// Exit code 1 would say that something was found.
#[test]
fn a_report_that_can_t_be_written_is_no_verdict() {
    let data = tempfile::tempdir().unwrap();
    let directory = data.path().to_str().unwrap();
    let nowhere = data.path().join("nowhere/report.json");
    let args = ["gaps", directory, "--output", nowhere.to_str().unwrap()];
    let output = run(data.path(), &args);
    assert_eq!(output.status.code(), Some(3));
    assert!(complained(&output).contains("report.json can't be written"));
}

#[test]
fn who_stops_reading_gets_no_complaint() {
    let mut command = Command::new(binary())
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(command.stdout.take());
    let output = command.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(complained(&output), "");
}
