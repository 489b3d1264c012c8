//! Projects: what a partner's repositories, jobs and test cases belong to.

use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};
use url::Url;

use crate::Refused;
use crate::partner::PartnerId;
use crate::store::{Store, now};

#[derive(Clone, Debug, Serialize, FromRow)]
pub struct Project {
    pub id: i64,
    #[sqlx(rename = "partner_id")]
    pub partner: PartnerId,
    pub name: String,
    /// Application URL for end-to-end tests.
    pub base_url: Option<String>,
}

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Projects {
    store: Store,
}

impl Projects {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// 404 where there is none, 403 where it is another partner's.
    pub async fn get(&self, partner: PartnerId, id: i64) -> Result<Project, Refused> {
        let project: Option<Project> =
            sqlx::query_as("SELECT id, partner_id, name, base_url FROM projects WHERE id = $1")
                .bind(id)
                .fetch_optional(self.store.read())
                .await?;
        match project {
            None => Err(Refused::NotFound(format!("There is no project {id}."))),
            Some(project) if project.partner != partner => Err(Refused::Forbidden(format!(
                "Project {id} belongs to another partner."
            ))),
            Some(project) => Ok(project),
        }
    }

    /// Oldest first.
    pub async fn list(&self, partner: PartnerId) -> Result<Vec<Project>, Refused> {
        let projects = sqlx::query_as(
            "SELECT id, partner_id, name, base_url FROM projects WHERE partner_id = $1 ORDER BY id",
        )
        .bind(partner)
        .fetch_all(self.store.read())
        .await?;
        Ok(projects)
    }

    /// The partner's project of that name, created where there is none. One
    /// without a base URL takes the one given.
    pub async fn ensure(
        &self,
        partner: PartnerId,
        name: &str,
        base_url: Option<&str>,
    ) -> Result<Project, Refused> {
        let mut write = self.store.write().await?;
        let project = ensure(&mut write, partner, name, base_url).await?;
        write.commit().await?;
        Ok(project)
    }
}

/// As [`Projects::ensure`], within the caller's transaction.
pub(crate) async fn ensure(
    write: &mut SqliteConnection,
    partner: PartnerId,
    name: &str,
    base_url: Option<&str>,
) -> Result<Project, sqlx::Error> {
    sqlx::query_as(
        "INSERT INTO projects (partner_id, name, base_url, origin, created_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (partner_id, name) DO UPDATE SET
             base_url = COALESCE(projects.base_url, excluded.base_url),
             origin = COALESCE(projects.origin, excluded.origin)
         RETURNING id, partner_id, name, base_url",
    )
    .bind(partner)
    .bind(name)
    .bind(base_url)
    .bind(origin(base_url))
    .bind(now())
    .fetch_one(write)
    .await
}

/// A project of its own, under the first of `names` that is free; if none is,
/// the last with a number.
pub(crate) async fn create(
    write: &mut SqliteConnection,
    partner: PartnerId,
    names: &[String],
    base_url: Option<&str>,
) -> Result<Project, sqlx::Error> {
    let last = names.last().map_or("project", String::as_str);
    let numbered = (2..).map(|number| format!("{last} {number}"));
    let mut names = names.iter().cloned().chain(numbered);
    loop {
        let name = names.next().expect("numbers do not end");
        let created = sqlx::query_as(
            "INSERT INTO projects (partner_id, name, base_url, origin, created_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (partner_id, name) DO NOTHING
             RETURNING id, partner_id, name, base_url",
        )
        .bind(partner)
        .bind(name)
        .bind(base_url)
        .bind(origin(base_url))
        .bind(now())
        .fetch_optional(&mut *write)
        .await?;
        if let Some(project) = created {
            return Ok(project);
        }
    }
}

/// Gives a project a base URL, if it has none.
pub(crate) async fn set_base_url(
    write: &mut SqliteConnection,
    project: i64,
    base_url: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE projects SET base_url = $1, origin = $2 WHERE id = $3 AND base_url IS NULL",
    )
    .bind(base_url)
    .bind(origin(Some(base_url)))
    .bind(project)
    .execute(write)
    .await?;
    Ok(())
}

fn origin(base_url: Option<&str>) -> Option<String> {
    let url = Url::parse(base_url?).ok()?;
    Some(url.origin().ascii_serialization())
}

/// The project of the target's origin: the partner's oldest that has it as its
/// base URL, else a new one named after it.
pub(crate) async fn of_target(
    write: &mut SqliteConnection,
    partner: PartnerId,
    target: &Url,
) -> Result<i64, sqlx::Error> {
    let origin = target.origin().ascii_serialization();
    let found: Option<i64> =
        sqlx::query_scalar("SELECT MIN(id) FROM projects WHERE partner_id = $1 AND origin = $2")
            .bind(partner)
            .bind(&origin)
            .fetch_one(&mut *write)
            .await?;
    if let Some(id) = found {
        return Ok(id);
    }
    // `app.example.com`; an origin of plain http says so.
    let name = origin.strip_prefix("https://").unwrap_or(&origin);
    Ok(ensure(write, partner, name, Some(&origin)).await?.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;

    #[tokio::test]
    async fn a_project_is_its_partners_alone() {
        let bench = Bench::open().await;
        let (ours, theirs) = (bench.partner("ours").await, bench.partner("theirs").await);
        let projects = bench.projects();
        let project = projects.ensure(ours, "shop", None).await.unwrap();
        assert_eq!(projects.get(ours, project.id).await.unwrap().name, "shop");
        assert!(matches!(
            projects.get(theirs, project.id).await,
            Err(Refused::Forbidden(_))
        ));
        assert!(matches!(
            projects.get(ours, project.id + 1).await,
            Err(Refused::NotFound(_))
        ));
        assert!(projects.list(theirs).await.unwrap().is_empty());
        let same_name = projects.ensure(theirs, "shop", None).await.unwrap();
        assert_ne!(same_name.id, project.id);
    }

    #[tokio::test]
    async fn ensuring_twice_gives_the_same_project() {
        let bench = Bench::open().await;
        let partner = bench.partner("veilstream").await;
        let projects = bench.projects();
        let first = projects.ensure(partner, "shop", None).await.unwrap();
        let second = projects
            .ensure(partner, "shop", Some("https://shop.example"))
            .await
            .unwrap();
        let third = projects
            .ensure(partner, "shop", Some("https://other.example"))
            .await
            .unwrap();
        assert_eq!([second.id, third.id], [first.id; 2]);
        assert_eq!(third.base_url.as_deref(), Some("https://shop.example"));
    }

    #[tokio::test]
    async fn a_created_project_never_takes_over_one_that_is_there() {
        let bench = Bench::open().await;
        let partner = bench.partner("veilstream").await;
        let names = ["shop", "org/shop"].map(str::to_owned);
        let mut write = bench.store().write().await.unwrap();
        let mut created = Vec::new();
        for _ in 0..4 {
            let project = create(&mut write, partner, &names, None).await.unwrap();
            created.push(project.name);
        }
        assert_eq!(created, ["shop", "org/shop", "org/shop 2", "org/shop 3"]);
    }

    #[tokio::test]
    async fn a_target_belongs_to_the_project_of_its_origin() {
        let bench = Bench::open().await;
        let partner = bench.partner("veilstream").await;
        let imported = bench
            .projects()
            .ensure(partner, "shop", Some("https://shop.example/start"))
            .await
            .unwrap();
        let mut write = bench.store().write().await.unwrap();
        let mut of = async |url: &str| {
            of_target(&mut write, partner, &Url::parse(url).unwrap())
                .await
                .unwrap()
        };
        assert_eq!(of("https://shop.example/cart").await, imported.id);
        let preview = of("https://preview.example/a").await;
        assert_eq!(of("https://preview.example/b?c").await, preview);
        assert_ne!(of("http://preview.example/a").await, preview);
        assert_ne!(of("https://preview.example:8443/a").await, preview);
        write.commit().await.unwrap();
        let names: Vec<_> = bench
            .projects()
            .list(partner)
            .await
            .unwrap()
            .into_iter()
            .map(|project| project.name)
            .collect();
        assert_eq!(
            names,
            [
                "shop",
                "preview.example",
                "http://preview.example",
                "preview.example:8443"
            ]
        );
    }
}
