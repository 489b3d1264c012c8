//! Test cases of a project.

mod draft;

use contract::types;

pub use draft::TestCaseDraft;
pub(crate) use draft::{clipped, one_line};

use crate::Refused;
use crate::partner::PartnerId;

#[derive(Clone, Debug)]
pub struct TestCases {}

impl TestCases {
    pub async fn create(
        &self,
        _partner: PartnerId,
        _request: types::TestCaseRequest,
    ) -> Result<types::TestCase, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    /// All of a project, oldest first.
    pub async fn list(
        &self,
        _partner: PartnerId,
        _project: i64,
    ) -> Result<Vec<types::TestCase>, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }
}
