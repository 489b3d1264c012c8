//! Why git did not deliver, and how its own words tell.

use std::process::ExitStatus;

/// Why git did not deliver. The texts are for the partner.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("the repository can't be read: it does not exist, is private, or is empty")]
    Missing,
    #[error("the branch `{branch}` does not exist in the repository{}", default.as_ref().map(|name| format!("; its default branch is `{name}`")).unwrap_or_default())]
    NoBranch {
        branch: String,
        default: Option<String>,
    },
    #[error("the repository's host can't be reached: {0}")]
    Unreachable(String),
    #[error("the repository is too large: {0}")]
    TooLarge(String),
    #[error("the repository did not arrive within {0} seconds")]
    TooSlow(u64),
    #[error("the repository holds what git refuses to take: {0}")]
    Malformed(String),
    /// A fault on our side, for the log.
    #[error("git could not be run: {0}")]
    Fault(String),
}

/// git's words as one of our errors. They are git's own, in English by
/// `LC_ALL`, so they can be told apart.
pub(super) fn explain(stderr: &str, status: ExitStatus) -> GitError {
    let said = |words: &[&str]| words.iter().any(|word| stderr.contains(word));
    let last = stderr
        .lines()
        .rev()
        .find(|line| line.starts_with("fatal: ") || line.starts_with("error: "))
        .map_or_else(
            || format!("git ended with {status}"),
            |line| line.chars().take(200).collect(),
        );
    if said(&[
        "not found",
        "could not read Username",
        "terminal prompts disabled",
        "Authentication failed",
        "unable to read askpass",
        "The requested URL returned error: 401",
        "The requested URL returned error: 403",
        "The requested URL returned error: 404",
    ]) {
        GitError::Missing
    } else if said(&[
        "fsck error",
        "fsck failed",
        "bad object",
        "invalid path",
        "index-pack failed",
        "unpack-objects",
    ]) {
        GitError::Malformed(last)
    } else if said(&[
        "unable to access",
        "Could not resolve",
        "Failed to connect",
        "the remote end hung up",
        "early EOF",
        "RPC failed",
    ]) {
        GitError::Unreachable(last)
    } else {
        GitError::Fault(last)
    }
}
