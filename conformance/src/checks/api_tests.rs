//! API tests from a specification.

use futures::FutureExt;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::check::{Check, Group, Level, Outcome, Stage};
use crate::http::{Answer, Request};
use crate::probe::Probe;
use crate::scene::project::SPECIFICATION;

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::must(
            Group::ApiTests,
            "api-tests.inline",
            &[
                "api-tests.generate",
                "api-tests.inline",
                "api-tests.instructions",
            ],
            "Test cases are generated from an inline specification.",
            |probe| inline(probe).boxed(),
        ),
        Check::must(
            Group::ApiTests,
            "api-tests.yaml",
            &["api-tests.inline"],
            "An inline specification may be YAML.",
            |probe| yaml(probe).boxed(),
        ),
        Check::must(
            Group::ApiTests,
            "api-tests.url",
            &["api-tests.url", "api-tests.generate"],
            "Test cases are generated from a specification at a URL.",
            |probe| url(probe).boxed(),
        )
        .stage(Stage::Jobs),
        Check::must(
            Group::ApiTests,
            "api-tests.project",
            &["api-tests.project"],
            "The tests are associated with the project that is named.",
            |probe| project(probe).boxed(),
        ),
        Check::must(
            Group::ApiTests,
            "api-tests.one-source",
            &["api-tests.generate"],
            "Neither or both of openapi_spec and openapi_url are answered with 400.",
            |probe| one_source(probe).boxed(),
        ),
        Check::must(
            Group::ApiTests,
            "api-tests.no-specification",
            &["api-tests.inline", "errors.400"],
            "What is no specification is answered with 400.",
            |probe| no_specification(probe).boxed(),
        ),
    ]
}

async fn generate(probe: &mut Probe, body: &Value) -> Result<Answer, crate::Stop> {
    probe
        .send(Request::operation("generate_api_tests", &[]).json(body))
        .await
}

/// Generated: a success; its shape is the contract's own.
fn generated(probe: &mut Probe, clause: &str, answer: &Answer) -> Option<Value> {
    if !probe.must(
        answer.status.is_success(),
        clause,
        "a success, such as 200",
        answer,
    ) {
        return None;
    }
    let body = answer.json();
    probe.shape(
        "GeneratedTestCases",
        &body,
        &answer.summary(),
        Some(&answer.request),
    );
    let some = body["test_cases"]
        .as_array()
        .is_some_and(|cases| !cases.is_empty());
    probe.should(some, clause, "at least one test case", answer);
    Some(body)
}

async fn inline(probe: &mut Probe) -> Outcome {
    let body = json!({ "openapi_spec": SPECIFICATION, "instructions": "Focus on books" });
    let answer = generate(probe, &body).await?;
    generated(probe, "api-tests.inline", &answer);
    Ok(())
}

async fn yaml(probe: &mut Probe) -> Outcome {
    let specification = "openapi: 3.0.3\ninfo:\n  title: Conformance\n  version: 1.0.0\npaths:\n  /books:\n    get:\n      responses:\n        '200':\n          description: All books.\n";
    let answer = generate(probe, &json!({ "openapi_spec": specification })).await?;
    generated(probe, "api-tests.inline", &answer);
    Ok(())
}

async fn url(probe: &mut Probe) -> Outcome {
    let url = probe.listener()?.specification();
    let answer = generate(probe, &json!({ "openapi_url": url })).await?;
    generated(probe, "api-tests.url", &answer);
    Ok(())
}

async fn project(probe: &mut Probe) -> Outcome {
    let project = probe.project().await?;
    let body = json!({ "openapi_spec": SPECIFICATION, "project_id": project });
    let answer = generate(probe, &body).await?;
    if let Some(body) = generated(probe, "api-tests.project", &answer) {
        let expected = format!("`project_id` to be {project}");
        probe.should(
            body["project_id"] == project,
            "api-tests.project",
            expected,
            &answer,
        );
    }
    let body = json!({ "openapi_spec": SPECIFICATION, "project_id": 9_007_199_254_740_991_i64 });
    let answer = generate(probe, &body).await?;
    let why = "as no project has this id";
    probe.error(StatusCode::NOT_FOUND, "api-tests.project", why, &answer);
    Ok(())
}

async fn one_source(probe: &mut Probe) -> Outcome {
    let both =
        json!({ "openapi_spec": SPECIFICATION, "openapi_url": "https://example.com/openapi.json" });
    for (body, level) in [(json!({}), Level::Must), (both, Level::Should)] {
        let answer = generate(probe, &body).await?;
        let expected = "400 as exactly one of openapi_spec and openapi_url is needed";
        let holds = answer.status == StatusCode::BAD_REQUEST;
        match level {
            // "Provide either inline spec content or a URL to fetch it."
            Level::Must => probe.must(holds, "api-tests.generate", expected, &answer),
            Level::Should => probe.should(holds, "api-tests.generate", expected, &answer),
        };
    }
    Ok(())
}

async fn no_specification(probe: &mut Probe) -> Outcome {
    for text in ["this is no specification", "{\"openapi\": "] {
        let answer = generate(probe, &json!({ "openapi_spec": text })).await?;
        let why = "as this is no OpenAPI document";
        probe.error(StatusCode::BAD_REQUEST, "api-tests.inline", why, &answer);
    }
    Ok(())
}
