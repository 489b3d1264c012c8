//! Stage 1: real Chromium visits the target and the same-origin pages that the
//! description needs.

use serde::{Deserialize, Serialize};

use super::{JobRequest, StageError};
use crate::browser::Session;
use crate::browser::facts::PageFacts;

/// What the visit found; the first page is the target.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Crawl {
    pub pages: Vec<PageFacts>,
}

/// Visits the target and what the description points to from there.
pub async fn crawl(_session: &mut Session, _request: &JobRequest) -> Result<Crawl, StageError> {
    Err(StageError::Final("not built yet".to_owned()))
}
