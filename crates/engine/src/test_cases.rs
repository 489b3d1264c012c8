//! Test cases of a project.

mod draft;
mod generate;

use std::num::NonZeroU64;

use contract::types;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

pub use draft::TestCaseDraft;
pub(crate) use draft::{clipped, one_line};
pub use generate::generate;

use crate::Refused;
use crate::llm::{Providers, propose_test_cases};
use crate::partner::PartnerId;
use crate::project::Projects;
use crate::store::{Store, from_json, now, to_json};

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct TestCases {
    store: Store,
    projects: Projects,
    llm: Providers,
}

impl TestCases {
    pub(crate) fn new(store: Store, projects: Projects, llm: Providers) -> Self {
        Self {
            store,
            projects,
            llm,
        }
    }

    pub async fn create(
        &self,
        partner: PartnerId,
        request: types::TestCaseRequest,
    ) -> Result<types::TestCase, Refused> {
        self.projects.get(partner, request.project_id).await?;
        let mut write = self.store.write().await?;
        let stored = insert(&mut write, request).await?;
        write.commit().await?;
        Ok(stored)
    }

    /// Test cases for a description, stored in the project: at most `count`,
    /// fewer where the description holds no more distinct ones. The partner's
    /// LLM writes them where there is one; where it fails, or falls short,
    /// they come from what is known of test design.
    pub async fn generate(
        &self,
        partner: PartnerId,
        request: types::TestCasesGenerateRequest,
    ) -> Result<types::GeneratedTestCases, Refused> {
        self.projects.get(partner, request.project_id).await?;
        let count = usize::try_from(request.count.get()).unwrap_or(usize::MAX);
        let mut drafts = Vec::new();
        if let Some(llm) = self.llm.of_partner(partner).await {
            match propose_test_cases(&llm, &request.description, count).await {
                Ok(proposed) => drafts = proposed,
                Err(error) => {
                    tracing::warn!(partner = partner.0, %error, "test cases come from the planner, as the LLM gave none");
                }
            }
        }
        if drafts.len() < count {
            let planned = generate(&request.description, count);
            let unlike: Vec<_> = planned
                .into_iter()
                .filter(|planned| drafts.iter().all(|draft| !planned.is_like(draft)))
                .take(count - drafts.len())
                .collect();
            drafts.extend(unlike);
            drafts.sort_by_key(|draft| draft.priority);
        }
        Ok(types::GeneratedTestCases {
            project_id: request.project_id,
            test_cases: store_drafts(&self.store, request.project_id, drafts).await?,
            script: None,
        })
    }

    /// All of a project, oldest first.
    pub async fn list(
        &self,
        partner: PartnerId,
        project: i64,
    ) -> Result<Vec<types::TestCase>, Refused> {
        self.projects.get(partner, project).await?;
        let rows = sqlx::query("SELECT * FROM test_cases WHERE project_id = $1 ORDER BY id")
            .bind(project)
            .fetch_all(self.store.read())
            .await?;
        Ok(rows.iter().map(from_row).collect::<Result<_, _>>()?)
    }
}

/// Stores all of them in the project, or none; the project was checked.
pub(crate) async fn store_drafts(
    store: &Store,
    project: i64,
    drafts: Vec<TestCaseDraft>,
) -> Result<Vec<types::TestCase>, sqlx::Error> {
    let mut write = store.write().await?;
    let mut stored = Vec::with_capacity(drafts.len());
    for draft in drafts {
        stored.push(insert(&mut write, draft.into_request(project)).await?);
    }
    write.commit().await?;
    Ok(stored)
}

/// Stores a test case within the caller's transaction; the project was checked.
pub(crate) async fn insert(
    write: &mut SqliteConnection,
    request: types::TestCaseRequest,
) -> Result<types::TestCase, sqlx::Error> {
    let priority = i64::try_from(request.priority.get()).unwrap_or(i64::MAX);
    let row = sqlx::query(
        "INSERT INTO test_cases
             (project_id, title, description, steps, expected_results, category, priority, tags,
              created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *",
    )
    .bind(request.project_id)
    .bind(request.title)
    .bind(request.description)
    .bind(request.steps)
    .bind(request.expected_results)
    .bind(request.category)
    .bind(priority)
    .bind(to_json(&request.tags)?)
    .bind(now())
    .fetch_one(write)
    .await?;
    from_row(&row)
}

fn from_row(row: &SqliteRow) -> Result<types::TestCase, sqlx::Error> {
    let priority: i64 = row.try_get("priority")?;
    Ok(types::TestCase {
        id: row.try_get("id")?,
        project_id: row.try_get("project_id")?,
        title: row.try_get("title")?,
        description: row.try_get("description")?,
        steps: row.try_get("steps")?,
        expected_results: row.try_get("expected_results")?,
        category: row.try_get("category")?,
        priority: u64::try_from(priority)
            .ok()
            .and_then(NonZeroU64::new)
            .unwrap_or(NonZeroU64::MIN),
        tags: from_json(row.try_get("tags")?)?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Bench;

    #[tokio::test]
    async fn a_test_case_is_stored_as_it_was_sent() {
        let bench = Bench::open().await;
        let partner = bench.partner("veilstream").await;
        let project = bench
            .projects()
            .ensure(partner, "shop", None)
            .await
            .unwrap();
        let request = json!({
            "project_id": project.id,
            "title": "Login with valid credentials",
            "description": "Verify user can log in",
            "steps": "1. Go to /login\n2. Enter email\n3. Enter password\n4. Click Submit",
            "expected_results": "User is redirected to dashboard",
            "category": "e2e",
            "priority": 1,
            "tags": ["auth", "critical-path"],
        });
        let created = bench
            .test_cases()
            .create(partner, serde_json::from_value(request.clone()).unwrap())
            .await
            .unwrap();
        let mut expected = request;
        expected["id"] = created.id.into();
        let listed = bench.test_cases().list(partner, project.id).await.unwrap();
        assert_eq!(serde_json::to_value(&listed).unwrap(), json!([expected]));
        assert_eq!(created, listed[0]);
    }

    #[tokio::test]
    async fn a_test_case_needs_a_project_of_its_partner() {
        let bench = Bench::open().await;
        let (ours, theirs) = (bench.partner("ours").await, bench.partner("theirs").await);
        let project = bench.projects().ensure(ours, "shop", None).await.unwrap();
        let request = |id: i64| {
            serde_json::from_value(json!({ "project_id": id, "title": "Logs in" })).unwrap()
        };
        let cases = bench.test_cases();
        assert!(matches!(
            cases.create(theirs, request(project.id)).await,
            Err(Refused::Forbidden(_))
        ));
        assert!(matches!(
            cases.create(ours, request(project.id + 1)).await,
            Err(Refused::NotFound(_))
        ));
        assert!(matches!(
            cases.list(theirs, project.id).await,
            Err(Refused::Forbidden(_))
        ));
    }

    async fn generated(bench: &Bench, partner: PartnerId, project: i64) -> Vec<String> {
        let request = json!({
            "project_id": project,
            "description": "Generate tests for user authentication flow including login, logout, password reset, and session expiry",
            "count": 5,
        });
        let request = serde_json::from_value(request).unwrap();
        let generated = bench.test_cases().generate(partner, request).await.unwrap();
        assert_eq!(generated.project_id, project);
        let titles = generated.test_cases.iter().map(|it| it.title.clone());
        titles.collect()
    }

    const PLANNED: [&str; 5] = [
        "Log in with valid credentials",
        "Log out",
        "Reset a forgotten password by e-mail",
        "Be logged out after the time of inactivity",
        "Log in with a wrong password",
    ];

    #[tokio::test]
    async fn generated_test_cases_are_stored_in_the_project() {
        let bench = Bench::open().await;
        let partner = bench.partner("veilstream").await;
        let project = bench
            .projects()
            .ensure(partner, "shop", None)
            .await
            .unwrap()
            .id;
        assert_eq!(generated(&bench, partner, project).await, PLANNED);
        let stored = bench.test_cases().list(partner, project).await.unwrap();
        assert_eq!(stored.len(), 5);
        assert_eq!(
            stored[0].steps,
            "1. Go to the login page\n2. Enter the e-mail address of a registered user\n3. Enter that user's password\n4. Submit the form"
        );

        let other = bench.partner("other").await;
        let request = json!({"project_id": project, "description": "login"});
        let request = serde_json::from_value(request).unwrap();
        let forbidden = bench.test_cases().generate(other, request).await;
        assert!(matches!(forbidden, Err(Refused::Forbidden(_))));
    }

    #[tokio::test]
    async fn a_partners_llm_writes_them_and_the_planner_fills_in() {
        use wiremock::matchers::method;
        use wiremock::{Mock, MockServer, ResponseTemplate};

        use crate::llm::{Provider, ProviderKind};

        let bench = Bench::open().await;
        let partner = bench.partner("veilstream").await;
        let project = bench
            .projects()
            .ensure(partner, "shop", None)
            .await
            .unwrap()
            .id;
        let case = |title: &str| {
            json!({
                "title": title, "description": "", "steps": ["Do it", "Look"],
                "expected_results": "It is done", "category": "e2e", "priority": 1, "tags": [],
            })
        };
        let answer = json!({"test_cases": [
            case("Valid credentials log the user in"), case("A passkey opens the door"),
        ]});
        let completion = json!({"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": answer.to_string()}}]});
        for (response, expected) in [
            (
                ResponseTemplate::new(200).set_body_json(completion),
                [
                    "Valid credentials log the user in",
                    "A passkey opens the door",
                    "Log out",
                    "Reset a forgotten password by e-mail",
                    "Be logged out after the time of inactivity",
                ],
            ),
            (ResponseTemplate::new(403), PLANNED),
        ] {
            let server = MockServer::start().await;
            Mock::given(method("POST"))
                .respond_with(response)
                .mount(&server)
                .await;
            let url = format!("{}/v1", server.uri());
            let provider =
                Provider::new(ProviderKind::Ollama, "m", Some(&url), true, None).unwrap();
            bench
                .engine
                .llm()
                .set("veilstream", &provider)
                .await
                .unwrap();
            assert_eq!(generated(&bench, partner, project).await, expected);
            assert_eq!(server.received_requests().await.unwrap().len(), 1);
        }
    }
}
