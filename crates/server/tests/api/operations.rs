//! The operations through the client that is generated from the contract.

use client::{Client, Credentials, Error, connect, types};
use reqwest::StatusCode;

use crate::bench::{Bench, Partner};

fn client(bench: &Bench, partner: &Partner) -> Client {
    connect(&bench.url, Credentials::new(&partner.key, &partner.secret)).unwrap()
}

fn webhook() -> types::WebhookRequest {
    serde_json::from_str(include_str!(
        "../../../../fixtures/golden/webhook-request.json"
    ))
    .unwrap()
}

#[tokio::test]
async fn the_documented_webhook_is_accepted_and_its_job_reported() {
    let bench = Bench::start().await;
    let client = client(&bench, &bench.ours);
    let accepted = client
        .trigger_test_generation(bench.ours.slug, &webhook())
        .await
        .unwrap();
    assert!(accepted.accepted);
    assert_eq!(accepted.message, "Webhook accepted, processing started");
    assert!(accepted.job_id.starts_with("pwj_"));
    let report = client.get_job_report(&accepted.job_id).await.unwrap();
    assert_eq!(*report.job.id, *accepted.job_id);
    assert_eq!(report.job.status, types::JobStatus::Accepted);
    assert_eq!(report.job.url, "https://preview-abc.env.yourapp.com");
    assert!(report.scripts.is_empty() && report.executions.is_empty());
}

#[tokio::test]
async fn a_test_case_is_created_in_a_project() {
    let bench = Bench::start().await;
    let partner = bench.engine.partners().by_slug(bench.ours.slug).await;
    let partner = partner.unwrap().unwrap().id;
    let project = bench.engine.projects().ensure(partner, "My Project", None);
    let project = project.await.unwrap();
    let mut request: types::TestCaseRequest = serde_json::from_str(include_str!(
        "../../../../fixtures/golden/test-case-request.json"
    ))
    .unwrap();
    let client = client(&bench, &bench.ours);
    let nowhere = client.create_test_case(&request).await.unwrap_err();
    assert_eq!(nowhere.status(), Some(StatusCode::NOT_FOUND));
    request.project_id = project.id;
    let created = client.create_test_case(&request).await.unwrap();
    assert_eq!(*created.title, *request.title);
    let stored = bench.engine.test_cases().list(partner, project.id).await;
    assert_eq!(stored.unwrap()[0].id, created.id);
}

#[tokio::test]
async fn artifacts_that_are_not_there_are_404() {
    let bench = Bench::start().await;
    for artifact in ["screenshot", "video", "logs"] {
        let path = format!("/artifacts/exec_none/{artifact}");
        let (status, _) = crate::bench::refusal(bench.get_as(&bench.ours, &path)).await;
        assert_eq!(status, 404, "{artifact}");
    }
}

#[tokio::test]
async fn a_gap_analysis_needs_an_imported_repository() {
    let bench = Bench::start().await;
    let client = client(&bench, &bench.ours);
    let request = serde_json::from_str(include_str!(
        "../../../../fixtures/golden/gap-analysis-request.json"
    ))
    .unwrap();
    let Err(Error::ErrorResponse(answer)) = client.start_gap_analysis(&request).await else {
        panic!("an error of the contract");
    };
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        answer.into_inner().detail,
        "Repository not found. Import it first via POST /api/v1/partner/repositories/import"
    );
    let unknown = client.get_gap_analysis("gap_analysis_1").await.unwrap_err();
    assert_eq!(unknown.status(), Some(StatusCode::NOT_FOUND));
}
