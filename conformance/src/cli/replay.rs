//! An earlier report, whose failures are to be looked at again.

use std::path::Path;

use super::CliError;
use crate::check::Group;
use crate::report::Report;

/// What is made again.
pub(super) struct Earlier {
    pub(super) seed: Option<u64>,
    /// The checks in which anything did not hold.
    pub(super) failed: Vec<String>,
}

pub(super) fn read(path: &Path) -> Result<Earlier, CliError> {
    let unusable = |why: String| CliError::Replay {
        path: path.to_owned(),
        why,
    };
    let text = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let report: Report = serde_json::from_slice(&text).map_err(|error| {
        unusable(format!(
            "it is no report that --format json wrote ({error})"
        ))
    })?;
    if report
        .checks
        .iter()
        .any(|check| check.group == Group::Receiver)
    {
        let why = "it is the report of a receiver, whose checks draw nothing: make them again with `receiver --only`";
        return Err(unusable(why.to_owned()));
    }
    let broken = report.checks.into_iter();
    let failed: Vec<String> = broken
        .filter(|check| !check.failures.is_empty())
        .map(|check| check.id)
        .collect();
    match failed.is_empty() {
        true => Err(unusable("nothing failed in it".to_owned())),
        false => Ok(Earlier {
            seed: report.seed,
            failed,
        }),
    }
}
