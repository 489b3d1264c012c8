//! A partner's happy path.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{Bench, ok, refusal};
use crate::receiver::Receiver;

fn golden(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn a_webhook_becomes_a_signed_callback_that_report_and_artifacts_agree_with() {
    let bench = Bench::start(&[]).await;
    let mut receiver = Receiver::start(&[]).await;
    let mut webhook = golden(include_str!(
        "../../../../fixtures/golden/webhook-request.json"
    ));
    webhook["callback_url"] = json!(receiver.url);
    let sent = std::time::Instant::now();
    let accepted = ok(bench.webhook(&webhook)).await;
    assert_eq!(accepted["accepted"], true);
    let job = accepted["job_id"].as_str().unwrap();

    let delivery = receiver.next().await;
    assert!(
        sent.elapsed() < Duration::from_secs(5),
        "{:?}",
        sent.elapsed()
    );
    assert!(delivery.is_signed_with("your-webhook-secret"));
    assert_eq!(delivery.header("x-qualitymax-attempt"), Some("1"));
    let callback = delivery.json();
    assert_eq!(callback["custom_data"], webhook["custom_data"]);
    let results = &callback["results"];
    assert_eq!(results["status"], "passed");
    let test = &results["tests"][0];
    let execution = test["execution_id"].as_str().unwrap();

    let report = bench.reaches(job, "callback_sent").await;
    assert_eq!(report["job"]["tests_generated"], results["total_tests"]);
    assert_eq!(report["job"]["quality_score"], 96);
    assert_eq!(report["executions"][0]["execution_id"], execution);
    assert_eq!(report["executions"][0]["duration"], test["duration_ms"]);
    assert_eq!(report["scripts"][0]["title"], test["test"]);
    let spec = report["scripts"][0]["source"].as_str().unwrap();
    assert!(!spec.contains("testpass123"), "{spec}");
    let seconds = report["job"]["duration_seconds"].as_f64().unwrap();
    let millis = results["duration_ms"].as_f64().unwrap();
    assert!(
        (seconds * 1000.0 - millis).abs() < 1.5,
        "{seconds} {millis}"
    );

    for (artifact, starts) in [
        ("screenshot", b"\x89PNG".as_slice()),
        ("video", b"\x1aE\xdf\xa3"),
    ] {
        let redirect = bench.get(&format!("/artifacts/{execution}/{artifact}"));
        let redirect = redirect.send().await.unwrap();
        assert_eq!(redirect.status(), 302);
        let location = redirect.headers()["location"].to_str().unwrap();
        let url = redirect.url().join(location).unwrap();
        let file = bench.http.get(url.clone()).send().await.unwrap();
        assert_eq!(file.status(), 200);
        assert!(
            file.bytes().await.unwrap().starts_with(starts),
            "{artifact}"
        );
        let mut forged = url;
        forged.set_query(Some("expires=99999999999&signature=00"));
        assert_eq!(bench.http.get(forged).send().await.unwrap().status(), 404);
        let link = test[format!("{artifact}_url")].as_str().unwrap();
        assert_eq!(bench.http.get(link).send().await.unwrap().status(), 200);
    }
    let logs = ok(bench.get(&format!("/artifacts/{execution}/logs"))).await;
    assert_eq!(logs["error_message"], Value::Null);
    assert!(logs["test_output"].as_str().unwrap().contains("PASS"));
}

#[tokio::test]
async fn the_documented_requests_work_in_their_order_with_the_documented_ids() {
    let bench = Bench::start(&["--speed", "0"]).await;
    let import = golden(include_str!(
        "../../../../fixtures/golden/repository-import-request.json"
    ));
    let imported = ok(bench.post("/repositories/import", &import)).await;
    assert_eq!(imported["repository_id"], 42);
    assert_eq!(imported["project_id"], 15);
    assert_eq!(imported["already_exists"], false);
    let again = ok(bench.post(
        "/repositories/import",
        &json!({ "url": "https://github.com/Your-Org/your-repo.git" }),
    ));
    assert_eq!(again.await["already_exists"], true);

    let scan = golden(include_str!(
        "../../../../fixtures/golden/sast-scan-request.json"
    ));
    let scan = ok(bench.post("/sast/scan", &scan)).await;
    assert_eq!(scan["status"], "pending");
    let gap = golden(include_str!(
        "../../../../fixtures/golden/gap-analysis-request.json"
    ));
    let gap = ok(bench.post("/gap-analysis", &gap)).await;
    assert_eq!(gap["status"], "queued");
    let poll = async |started: &Value| {
        let url = format!("{}{}", bench.url, started["status_url"].as_str().unwrap());
        ok(bench
            .http
            .get(url)
            .header("x-qualitymax-api-key", "qm-your-token"))
        .await
    };
    assert_eq!(poll(&gap).await["progress"], 0.0);
    bench
        .admin(reqwest::Method::POST, "advance", json!({ "by": "150ms" }))
        .await;
    assert_eq!(poll(&scan).await["status"], "running");
    assert_eq!(poll(&scan).await["verdict"], Value::Null);
    bench
        .admin(reqwest::Method::POST, "advance", json!({ "by": "1s" }))
        .await;
    let found = poll(&scan).await;
    assert_eq!(
        (&found["verdict"], &found["findings_count"]),
        (&json!("pass"), &json!(3))
    );
    assert_eq!(
        (&found["high_count"], &found["medium_count"]),
        (&json!(1), &json!(2))
    );
    let gaps = poll(&gap).await;
    assert_eq!(gaps["result"]["tests_generated"], 15);
    assert_eq!(
        gaps["result"]["categories"],
        json!({ "e2e": 5, "security": 5, "integration": 5 })
    );

    let case = golden(include_str!(
        "../../../../fixtures/golden/test-case-request.json"
    ));
    let created = ok(bench.post("/test-cases", &case)).await;
    assert_eq!(created["tags"], case["tags"]);
    let wanted = golden(include_str!(
        "../../../../fixtures/golden/test-cases-generate-request.json"
    ));
    let generated = ok(bench.post("/test-cases/generate", &wanted)).await;
    assert_eq!(generated["test_cases"].as_array().unwrap().len(), 5);
    let api = golden(include_str!(
        "../../../../fixtures/golden/api-tests-request.json"
    ));
    let generated = ok(bench.post("/api-tests/generate", &api)).await;
    assert_eq!(generated["project_id"], 15);
    let inline = json!({ "openapi_spec": include_str!("../../../../fixtures/specifications/bookshop-openapi-3.0.yaml") });
    let generated = ok(bench.post("/api-tests/generate", &inline)).await;
    assert_ne!(generated["project_id"], 15);
}

#[tokio::test]
async fn another_partner_sees_none_of_it() {
    let bench = Bench::start(&[]).await;
    let receiver = Receiver::start(&[]).await;
    let job = bench.job("passed", &receiver.url).await;
    let theirs = bench
        .http
        .get(format!("{}/api/v1/partner/jobs/{job}/report", bench.url))
        .header("x-qualitymax-api-key", "qm-acme-token");
    let (status, _, detail) = refusal(theirs).await;
    assert_eq!(
        (status, detail.as_str()),
        (403, "The job belongs to another partner.")
    );
    let forged = bench.webhook(&crate::bench::body(&receiver.url));
    let forged = forged.header("x-partner-signature", "sha256=00");
    let answer = forged.send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("PartnerSignature "), "{challenge}");
}

#[tokio::test]
async fn the_documented_limits_hold_and_the_clock_can_be_advanced_past_them() {
    let bench = Bench::start(&["--speed", "0"]).await;
    let import = json!({ "url": "https://github.com/your-org/your-repo" });
    for _ in 0..10 {
        ok(bench.post("/repositories/import", &import)).await;
    }
    let (status, after, _) = refusal(bench.post("/repositories/import", &import)).await;
    assert_eq!((status, after.as_deref()), (429, Some("60")));
    bench
        .admin(reqwest::Method::POST, "advance", json!({ "by": "60s" }))
        .await;
    ok(bench.post("/repositories/import", &import)).await;

    let fast = Bench::start(&["--speed", "20"]).await;
    for _ in 0..10 {
        ok(fast.post("/repositories/import", &import)).await;
    }
    let (status, after, _) = refusal(fast.post("/repositories/import", &import)).await;
    assert_eq!(status, 429);
    let wait: u64 = after.unwrap().parse().unwrap();
    assert!(wait <= 3, "{wait} s on the wall are 60 of the mock's");
    tokio::time::sleep(Duration::from_secs(wait)).await;
    ok(fast.post("/repositories/import", &import)).await;
}

#[tokio::test]
async fn two_runs_with_one_seed_are_alike() {
    let callback = "http://127.0.0.1:9/none";
    let mut jobs = Vec::new();
    for seed in ["7", "7", "8"] {
        let bench = Bench::start(&["--seed", seed]).await;
        jobs.push(bench.job("passed", callback).await);
    }
    assert_eq!(jobs[0], jobs[1]);
    assert_ne!(jobs[0], jobs[2]);
}
