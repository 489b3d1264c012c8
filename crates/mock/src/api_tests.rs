//! API test generation: one test case for each operation of the document.

use std::time::Duration;

use contract::{ApiError, types};
use serde_json::Value;
use url::{Host, Url};

use crate::outside;
use crate::partners::PartnerId;
use crate::test_cases;
use crate::world::World;

/// For documents on this machine.
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Test cases in an answer.
const MOST: usize = 200;

pub(crate) async fn generate(
    world: &World,
    partner: PartnerId,
    request: types::ApiTestsRequest,
) -> Result<types::GeneratedTestCases, ApiError> {
    if let Some(project) = request.project_id {
        world.state().project(partner, project)?;
    }
    let document = match (&request.openapi_spec, &request.openapi_url) {
        (Some(text), _) => parse(text)?,
        (None, Some(url)) => fetch(world, url).await?,
        (None, None) => {
            return Err(ApiError::bad_request(
                "exactly one of openapi_spec, openapi_url must be given",
            ));
        }
    };
    let operations = operations(&document);
    if operations.is_empty() {
        return Err(ApiError::bad_request(
            "the specification describes no operation: it needs `paths` with at least one method",
        ));
    }
    let title = document["info"]["title"].as_str().unwrap_or("API");
    let mut state = world.state();
    let project_id = match request.project_id {
        Some(project) => project,
        None => state.ensure_project(partner, &title.chars().take(255).collect::<String>()),
    };
    let drafts = operations
        .iter()
        .map(|(method, path)| types::TestCaseRequest {
            steps: format!("1. Send {method} {path}\n2. Look at the status and the body"),
            expected_results: "The answer is as the specification says".to_owned(),
            tags: vec!["generated".to_owned(), "api".to_owned()],
            ..test_cases::draft(
                project_id,
                &format!("{method} {path} answers as specified"),
                "api",
            )
        });
    let drafts: Vec<_> = drafts.collect();
    Ok(types::GeneratedTestCases {
        project_id,
        test_cases: state.store_test_cases(project_id, drafts),
        script: Some(script(title, &operations)),
    })
}

/// JSON is YAML too.
fn parse(text: &str) -> Result<Value, ApiError> {
    let document: Value = serde_saphyr::from_str(text).map_err(|_| {
        ApiError::bad_request("the specification can't be read: it is neither JSON nor YAML")
    })?;
    if document["openapi"].is_string() || document["swagger"].is_string() {
        Ok(document)
    } else {
        Err(ApiError::bad_request(
            "the specification can't be read: it has neither `openapi` nor `swagger` at its top",
        ))
    }
}

/// A document on this machine is fetched. Of any other the mock, which asks
/// nothing of the network, answers with one of its own.
async fn fetch(world: &World, text: &str) -> Result<Value, ApiError> {
    let url = outside::url("openapi_url", text)?;
    if !is_on_this_machine(&url) {
        return Ok(serde_json::json!({
            "openapi": "3.0.3",
            "info": { "title": outside::site(&url) },
            "paths": {
                "/login": { "post": {} },
                "/payments": { "get": {}, "post": {} },
                "/payments/{id}": { "get": {} },
            },
        }));
    }
    let refused = |why: String| {
        ApiError::bad_request(format!(
            "the specification could not be fetched from openapi_url: {why}"
        ))
    };
    let answer = world.http.get(url).timeout(FETCH_TIMEOUT).send().await;
    let answer = answer.map_err(|_| refused("nobody answers there".to_owned()))?;
    if !answer.status().is_success() {
        return Err(refused(format!("it answered {}", answer.status().as_u16())));
    }
    let body = answer.bytes().await;
    let body = body.map_err(|_| refused("the answer broke off".to_owned()))?;
    if body.len() > MAX_BYTES {
        return Err(refused(format!("it is larger than {MAX_BYTES} bytes")));
    }
    parse(&String::from_utf8_lossy(&body))
}

fn is_on_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Method and path of each operation, in the document's order.
fn operations(document: &Value) -> Vec<(String, String)> {
    const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            METHODS
                .iter()
                .filter(move |method| item.get(**method).is_some())
                .map(move |method| (method.to_uppercase(), path.clone()))
        })
        .take(MOST)
        .collect()
}

fn script(title: &str, operations: &[(String, String)]) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let mut script = format!(
        "import {{ test, expect }} from '@playwright/test';\n\ntest.describe({}, () => {{\n",
        quoted(title)
    );
    for (method, path) in operations {
        script.push_str(&format!(
            "  test({}, async ({{ request }}) => {{\n    const answer = await request.fetch({}, {{ method: {} }});\n    expect(answer.status()).toBeLessThan(500);\n  }});\n",
            quoted(&format!("{method} {path}")),
            quoted(path),
            quoted(method),
        ));
    }
    script.push_str("});\n");
    script
}
