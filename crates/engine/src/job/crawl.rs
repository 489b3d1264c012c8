//! Stage 1: a real browser visits the target and the same-origin pages that the
//! description names.

use serde::{Deserialize, Serialize};

use super::plan::{covers, path_of, words};
use super::{JobRequest, StageError};
use crate::browser::Session;
use crate::browser::facts::PageFacts;

/// Besides the target.
const MOST_PAGES: usize = 4;

/// What the visit found; the first page is the target.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Crawl {
    pub pages: Vec<PageFacts>,
}

/// Visits the target and what the description points to from there.
///
/// # Errors
/// [`StageError::Final`] where the target can't be reached or answers with an
/// error status.
pub async fn crawl(session: &mut Session, request: &JobRequest) -> Result<Crawl, StageError> {
    let target = session.goto(&path_of(request.target.as_str())).await?;
    if let Some(status) = target.status.filter(|status| *status >= 400) {
        return Err(StageError::Final(format!(
            "the target answered with status {status}"
        )));
    }
    let asked = words(&request.feature_description);
    let mut known = vec![path_of(&target.url)];
    let mut wanted = Vec::new();
    for link in &target.links {
        let path = path_of(&link.url);
        if !known.contains(&path) && covers(&asked, &words(&link.text)) {
            known.push(path.clone());
            wanted.push(path);
        }
    }
    wanted.truncate(MOST_PAGES);
    let mut pages = vec![target];
    for path in wanted {
        // A page that can't be reached is a finding of the test, not of the crawl.
        if let Ok(page) = session.goto(&path).await {
            pages.push(page);
        }
    }
    Ok(Crawl { pages })
}
