//! Generated test cases and API tests, through the client that is generated
//! from the contract.

use client::{Client, Credentials, connect, types};
use engine::partner::PartnerId;
use serde_json::{Value, json};

use crate::bench::{Bench, Partner, refusal};

const SPECIFICATION: &str =
    include_str!("../../../../fixtures/specifications/bookshop-openapi-3.0.yaml");

fn client(bench: &Bench, partner: &Partner) -> Client {
    connect(&bench.url, Credentials::new(&partner.key, &partner.secret)).unwrap()
}

async fn project(bench: &Bench, partner: &Partner) -> (PartnerId, i64) {
    let found = bench.engine.partners().by_slug(partner.slug).await;
    let id = found.unwrap().unwrap().id;
    let project = bench.engine.projects().ensure(id, "My Project", None).await;
    (id, project.unwrap().id)
}

#[tokio::test]
async fn the_documented_description_gives_the_documented_number_of_test_cases() {
    let bench = Bench::start().await;
    let (partner, project) = project(&bench, &bench.ours).await;
    let mut request: types::TestCasesGenerateRequest = serde_json::from_str(include_str!(
        "../../../../fixtures/golden/test-cases-generate-request.json"
    ))
    .unwrap();
    request.project_id = project;
    let client = client(&bench, &bench.ours);
    let generated = client
        .generate_test_cases(&request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(generated.project_id, project);
    assert_eq!(generated.test_cases.len(), 5);
    assert_eq!(generated.script, None);
    let priorities: Vec<_> = generated.test_cases.iter().map(|it| it.priority).collect();
    assert!(priorities.is_sorted());
    let stored = bench
        .engine
        .test_cases()
        .list(partner, project)
        .await
        .unwrap();
    let stored: Vec<_> = stored.iter().map(|it| it.id).collect();
    let returned: Vec<_> = generated.test_cases.iter().map(|it| it.id).collect();
    assert_eq!(stored, returned);
}

#[tokio::test]
async fn the_documented_instructions_give_test_cases_and_a_script() {
    let bench = Bench::start().await;
    let (_, project) = project(&bench, &bench.ours).await;
    let request: types::ApiTestsRequest = serde_json::from_value(json!({
        "openapi_spec": SPECIFICATION,
        "project_id": project,
        "instructions": "Focus on authentication and payment endpoints",
    }))
    .unwrap();
    let client = client(&bench, &bench.ours);
    let generated = client
        .generate_api_tests(&request)
        .await
        .unwrap()
        .into_inner();
    let first = &generated.test_cases[0];
    assert_eq!(first.category.as_str(), "api");
    assert_eq!(first.priority.get(), 1);
    assert!(
        generated
            .script
            .unwrap()
            .contains("from '@playwright/test'")
    );
}

#[tokio::test]
async fn what_can_not_be_generated_is_refused_and_stores_nothing() {
    let bench = Bench::start().await;
    let (partner, ours) = project(&bench, &bench.ours).await;
    let (_, theirs) = project(&bench, &bench.theirs).await;
    let api_tests = |body: Value| bench.post_as(&bench.ours, "/api-tests/generate", &body);
    let test_cases = |body: Value| bench.post_as(&bench.ours, "/test-cases/generate", &body);
    let refusals = [
        (
            400,
            api_tests(json!({"project_id": ours, "openapi_spec": "hello: world"})),
        ),
        (400, api_tests(json!({"project_id": ours}))),
        (
            400,
            api_tests(json!({"project_id": ours, "openapi_url": "http://127.0.0.1/a.json"})),
        ),
        (
            403,
            api_tests(json!({"project_id": theirs, "openapi_spec": SPECIFICATION})),
        ),
        (
            404,
            api_tests(json!({"project_id": 999_999, "openapi_spec": SPECIFICATION})),
        ),
        (
            403,
            test_cases(json!({"project_id": theirs, "description": "login"})),
        ),
        (
            404,
            test_cases(json!({"project_id": 999_999, "description": "login"})),
        ),
        (
            400,
            test_cases(json!({"project_id": ours, "description": "login", "count": 51})),
        ),
    ];
    for (expected, request) in refusals {
        let (status, detail) = refusal(request).await;
        assert_eq!(status, expected, "{detail}");
    }
    let stored = bench.engine.test_cases().list(partner, ours).await.unwrap();
    assert!(stored.is_empty());
}
