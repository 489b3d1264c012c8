//! The published documentation's own examples, run with the real programs. Only
//! the host is put in; slug, secret and key are the mock's defaults.

use serde_json::Value;
use tokio::process::Command;

use crate::bench::Bench;
use crate::receiver::Receiver;

const WEBHOOK: &str = include_str!("../../../server/tests/api/examples/webhook.sh");
const REPORT: &str = include_str!("../../../server/tests/api/examples/report.sh");
const VERIFY_PY: &str = include_str!("../../../server/tests/api/examples/verify.py");
const VERIFY_JS: &str = include_str!("../../../server/tests/api/examples/verify.js");

async fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().await;
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn the_curl_examples_send_a_webhook_and_read_its_report_and_artifacts() {
    let bench = Bench::start(&[]).await;
    let script = WEBHOOK.replace("https://app.qualitymax.io", &bench.url);
    let answer: Value = serde_json::from_str(&run("bash", &["-c", &script]).await).unwrap();
    assert_eq!(answer["accepted"], true, "{answer}");
    // Nobody answers at the example's callback URL, but the job ends all the same.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let script = REPORT
        .replace("https://app.qualitymax.io", &bench.url)
        .replace("qm-your-api-token", "qm-your-token")
        .replace("{job_id}", answer["job_id"].as_str().unwrap());
    let report: Value = serde_json::from_str(&run("bash", &["-c", &script]).await).unwrap();
    assert_eq!(report["job"]["id"], answer["job_id"]);
    let execution = report["executions"][0]["execution_id"].as_str().unwrap();

    let file = std::env::temp_dir().join(format!("mock-{}.png", std::process::id()));
    let url = format!(
        "{}/api/v1/partner/artifacts/{execution}/screenshot",
        bench.url
    );
    let key = "X-QualityMax-API-Key: qm-your-token";
    run(
        "curl",
        &["-sSL", "-H", key, "-o", file.to_str().unwrap(), &url],
    )
    .await;
    let bytes = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert!(bytes.starts_with(b"\x89PNG"));
}

#[tokio::test]
async fn the_python_and_node_examples_verify_a_callback_and_no_forged_one() {
    let bench = Bench::start(&[]).await;
    let mut receiver = Receiver::start(&[]).await;
    let python = format!(
        "{VERIFY_PY}\nimport sys\nprint(verify(sys.argv[1].encode(), sys.argv[2], sys.argv[3]))"
    );
    let node = format!(
        "{VERIFY_JS}\nconst [body, secret, signature] = process.argv.slice(1);\nconsole.log(verify(body, secret, signature));"
    );
    for (scenario, holds) in [("passed", true), ("callback-bad-signature", false)] {
        bench.job(scenario, &receiver.url).await;
        let delivery = receiver.next().await;
        let body = std::str::from_utf8(&delivery.body).unwrap();
        let given = delivery.header("x-qualitymax-signature").unwrap();
        let secret = "your-webhook-secret";
        let said = run("python3", &["-c", &python, body, secret, given]).await;
        assert_eq!(said.trim() == "True", holds, "{said}");
        let said = run("node", &["-e", &node, "--", body, secret, given]).await;
        assert_eq!(said.trim() == "true", holds, "{said}");
    }
}
