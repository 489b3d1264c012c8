//! A callback as a partner receives it, held against the published functions.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use testbed::{Deployment, Receiver};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::binary;

const VERIFY_PY: &str = include_str!("../api/examples/verify.py");
const VERIFY_JS: &str = include_str!("../api/examples/verify.js");

/// Feeds the raw body to a program on its standard input.
async fn verdict(program: &str, code: &str, body: &[u8], args: [&str; 2]) -> String {
    let flag = if program == "node" { "-e" } else { "-c" };
    let mut child = Command::new(program)
        .args([flag, code])
        .args((program == "node").then_some("--"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(body).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn a_real_callback_verifies_with_the_published_functions() {
    let mut receiver = Receiver::start().await.unwrap();
    let deployment = Deployment::create(binary(), "veilstream").unwrap();
    let server = deployment.serve(&[], &[]).await.unwrap();
    // Nothing listens there: the job ends early, and its callback says so.
    let job = server
        .send_webhook(&json!({
            "url": "http://127.0.0.1:1/",
            "feature_description": "Test that the page says \"Grüße\"",
            "callback_url": receiver.url(),
            "custom_data": { "branch": "feat/ümlaut", "pr_number": 42 },
        }))
        .await
        .unwrap();
    let callback = receiver.next(Duration::from_secs(90)).await.unwrap();
    let given = callback.signature.unwrap();
    let body: Value = serde_json::from_slice(&callback.body).unwrap();
    assert_eq!(body["event"], "test_results");
    assert_eq!(
        body["custom_data"],
        json!({ "branch": "feat/ümlaut", "pr_number": 42 })
    );
    assert_eq!(body["results"]["status"], "error", "{body:#}");

    let python = format!(
        "{VERIFY_PY}\nimport sys\nprint(verify(sys.stdin.buffer.read(), sys.argv[1], sys.argv[2]))"
    );
    let node = format!(
        "{VERIFY_JS}\nconst [secret, signature] = process.argv.slice(1);\n\
         console.log(verify(require('fs').readFileSync(0), secret, signature));"
    );
    for (secret, [in_python, in_node]) in [
        (deployment.webhook_secret.as_str(), ["True", "true"]),
        ("another", ["False", "false"]),
    ] {
        let args = [secret, given.as_str()];
        assert_eq!(
            verdict("python3", &python, &callback.body, args).await,
            in_python
        );
        assert_eq!(verdict("node", &node, &callback.body, args).await, in_node);
    }
    let limit = Duration::from_secs(30);
    server
        .wait_for_status(&job, &["callback_sent"], limit)
        .await
        .unwrap();
}
