//! What the refusals of each operation say: whoever gets one knows what to do.

use contract::{OPERATIONS, Operation};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::bench::{Bench, refusal};

fn path(operation: &Operation, bench: &Bench) -> String {
    let path = operation
        .path
        .replace("{partner_slug}", bench.ours.slug)
        .replace("{job_id}", "none")
        .replace("{scan_id}", "none")
        .replace("{execution_id}", "none");
    format!("{}{path}", bench.url)
}

fn request(bench: &Bench, operation: &Operation) -> RequestBuilder {
    let method: Method = operation.method.parse().unwrap();
    bench.http.request(method, path(operation, bench))
}

#[tokio::test]
async fn every_operation_refuses_what_no_operation_takes() {
    let bench = Bench::start().await;
    for operation in OPERATIONS {
        let id = operation.id;
        let keyed = || request(&bench, operation).header("x-qualitymax-api-key", &bench.ours.key);
        let (status, detail) = refusal(request(&bench, operation)).await;
        assert_eq!(status, 401, "{id}: {detail}");
        assert!(detail.starts_with("Missing API key."), "{id}: {detail}");

        let method = bench.http.delete(path(operation, &bench));
        let use_this = format!(
            "Method DELETE is not allowed here. Use {}.",
            operation.method.to_ascii_uppercase()
        );
        assert_eq!(refusal(method).await, (405, use_this), "{id}");

        let long = keyed().header("x-long", "x".repeat(100_000));
        let (status, detail) = refusal(long).await;
        assert_eq!(status, 431, "{id}: {detail}");
        assert!(detail.contains("header"), "{id}: {detail}");

        if operation.method.eq_ignore_ascii_case("post") && id != "trigger_test_generation" {
            let typed = |of: &str| keyed().header("content-type", of);
            let (status, detail) = refusal(typed("text/plain").body("{}")).await;
            assert_eq!(
                (status, &*detail),
                (415, "Send the body as application/json.")
            );
            let (status, detail) = refusal(typed("application/json").body("")).await;
            assert_eq!(status, 400, "{id}: {detail}");
            assert!(detail.contains("the body is empty"), "{id}: {detail}");
            let (status, detail) = refusal(typed("application/json").body("[1]")).await;
            assert_eq!(status, 400, "{id}: {detail}");
            let large = typed("application/json").body(vec![b' '; 20 * 1024 * 1024]);
            let (status, detail) = refusal(large).await;
            assert_eq!(status, 413, "{id}: {detail}");
            assert!(
                detail.starts_with("The body is larger than"),
                "{id}: {detail}"
            );
        }
    }
}

#[tokio::test]
async fn a_field_that_breaks_the_contract_is_named_with_its_limit() {
    let bench = Bench::start().await;
    let long = |length: usize| "x".repeat(length);
    let cases: [(&str, Value, &[&str]); 23] = [
        ("/repositories/import", json!({}), &["url"]),
        (
            "/repositories/import",
            json!({"url": 5}),
            &["url", "string"],
        ),
        (
            "/repositories/import",
            json!({"url": format!("https://github.com/a/{}", long(2048))}),
            &["url", "2048"],
        ),
        (
            "/repositories/import",
            json!({"url": "https://github.com/a"}),
            &["url", "https://github.com/OWNER/REPOSITORY"],
        ),
        (
            "/repositories/import",
            json!({"url": "git@github.com:a/b.git"}),
            &["url"],
        ),
        (
            "/repositories/import",
            json!({"url": "https://github.com/a/b", "branch": ""}),
            &["branch"],
        ),
        ("/sast/scan", json!({}), &["repository_id"]),
        (
            "/sast/scan",
            json!({"repository_id": "42"}),
            &["repository_id", "integer"],
        ),
        (
            "/sast/scan",
            json!({"repository_id": 42, "engines": ["codeql"]}),
            &["engines", "semgrep", "bandit"],
        ),
        (
            "/sast/scan",
            json!({"repository_id": 42, "engines": []}),
            &["engines"],
        ),
        (
            "/sast/scan",
            json!({"repository_id": 42, "engines": ["bandit", "bandit"]}),
            &["engines"],
        ),
        (
            "/api-tests/generate",
            json!({"project_id": 1}),
            &["openapi_spec", "openapi_url"],
        ),
        (
            "/api-tests/generate",
            json!({"openapi_spec": "a", "openapi_url": "https://a.example"}),
            &["openapi_spec", "openapi_url"],
        ),
        (
            "/api-tests/generate",
            json!({"openapi_spec": "a", "instructions": long(8001)}),
            &["instructions", "8000"],
        ),
        ("/test-cases", json!({"project_id": 1}), &["title"]),
        (
            "/test-cases",
            json!({"project_id": 1, "title": ""}),
            &["title"],
        ),
        (
            "/test-cases",
            json!({"project_id": 1, "title": "a", "priority": 6}),
            &["priority", "5"],
        ),
        (
            "/test-cases",
            json!({"project_id": 1, "title": "a", "tags": [1]}),
            &["tags", "string"],
        ),
        (
            "/test-cases/generate",
            json!({"project_id": 1}),
            &["description"],
        ),
        (
            "/test-cases/generate",
            json!({"project_id": 1, "description": "login", "count": 0}),
            &["count", "1"],
        ),
        ("/gap-analysis", json!({}), &["repository_id"]),
        (
            "/gap-analysis",
            json!({"repository_id": 42, "categories": ["unit"]}),
            &["categories", "e2e", "security", "integration"],
        ),
        (
            "/gap-analysis",
            json!({"repository_id": 42, "max_tests_per_category": 101}),
            &["max_tests_per_category", "100"],
        ),
    ];
    let mut unclear = Vec::new();
    for (path, body, said) in cases {
        let (status, detail) = refusal(bench.post_as(&bench.ours, path, &body)).await;
        if status != 400 || !said.iter().all(|word| detail.contains(word)) {
            unclear.push(format!("{path} {body}: {status} {detail}"));
        }
        bench.advance(60);
    }
    assert!(unclear.is_empty(), "{unclear:#?}");
}
