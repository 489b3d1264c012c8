//! The published documentation's own examples, run with the real programs.
//! Only host, slug, key and secret are put in.

use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::bench::Bench;

/// "Full Example (curl)", as published.
const WEBHOOK: &str = include_str!("examples/webhook.sh");
/// "Verifying Callback Signatures", as published.
const VERIFY_PY: &str = include_str!("examples/verify.py");
const VERIFY_JS: &str = include_str!("examples/verify.js");

async fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn the_curl_example_sends_a_webhook_and_reads_its_report() {
    let bench = Bench::start().await;
    let script = WEBHOOK
        .replace("https://app.qualitymax.io", &bench.url)
        .replace("your-webhook-secret", &bench.ours.secret)
        .replace("qm-your-token", &bench.ours.key);
    let answer: Value = serde_json::from_str(&run("bash", &["-c", &script]).await).unwrap();
    assert_eq!(answer["accepted"], true, "{answer}");

    let report = include_str!("examples/report.sh")
        .replace("https://app.qualitymax.io", &bench.url)
        .replace("qm-your-api-token", &bench.ours.key)
        .replace("{job_id}", answer["job_id"].as_str().unwrap());
    let report: Value = serde_json::from_str(&run("bash", &["-c", &report]).await).unwrap();
    assert_eq!(report["job"]["id"], answer["job_id"]);
    assert_eq!(report["job"]["url"], "https://preview.app.com");
}

/// Runs both functions on the bytes of `body`.
async fn verified(body: &str, secret: &str, signature: &str) -> [String; 2] {
    let python = format!(
        "{VERIFY_PY}\nimport sys\nprint(verify(sys.argv[1].encode(), sys.argv[2], sys.argv[3]))"
    );
    let node = format!(
        "{VERIFY_JS}\nconst [body, secret, signature] = process.argv.slice(1);\nconsole.log(verify(body, secret, signature));"
    );
    [
        run("python3", &["-c", &python, body, secret, signature]).await,
        run("node", &["-e", &node, "--", body, secret, signature]).await,
    ]
}

#[tokio::test]
async fn the_published_functions_accept_our_signatures_and_no_others() {
    let body = include_str!("../../../../fixtures/golden/callback.json");
    let signed = signature::sign(b"your-webhook-secret", body.as_bytes());
    assert_eq!(
        verified(body, "your-webhook-secret", &signed).await,
        ["True\n", "true\n"]
    );
    assert_eq!(
        verified(body, "another", &signed).await,
        ["False\n", "false\n"]
    );
}
