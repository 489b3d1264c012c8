//! What is served beside the contract.

use serde_json::{Value, json};

use crate::bench::{Bench, accepted, least, refusal};

#[tokio::test]
async fn the_page_runs_nothing_but_its_own_script() {
    let bench = Bench::start().await;
    let page = bench.get("/").send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"));
    assert!(policy.contains("frame-ancestors 'none'"));
    let html = page.text().await.unwrap();
    for asset in ["/app/report.css", "/app/report.js"] {
        assert!(html.contains(asset));
        let answer = bench.get(asset).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    }
    // Inline script and style would not run.
    assert!(!html.contains("<style") && !html.contains("onclick") && !html.contains("style="));
}

#[tokio::test]
async fn its_answers_need_a_key_and_are_the_partners_own() {
    let bench = Bench::start().await;
    let job = accepted(bench.webhook(&bench.ours, &least())).await;
    let get = async |key: &str, path: &str| {
        let request = bench
            .get(&format!("/app/api{path}"))
            .header("x-qualitymax-api-key", key);
        request.send().await.unwrap()
    };
    let projects: Value = get(&bench.ours.key, "/projects")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(projects[0]["name"], "preview-abc.env.yourapp.com");
    let path = format!("/projects/{}/jobs", projects[0]["id"]);
    let jobs: Value = get(&bench.ours.key, &path).await.json().await.unwrap();
    assert_eq!(jobs[0]["id"], json!(job));
    let report = format!("/jobs/{job}/report");
    assert_eq!(get(&bench.ours.key, &report).await.status(), 200);

    for path in [&path, &report] {
        assert_eq!(get(&bench.theirs.key, path).await.status(), 403);
        assert_eq!(get("qm-unknown", path).await.status(), 401);
    }
    let theirs: Value = get(&bench.theirs.key, "/projects")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(theirs, json!([]));
    assert_eq!(refusal(bench.get("/app/api/projects")).await.0, 401);
    assert_eq!(refusal(bench.get("/app/api/nothing")).await.0, 404);
}

#[tokio::test]
async fn health_and_the_contract_are_public() {
    let bench = Bench::start().await;
    assert_eq!(bench.get("/healthz").send().await.unwrap().status(), 200);
    let document: Value = bench
        .get("/openapi.json")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(document["openapi"], "3.0.3");
}
