//! Repositories: imported from a forge over HTTPS, for scans and analyses.

mod fetch;
pub mod git;
mod incoming;
pub mod url;

use std::collections::HashMap;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use contract::types;
use futures::future::BoxFuture;
use sqlx::FromRow;

use crate::Refused;
use crate::egress::Policy;
use crate::partner::PartnerId;
use crate::project::{self, Projects};
use crate::store::{Store, now};
use fetch::{Fetched, Forges};
use git::{Git, GitError};
use url::{Host, RepositoryUrl};

/// What scans and analyses need of imported repositories.
pub(crate) trait Checkouts: Debug + Send + Sync {
    /// The project of a partner's repository: 404 where there is none, 403 where
    /// it is another partner's.
    fn project(&self, partner: PartnerId, repository: i64) -> BoxFuture<'_, Result<i64, Refused>>;

    /// Writes the files of a branch as it stands now below `into`, an empty
    /// directory; the imported one if none is named. Where the remote can't be
    /// reached, the imported one is what it was. 400 for a branch that can't be
    /// had.
    fn check_out<'a>(
        &'a self,
        repository: i64,
        branch: Option<&'a str>,
        into: &'a Path,
    ) -> BoxFuture<'a, Result<(), Refused>>;
}

/// One repository is imported by one request at a time; whoever waits finds it.
type Turns = HashMap<(PartnerId, String), Weak<tokio::sync::Mutex<()>>>;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Repositories {
    store: Store,
    projects: Projects,
    policy: Policy,
    hosts: Arc<[Host]>,
    /// Holds a directory for each row, with a bare repository of the imported commit.
    dir: PathBuf,
    turns: Arc<Mutex<Turns>>,
    forges: Arc<Forges>,
}

#[derive(Debug, FromRow)]
struct Imported {
    id: i64,
    #[sqlx(rename = "partner_id")]
    partner: PartnerId,
    #[sqlx(rename = "project_id")]
    project: i64,
    url: String,
    branch: String,
    requested_branch: Option<String>,
    commit_id: String,
}

impl Imported {
    /// Whether an import of `branch` is what is there.
    fn is_of(&self, branch: &str) -> bool {
        self.branch == branch || self.requested_branch.as_deref() == Some(branch)
    }
}

impl Repositories {
    pub(crate) fn new(
        store: Store,
        projects: Projects,
        policy: Policy,
        hosts: Vec<Host>,
        dir: PathBuf,
    ) -> Self {
        Self {
            store,
            projects,
            policy,
            hosts: hosts.into(),
            forges: Arc::new(Forges::new(policy, dir.clone())),
            dir,
            turns: Arc::default(),
        }
    }

    /// Removes what the imports of killed processes left.
    pub(crate) async fn sweep(&self) {
        let dir = self.dir.clone();
        // Nothing depends on it.
        let _ = tokio::task::spawn_blocking(move || incoming::sweep(&dir)).await;
    }

    /// Imports a repository, or finds the import of the same one: whatever its
    /// spelling, a partner has it once, in a project of its own. An import of
    /// another branch makes that the one which scans and analyses take. 400
    /// where the URL names none that can be read, with the reason.
    pub async fn import(
        &self,
        partner: PartnerId,
        request: types::RepositoryImportRequest,
    ) -> Result<types::RepositoryImport, Refused> {
        let url = RepositoryUrl::parse(&request.url, &self.hosts).map_err(Refused::Invalid)?;
        self.check_base_url(request.base_url.as_deref())?;
        let turn = self.turn(partner, url.identity());
        let _turn = turn.lock().await;
        if let Some(found) = self.of_identity(partner, &url.identity()).await? {
            return self.again(found, &url, &request).await;
        }
        let fetched = self.forges.fetch(&url, &request.branch).await?;
        match self.keep(partner, &url, &request, fetched).await? {
            Some(import) => Ok(import),
            // Another process on the same data directory was first.
            None => match self.of_identity(partner, &url.identity()).await? {
                Some(found) => self.again(found, &url, &request).await,
                None => Err(Refused::Fault("an import was there and is gone".to_owned())),
            },
        }
    }

    async fn write_files(
        &self,
        imported: &Imported,
        branch: Option<&str>,
        into: &Path,
    ) -> Result<(), Refused> {
        let branch = branch.unwrap_or(&imported.branch);
        let url = RepositoryUrl::parse(&imported.url, &self.hosts).map_err(Refused::Invalid)?;
        let git = Git::default();
        match self.forges.fetch(&url, branch).await {
            Ok(fetched) => {
                let repository = fetched.incoming.repository();
                git.check_out(&repository, &fetched.head.commit, into)
                    .await?;
            }
            Err(why @ (GitError::Unreachable(_) | GitError::TooSlow(_)))
                if branch == imported.branch =>
            {
                tracing::warn!(
                    repository = imported.id,
                    %why,
                    "the remote can't be reached: what was imported is taken"
                );
                let repository = self.place(imported.id, &imported.commit_id);
                git.check_out(&repository, &imported.commit_id, into)
                    .await?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Row, project and files, all or nothing; `None` where there is one already.
    async fn keep(
        &self,
        partner: PartnerId,
        url: &RepositoryUrl,
        request: &types::RepositoryImportRequest,
        fetched: Fetched,
    ) -> Result<Option<types::RepositoryImport>, Refused> {
        let mut write = self.store.write().await?;
        let names = project_names(url, request.name.as_deref());
        let base_url = request.base_url.as_deref();
        let project = project::create(&mut write, partner, &names, base_url).await?;
        let id: Option<i64> = sqlx::query_scalar(
            "INSERT INTO repositories
                 (partner_id, project_id, identity, url, branch, requested_branch, commit_id,
                  imported_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (partner_id, identity) DO NOTHING RETURNING id",
        )
        .bind(partner)
        .bind(project.id)
        .bind(url.identity())
        .bind(url.clone_url())
        .bind(&fetched.head.branch)
        .bind(fetched.requested_branch(&request.branch))
        .bind(&fetched.head.commit)
        .bind(now())
        .fetch_optional(&mut *write)
        .await?;
        let Some(id) = id else {
            return Ok(None);
        };
        // Of a process that was killed before its commit: the id is ours now.
        match std::fs::remove_dir_all(self.dir.join(id.to_string())) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(fault(error)),
            _ => {}
        }
        self.put(&fetched, id).map_err(fault)?;
        if let Err(error) = write.commit().await {
            // Best effort: the next import with this id removes it as well.
            let _ = std::fs::remove_dir_all(self.dir.join(id.to_string()));
            return Err(error.into());
        }
        Ok(Some(types::RepositoryImport {
            success: true,
            repository_id: id,
            project_id: project.id,
            name: project.name,
            already_exists: false,
        }))
    }

    /// The branch that was fetched takes the place of the imported one.
    async fn replace(
        &self,
        found: &Imported,
        requested: &str,
        fetched: Fetched,
    ) -> Result<(), Refused> {
        let mut write = self.store.write().await?;
        self.put(&fetched, found.id).map_err(fault)?;
        sqlx::query(
            "UPDATE repositories
             SET branch = $1, requested_branch = $2, commit_id = $3, imported_at = $4
             WHERE id = $5",
        )
        .bind(&fetched.head.branch)
        .bind(fetched.requested_branch(requested))
        .bind(&fetched.head.commit)
        .bind(now())
        .bind(found.id)
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        if found.commit_id != fetched.head.commit {
            // Best effort: nothing refers to it any more.
            let _ = std::fs::remove_dir_all(self.place(found.id, &found.commit_id));
        }
        Ok(())
    }

    /// Where the bare repository of an imported commit is.
    fn place(&self, repository: i64, commit: &str) -> PathBuf {
        self.dir.join(repository.to_string()).join(commit)
    }

    fn put(&self, fetched: &Fetched, repository: i64) -> std::io::Result<()> {
        let place = self.place(repository, &fetched.head.commit);
        // Two branches may stand at one commit.
        if place.exists() {
            return Ok(());
        }
        std::fs::create_dir_all(self.dir.join(repository.to_string()))?;
        std::fs::rename(fetched.incoming.repository(), &place)
    }

    /// The answer to a later import of the same repository.
    async fn again(
        &self,
        found: Imported,
        url: &RepositoryUrl,
        request: &types::RepositoryImportRequest,
    ) -> Result<types::RepositoryImport, Refused> {
        if !found.is_of(&request.branch) {
            let fetched = self.forges.fetch(url, &request.branch).await?;
            self.replace(&found, &request.branch, fetched).await?;
        }
        if let Some(base_url) = &request.base_url {
            let mut write = self.store.write().await?;
            project::set_base_url(&mut write, found.project, base_url).await?;
            write.commit().await?;
        }
        let project = self.projects.get(found.partner, found.project).await?;
        Ok(types::RepositoryImport {
            success: true,
            repository_id: found.id,
            project_id: project.id,
            name: project.name,
            already_exists: true,
        })
    }

    fn check_base_url(&self, base_url: Option<&str>) -> Result<(), Refused> {
        let Some(base_url) = base_url else {
            return Ok(());
        };
        ::url::Url::parse(base_url)
            .map_err(|error| error.to_string())
            .and_then(|url| {
                self.policy
                    .check_url(&url)
                    .map_err(|denied| denied.to_string())
            })
            .map_err(|why| Refused::Invalid(format!("base_url: {why}")))
    }

    fn turn(&self, partner: PartnerId, identity: String) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        let known = turns.entry((partner, identity)).or_default();
        known.upgrade().unwrap_or_else(|| {
            let turn = Arc::default();
            *known = Arc::downgrade(&turn);
            turn
        })
    }

    async fn of_identity(
        &self,
        partner: PartnerId,
        identity: &str,
    ) -> Result<Option<Imported>, Refused> {
        let found =
            sqlx::query_as("SELECT * FROM repositories WHERE partner_id = $1 AND identity = $2")
                .bind(partner)
                .bind(identity)
                .fetch_optional(self.store.read())
                .await?;
        Ok(found)
    }

    async fn of_id(&self, repository: i64) -> Result<Imported, Refused> {
        sqlx::query_as("SELECT * FROM repositories WHERE id = $1")
            .bind(repository)
            .fetch_optional(self.store.read())
            .await?
            .ok_or_else(|| {
                Refused::NotFound(
                    "Repository not found. Import it first via POST /api/v1/partner/repositories/import"
                        .to_owned(),
                )
            })
    }

    async fn get(&self, partner: PartnerId, repository: i64) -> Result<Imported, Refused> {
        let found = self.of_id(repository).await?;
        if found.partner != partner {
            return Err(Refused::Forbidden(format!(
                "Repository {repository} belongs to another partner."
            )));
        }
        Ok(found)
    }
}

impl Checkouts for Repositories {
    fn project(&self, partner: PartnerId, repository: i64) -> BoxFuture<'_, Result<i64, Refused>> {
        Box::pin(async move { Ok(self.get(partner, repository).await?.project) })
    }

    fn check_out<'a>(
        &'a self,
        repository: i64,
        branch: Option<&'a str>,
        into: &'a Path,
    ) -> BoxFuture<'a, Result<(), Refused>> {
        Box::pin(async move {
            let imported = self.of_id(repository).await?;
            self.write_files(&imported, branch, into).await
        })
    }
}

/// From the plainest to one that only this repository can have.
fn project_names(url: &RepositoryUrl, wanted: Option<&str>) -> [String; 3] {
    let (path, whole) = (url.path(), format!("{}/{}", url.host.authority, url.path()));
    match wanted {
        None => [url.name().to_owned(), path.to_owned(), whole],
        Some(name) => [
            name.to_owned(),
            format!("{name} ({path})"),
            format!("{name} ({whole})"),
        ],
    }
}

fn fault(error: std::io::Error) -> Refused {
    Refused::Fault(format!("a fetched repository can't be kept: {error}"))
}
