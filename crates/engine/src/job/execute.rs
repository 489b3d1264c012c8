//! Stage 4: the standard Playwright runner runs the spec, with screenshot and
//! video.

use std::path::PathBuf;

use contract::types;
use serde::{Deserialize, Serialize};

use super::generate::Script;
use super::{JobRequest, StageError};
use crate::tools::Tools;

/// What a run left behind. Nothing in it holds a credential.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    pub status: types::ExecutionStatus,
    /// Of the test itself, as the runner measured it.
    pub duration_ms: u64,
    pub console_logs: Vec<types::ConsoleLog>,
    /// What the runner printed.
    pub test_output: String,
    pub error_message: Option<String>,
    /// PNG, in `workspace`.
    pub screenshot: Option<PathBuf>,
    /// WebM, in `workspace`.
    pub video: Option<PathBuf>,
}

/// Runs `script` in `workspace`, an empty directory of its own that the caller
/// removes. `proxy` as in [`SessionOptions`](crate::browser::SessionOptions).
pub async fn execute(
    _tools: &Tools,
    _script: &Script,
    _request: &JobRequest,
    _proxy: Option<&str>,
    _workspace: &std::path::Path,
) -> Result<Run, StageError> {
    Err(StageError::Final("not built yet".to_owned()))
}
