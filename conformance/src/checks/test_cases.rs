//! Test cases, written and generated.

use futures::FutureExt;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::check::{Check, Group, Outcome};
use crate::http::Request;
use crate::probe::Probe;

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::must(
            Group::TestCases,
            "test-cases.create",
            &["test-cases.create"],
            "A test case is created in a project, and is stored as it was sent.",
            |probe| create(probe).boxed(),
        )
        .with_schema("TestCaseRequest"),
        Check::must(
            Group::TestCases,
            "test-cases.unknown-project",
            &[
                "test-cases.project-id",
                "test-cases.generate.project-id",
                "errors.404",
            ],
            "A project that does not exist is answered with 404.",
            |probe| unknown_project(probe).boxed(),
        ),
        Check::must(
            Group::TestCases,
            "test-cases.generate",
            &["test-cases.generate"],
            "Test cases are generated from a description, as many as asked for at most.",
            |probe| generate(probe).boxed(),
        )
        .with_schema("TestCasesGenerateRequest"),
    ]
}

async fn create(probe: &mut Probe) -> Outcome {
    let project = probe.project().await?;
    let sent = json!({
        "project_id": project,
        "title": "Login with valid credentials, é 東京 🚀",
        "description": "Verify user can log in",
        "steps": "1. Go to /login\n2. Enter email\n3. Enter password\n4. Click Submit",
        "expected_results": "User is redirected to dashboard",
        "category": "e2e",
        "priority": 1,
        "tags": ["auth", "critical-path"]
    });
    let answer = probe
        .send(Request::operation("create_test_case", &[]).json(&sent))
        .await?;
    if !probe.must(
        answer.status.is_success(),
        "test-cases.create",
        "a success, such as 200",
        &answer,
    ) {
        return Ok(());
    }
    let stored = answer.json();
    probe.shape(
        "TestCase",
        &stored,
        &answer.summary(),
        Some(&answer.request),
    );
    for (field, value) in sent.as_object().into_iter().flatten() {
        // What is answered is not documented; what is stored is.
        let clause = format!("test-cases.{}", field.replace('_', "-"));
        let expected = format!("`{field}` to be stored as sent: {value}");
        probe.should(&stored[field] == value, &clause, expected, &answer);
    }
    Ok(())
}

async fn unknown_project(probe: &mut Probe) -> Outcome {
    let nobody = 9_007_199_254_740_991_i64;
    let requests = [
        (
            "create_test_case",
            "test-cases.project-id",
            json!({ "project_id": nobody, "title": "Nowhere" }),
        ),
        (
            "generate_test_cases",
            "test-cases.generate.project-id",
            json!({ "project_id": nobody, "description": "Test the login" }),
        ),
    ];
    for (operation, clause, body) in requests {
        let answer = probe
            .send(Request::operation(operation, &[]).json(&body))
            .await?;
        probe.error(
            StatusCode::NOT_FOUND,
            clause,
            "as no project has this id",
            &answer,
        );
    }
    Ok(())
}

async fn generate(probe: &mut Probe) -> Outcome {
    let project = probe.project().await?;
    let body = json!({
        "project_id": project,
        "description": "Generate tests for user authentication flow including login, logout, password reset, and session expiry",
        "count": 3
    });
    let answer = probe
        .send(Request::operation("generate_test_cases", &[]).json(&body))
        .await?;
    let clause = "test-cases.generate";
    if !probe.must(
        answer.status.is_success(),
        clause,
        "a success, such as 200",
        &answer,
    ) {
        return Ok(());
    }
    let body = answer.json();
    probe.shape(
        "GeneratedTestCases",
        &body,
        &answer.summary(),
        Some(&answer.request),
    );
    let cases = body["test_cases"].as_array().map_or(0, Vec::len);
    let holds = (1..=3).contains(&cases);
    probe.should(
        holds,
        "test-cases.generate.count",
        "one to three test cases, as `count` is 3",
        &answer,
    );
    let ours = |case: &Value| case["project_id"] == project;
    let ours = body["test_cases"]
        .as_array()
        .into_iter()
        .flatten()
        .all(ours);
    let expected = format!("test cases of project {project}");
    probe.should(ours, "test-cases.generate.project-id", expected, &answer);
    Ok(())
}
