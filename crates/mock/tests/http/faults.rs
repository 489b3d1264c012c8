//! What can go wrong, on request.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, body, ok, refusal};
use crate::receiver::Receiver;

/// The callback of a job in this scenario, and its last report.
async fn played(scenario: &str) -> (Value, Value) {
    let bench = Bench::start(&[]).await;
    let mut receiver = Receiver::start(&[]).await;
    let job = bench.job(scenario, &receiver.url).await;
    let delivery = receiver.next().await;
    assert!(delivery.is_signed_with("your-webhook-secret"));
    (delivery.json(), bench.reaches(&job, "callback_sent").await)
}

#[tokio::test]
async fn a_failed_test_is_told_with_its_reason() {
    let (callback, report) = played("failed").await;
    let results = &callback["results"];
    assert_eq!(results["status"], "failed");
    assert_eq!(
        (&results["passed"], &results["failed"]),
        (&json!(1), &json!(1))
    );
    let failure = &results["failures"][0];
    assert_eq!(failure["execution_id"], results["tests"][1]["execution_id"]);
    assert_eq!(report["executions"][1]["error_message"], failure["message"]);
}

#[tokio::test]
async fn a_target_that_can_not_be_crawled_is_an_error() {
    let (callback, report) = played("crawl-failure").await;
    assert_eq!(callback["results"]["status"], "error");
    assert_eq!(callback["results"]["failures"][0]["test"], "crawl");
    assert_eq!(callback["workflow_summary"], "AI crawl failed");
    assert_eq!(report["crawl"]["status"], "failed");
    assert_eq!(report["job"]["quality_score"], Value::Null);
    assert_eq!(
        report["job"]["error_message"],
        callback["results"]["failures"][0]["message"]
    );
}

#[tokio::test]
async fn a_test_can_time_out_and_a_login_be_refused() {
    let (callback, _) = played("timeout").await;
    assert_eq!(callback["results"]["tests"][0]["status"], "timed_out");
    assert_eq!(callback["results"]["failed"], 1);
    let (callback, _) = played("login-refused").await;
    let message = callback["results"]["failures"][0]["message"]
        .as_str()
        .unwrap();
    assert!(message.contains("Invalid email or password"), "{message}");
}

#[tokio::test]
async fn below_the_threshold_nothing_is_executed() {
    let (callback, report) = played("below-threshold").await;
    assert_eq!(callback["results"]["status"], "below_threshold");
    assert_eq!(callback["results"]["tests"][0]["status"], "skipped");
    assert_eq!(report["executions"], json!([]));
    assert_eq!(report["job"]["quality_score"], 38);
    let why = "The test's quality score, 38, is below the threshold of 45, so it was not executed.";
    assert_eq!(
        callback["results"]["failures"],
        json!([{ "test": "score", "message": why }])
    );
    assert_eq!(report["job"]["error_message"], why);
}

#[tokio::test]
async fn a_threshold_above_the_score_and_auto_execute_off_need_no_scenario() {
    let bench = Bench::start(&[]).await;
    let mut receiver = Receiver::start(&[]).await;
    for (options, status) in [
        (json!({ "quality_threshold": 97 }), "below_threshold"),
        (json!({ "auto_execute": false }), "not_executed"),
    ] {
        let mut webhook = body(&receiver.url);
        webhook["options"] = options;
        ok(bench.webhook(&webhook)).await;
        assert_eq!(receiver.next().await.json()["results"]["status"], status);
    }
}

#[tokio::test]
async fn a_callback_can_come_late_and_twice() {
    let bench = Bench::start(&["--speed", "10"]).await;
    let mut receiver = Receiver::start(&[]).await;
    let sent = Instant::now();
    bench.job("callback-late", &receiver.url).await;
    receiver.next().await;
    assert!(
        sent.elapsed() >= Duration::from_millis(500),
        "{:?}",
        sent.elapsed()
    );

    bench.job("callback-twice", &receiver.url).await;
    let (first, second) = (receiver.next().await, receiver.next().await);
    assert_eq!(first.body, second.body);
    let delivery = "x-qualitymax-delivery";
    assert_eq!(first.header(delivery), second.header(delivery));
}

#[tokio::test]
async fn callbacks_can_come_out_of_order() {
    let bench = Bench::start(&[]).await;
    let mut receiver = Receiver::start(&[]).await;
    for (name, scenario) in [("first", "callback-out-of-order"), ("second", "passed")] {
        let mut webhook = body(&receiver.url);
        webhook["custom_data"] = json!({ "name": name });
        ok(bench.webhook(&webhook).header("x-mock-scenario", scenario)).await;
    }
    assert_eq!(
        receiver.next().await.json()["custom_data"]["name"],
        "second"
    );
    assert_eq!(receiver.next().await.json()["custom_data"]["name"], "first");
}

#[tokio::test]
async fn a_callback_can_be_signed_wrongly_or_not_at_all() {
    let bench = Bench::start(&[]).await;
    let mut receiver = Receiver::start(&[]).await;
    bench.job("callback-bad-signature", &receiver.url).await;
    let delivery = receiver.next().await;
    assert!(!delivery.is_signed_with("your-webhook-secret"));
    bench.job("callback-unsigned", &receiver.url).await;
    let delivery = receiver.next().await;
    assert_eq!(delivery.header("x-qualitymax-signature"), None);
}

#[tokio::test]
async fn a_callback_can_be_huge() {
    let bench = Bench::start(&[]).await;
    let mut receiver = Receiver::start(&[]).await;
    bench.job("callback-huge", &receiver.url).await;
    let delivery = receiver.next().await;
    assert!(delivery.body.len() > 2_000_000, "{}", delivery.body.len());
    assert!(delivery.is_signed_with("your-webhook-secret"));
    assert_eq!(delivery.json()["results"]["total_tests"], 5000);
}

#[tokio::test]
async fn a_receiver_that_fails_is_asked_again_with_the_same_bytes() {
    let bench = Bench::start(&["--speed", "20"]).await;
    let mut receiver = Receiver::start(&[500, 302]).await;
    let job = bench.job("passed", &receiver.url).await;
    let first = receiver.next().await;
    for attempt in ["2", "3"] {
        let again = receiver.next().await;
        assert_eq!(again.header("x-qualitymax-attempt"), Some(attempt));
        assert_eq!(again.body, first.body);
        assert_eq!(
            again.header("x-qualitymax-signature"),
            first.header("x-qualitymax-signature")
        );
    }
    bench.reaches(&job, "callback_sent").await;

    let mut gone = Receiver::start(&[410]).await;
    let job = bench.job("passed", &gone.url).await;
    gone.next().await;
    bench.reaches(&job, "callback_failed").await;
    assert!(gone.is_silent());
}

#[tokio::test]
async fn a_storm_of_429_and_a_503_pass_for_whoever_comes_again() {
    let bench = Bench::start(&[]).await;
    let import = json!({ "url": "https://github.com/your-org/your-repo" });
    for (scenario, status, times) in [
        ("rate-limited", 429, 3),
        ("unavailable", 503, 2),
        ("internal-error", 500, 1),
    ] {
        let request = || {
            let request = bench.post("/repositories/import", &import);
            request.header("x-mock-scenario", scenario)
        };
        for _ in 0..times {
            let (seen, after, _) = refusal(request()).await;
            assert_eq!(seen, status);
            assert_eq!(after.as_deref(), (status != 500).then_some("1"));
        }
        ok(request()).await;
    }
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_request_took_effect() {
    let bench = Bench::start(&[]).await;
    let mut receiver = Receiver::start(&[]).await;
    let webhook = bench.webhook(&body(&receiver.url));
    let lost = webhook
        .header("x-mock-scenario", "broken-connection")
        .send()
        .await;
    assert!(match lost {
        Err(_) => true,
        Ok(answer) => answer.bytes().await.is_err(),
    });
    assert_eq!(receiver.next().await.json()["results"]["status"], "passed");
}

#[tokio::test]
async fn an_answer_can_come_in_small_pieces() {
    let bench = Bench::start(&[]).await;
    let begun = Instant::now();
    let import = json!({ "url": "https://github.com/your-org/your-repo" });
    let request = bench.post("/repositories/import", &import);
    let answer = ok(request.header("x-mock-scenario", "slow-body")).await;
    assert_eq!(answer["success"], true);
    assert!(
        begun.elapsed() >= Duration::from_millis(1500),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn faults_at_a_rate_strike_alike_with_one_seed() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let bench = Bench::start(&["--fault", "unavailable:0.4", "--seed", "3"]).await;
        let mut run = Vec::new();
        for _ in 0..20 {
            run.push(
                bench
                    .get("/jobs/pwj_none/report")
                    .send()
                    .await
                    .unwrap()
                    .status()
                    .as_u16(),
            );
        }
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
    let struck = runs[0].iter().filter(|&&status| status == 503).count();
    assert!((3..=14).contains(&struck), "{struck} of 20");
}

#[tokio::test]
async fn magic_values_choose_where_a_header_can_not() {
    let bench = Bench::start(&[]).await;
    let mut receiver = Receiver::start(&[]).await;
    let base = body(&receiver.url);
    let with = |pointer: &str, value: Value| {
        let mut webhook = base.clone();
        webhook[pointer] = value;
        webhook
    };
    for (webhook, status) in [
        (
            with("feature_description", json!("Test login [scenario:failed]")),
            "failed",
        ),
        (
            with("custom_data", json!({ "mock_scenario": "crawl-failure" })),
            "error",
        ),
        (
            with(
                "auth",
                json!({ "type": "user_login", "username": "a", "password": "wrong-password" }),
            ),
            "failed",
        ),
    ] {
        ok(bench.webhook(&webhook)).await;
        assert_eq!(receiver.next().await.json()["results"]["status"], status);
    }
    let repository = json!({ "url": "https://github.com/mock/critical-finding" });
    let imported = ok(bench.post("/repositories/import", &repository)).await;
    let scan = json!({ "repository_id": imported["repository_id"] });
    let scan = ok(bench.post("/sast/scan", &scan)).await;
    bench.admin(Method::POST, "idle", json!({})).await;
    let path = format!("/sast/scan/{}", scan["job_id"].as_str().unwrap());
    assert_eq!(ok(bench.get(&path)).await["verdict"], "fail");

    let by_header = bench.webhook(&base).header("x-mock-scenario", "pased");
    let magic = with("custom_data", json!({ "mock_scenario": "pased" }));
    for misspelt in [by_header, bench.webhook(&magic)] {
        let (status, _, detail) = refusal(misspelt).await;
        assert_eq!(status, 400);
        assert!(
            detail.contains("magic value: there is no scenario \"pased\""),
            "{detail}"
        );
        assert!(detail.contains(" passed, "), "{detail}");
    }
    let number = with("custom_data", json!({ "mock_scenario": 5 }));
    let (status, _, detail) = refusal(bench.webhook(&number)).await;
    assert_eq!(status, 400, "{detail}");
    assert!(detail.contains("there is no scenario \"5\""), "{detail}");
}

#[tokio::test]
async fn a_test_that_ran_into_its_limit_says_that_it_took_that_long() {
    let bench = Bench::start(&[]).await;
    let mut receiver = Receiver::start(&[]).await;
    let webhook = body(&receiver.url);

    let accepted = ok(bench.webhook(&webhook).header("x-mock-scenario", "timeout")).await;

    let results = receiver.next().await.json()["results"].clone();
    let least = |value: &Value, number: f64| value.as_f64().is_some_and(|it| it >= number);
    assert!(least(&results["duration_ms"], 30_000.0), "{results}");
    assert!(least(&results["tests"][0]["duration_ms"], 30_000.0));
    let path = format!("/jobs/{}/report", accepted["job_id"].as_str().unwrap());
    let report = ok(bench.get(&path)).await;
    assert!(least(&report["job"]["duration_seconds"], 30.0), "{report}");
    assert!(least(&report["executions"][0]["duration"], 30_000.0));
}
