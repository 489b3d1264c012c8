//! Projects: what a partner's repositories, jobs and test cases belong to.

use serde::Serialize;

use crate::Refused;
use crate::partner::PartnerId;

#[derive(Clone, Debug, Serialize)]
pub struct Project {
    pub id: i64,
    pub partner: PartnerId,
    pub name: String,
    /// Application URL for end-to-end tests.
    pub base_url: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Projects {}

impl Projects {
    /// 404 where there is none, 403 where it is another partner's.
    pub async fn get(&self, _partner: PartnerId, _id: i64) -> Result<Project, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    pub async fn list(&self, _partner: PartnerId) -> Result<Vec<Project>, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    /// The partner's project of that name, created where there is none.
    pub async fn ensure(
        &self,
        _partner: PartnerId,
        _name: &str,
        _base_url: Option<&str>,
    ) -> Result<Project, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }
}
