//! What the mock serves is in `openapi.json`, to the last field and status.

use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::bench::{Bench, body};
use crate::receiver::Receiver;

fn document() -> Value {
    serde_json::from_str(include_str!("../../../../openapi.json")).unwrap()
}

/// Every property of `value` is named by the schema, every required one is
/// there, every enumerated string is one of them.
fn hold(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = document.pointer(reference.trim_start_matches('#')).unwrap();
        return hold(document, schema, value, at);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        hold(document, part, value, at);
    }
    if value.is_null() {
        assert!(schema["nullable"] == true, "{at} is null");
        return;
    }
    if let Some(allowed) = schema["enum"].as_array() {
        assert!(allowed.contains(value), "{at} is {value}");
    }
    let kind = match value {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        _ if value.is_i64() && schema["type"] == "integer" => "integer",
        _ => "number",
    };
    assert!(
        schema["type"].is_null() || schema["type"] == kind,
        "{at} is a {kind}"
    );
    for required in schema["required"].as_array().into_iter().flatten() {
        assert!(
            value.get(required.as_str().unwrap()).is_some(),
            "{at}: no {required}"
        );
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        match (
            schema["properties"].get(name),
            &schema["additionalProperties"],
        ) {
            (Some(schema), _) => hold(document, schema, value, &at),
            (None, Value::Bool(true)) => {}
            (None, more) if more.is_object() => hold(document, more, value, &at),
            (None, _) if schema["type"].is_null() => {}
            (None, _) => panic!("{at} is not in the contract"),
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        hold(document, &schema["items"], item, &format!("{at}[{index}]"));
    }
}

/// Holds an answer against what the document says of its operation and status.
async fn held(document: &Value, method: &str, path: &str, request: RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16().to_string();
    let mut response = &document["paths"][path][method]["responses"][&status];
    assert!(!response.is_null(), "{method} {path} answers {status}");
    if let Some(reference) = response["$ref"].as_str() {
        response = document.pointer(reference.trim_start_matches('#')).unwrap();
    }
    let schema = &response["content"]["application/json"]["schema"];
    if schema.is_null() {
        return Value::Null;
    }
    let body: Value = answer.json().await.unwrap();
    hold(
        document,
        schema,
        &body,
        &format!("{method} {path} {status}"),
    );
    body
}

#[tokio::test]
async fn no_scenario_serves_a_field_or_a_status_that_the_contract_has_not() {
    let document = document();
    let bench = Bench::start(&["--disable-rate-limits"]).await;
    let mut receiver = Receiver::start(&[]).await;
    let scenarios = bench
        .admin(reqwest::Method::GET, "scenarios", json!({}))
        .await;
    let callback = &document["components"]["schemas"]["CallbackPayload"];
    let base = "/api/v1/partner";
    for scenario in scenarios.as_object().unwrap().keys() {
        // What is not served, and what is served as in `passed`, only later.
        let others = [
            "broken-connection",
            "callback-huge",
            "callback-late",
            "callback-out-of-order",
            "flaky",
            "slow",
            "slow-body",
        ];
        if others.contains(&scenario.as_str()) {
            continue;
        }
        let named = |request: RequestBuilder| request.header("x-mock-scenario", scenario);
        let held = async |method: &str, path: &str, request| {
            held(&document, method, path, named(request)).await
        };
        let webhook = bench.webhook(&body(&receiver.url));
        let accepted = held("post", "/api/webhooks/{partner_slug}", webhook).await;
        let report = "/jobs/{job_id}/report";
        if let Some(job) = accepted["job_id"].as_str() {
            let path = report.replace("{job_id}", job);
            for _ in 0..3 {
                held("get", &format!("{base}{report}"), bench.get(&path)).await;
                tokio::time::sleep(Duration::from_millis(60)).await;
            }
            let payload = receiver.next().await.json();
            hold(&document, callback, &payload, scenario);
            let test = &payload["results"]["tests"][0];
            if let Some(execution) = test["execution_id"].as_str() {
                for artifact in ["logs", "screenshot", "video"] {
                    let template = format!("/artifacts/{{execution_id}}/{artifact}");
                    let path = template.replace("{execution_id}", execution);
                    held("get", &format!("{base}{template}"), bench.get(&path)).await;
                }
            }
        }
        let repository = json!({ "url": "https://github.com/your-org/your-repo" });
        let path = "/repositories/import";
        held(
            "post",
            &format!("{base}{path}"),
            bench.post(path, &repository),
        )
        .await;
        let wanted = json!({ "repository_id": 42 });
        for (path, poll, parameter) in [
            ("/sast/scan", "/sast/scan/{scan_id}", "{scan_id}"),
            ("/gap-analysis", "/gap-analysis/{job_id}", "{job_id}"),
        ] {
            let started = held("post", &format!("{base}{path}"), bench.post(path, &wanted)).await;
            if let Some(id) = started["job_id"].as_str() {
                let at = poll.replace(parameter, id);
                for _ in 0..2 {
                    held("get", &format!("{base}{poll}"), bench.get(&at)).await;
                    tokio::time::sleep(Duration::from_millis(270)).await;
                }
            }
        }
        for (path, request) in [
            ("/test-cases", json!({ "project_id": 15, "title": "x" })),
            (
                "/test-cases/generate",
                json!({ "project_id": 15, "description": "x", "count": 12 }),
            ),
            (
                "/api-tests/generate",
                json!({ "openapi_url": "https://api.example/openapi.json" }),
            ),
        ] {
            held("post", &format!("{base}{path}"), bench.post(path, &request)).await;
        }
    }
}

#[tokio::test]
async fn bodies_are_held_to_the_contract() {
    let bench = Bench::start(&["--disable-rate-limits"]).await;
    let long = "x".repeat(8001);
    for (field, value) in [
        ("url", json!("ftp://example.com")),
        ("feature_description", json!(long)),
        ("custom_data", json!({ "x": "y".repeat(4096) })),
        ("options", json!({ "quality_threshold": 101 })),
        ("callback_url", json!("http://169.254.169.254/")),
    ] {
        let mut webhook = body("http://127.0.0.1:9/");
        webhook[field] = value;
        let (status, _, detail) = crate::bench::refusal(bench.webhook(&webhook)).await;
        assert_eq!(status, 400, "{field}");
        assert!(detail.contains(field), "{detail}");
    }
}
