//! The bodies that the published documentation prints are what the types hold,
//! field by field.
#![allow(clippy::unwrap_used)]

use qualitymax_contract::{OPERATIONS, Operation, RateClass, RateLimit, Validated, types};
use serde::Serialize;
use serde_json::{Value, json};

fn golden(name: &str) -> Vec<u8> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/golden");
    std::fs::read(format!("{root}/{name}.json")).unwrap()
}

/// Read as the contract reads it and written again, nothing is lost or added.
fn keeps<T: Validated + Serialize>(name: &str) {
    let body = golden(name);
    let value: T = T::from_json(&body).unwrap_or_else(|invalid| panic!("{name}: {invalid}"));
    let printed: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(serde_json::to_value(value).unwrap(), printed, "{name}");
}

#[test]
fn every_printed_body_survives_the_generated_types() {
    keeps::<types::WebhookRequest>("webhook-request");
    keeps::<types::WebhookAccepted>("webhook-accepted");
    keeps::<types::CallbackPayload>("callback");
    keeps::<types::ExecutionLogs>("execution-logs");
    keeps::<types::JobReport>("job-report");
    keeps::<types::RepositoryImportRequest>("repository-import-request");
    keeps::<types::RepositoryImport>("repository-import");
    keeps::<types::SastScanRequest>("sast-scan-request");
    keeps::<types::SastScanStarted>("sast-scan-started");
    keeps::<types::SastScan>("sast-scan");
    keeps::<types::ApiTestsRequest>("api-tests-request");
    keeps::<types::TestCaseRequest>("test-case-request");
    keeps::<types::TestCasesGenerateRequest>("test-cases-generate-request");
    keeps::<types::GapAnalysisRequest>("gap-analysis-request");
    keeps::<types::GapAnalysisStarted>("gap-analysis-started");
    keeps::<types::GapAnalysis>("gap-analysis");
}

#[test]
fn the_table_of_operations_holds_the_documented_rate_limits() {
    use RateClass::{Free, Llm};
    let documented = [
        ("trigger_test_generation", Llm, 10),
        ("get_execution_screenshot", Free, 60),
        ("get_execution_video", Free, 60),
        ("get_execution_logs", Free, 60),
        ("get_job_report", Free, 60),
        ("import_repository", Free, 10),
        ("start_sast_scan", Free, 10),
        ("get_sast_scan", Free, 60),
        ("generate_api_tests", Llm, 10),
        ("create_test_case", Free, 60),
        ("generate_test_cases", Llm, 10),
        ("start_gap_analysis", Llm, 10),
        ("get_gap_analysis", Free, 60),
    ];
    assert_eq!(OPERATIONS.len(), documented.len());
    for (id, class, requests) in documented {
        let expected = RateLimit {
            class,
            requests,
            window_seconds: 60,
        };
        assert_eq!(Operation::by_id(id).unwrap().rate_limit, expected, "{id}");
    }
}

/// 413 must not refuse what the documented limits admit, however JSON escapes it.
#[test]
fn the_longest_valid_webhook_fits_the_body_limit() {
    let escaped = |text: &str| -> String {
        let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
        format!("\"{}\"", units.collect::<String>())
    };
    let url = format!("https://example.com/{}", "🦀".repeat(2048 - 20));
    let custom = json!({ "k": "x".repeat(4096 - 8) });
    let body = format!(
        r#"{{"url":{url},"feature_description":{description},"callback_url":{url},
            "auth":{{"type":"user_login","username":{login},"password":{login}}},
            "custom_data":{{"k":{custom}}}}}"#,
        url = escaped(&url),
        description = escaped(&"🦀".repeat(8000)),
        login = escaped(&"🦀".repeat(512)),
        custom = escaped(custom["k"].as_str().unwrap()),
    );
    types::WebhookRequest::from_json(body.as_bytes()).unwrap();
    let limit = Operation::by_id("trigger_test_generation")
        .unwrap()
        .max_body_bytes
        .unwrap();
    assert!(
        body.len() > 131_072 && body.len() <= limit,
        "{} of {limit}",
        body.len()
    );
}
