//! Repository import: nothing is fetched; a repository is its URL.

use contract::{ApiError, types};
use url::Url;

use crate::outside;
use crate::partners::PartnerId;
use crate::scenario::Chosen;
use crate::state::Repository;
use crate::world::World;

pub(crate) fn import(
    world: &World,
    partner: PartnerId,
    request: types::RepositoryImportRequest,
    scenario: Chosen,
) -> Result<types::RepositoryImport, ApiError> {
    let path = path(&request.url).map_err(ApiError::bad_request)?;
    if let Some(base_url) = &request.base_url {
        outside::url("base_url", base_url)?;
    }
    let own_name = path.rsplit('/').next().unwrap_or(&path).to_owned();
    let name = request.name.unwrap_or(own_name);
    let mut state = world.state();
    let identity = path.to_lowercase();
    let known = state
        .repositories
        .values()
        .find(|known| known.partner == partner && known.identity == identity);
    let project = match known {
        Some(known) => known.project,
        None => state.ensure_project(partner, &name),
    };
    let (repository_id, already_exists) = state.ensure_repository(Repository {
        partner,
        identity,
        name,
        project,
        scenario,
    });
    let repository = &state.repositories[&repository_id];
    Ok(types::RepositoryImport {
        success: true,
        repository_id,
        project_id: repository.project,
        name: repository.name.clone(),
        already_exists,
    })
}

/// Host and path of a repository, without what spellings differ in.
fn path(text: &str) -> Result<String, String> {
    let shape = "url: must be https://github.com/OWNER/REPOSITORY or https://gitlab.com/GROUP/.../REPOSITORY";
    let url = Url::parse(text).map_err(|_| shape)?;
    if url.scheme() != "https" {
        return Err(format!(
            "url: must be an https URL, and its scheme is {}",
            url.scheme()
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("url: must not hold credentials".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("url: must be the repository's own address, without ? or #".to_owned());
    }
    let host = url.host_str().unwrap_or_default();
    let path = url.path().trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let segments = path.split('/').count();
    let fits = match host {
        "github.com" => segments == 2,
        "gitlab.com" => segments >= 2,
        _ => false,
    };
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_name = |name: &str| !name.is_empty() && name.chars().all(is_letter);
    if !fits || url.port().is_some() || !path.split('/').all(is_name) {
        return Err(shape.to_owned());
    }
    Ok(format!("{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_repository_are_one() {
        let plain = path("https://github.com/your-org/your-repo").unwrap();
        assert_eq!(
            path("https://github.com/your-org/your-repo.git/").unwrap(),
            plain
        );
        assert!(path("https://gitlab.com/a/b/c").is_ok());
        for wrong in [
            "http://github.com/a/b",
            "https://github.com/a",
            "https://github.com/a/b/c",
            "https://example.com/a/b",
            "https://u@github.com/a/b",
            "https://github.com/a/b?ref=x",
        ] {
            assert!(path(wrong).is_err(), "{wrong}");
        }
    }
}
