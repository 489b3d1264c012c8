//! Recording a deployment and playing it back; another mock is the deployment.

use serde_json::json;

use crate::bench::{Bench, body, ok, refusal};

/// What a link to an artifact leads to, asked of the same host.
async fn fetched(bench: &Bench, link: &str) -> bytes::Bytes {
    let answer = bench.http.get(format!("{}{link}", bench.url)).send().await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 200, "{link}");
    answer.bytes().await.unwrap()
}

#[tokio::test]
async fn a_recording_answers_alike_and_holds_no_secret() {
    let deployment = Bench::start(&[]).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let recorder = Bench::start(&["--record", path, "--upstream", &deployment.url]).await;
    let mut webhook = body("http://127.0.0.1:9/none");
    webhook["auth"] =
        json!({ "type": "user_login", "username": "test@example.com", "password": "testpass123" });
    // The report repeats it, in an answer to a request that does not have it.
    webhook["feature_description"] = json!("Log in as test@example.com with testpass123");
    let accepted = ok(recorder.webhook(&webhook)).await;
    let job = accepted["job_id"].as_str().unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    let report = recorder.report(job).await;
    let execution = report["executions"][0]["execution_id"].as_str().unwrap();
    let artifact = format!("/artifacts/{execution}/screenshot");
    let redirect = recorder.get(&artifact).send().await.unwrap();
    let link = redirect.headers()["location"].to_str().unwrap().to_owned();
    let screenshot = fetched(&recorder, &link).await;
    assert!(screenshot.starts_with(b"\x89PNG"));
    assert_eq!(refusal(recorder.get("/jobs/pwj_none/report")).await.0, 404);
    drop((recorder, deployment));

    let tape = std::fs::read_to_string(path).unwrap();
    let (_, proof) = link.split_once('?').unwrap();
    for secret in [
        "qm-your-token",
        "testpass123",
        "test@example.com",
        "sha256=",
        proof,
    ] {
        assert!(!tape.contains(secret), "{secret} is in {tape}");
    }
    let player = Bench::start(&["--replay", path]).await;
    assert_eq!(ok(player.webhook(&webhook)).await, accepted);
    let played = player.report(job).await;
    assert_eq!(played["executions"], report["executions"]);
    assert_eq!(played["job"], report["job"]);
    let redirect = player.get(&artifact).send().await.unwrap();
    let link = redirect.headers()["location"].to_str().unwrap();
    assert_eq!(fetched(&player, link).await, screenshot);
    let (status, _, detail) = refusal(player.get("/jobs/pwj_other/report")).await;
    assert_eq!(status, 404);
    assert!(detail.contains("was recorded"), "{detail}");
}
