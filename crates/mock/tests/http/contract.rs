//! What the mock serves is in `openapi.json`, to the last field and status.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::bench::{Bench, body};
use crate::receiver::Receiver;

const BASE: &str = "/api/v1/partner";

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

/// What was served, beside what was promised.
#[derive(Default)]
struct Seen {
    statuses: BTreeSet<u16>,
    broken: usize,
}

/// A partner's requests in one scenario, each answer held against the document.
struct Partner<'a> {
    document: &'a Value,
    bench: &'a Bench,
    scenario: &'a str,
    seen: Seen,
}

impl Partner<'_> {
    /// Asks until the answer is no fault that passes; returns its body.
    async fn ask(&mut self, method: &str, path: &str, request: RequestBuilder) -> Value {
        for _ in 0..20 {
            let request = request.try_clone().unwrap();
            let answer = request.header("x-mock-scenario", self.scenario).send();
            let Ok(answer) = answer.await else {
                self.seen.broken += 1;
                continue;
            };
            let status = answer.status().as_u16();
            let Ok(body) = answer.bytes().await else {
                self.seen.broken += 1;
                continue;
            };
            let body = self.hold(method, path, status, &body);
            self.seen.statuses.insert(status);
            if !matches!(status, 429 | 500 | 503) {
                return body;
            }
        }
        panic!("{}: {method} {path} is never answered", self.scenario);
    }

    fn hold(&self, method: &str, path: &str, status: u16, body: &[u8]) -> Value {
        let at = format!("{}: {method} {path} {status}", self.scenario);
        let document = self.document;
        let responses = &document["paths"][path][method]["responses"];
        let mut response = &responses[&status.to_string()];
        assert!(!response.is_null(), "{at} is not in the contract");
        if let Some(reference) = response["$ref"].as_str() {
            response = document.pointer(reference.trim_start_matches('#')).unwrap();
        }
        let schema = &response["content"]["application/json"]["schema"];
        if schema.is_null() {
            return Value::Null;
        }
        let body = serde_json::from_slice(body).unwrap();
        hold(document, schema, &body, &at);
        body
    }

    /// Of a path below the partner API's base; `id` stands for its parameter.
    async fn get(&mut self, path: &str, id: &str) -> Value {
        let (before, rest) = path.split_once('{').unwrap();
        let (_, after) = rest.split_once('}').unwrap();
        let request = self.bench.get(&format!("{before}{id}{after}"));
        self.ask("get", &format!("{BASE}{path}"), request).await
    }

    async fn post(&mut self, path: &str, body: Value) -> Value {
        let request = self.bench.post(path, &body);
        self.ask("post", &format!("{BASE}{path}"), request).await
    }

    /// Asks again until the answer's status is one of `last`.
    async fn follow(&mut self, path: &str, id: &str, at: &str, last: &[&str]) {
        for _ in 0..400 {
            let answer = self.get(path, id).await;
            let status = answer.pointer(at).unwrap().as_str().unwrap();
            if last.contains(&status) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{}: {path} does not come to its end", self.scenario);
    }
}

#[tokio::test]
async fn no_scenario_serves_a_field_or_a_status_that_the_contract_has_not() {
    let document = document();
    // A minute of the slow ones is over in a second.
    let bench = Bench::start(&["--disable-rate-limits", "--speed", "50"]).await;
    let scenarios = bench
        .admin(reqwest::Method::GET, "scenarios", json!({}))
        .await;
    let walks = scenarios.as_object().unwrap().keys().map(|scenario| {
        walk(Partner {
            document: &document,
            bench: &bench,
            scenario,
            seen: Seen::default(),
        })
    });
    let seen = futures::future::join_all(walks).await;
    let statuses: BTreeSet<u16> = seen
        .iter()
        .flat_map(|seen| &seen.statuses)
        .copied()
        .collect();
    assert_eq!(statuses, BTreeSet::from([200, 302, 429, 500, 503]));
    assert!(seen.iter().any(|seen| seen.broken > 0));
}

/// Every operation, and the callback.
async fn walk(mut partner: Partner<'_>) -> Seen {
    let mut receiver = Receiver::start(&[]).await;
    let webhook = partner.bench.webhook(&body(&receiver.url));
    let path = "/api/webhooks/{partner_slug}";
    let accepted = partner.ask("post", path, webhook).await;
    let job = accepted["job_id"].as_str().unwrap();
    let ends = ["callback_sent", "callback_failed"];
    let report = "/jobs/{job_id}/report";
    partner.follow(report, job, "/job/status", &ends).await;
    let payload = receiver.next().await.json();
    let callback = &partner.document["components"]["schemas"]["CallbackPayload"];
    hold(partner.document, callback, &payload, partner.scenario);
    let test = &payload["results"]["tests"][0];
    if let Some(execution) = test["execution_id"].as_str() {
        for artifact in ["logs", "screenshot", "video"] {
            let path = format!("/artifacts/{{execution_id}}/{artifact}");
            partner.get(&path, execution).await;
        }
    }
    let repository = format!("https://github.com/your-org/{}", partner.scenario);
    let repository = json!({ "url": repository });
    let imported = partner.post("/repositories/import", repository).await;
    let wanted = json!({ "repository_id": imported["repository_id"] });
    for (path, poll) in [
        ("/sast/scan", "/sast/scan/{scan_id}"),
        ("/gap-analysis", "/gap-analysis/{job_id}"),
    ] {
        let started = partner.post(path, wanted.clone()).await;
        let id = started["job_id"].as_str().unwrap();
        partner
            .follow(poll, id, "/status", &["completed", "failed"])
            .await;
    }
    let project = &imported["project_id"];
    for (path, request) in [
        (
            "/test-cases",
            json!({ "project_id": project, "title": "x" }),
        ),
        (
            "/test-cases/generate",
            json!({ "project_id": project, "description": "x", "count": 12 }),
        ),
        (
            "/api-tests/generate",
            json!({ "openapi_url": "https://api.example/openapi.json" }),
        ),
    ] {
        partner.post(path, request).await;
    }
    partner.seen
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
