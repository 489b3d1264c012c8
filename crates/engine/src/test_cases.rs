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
use crate::partner::PartnerId;
use crate::project::Projects;
use crate::store::{Store, from_json, now, to_json};

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct TestCases {
    store: Store,
    projects: Projects,
}

impl TestCases {
    pub(crate) fn new(store: Store, projects: Projects) -> Self {
        Self { store, projects }
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
}
