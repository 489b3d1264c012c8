//! API tests of a project: the specification is fetched or taken, the tests are
//! generated and stored.

use std::sync::Arc;
use std::time::Duration;

use contract::types;
use tokio::sync::Semaphore;
use url::Url;

use super::{Focus, Generated, MAX_BYTES, SpecError, generate, parse};
use crate::Refused;
use crate::egress::{Client, Policy};
use crate::llm::{Providers, propose_focus};
use crate::partner::PartnerId;
use crate::project::Projects;
use crate::store::Store;
use crate::test_cases::{clipped, one_line, store_drafts};

const FETCH_TIMEOUT: Duration = Duration::from_secs(30);
/// Large documents take memory and a processor each.
const AT_ONCE: usize = 2;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct ApiTests {
    store: Store,
    projects: Projects,
    client: Client,
    llm: Providers,
    turns: Arc<Semaphore>,
}

impl ApiTests {
    pub(crate) fn new(store: Store, projects: Projects, policy: Policy, llm: Providers) -> Self {
        Self {
            store,
            projects,
            client: Client::new(policy),
            llm,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Test cases and script for a specification; the test cases are stored in
    /// the project, or where none is given in the one named after the
    /// specification. 404 or 403 for the project, 400 for a specification that
    /// can't be fetched or read.
    pub async fn generate(
        &self,
        partner: PartnerId,
        request: types::ApiTestsRequest,
    ) -> Result<types::GeneratedTestCases, Refused> {
        if let Some(project) = request.project_id {
            self.projects.get(partner, project).await?;
        }
        let bytes = match (request.openapi_spec, request.openapi_url) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(url)) => self.fetch(&url).await?,
            _ => {
                return Err(Refused::Invalid(
                    "exactly one of openapi_spec, openapi_url must be given".to_owned(),
                ));
            }
        };
        let instructions = request.instructions.unwrap_or_default();
        let (title, generated) = self.generated(partner, bytes, instructions).await?;
        let project_id = match request.project_id {
            Some(project) => project,
            None => {
                let name = project_name(&title);
                self.projects.ensure(partner, &name, None).await?.id
            }
        };
        let test_cases = store_drafts(&self.store, project_id, generated.test_cases).await?;
        Ok(types::GeneratedTestCases {
            project_id,
            test_cases,
            script: Some(generated.script),
        })
    }

    async fn fetch(&self, url: &str) -> Result<Vec<u8>, Refused> {
        let refused = |why: String| {
            Refused::Invalid(format!(
                "the specification could not be fetched from openapi_url: {why}"
            ))
        };
        let url = Url::parse(url).map_err(|_| refused("it is no valid URL".to_owned()))?;
        let fetched = self
            .client
            .get(&url, MAX_BYTES, FETCH_TIMEOUT)
            .await
            .map_err(|error| refused(error.to_string()))?;
        if !fetched.status.is_success() {
            return Err(refused(format!("it answered {}", fetched.status.as_u16())));
        }
        Ok(fetched.body.into())
    }

    /// The specification's title, and what was generated from it.
    async fn generated(
        &self,
        partner: PartnerId,
        bytes: Vec<u8>,
        instructions: String,
    ) -> Result<(String, Generated), Refused> {
        let fault = |error: tokio::task::JoinError| Refused::Fault(error.to_string());
        let turn = self.turns.clone().acquire_owned().await;
        let document = tokio::task::spawn_blocking(move || parse(&bytes))
            .await
            .map_err(fault)??;
        drop(turn);
        let mut focus = Focus::parse(&instructions);
        if !instructions.trim().is_empty()
            && let Some(llm) = self.llm.of_partner(partner).await
        {
            match propose_focus(&llm, &instructions, &document).await {
                Ok(proposed) => focus = proposed,
                Err(error) => {
                    tracing::warn!(partner = partner.0, %error, "instructions are read by rule, as the LLM gave none");
                }
            }
        }
        let turn = self.turns.clone().acquire_owned().await;
        let title = document.title.clone();
        let generated = tokio::task::spawn_blocking(move || generate(&document, focus))
            .await
            .map_err(fault)??;
        drop(turn);
        for note in &generated.notes {
            tracing::debug!(partner = partner.0, note, "API tests");
        }
        Ok((title, generated))
    }
}

/// A project's name is one line of at most 255 letters.
fn project_name(title: &str) -> String {
    let name = clipped(&one_line(title), 255);
    if name.is_empty() {
        "API".to_owned()
    } else {
        name
    }
}

impl From<SpecError> for Refused {
    fn from(error: SpecError) -> Self {
        Self::Invalid(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wiremock::matchers::{method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;
    use crate::llm::{Provider, ProviderKind};
    use crate::testing::Bench;

    const SPECIFICATION: &str =
        include_str!("../../../../fixtures/specifications/bookshop-openapi-3.0.yaml");

    struct Stage {
        bench: Bench,
        partner: PartnerId,
        project: i64,
    }

    impl Stage {
        async fn open() -> Self {
            let bench = Bench::open().await;
            let partner = bench.partner("veilstream").await;
            let project = bench
                .projects()
                .ensure(partner, "shop", None)
                .await
                .unwrap();
            Self {
                bench,
                partner,
                project: project.id,
            }
        }

        async fn generate(
            &self,
            request: serde_json::Value,
        ) -> Result<types::GeneratedTestCases, Refused> {
            let mut request = request;
            request
                .as_object_mut()
                .unwrap()
                .entry("project_id")
                .or_insert(self.project.into());
            let request = serde_json::from_value(request).unwrap();
            self.bench
                .engine
                .api_tests()
                .generate(self.partner, request)
                .await
        }

        async fn stored(&self) -> Vec<types::TestCase> {
            let listed = self
                .bench
                .test_cases()
                .list(self.partner, self.project)
                .await;
            listed.unwrap()
        }

        /// A provider that always says `text`.
        async fn with_llm(&self, answer: ResponseTemplate) -> MockServer {
            let server = MockServer::start().await;
            Mock::given(method("POST"))
                .respond_with(answer)
                .mount(&server)
                .await;
            let provider = Provider::new(
                ProviderKind::Ollama,
                "a-model",
                Some(&format!("{}/v1", server.uri())),
                true,
                None,
            );
            let llm = self.bench.engine.llm();
            llm.set("veilstream", &provider.unwrap()).await.unwrap();
            server
        }
    }

    fn says(text: &str) -> ResponseTemplate {
        ResponseTemplate::new(200).set_body_json(json!({
            "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        }))
    }

    #[tokio::test]
    async fn what_is_generated_is_stored_and_returned_alike() {
        let stage = Stage::open().await;
        let generated = stage
            .generate(json!({"openapi_spec": SPECIFICATION}))
            .await
            .unwrap();
        assert!(generated.test_cases.len() > 100);
        assert_eq!(stage.stored().await, generated.test_cases);
        assert!(
            generated
                .script
                .unwrap()
                .contains("test.describe('POST /orders'")
        );
    }

    #[tokio::test]
    async fn without_a_project_the_one_named_after_the_specification_is_used() {
        let stage = Stage::open().await;
        let request = || serde_json::from_value(json!({"openapi_spec": SPECIFICATION})).unwrap();
        let api_tests = stage.bench.engine.api_tests();
        let first = api_tests.generate(stage.partner, request()).await.unwrap();
        let second = api_tests.generate(stage.partner, request()).await.unwrap();
        assert_eq!(first.project_id, second.project_id);
        let projects = stage.bench.projects();
        let project = projects.get(stage.partner, first.project_id).await.unwrap();
        assert!(SPECIFICATION.contains(&format!("title: {}", project.name)));
    }

    #[tokio::test]
    async fn a_specification_is_fetched_through_the_egress_policy() {
        let stage = Stage::open().await;
        let server = MockServer::start().await;
        Mock::given(path("/openapi.yaml"))
            .respond_with(ResponseTemplate::new(200).set_body_string(SPECIFICATION))
            .mount(&server)
            .await;
        Mock::given(path("/large"))
            .respond_with(ResponseTemplate::new(200).set_body_bytes(vec![b' '; MAX_BYTES + 1]))
            .mount(&server)
            .await;
        let url = |path: &str| json!({"openapi_url": format!("{}{path}", server.uri())});
        assert!(stage.generate(url("/openapi.yaml")).await.is_ok());
        let mut refusals = Vec::new();
        for request in [
            url("/missing"),
            url("/large"),
            json!({"openapi_url": "http://169.254.169.254/latest/meta-data"}),
            json!({"openapi_url": "http://10.0.0.1/openapi.json"}),
            json!({"openapi_spec": "hello"}),
            json!({}),
        ] {
            let Err(Refused::Invalid(why)) = stage.generate(request).await else {
                panic!("it is to be refused as invalid");
            };
            refusals.push(why);
        }
        insta::assert_debug_snapshot!(refusals, @r#"
        [
            "the specification could not be fetched from openapi_url: it answered 404",
            "the specification could not be fetched from openapi_url: the answer is larger than 10485760 bytes",
            "the specification could not be fetched from openapi_url: 169.254.169.254 is not a public address",
            "the specification could not be fetched from openapi_url: 10.0.0.1 is not a public address",
            "this is no OpenAPI or Swagger document: neither `openapi` nor `swagger` says its version",
            "exactly one of openapi_spec, openapi_url must be given",
        ]
        "#);
    }

    #[tokio::test]
    async fn another_partners_project_is_forbidden_and_nothing_is_fetched_for_it() {
        let stage = Stage::open().await;
        let other = stage.bench.partner("other").await;
        let theirs = stage
            .bench
            .projects()
            .ensure(other, "theirs", None)
            .await
            .unwrap();
        let server = MockServer::start().await;
        let request = |project: i64| json!({"openapi_url": server.uri(), "project_id": project});
        let forbidden = stage.generate(request(theirs.id)).await;
        assert!(matches!(forbidden, Err(Refused::Forbidden(_))));
        let missing = stage.generate(request(theirs.id + 1000)).await;
        assert!(matches!(missing, Err(Refused::NotFound(_))));
        assert!(server.received_requests().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn instructions_are_read_by_the_partners_llm() {
        let stage = Stage::open().await;
        let nothing =
            json!({"methods": [], "paths": [], "topics": [], "kinds": [], "deprecated": false});
        let mut only = nothing.clone();
        only["paths"] = json!(["/books"]);
        let focus = json!({"only": only, "first": nothing, "without": nothing, "at_most": 3});
        let server = stage.with_llm(says(&focus.to_string())).await;
        let request =
            json!({"openapi_spec": SPECIFICATION, "instructions": "nur Bücher, höchstens drei"});
        let generated = stage.generate(request).await.unwrap();
        assert_eq!(generated.test_cases.len(), 3);
        assert!(
            generated
                .test_cases
                .iter()
                .all(|it| it.title.starts_with("GET /books"))
        );
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
        // Without instructions there is nothing to ask.
        stage
            .generate(json!({"openapi_spec": SPECIFICATION}))
            .await
            .unwrap();
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn with_a_failing_llm_instructions_are_read_by_rule() {
        let stage = Stage::open().await;
        for answer in [
            ResponseTemplate::new(401),
            says("I would rather not."),
            says("{}"),
        ] {
            stage.with_llm(answer).await;
            let request =
                json!({"openapi_spec": SPECIFICATION, "instructions": "only the catalogue"});
            let generated = stage.generate(request).await.unwrap();
            assert!(!generated.test_cases.is_empty());
            assert!(
                generated
                    .test_cases
                    .iter()
                    .all(|it| it.title.starts_with("GET /books"))
            );
        }
    }
}
