//! `qualitymax-conformance` as it is misused: what is told, and the exit code.
#![allow(clippy::unwrap_used)]

use std::process::Output;

use mock::{Mock, Options, Partner};
use qualitymax_conformance::Report;
use tempfile::TempDir;
use tokio::process::Command;

const SECRET: &str = "your-webhook-secret";

/// Nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:1";

/// A mock, and the command that is told of it rightly.
struct Scene {
    mock: Mock,
    directory: TempDir,
}

impl Scene {
    async fn start() -> Self {
        let keys = ["qm-one", "qm-two", "qm_actions", "qm-last"];
        let mock = Mock::start(Options {
            partners: vec![Partner::new("veilstream", SECRET, &keys), Partner::acme()],
            speed: 60.0,
            ..Options::default()
        });
        Self {
            mock: mock.await.unwrap(),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// With these options beside the right ones; a later one counts.
    async fn run(&self, options: &[&str]) -> (Option<i32>, String, String) {
        let url = self.mock.url();
        let keys = "qm-one,qm-two,qm_actions,qm-last";
        let right = [
            ("QUALITYMAX_CONFORMANCE_URL", url),
            ("QUALITYMAX_CONFORMANCE_SLUG", "veilstream"),
            ("QUALITYMAX_CONFORMANCE_KEY", keys),
            ("QUALITYMAX_CONFORMANCE_SECRET", SECRET),
        ];
        let output = Command::new(env!("CARGO_BIN_EXE_qualitymax-conformance"))
            .args(options)
            .envs(right)
            .current_dir(self.directory.path())
            .output();
        told(output.await.unwrap())
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory.path().join(name), text).unwrap();
    }
}

fn told(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[tokio::test]
async fn everything_that_is_missing_is_named_at_once() {
    for (options, missing) in [
        (&[] as &[&str], "--url, --slug, --key, --secret missing"),
        (&["receiver", "--url", NOWHERE], "--secret missing"),
        (&["receiver"], "--url, --secret missing"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_qualitymax-conformance"))
            .args(options)
            .env_clear()
            .output();
        let (code, _, said) = told(output.await.unwrap());
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(missing), "{said}");
        assert!(said.contains("QUALITYMAX_CONFORMANCE_SECRET"), "{said}");
    }
}

/// As CI and Compose files pass on what they do not have.
#[tokio::test]
async fn an_empty_variable_is_one_that_is_not_set() {
    let run = async |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qualitymax-conformance"));
        for name in [
            "CONFORMANCE_URL",
            "CONFORMANCE_SLUG",
            "CONFORMANCE_KEY",
            "CONFORMANCE_OTHER_KEY",
            "CONFORMANCE_SECRET",
            "CONFORMANCE_RECEIVER_BIND",
            "CONFORMANCE_RECEIVER_URL",
            "CONFORMANCE_TARGET_URL",
            "CONFORMANCE_REPOSITORY_URL",
            "RECEIVER_URL",
            "RECEIVER_STATE_URL",
        ] {
            command.env(format!("QUALITYMAX_{name}"), "");
        }
        told(command.args(arguments).output().await.unwrap())
    };
    for (command, missing) in [
        (&[] as &[&str], "--url, --slug, --key, --secret missing"),
        (&["receiver"], "--url, --secret missing"),
    ] {
        let (code, _, said) = run(command).await;
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(missing), "{said}");
        assert_eq!(run(&[command, &["--list"]].concat()).await.0, Some(0));
    }
    for help in [&["help", "receiver"], &["receiver", "--help"]] {
        let (code, said, _) = run(help).await;
        assert_eq!(code, Some(0));
        assert!(said.contains("QUALITYMAX_RECEIVER_URL"), "{said}");
    }
}

#[tokio::test]
async fn what_is_no_use_is_refused_before_anything_is_sent() {
    let scene = Scene::start().await;
    scene.write("no-report.json", "{}");
    let wrong: [(&[&str], &str); 16] = [
        (&["--url", "localhost:8080"], "write it in full"),
        (
            &["--url", "http://127.0.0.1:8080/api/v1/partner"],
            "leave /api/v1/partner out, as webhooks are not below it: http://127.0.0.1:8080/",
        ),
        (&["--slug", "a/b"], "the last part of /api/webhooks/SLUG"),
        (&["--key", "qm one"], "without white space"),
        (&["--other-key", "qm-two"], "has to be another partner's"),
        (&["--only", "calback"], "do you mean `callback`?"),
        (
            &["--skip", "zzz"],
            "no check, group or clause is named `zzz`",
        ),
        (&["--only", "calback", "--list"], "do you mean `callback`?"),
        (
            &["receiver", "--only", "tampered"],
            "no check, group or clause",
        ),
        (
            &["--only", "callback", "--skip", "callback"],
            "no check is left",
        ),
        (
            &["--budget", "10"],
            "it has no unit; write it as 10s or 10m",
        ),
        (
            &["receiver", "--answer-within", "5"],
            "it has no unit; write it as 5s or 5m",
        ),
        (&["--budget", "0s"], "more than nothing"),
        (&["--max-requests", "0"], "0 is not in 1.."),
        (
            &["--replay", "absent.json"],
            "absent.json can't be replayed",
        ),
        (&["--replay", "no-report.json"], "it is no report"),
    ];
    for (options, message) in wrong {
        let mut options = options.to_vec();
        if options[0] == "receiver" {
            options.extend(["--url", NOWHERE]);
        }
        let (code, out, said) = scene.run(&options).await;
        assert_eq!(code, Some(2), "{options:?}: {said}");
        assert!(said.contains(message), "{options:?}: {said}");
        assert_eq!(out, "", "{options:?}");
    }
}

#[tokio::test]
async fn without_a_verdict_the_reason_is_told() {
    let scene = Scene::start().await;
    let quick = ["--only", "reports.body"];
    let wrong: [(&[&str], &str); 5] = [
        (
            &["--url", NOWHERE],
            "http://127.0.0.1:1/ does not answer: tcp connect error: Connection refused",
        ),
        (&["--key", "qm-none"], "takes none of the API keys: 401"),
        (
            &["--format", "html", "--output", "none/report.html"],
            "the report can't be written to none/report.html",
        ),
        (
            &["--receiver-bind", "192.0.2.1:80"],
            "choose another address with --receiver-bind",
        ),
        (&["--budget", "1ms"], "no check could be made"),
    ];
    for (options, message) in wrong {
        let options = [&quick[..], options].concat();
        let (code, _, said) = scene.run(&options).await;
        assert_eq!(code, Some(3), "{options:?}: {said}");
        assert!(said.contains(message), "{options:?}: {said}");
    }
}

#[tokio::test]
async fn a_wrong_secret_slug_or_key_is_hinted_at() {
    let scene = Scene::start().await;
    let wrong: [(&[&str], i32, &str); 5] = [
        (
            &["--secret", "another"],
            1,
            "is --secret the webhook secret of veilstream?",
        ),
        (
            &["--slug", "nobody"],
            1,
            "is nobody (--slug) the partner whose key was given",
        ),
        (
            &["--slug", "acme"],
            1,
            "is acme (--slug) the partner whose key was given",
        ),
        (
            &["--key", "qm-one,qm-mistyped,qm-last"],
            0,
            "Of the 3 API keys, number 2 is answered with 401",
        ),
        (
            &["--other-key", "qm-mistyped"],
            0,
            "is --other-key mistyped or revoked?",
        ),
    ];
    for (options, expected, hint) in wrong {
        let quick = ["--only", "webhook.accepted", "--only", "isolation.jobs"];
        let (code, out, _) = scene.run(&[&quick[..], options].concat()).await;
        assert_eq!(code, Some(expected), "{options:?}: {out}");
        assert!(out.contains(hint), "{options:?}: {out}");
    }
    let (_, out, _) = scene.run(&["--only", "webhook"]).await;
    assert!(
        !out.contains("--secret") && !out.contains("--slug"),
        "{out}"
    );
}

/// As a partner does who mends what was found.
#[tokio::test]
async fn what_failed_is_made_again_from_the_report() {
    let scene = Scene::start().await;
    let first = [
        "--only",
        "signatures",
        "--secret",
        "another",
        "--format",
        "json",
        "--output",
        "first.json",
    ];
    let (code, _, said) = scene.run(&first).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("The report is in first.json"), "{said}");

    let again = ["--replay", "first.json", "--format", "json"];
    let (code, out, _) = scene.run(&again).await;
    assert_eq!(code, Some(0));
    let text = std::fs::read_to_string(scene.directory.path().join("first.json")).unwrap();
    let [first, again]: [Report; 2] = [text, out].map(|text| serde_json::from_str(&text).unwrap());
    assert_eq!(again.seed, first.seed);
    let failed = first.summary.failed + first.summary.deviating;
    assert!(failed > 0);
    assert_eq!(again.checks.len(), failed);

    scene.write("first.json", &again.to_json());
    let (code, _, said) = scene.run(&["--replay", "first.json"]).await;
    assert_eq!(code, Some(2));
    assert!(said.contains("nothing failed in it"), "{said}");
}

/// One key has to wait for its limits, so there is something to interrupt.
#[tokio::test]
async fn a_run_that_is_interrupted_writes_its_report_and_gives_no_verdict() {
    let mock = Mock::start(Options {
        partners: vec![Partner::new("veilstream", SECRET, &["qm-one"])],
        ..Options::default()
    });
    let mock = mock.await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("report.json");
    for signal in ["INT", "TERM"] {
        let child = Command::new(env!("CARGO_BIN_EXE_qualitymax-conformance"))
            .args(["--url", mock.url(), "--slug", "veilstream"])
            .args(["--key", "qm-one", "--secret", SECRET, "--format", "json"])
            .arg("--output")
            .arg(&path)
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let id = child.id().unwrap().to_string();
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        let kill = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(kill.await.unwrap().success());

        let (code, _, said) = told(child.wait_with_output().await.unwrap());

        assert_eq!(code, Some(3), "{said}");
        assert!(said.contains("With one key"), "{said}");
        assert!(said.contains("take about 12 minutes"), "{said}");
        assert!(said.contains("error: interrupted"), "{said}");
        let report: Report = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert!(report.interrupted);
        assert!(report.summary.passed > 0);
        let reason = Some("the run was interrupted".to_owned());
        assert!(report.checks.iter().any(|check| check.reason == reason));
    }
}
