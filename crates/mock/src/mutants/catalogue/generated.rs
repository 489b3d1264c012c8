//! API tests and test cases.

use serde_json::json;

use super::errors::status;
use super::validation::{fill, refuse, replace};
use super::{Mutant, answer, body};

const API_TESTS: &str = "generate_api_tests";
const CREATE: &str = "create_test_case";
const GENERATE: &str = "generate_test_cases";

pub(super) fn mutants() -> Vec<Mutant> {
    vec![
        body(
            API_TESTS,
            "api-tests.json-only",
            "api-tests.inline",
            "An inline specification in YAML is refused.",
            |it| {
                refuse(it, "/openapi_spec", |text| {
                    !text.trim_start().starts_with('{')
                })
            },
        ),
        body(
            API_TESTS,
            "api-tests.url.refused",
            "api-tests.url",
            "A specification's URL is refused.",
            |it| refuse(it, "/openapi_url", |_| true),
        ),
        body(
            API_TESTS,
            "api-tests.project.ignored",
            "api-tests.project",
            "A project that does not exist is taken for none.",
            |it| {
                if it["project_id"].as_i64().is_some_and(|id| id > 1_000_000) {
                    crate::mutants::reply::remove(it, "/project_id");
                }
                Ok(())
            },
        ),
        body(
            API_TESTS,
            "api-tests.no-source",
            "api-tests.generate",
            "A request without a specification is accepted.",
            |it| match it.get("openapi_url") {
                Some(_) => Ok(()),
                None => fill(
                    it,
                    "openapi_spec",
                    r#"{"openapi":"3.0.3","info":{"title":"t"},"paths":{"/":{"get":{}}}}"#,
                ),
            },
        ),
        body(
            API_TESTS,
            "api-tests.instructions.refused",
            "api-tests.instructions",
            "Instructions are refused.",
            |it| refuse(it, "/instructions", |_| true),
        ),
        answer(
            API_TESTS,
            "api-tests.no-specification.empty",
            "api-tests.inline",
            "What is no specification comes to no test cases.",
            |reply| {
                let none = json!({"project_id": 1, "test_cases": [], "script": null});
                reply.turn_into(400, 200, none);
            },
        ),
        answer(
            CREATE,
            "test-cases.create.internal",
            "test-cases.create",
            "A test case that is created is answered with 500.",
            |reply| status(reply, 200, 500),
        ),
        answer(
            CREATE,
            "test-cases.unknown-project.internal",
            "test-cases.project-id",
            "A project that does not exist is answered with 500.",
            |reply| status(reply, 404, 500),
        ),
        body(
            CREATE,
            "test-cases.title.ascii",
            "test-cases.title",
            "A title may be ASCII only.",
            |it| refuse(it, "/title", |text| !text.is_ascii()),
        ),
        body(
            CREATE,
            "test-cases.tags.refused",
            "test-cases.tags",
            "Tags are refused.",
            |it| match it["tags"].is_array() {
                true => Err("tags: unknown field"),
                false => Ok(()),
            },
        ),
        body(
            CREATE,
            "test-cases.priority.text",
            "test-cases.priority",
            "The priority has to be text.",
            |it| match it["priority"].is_number() {
                true => Err("priority: must be of type string"),
                false => Ok(()),
            },
        ),
        body(
            CREATE,
            "test-cases.steps.list",
            "test-cases.steps",
            "Steps have to be a list.",
            |it| refuse(it, "/steps", |_| true),
        ),
        body(
            CREATE,
            "test-cases.description.any",
            "test-cases.description",
            "A description may be other than text.",
            |it| replace(it, "/description", |value| !value.is_string(), json!("")),
        ),
        body(
            CREATE,
            "test-cases.expected-results.any",
            "test-cases.expected-results",
            "expected_results may be other than text.",
            |it| {
                replace(
                    it,
                    "/expected_results",
                    |value| !value.is_string(),
                    json!(""),
                )
            },
        ),
        body(
            CREATE,
            "test-cases.category.refused",
            "test-cases.category",
            "The category e2e is refused.",
            |it| refuse(it, "/category", |category| category == "e2e"),
        ),
        answer(
            GENERATE,
            "test-cases.generate.unknown-project",
            "test-cases.generate.project-id",
            "A project that does not exist is answered with no test cases.",
            |reply| {
                let none = json!({"project_id": 1, "test_cases": [], "script": null});
                reply.turn_into(404, 200, none);
            },
        ),
        body(
            GENERATE,
            "test-cases.generate.count.refused",
            "test-cases.generate.count",
            "A count is refused.",
            |it| match it["count"].is_number() {
                true => Err("count: unknown field"),
                false => Ok(()),
            },
        ),
        body(
            GENERATE,
            "test-cases.generate.description.shorter",
            "test-cases.generate.description",
            "A description of more than 100 characters is refused.",
            |it| refuse(it, "/description", |text| text.chars().count() > 100),
        ),
        body(
            GENERATE,
            "test-cases.generate.description.optional",
            "test-cases.generate.description",
            "A request without a description is accepted.",
            |it| fill(it, "description", "Test the login"),
        )
        .inferred(),
        answer(
            GENERATE,
            "test-cases.generate.unavailable",
            "test-cases.generate",
            "Generation is not there: 501.",
            |reply| status(reply, 200, 501),
        ),
    ]
}
