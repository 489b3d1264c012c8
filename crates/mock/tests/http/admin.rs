//! The admin API and its commands.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::bench::{BINARY, Bench, body, ok, refusal};
use crate::receiver::Receiver;

#[tokio::test]
async fn requests_are_kept_with_their_answers_and_without_secrets() {
    let bench = Bench::start(&[]).await;
    let mut webhook = body("http://127.0.0.1:9/none");
    webhook["auth"] = json!({ "type": "user_login", "username": "a", "password": "testpass123" });
    ok(bench.webhook(&webhook)).await;
    let nowhere = format!("{}/api/v1/partner/nothing", bench.url);
    bench.http.get(nowhere).send().await.unwrap();
    let requests = bench.admin(Method::GET, "requests", json!({})).await;
    assert_eq!(requests[0]["operation"], "trigger_test_generation");
    assert_eq!(requests[0]["partner"], "veilstream");
    assert_eq!(requests[0]["answer"]["accepted"], true);
    assert_eq!(requests[1]["status"], 404);
    let text = requests.to_string();
    assert!(
        !text.contains("testpass123") && !text.contains("qm-your-token"),
        "{text}"
    );
}

#[tokio::test]
async fn a_body_that_can_not_be_parsed_shows_no_secret_either() {
    let bench = Bench::start(&[]).await;
    let webhook = |body: &str| {
        let signed = signature::sign(b"your-webhook-secret", body.as_bytes());
        bench
            .http
            .post(format!("{}/api/webhooks/veilstream", bench.url))
            .header("content-type", "application/json")
            .header("x-qualitymax-api-key", "qm-your-token")
            .header("x-partner-signature", signed)
            .body(body.to_owned())
    };
    for malformed in [
        r#"{"auth":{"username":"a","password":"testpass123"},"#,
        r#"{"auth":{"pass": testpass123}}"#,
        "password=testpass123",
        r#"{"auth":"a:testpass123"}"#,
        r#"{"auth":["testpass123"]}"#,
        r#"{"auth":{"username":"a","Password":"testpass123"}}"#,
        "\u{feff}{\"password\":\"testpass123\"}",
    ] {
        assert_eq!(refusal(webhook(malformed)).await.0, 400, "{malformed}");
    }
    let large = format!(r#"{{"password":"testpass123","x":"{}""#, "y".repeat(70_000));
    assert_eq!(refusal(webhook(&large)).await.0, 400);
    let requests = bench.admin(Method::GET, "requests", json!({})).await;
    let shown = requests.to_string();
    assert!(!shown.contains("testpass123"), "{shown}");
    let why = requests[0]["body"].as_str().unwrap();
    assert!(why.contains("not JSON") && why.contains("line 1"), "{why}");
}

#[tokio::test]
async fn the_oldest_jobs_are_forgotten_once_their_callbacks_are_done_with() {
    let bench = Bench::start(&["--keep-jobs", "2", "--speed", "0"]).await;
    let receiver = Receiver::start(&[]).await;
    let mut jobs = Vec::new();
    for _ in 0..4 {
        jobs.push(bench.job("passed", &receiver.url).await);
    }
    // All are under way.
    for job in &jobs {
        assert_eq!(bench.report(job).await["job"]["status"], "accepted");
    }
    let until = json!({ "timeout": "30s" });
    bench.admin(Method::POST, "idle", until.clone()).await;
    let execution = bench.report(&jobs[0]).await["executions"][0]["execution_id"].clone();
    let logs = format!("/artifacts/{}/logs", execution.as_str().unwrap());
    ok(bench.get(&logs)).await;

    jobs.push(bench.job("passed", &receiver.url).await);
    jobs.push(bench.job("passed", &receiver.url).await);
    bench.admin(Method::POST, "idle", until).await;
    for job in &jobs[..4] {
        let (status, _, detail) = refusal(bench.get(&format!("/jobs/{job}/report"))).await;
        assert_eq!(
            (status, detail.contains("any more")),
            (404, true),
            "{detail}"
        );
    }
    assert_eq!(refusal(bench.get(&logs)).await.0, 404);
    for job in &jobs[4..] {
        assert_eq!(bench.report(job).await["job"]["status"], "callback_sent");
    }
    let callbacks = bench.admin(Method::GET, "callbacks", json!({})).await;
    assert_eq!(callbacks.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_clock_that_stands_still_makes_waiting_instant() {
    let bench = Bench::start(&["--speed", "0"]).await;
    let mut receiver = Receiver::start(&[500, 500]).await;
    let job = bench.job("slow", &receiver.url).await;
    assert_eq!(bench.report(&job).await["job"]["status"], "accepted");
    bench
        .admin(Method::POST, "advance", json!({ "by": "10s" }))
        .await;
    assert_eq!(bench.report(&job).await["job"]["status"], "crawling");
    let idle = bench
        .admin(Method::POST, "idle", json!({ "timeout": "30s" }))
        .await;
    assert_eq!(idle["idle"], true);
    assert_eq!(bench.report(&job).await["job"]["status"], "callback_sent");
    for _ in 0..3 {
        receiver.next().await;
    }
}

#[tokio::test]
async fn the_commands_look_replay_and_reset() {
    let bench = Bench::start(&[]).await;
    let run = async |arguments: &[&str]| {
        let output = Command::new(BINARY)
            .args(arguments)
            .env("QUALITYMAX_MOCK_URL", &bench.url)
            .output()
            .await
            .unwrap();
        let printed = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code(), printed)
    };
    let mut receiver = Receiver::start(&[]).await;
    assert_eq!(run(&["scenario", "failed"]).await.0, Some(0));
    assert_eq!(run(&["scenario", "faled"]).await.0, Some(1));
    ok(bench.webhook(&body(&receiver.url))).await;
    assert_eq!(run(&["wait", "--timeout", "20s"]).await.0, Some(0));
    let first = receiver.next().await;
    assert_eq!(first.json()["results"]["status"], "failed");
    let (_, callbacks) = run(&["callbacks"]).await;
    assert_eq!(callbacks[0]["status"], "sent");
    let job = callbacks[0]["job_id"].as_str().unwrap();
    assert_eq!(run(&["replay", job]).await.0, Some(0));
    let again = receiver.next().await;
    assert_eq!(
        (&again.body, again.header("x-qualitymax-attempt")),
        (&first.body, Some("2"))
    );
    let (_, requests) = run(&["requests", "--status", "200"]).await;
    assert_eq!(requests.as_array().unwrap().len(), 1);
    assert_eq!(run(&["faults", "internal"]).await.0, Some(0));
    assert_eq!(refusal(bench.get("/jobs/pwj_none/report")).await.0, 500);
    assert_eq!(run(&["faults"]).await.0, Some(0));
    assert_eq!(refusal(bench.get("/jobs/pwj_none/report")).await.0, 404);
    assert_eq!(run(&["faults", "internal:2"]).await.0, Some(2));
    assert_eq!(run(&["advance", "soon"]).await.0, Some(2));
    assert_eq!(run(&["wait", "--timeout", "30"]).await.0, Some(2));
    let unknown = ["requests", "--operation", "nope"];
    assert_eq!(run(&unknown).await.0, Some(2));
    let (_, requests) = run(&["requests", "--partner", "acme"]).await;
    assert_eq!(requests, json!([]));
    assert_eq!(run(&["reset"]).await.0, Some(0));
    assert_eq!(run(&["jobs"]).await.1, json!([]));
    assert_eq!(
        run(&["jobs", "--url", "http://127.0.0.1:9"]).await.0,
        Some(1)
    );
    for wrong in [
        &["advance"] as &[&str],
        &["--upstream", "http://127.0.0.1:9"],
        &["--replay", "tape.jsonl", "--scenario", "failed"],
        &["--replay", "tape.jsonl", "--key", "qm-key"],
        &["--replay", "tape.jsonl", "--disable-rate-limits"],
        &[
            "serve",
            "--record",
            "tape.jsonl",
            "--upstream",
            "http://127.0.0.1:9",
            "--disable-rate-limits",
        ],
        &["--record", "tape.jsonl", "--upstream", "localhost:80"],
        &["jobs", "--url", "localhost:4010"],
    ] {
        assert_eq!(run(wrong).await.0, Some(2), "{wrong:?}");
    }
    assert_eq!(run(&["--port", "0", "--speed", "-1"]).await.0, Some(1));
    assert_eq!(run(&["--port", "0", "--speed", "1e-300"]).await.0, Some(1));
}

#[tokio::test]
async fn times_beyond_all_measure_break_nothing() {
    let bench = Bench::start(&[]).await;
    let aeons = "500000000000years";
    for _ in 0..2 {
        let by = json!({ "by": aeons });
        bench.admin(Method::POST, "advance", by).await;
        assert_eq!(refusal(bench.get("/jobs/pwj_none/report")).await.0, 404);
    }
    let timeout = json!({ "timeout": aeons });
    let idle = bench.admin(Method::POST, "idle", timeout).await;
    assert_eq!(idle["idle"], true);
}

#[tokio::test]
async fn waiting_lets_slow_answers_come_where_the_clock_stands_still() {
    let bench = Bench::start(&["--speed", "0"]).await;
    let slow = bench.get("/jobs/pwj_none/report");
    let slow = slow.header("x-mock-scenario", "slow-body").send();
    // Its head comes at once, its body with the clock.
    let answer = slow.await.unwrap();
    let body = tokio::spawn(answer.bytes());
    let wait = async {
        while !body.is_finished() {
            bench.admin(Method::POST, "idle", json!({})).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait)
        .await
        .expect("the body comes");
    assert!(body.await.unwrap().unwrap().starts_with(b"{\"detail\""));
}

#[tokio::test]
async fn rate_limits_are_switched_off_by_the_environment_in_the_usual_words() {
    for (word, eleventh) in [("1", 200), ("yes", 200), ("0", 429), ("", 429)] {
        let bench = Bench::start_in(&[("QUALITYMAX_MOCK_DISABLE_RATE_LIMITS", word)]).await;
        for _ in 0..10 {
            ok(bench.webhook(&body("http://127.0.0.1:9/none"))).await;
        }
        let answer = bench.webhook(&body("http://127.0.0.1:9/none")).send().await;
        assert_eq!(answer.unwrap().status(), eleventh, "{word:?}");
    }
}

#[tokio::test]
async fn an_empty_variable_is_one_that_is_not_set() {
    let names = [
        "PORT",
        "HOST",
        "PARTNER",
        "SECRET",
        "KEYS",
        "CONFIG",
        "SCENARIO",
        "SPEED",
        "SEED",
        "KEEP_JOBS",
        "ADMIN_HOSTS",
        "LOG",
        "URL",
    ];
    let names = names.map(|name| format!("QUALITYMAX_MOCK_{name}"));
    let empty: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let bench = Bench::start_in(&empty).await;
    ok(bench.webhook(&body("http://127.0.0.1:9/none"))).await;
    for help in [&["help", "wait"] as &[&str], &["wait", "--help"]] {
        let mut command = Command::new(BINARY);
        let output = command.args(help).envs(empty.iter().copied()).output();
        let output = output.await.unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains("QUALITYMAX_MOCK_URL"), "{said}");
    }
}

#[tokio::test]
async fn the_admin_api_says_what_it_does_not_take() {
    let bench = Bench::start(&[]).await;
    let put = |path: &str, body: &'static str| {
        bench
            .http
            .put(format!("{}/_mock/{path}", bench.url))
            .body(body)
    };
    for (path, body, what) in [
        ("faults", r#"[{"fault":"slw"}]"#, "slw"),
        (
            "faults",
            r#"[{"fault":"slow","operations":["nope"]}]"#,
            "nope",
        ),
        ("faults", "", "sequence"),
        ("scenario", "{}", "name"),
        ("scenario", r#"{"name":"faled"}"#, "failed"),
        ("scenario", r#"{"name":"failed","for":1}"#, "for"),
    ] {
        let (status, _, detail) = refusal(put(path, body)).await;
        assert_eq!(status, 400, "{detail}");
        assert!(detail.contains(what), "{detail}");
    }
    ok(put("faults", r#"[{"fault":"unavailable"}]"#)).await;
    assert_eq!(refusal(bench.get("/jobs/pwj_none/report")).await.0, 503);
    let requests = format!("{}/_mock/requests?stats=429", bench.url);
    let (status, _, detail) = refusal(bench.http.get(requests)).await;
    assert_eq!((status, detail.contains("stats")), (400, true), "{detail}");
    let idle = bench.http.post(format!("{}/_mock/idle", bench.url));
    assert_eq!(ok(idle).await["idle"], true);
}

/// What is said of a file with which the mock does not start.
async fn refused_file(text: &str) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, text).unwrap();
    let mut mock = Command::new(BINARY);
    mock.args(["--port", "0", "--config"]).arg(file.path());
    let output = mock.kill_on_drop(true).output();
    let output = tokio::time::timeout(Duration::from_secs(60), output).await;
    let output = output.expect("it does not start").unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    said
}

#[tokio::test]
async fn a_file_with_a_scenario_that_no_deployment_could_follow_is_refused() {
    for (scenario, what) in [
        ("quality: 150", "quality must be from 0 to 100"),
        ("duration: 500years", "duration must be at most 365 days"),
        ("callback: { delay: 500years }", "callback.delay"),
        ("answers: [{ fault: slow, rate: 2 }]", "rate must be"),
        ("tests: 0", "tests must be from 1 to 100"),
        ("tests: 101", "tests must be from 1 to 100"),
        ("callback: { copies: 1000 }", "callback.copies must be"),
        ("outcom: failed", "unknown field `outcom`"),
    ] {
        let said = refused_file(&format!("scenarios: {{ odd: {{ {scenario} }} }}")).await;
        assert!(said.contains(what) && said.contains("odd"), "{said}");
    }
}

#[tokio::test]
async fn a_file_without_partners_or_attempts_is_refused() {
    for (text, what) in [
        ("partners: []", "no partner is given"),
        ("retries: { attempts: 0 }", "attempts must be from 1 to 100"),
        (
            "retries: { attempts: 5000 }",
            "attempts must be from 1 to 100",
        ),
        ("retries: { factor: 0 }", "factor must be from 1 to 100"),
    ] {
        let said = refused_file(text).await;
        assert!(said.contains(what), "{said}");
    }
}

/// As with `2>&1 | head -1`.
#[tokio::test]
async fn an_error_that_nobody_reads_keeps_its_exit_code() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut mock = Command::new(BINARY);
    mock.args(["--port", "0", "--config", "/nowhere.yaml"]);
    let status = mock.stderr(writer).kill_on_drop(true).status().await;
    assert_eq!(status.unwrap().code(), Some(1));
}

#[tokio::test]
async fn a_file_defines_partners_and_scenarios_and_sigterm_ends_with_zero() {
    let file = std::env::temp_dir().join(format!("mock-{}.yaml", std::process::id()));
    let text = "
partners:
  - slug: shop
    secret: s3cret
    keys: [qm_shop]
scenario: broken-checkout
scenarios:
  broken-checkout:
    outcome: failed
    tests: 3
    duration: 100ms
";
    std::fs::write(&file, text).unwrap();
    let mut bench = Bench::start(&["--config", file.to_str().unwrap()]).await;
    std::fs::remove_file(&file).unwrap();
    let mut receiver = Receiver::start(&[]).await;
    let webhook = body(&receiver.url).to_string();
    let request = bench
        .http
        .post(format!("{}/api/webhooks/shop", bench.url))
        .header("content-type", "application/json")
        .header("x-qualitymax-api-key", "qm_shop")
        .header(
            "x-partner-signature",
            signature::sign(b"s3cret", webhook.as_bytes()),
        )
        .body(webhook);
    ok(request).await;
    let results = receiver.next().await.json()["results"].clone();
    assert_eq!(
        (&results["passed"], &results["failed"]),
        (&json!(2), &json!(1))
    );

    let pid = bench.process.id().unwrap().to_string();
    Command::new("kill").arg(pid).status().await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), bench.process.wait()).await;
    assert_eq!(ended.unwrap().unwrap().code(), Some(0));
}
