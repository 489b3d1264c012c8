//! Stage 5: 0-100 from stated criteria, with a breakdown.

use contract::types;

use super::execute::Run;
use super::generate::Script;
use super::steps::Plan;

/// Weighs plan and script; with a run, also whether the run agrees with the
/// rehearsal.
pub fn assess(_plan: &Plan, _script: &Script, _run: Option<&Run>) -> types::Quality {
    types::Quality {
        criteria: Vec::new(),
        score: 0,
    }
}
