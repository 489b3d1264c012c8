//! Every operation of the contract can be called, and what the documentation
//! prints as its answer is understood.

use std::collections::BTreeSet;

use qualitymax_client::types::{self, JobStatus};
use qualitymax_client::{ArtifactKind, Client, Credentials, Error, connect};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::{KEY, client, contract, header};

/// Answers each operation as the document's example says, with `status`.
struct Examples {
    document: Value,
    status: u16,
}

impl Respond for Examples {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let operation = operation(&self.document, request);
        let Some(example) =
            operation["responses"].pointer("/200/content/application~1json/example")
        else {
            return ResponseTemplate::new(302).insert_header("location", "/file");
        };
        ResponseTemplate::new(self.status).set_body_json(example)
    }
}

/// The operation that a request is for: same method, same path but for parameters.
fn operation<'d>(document: &'d Value, request: &Request) -> &'d Value {
    let sent: Vec<_> = request.url.path().split('/').collect();
    let fits = |template: &str| {
        let template: Vec<_> = template.split('/').collect();
        template.len() == sent.len()
            && template
                .iter()
                .zip(&sent)
                .all(|(part, sent)| part.starts_with('{') || part == sent)
    };
    let paths = document["paths"].as_object().unwrap();
    let (_, item) = paths.iter().find(|(template, _)| fits(template)).unwrap();
    &item[request.method.as_str().to_lowercase()]
}

async fn answering(status: u16) -> MockServer {
    let server = MockServer::start().await;
    let document = contract();
    Mock::given(any())
        .respond_with(Examples { document, status })
        .mount(&server)
        .await;
    server
}

/// The request body that the documentation prints.
fn golden<T: DeserializeOwned>(name: &str) -> T {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/golden");
    let body = std::fs::read(format!("{root}/{name}.json")).unwrap();
    serde_json::from_slice(&body).unwrap()
}

async fn call_everything(client: &Client) {
    let accepted = client
        .trigger_test_generation("veilstream", &golden("webhook-request"))
        .await
        .unwrap();
    assert!(accepted.accepted);
    let report = client.get_job_report(&accepted.job_id).await.unwrap();
    assert_eq!(report.job.status, JobStatus::CallbackSent);
    assert_eq!(report.executions[0].duration, 4200);
    let logs = client.get_execution_logs("exec_abc123").await.unwrap();
    assert_eq!((logs.console_logs.len(), &logs.error_message), (1, &None));
    for kind in [ArtifactKind::Screenshot, ArtifactKind::Video] {
        let url = client.artifact_url("exec_abc123", kind).await.unwrap();
        assert_eq!(url.path(), "/file");
    }

    let imported = client
        .import_repository(&golden("repository-import-request"))
        .await
        .unwrap();
    assert_eq!(
        (imported.repository_id, imported.already_exists),
        (42, false)
    );
    let scan = client
        .start_sast_scan(&golden("sast-scan-request"))
        .await
        .unwrap();
    let scan = client.get_sast_scan(&scan.job_id).await.unwrap();
    assert_eq!(scan.findings[0].cwe_id.as_ref().unwrap().as_str(), "CWE-89");

    let generated = client
        .generate_api_tests(&golden("api-tests-request"))
        .await
        .unwrap();
    assert_eq!(generated.test_cases.len(), 1);
    let case = client
        .create_test_case(&golden("test-case-request"))
        .await
        .unwrap();
    assert_eq!(*case.title, "Login with valid credentials");
    let cases = client
        .generate_test_cases(&golden("test-cases-generate-request"))
        .await
        .unwrap();
    assert_eq!(cases.project_id, 15);

    let gap = client
        .start_gap_analysis(&golden("gap-analysis-request"))
        .await
        .unwrap();
    let gap = client.get_gap_analysis(&gap.job_id).await.unwrap();
    assert_eq!(gap.result.as_ref().unwrap().categories["e2e"], 5);
}

#[tokio::test]
async fn every_operation_of_the_contract_can_be_called() {
    let server = answering(200).await;
    call_everything(&client(&server)).await;

    let document = contract();
    let all: BTreeSet<_> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    let requests = server.received_requests().await.unwrap();
    let called: BTreeSet<_> = requests
        .iter()
        .map(|request| {
            operation(&document, request)["operationId"]
                .as_str()
                .unwrap()
        })
        .collect();
    assert_eq!(called, all);
    for request in &requests {
        assert_eq!(
            header(request, "x-qualitymax-api-key"),
            Some(KEY),
            "{}",
            request.url
        );
    }
}

/// Which of the two it is, the documentation leaves open.
#[tokio::test]
async fn a_deployment_may_answer_202_where_it_queues() {
    let server = answering(202).await;
    let scan = client(&server)
        .start_sast_scan(&golden("sast-scan-request"))
        .await
        .unwrap();
    assert_eq!(scan.status(), 202);
}

#[tokio::test]
async fn the_request_bodies_that_are_sent_are_those_of_the_documentation() {
    let server = answering(200).await;
    call_everything(&client(&server)).await;
    for request in server.received_requests().await.unwrap() {
        let Ok(sent) = serde_json::from_slice::<Value>(&request.body) else {
            continue;
        };
        let document = contract();
        let examples = &operation(&document, &request)["requestBody"]["content"]["application/json"]
            ["examples"];
        let printed = examples.as_object().unwrap().values().next().unwrap();
        assert_eq!(sent, printed["value"], "{}", request.url);
    }
}

#[tokio::test]
async fn every_documented_error_reaches_the_caller_with_its_detail() {
    for status in [400_u16, 401, 403, 404, 429, 500, 503] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(status)
            .insert_header("retry-after", "42")
            .set_body_json(json!({ "detail": "Wait and retry." }));
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let error = client(&server).get_job_report("pwj_1").await.unwrap_err();
        let Error::ErrorResponse(answer) = error else {
            panic!("{status}: {error}")
        };
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["retry-after"], "42");
        assert_eq!(
            answer.into_inner(),
            types::Error {
                detail: "Wait and retry.".to_owned()
            }
        );
    }
}

#[tokio::test]
async fn an_id_can_not_lead_to_another_path() {
    let server = answering(200).await;
    let _ = client(&server).get_job_report("../../webhooks/x?y#z").await;
    let request = &server.received_requests().await.unwrap()[0];
    assert_eq!(
        request.url.path(),
        "/api/v1/partner/jobs/..%2F..%2Fwebhooks%2Fx%3Fy%23z/report"
    );
}

#[test]
fn a_mistyped_address_is_refused_before_anything_is_sent() {
    for mistyped in ["", "app.qualitymax.io", "http://", "/api"] {
        let refused = connect(mistyped, Credentials::key_only(KEY));
        assert!(refused.is_err(), "{mistyped:?}");
    }
}
