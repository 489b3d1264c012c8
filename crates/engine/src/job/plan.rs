//! Stage 2: the description becomes intents, intents are matched to elements,
//! and each step is acted out live.

use super::crawl::Crawl;
use super::steps::Plan;
use super::{JobRequest, StageError};
use crate::browser::Session;

/// Plans a test and rehearses it. `attempt` counts from 1; a later attempt
/// looks further (more pages, looser matches).
pub async fn plan(
    _session: &mut Session,
    _crawl: &Crawl,
    _request: &JobRequest,
    _attempt: u32,
) -> Result<Plan, StageError> {
    Err(StageError::Final("not built yet".to_owned()))
}
