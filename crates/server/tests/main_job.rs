//! The main job from webhook to download, on real parts: browser, Playwright,
//! disk; the downloads are the published documentation's own curl commands.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use sample_sites::Site;
use serde_json::{Value, json};
use testbed::{Deployment, Receiver, Server};
use tokio::process::Command;

const BASE: &str = "https://app.qualitymax.io";

/// "Artifact Downloads", as published.
const SCREENSHOT: &str = r#"curl -L -H "X-QualityMax-API-Key: qm-..." \
     -o screenshot.png \
     https://app.qualitymax.io/api/v1/partner/artifacts/{execution_id}/screenshot"#;
const VIDEO: &str = r#"curl -L -H "X-QualityMax-API-Key: qm-..." \
     -o recording.webm \
     https://app.qualitymax.io/api/v1/partner/artifacts/{execution_id}/video"#;

async fn download(example: &str, server: &Server, key: &str, execution: &str, dir: &Path) {
    let command = example
        .replace(BASE, &server.url)
        .replace("qm-...", key)
        .replace("{execution_id}", execution);
    let status = Command::new("bash")
        .args(["-c", &command])
        .current_dir(dir)
        .stderr(Stdio::null())
        .status()
        .await
        .unwrap();
    assert!(status.success(), "{command}");
}

#[tokio::test]
async fn a_webhook_becomes_a_verdict_with_everything_to_see_it_by() {
    let site = sample_sites::start(Site::Form, ([127, 0, 0, 1], 0).into(), None)
        .await
        .unwrap();
    let mut receiver = Receiver::start().await.unwrap();
    let deployment =
        Deployment::create(Path::new(env!("CARGO_BIN_EXE_qualitymax")), "veilstream").unwrap();
    let server = deployment.serve(&[], &[]).await.unwrap();
    let job = server
        .send_webhook(&json!({
            "url": site.url(),
            "feature_description": Site::Form.example_description(),
            "callback_url": receiver.url(),
        }))
        .await
        .unwrap();
    let callback = receiver.next(Duration::from_secs(120)).await.unwrap();
    let callback: Value = serde_json::from_slice(&callback.body).unwrap();
    let results = &callback["results"];
    assert_eq!(results["status"], "passed", "{callback:#}");

    // What the callback links to needs no key.
    let test = &results["tests"][0];
    for (link, content_type) in [("screenshot_url", "image/png"), ("video_url", "video/webm")] {
        let url = test[link].as_str().unwrap();
        assert!(url.starts_with(&format!("{}/static/test-executions/", server.url)));
        let file = reqwest::get(url).await.unwrap();
        assert_eq!(file.status(), 200);
        assert_eq!(file.headers()["content-type"], content_type);
        assert_eq!(file.headers()["accept-ranges"], "bytes");
        assert!(
            file.headers()["content-security-policy"]
                .to_str()
                .unwrap()
                .contains("sandbox")
        );
        let forged = reqwest::get(format!("{url}0")).await.unwrap();
        assert_eq!(forged.status(), 404);
        assert!(forged.json::<Value>().await.unwrap()["detail"].is_string());
    }
    let app = results["report_app_url"].as_str().unwrap();
    assert!(app.starts_with(&format!("{}/#/projects/", server.url)));

    // What the API redirects to is the same.
    let execution = test["execution_id"].as_str().unwrap();
    let dir = tempfile::tempdir().unwrap();
    download(
        SCREENSHOT,
        &server,
        &deployment.api_key,
        execution,
        dir.path(),
    )
    .await;
    download(VIDEO, &server, &deployment.api_key, execution, dir.path()).await;
    let screenshot = std::fs::read(dir.path().join("screenshot.png")).unwrap();
    assert!(screenshot.starts_with(b"\x89PNG\r\n"));
    let video = std::fs::read(dir.path().join("recording.webm")).unwrap();
    assert!(video.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]));

    let logs = server
        .get(&format!("/artifacts/{execution}/logs"))
        .await
        .unwrap();
    assert!(
        logs["test_output"].as_str().unwrap().contains("passed"),
        "{logs:#}"
    );
    let report = server.get(&format!("/jobs/{job}/report")).await.unwrap();
    assert_eq!(report["executions"][0]["execution_id"], execution);
    assert!(
        report["scripts"][0]["source"]
            .as_str()
            .unwrap()
            .contains("@playwright/test")
    );
}
