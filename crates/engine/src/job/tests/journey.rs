//! From acceptance to the verdict.

use super::scripted::Does::{Fails, Hangs, Panics, Stumbles};
use super::scripted::Scripted;
use super::*;
use crate::execution::ArtifactKind;
use contract::types::ExecutionStatus;

#[tokio::test]
async fn a_job_ends_with_the_documented_callback_and_report() {
    let deployment = Deployment::new().await;
    let custom_data = json!({ "deploy_id": "abc-123", "branch": "feat/new-feature" });
    let job = deployment
        .accept(json!({ "custom_data": custom_data }))
        .await;
    let mut callback = deployment.callback(&Scripted::default(), &job).await;

    // The links lead to the artifacts, without a key.
    let test = &mut callback["results"]["tests"][0];
    for (name, bytes) in [("screenshot_url", "png"), ("video_url", "webm")] {
        let url = test[name].take();
        let link = url
            .as_str()
            .unwrap()
            .strip_prefix("https://qualitymax.example/static/test-executions/")
            .unwrap();
        let (file, query) = link.split_once('?').unwrap();
        let executions = deployment.bench.engine.executions();
        let artifact = executions.artifact(file, query).await.unwrap();
        assert_eq!(artifact.bytes, bytes);
    }
    let execution = test["execution_id"].take();
    let execution = execution.as_str().unwrap();
    assert!(callback["results"]["duration_ms"].take().as_i64().unwrap() < 60_000);
    insta::assert_json_snapshot!(callback, @r#"
    {
      "event": "test_results",
      "custom_data": {
        "deploy_id": "abc-123",
        "branch": "feat/new-feature"
      },
      "workflow_summary": "AI crawl completed, 1 test generated and executed",
      "results": {
        "status": "passed",
        "total_tests": 1,
        "passed": 1,
        "failed": 0,
        "duration_ms": null,
        "report_app_url": "https://qualitymax.example/#/projects/1",
        "tests": [
          {
            "duration_ms": 4200,
            "execution_id": null,
            "screenshot_url": null,
            "status": "passed",
            "test": "Login Verification 1",
            "video_url": null
          }
        ],
        "failures": []
      }
    }
    "#);

    let mut report = deployment.report(&job).await;
    assert!(report.job.duration_seconds < 60.0);
    report.job.duration_seconds = 0.0;
    assert_eq!(report.executions[0].execution_id.take().unwrap(), execution);
    assert_eq!(std::mem::take(&mut report.job.id), job);
    insta::assert_json_snapshot!(report, @r#"
    {
      "crawl": {
        "pages_crawled": 1,
        "status": "completed"
      },
      "executions": [
        {
          "browser": "chromium",
          "duration": 4200,
          "script_id": 1,
          "status": "passed"
        }
      ],
      "job": {
        "duration_seconds": 0.0,
        "id": "",
        "quality_score": 96,
        "status": "callback_sent",
        "tests_generated": 1,
        "url": "https://preview-abc.env.yourapp.com"
      },
      "scripts": [
        {
          "framework": "playwright",
          "id": 1,
          "name": "login",
          "quality": {
            "criteria": [
              {
                "name": "rehearsal",
                "of": 100,
                "points": 96,
                "why": "The run agrees."
              }
            ],
            "score": 96
          },
          "source": "import { test } from '@playwright/test';\n",
          "title": "Login Verification 1"
        }
      ]
    }
    "#);

    let executions = deployment.bench.engine.executions();
    let logs = executions
        .logs(deployment.partner, execution)
        .await
        .unwrap();
    assert_eq!(logs.test_output, "Running 1 test...");
    let stranger = deployment.bench.partner("stranger").await;
    assert!(executions.logs(stranger, execution).await.is_err());
    let path = executions
        .artifact_path(deployment.partner, execution, ArtifactKind::Screenshot)
        .await
        .unwrap();
    assert!(path.starts_with("/static/test-executions/"));
    let theirs = executions
        .artifact_path(stranger, execution, ArtifactKind::Screenshot)
        .await;
    assert!(theirs.is_err());
}

#[tokio::test]
async fn custom_data_comes_back_to_the_digit_and_in_its_order() {
    let deployment = Deployment::new().await;
    let custom_data = r#"{"z":12345678901234567890123,"a":[1.10,-0.0,1e-400],"u":"\u00fc"}"#;
    let body = format!(
        r#"{{"url":"https://app.example","feature_description":"x","callback_url":"{}","custom_data":{custom_data}}}"#,
        deployment.receiver.uri()
    );
    let job = deployment
        .bench
        .accept(deployment.partner, &body)
        .await
        .unwrap();
    deployment.callback(&Scripted::default(), &job).await;
    let sent = deployment.requests().await.remove(0).body;
    let sent = String::from_utf8(sent).unwrap();
    assert!(
        sent.contains(&format!(r#""custom_data":{custom_data},"#)),
        "{sent}"
    );
}

#[tokio::test]
async fn a_failed_test_is_told_with_its_reason_and_screenshot() {
    let deployment = Deployment::new().await;
    for status in [ExecutionStatus::Failed, ExecutionStatus::TimedOut] {
        let job = deployment.accept(json!({})).await;
        let stages = Scripted::default().runs_end(status);
        let callback = deployment.callback(&stages, &job).await;
        let results = &callback["results"];
        assert_eq!(results["status"], "failed");
        assert_eq!(
            (&results["passed"], &results["failed"]),
            (&json!(0), &json!(1))
        );
        assert_eq!(results["tests"][0]["status"], status.to_string());
        let failure = &results["failures"][0];
        assert_eq!(failure["test"], "Login Verification 1");
        assert_eq!(failure["message"], "expected 4 sections, saw 3");
        assert_eq!(
            failure["screenshot_url"],
            results["tests"][0]["screenshot_url"]
        );
        assert!(failure["screenshot_url"].is_string());
        assert_eq!(failure["execution_id"], results["tests"][0]["execution_id"]);
    }
}

#[tokio::test]
async fn without_auto_execute_the_test_is_generated_and_skipped() {
    let deployment = Deployment::new().await;
    let job = deployment
        .accept(json!({ "options": { "auto_execute": false } }))
        .await;
    let stages = Scripted::default();
    let callback = deployment.callback(&stages, &job).await;
    let results = &callback["results"];
    assert_eq!(results["status"], "not_executed");
    assert_eq!(results["tests"][0]["status"], "skipped");
    assert_eq!(
        (&results["total_tests"], &results["passed"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(stages.calls(), ["open", "crawl", "plan 1"]);
    assert!(deployment.report(&job).await.executions.is_empty());
}

#[tokio::test]
async fn a_test_below_the_threshold_gets_one_more_attempt_and_is_not_executed() {
    let deployment = Deployment::new().await;
    let options = json!({ "options": { "quality_threshold": 60 } });

    let job = deployment.accept(options.clone()).await;
    let stages = Scripted::default().scores(&[59, 30]);
    let callback = deployment.callback(&stages, &job).await;
    assert_eq!(callback["results"]["status"], "below_threshold");
    assert_eq!(stages.calls(), ["open", "crawl", "plan 1", "plan 2"]);
    let report = deployment.report(&job).await;
    let why = "The test's quality score, 59, is below the threshold of 60, so it was not executed. \
        What it lacks: rehearsal 59 of 100, not run.";
    assert_eq!(
        callback["results"]["failures"],
        json!([{ "test": "score", "message": why }])
    );
    assert_eq!(report.job.error_message.as_deref(), Some(why));
    assert_eq!(
        callback["workflow_summary"],
        "AI crawl completed, 1 test generated, not executed as its quality is below the threshold"
    );
    // The better of the two.
    assert_eq!(report.job.quality_score, Some(59));
    assert_eq!(
        report.scripts[0].title.as_deref(),
        Some("Login Verification 1")
    );

    let job = deployment.accept(options.clone()).await;
    let stages = Scripted::default().scores(&[30, 60]);
    let callback = deployment.callback(&stages, &job).await;
    assert_eq!(callback["results"]["status"], "passed");
    assert_eq!(
        stages.calls().last().unwrap(),
        "execute Login Verification 2"
    );

    // A second attempt that fails does not spoil the first.
    let job = deployment.accept(options).await;
    let stages = Scripted::default()
        .scores(&[30])
        .tell("plan", &[None, Some(Fails("nothing more to try"))]);
    let callback = deployment.callback(&stages, &job).await;
    assert_eq!(callback["results"]["status"], "below_threshold");
}

#[tokio::test]
async fn a_test_that_can_not_fail_is_never_executed_and_says_so() {
    let deployment = Deployment::new().await;
    for (scores, threshold, status) in [([20, 20], 45, "below_threshold"), ([20, 20], 0, "error")] {
        let options = json!({ "options": { "quality_threshold": threshold } });
        let job = deployment.accept(options).await;
        let stages = Scripted::default().scores(&scores).asserts_nothing();
        let callback = deployment.callback(&stages, &job).await;
        let results = &callback["results"];
        assert_eq!(results["status"], status);
        assert_eq!(results["passed"], 0);
        assert_eq!(results["tests"][0]["status"], "skipped");
        assert_eq!(
            callback["workflow_summary"],
            "AI crawl completed, 1 test generated, not executed as it asserts nothing"
        );
        let failure = &results["failures"][0];
        assert_eq!(failure["test"], "plan");
        let report = deployment.report(&job).await;
        assert_eq!(
            report.job.error_message.as_deref(),
            failure["message"].as_str()
        );
        assert_eq!(report.scripts.len(), 1);
        assert!(report.executions.is_empty());
        assert!(
            !stages
                .calls()
                .iter()
                .any(|call| call.starts_with("execute"))
        );
    }
}

#[tokio::test]
async fn however_a_stage_fails_the_job_ends_with_a_callback() {
    let deployment = Deployment::new().await;
    let limits = Limits {
        job: Duration::from_secs(2),
        ..BRISK
    };
    for (stage, does, told, message) in [
        ("open", Fails("no firefox here"), "crawl", "no firefox here"),
        (
            "crawl",
            Fails("the target refuses"),
            "crawl",
            "the target refuses",
        ),
        (
            "crawl",
            Stumbles("the worker died"),
            "crawl",
            "the worker died",
        ),
        ("plan", Fails("not understood"), "plan", "not understood"),
        ("execute", Fails("no runner"), "execute", "no runner"),
        ("plan", Panics, "job", "An internal fault ended the job."),
        ("execute", Hangs, "job", "The job did not end within 2 s."),
    ] {
        deployment.answers(ResponseTemplate::new(200), 1).await;
        let job = deployment.accept(json!({})).await;
        let stages = Scripted::default().always(stage, does);
        let running = deployment.start_with(&stages, limits, BRIEF);
        let report = deployment.shown(&job, JobStatus::CallbackSent).await;
        running.stop().await;
        assert_eq!(report.job.error_message.as_deref(), Some(message));
        let request = deployment.requests().await.pop().unwrap();
        deployment.verify(&request);
        let callback: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(callback["results"]["status"], "error", "{stage} {does:?}");
        assert_eq!(
            callback["results"]["failures"],
            json!([{ "test": told, "message": message }])
        );
    }
}

#[tokio::test]
async fn a_password_is_stored_nowhere_and_the_login_is_wiped() {
    let deployment = Deployment::new().await;
    let password = "p&ss \"word\" 1";
    let auth = json!({ "auth": { "type": "user_login", "username": "test@example.com", "password": password } });
    let spellings = [
        password,
        "p&ss \\\"word\\\" 1",
        "p%26ss+%22word%22+1",
        "p%26ss%20%22word%22%201",
    ];
    let stages = Scripted::default()
        .echoes(&spellings.join(" "))
        .runs_end(ExecutionStatus::Failed);
    deployment
        .answers(ResponseTemplate::new(204), u64::MAX)
        .await;

    // While the job holds every stage's output, and when it has ended.
    let job = deployment.accept(auth).await;
    let running = deployment.start(&stages.clone().always("execute", Hangs));
    deployment.shown(&job, JobStatus::Executing).await;
    let files = |stage: &str| {
        for entry in std::fs::read_dir(deployment.bench.dir()).unwrap() {
            let path = entry.unwrap().path();
            let bytes = if path.is_file() {
                std::fs::read(&path).unwrap()
            } else {
                Vec::new()
            };
            for spelling in spellings {
                let found = bytes
                    .windows(spelling.len())
                    .any(|window| window == spelling.as_bytes());
                assert!(!found, "{spelling} {stage} in {}", path.display());
            }
        }
    };
    files("under way");
    running.stop().await;

    let running = deployment.start(&stages.tell("execute", &[None]));
    deployment.shown(&job, JobStatus::CallbackSent).await;
    running.stop().await;
    files("at the end");
    let body = String::from_utf8(deployment.requests().await.remove(0).body).unwrap();
    assert!(
        body.contains("expected 4 sections, saw 3[password]"),
        "{body}"
    );
    let kept = deployment
        .count("SELECT COUNT(*) FROM webhook_jobs WHERE credentials IS NOT NULL")
        .await;
    let outputs = deployment.count("SELECT COUNT(*) FROM job_stages").await;
    assert_eq!((kept, outputs), (0, 0));
}
