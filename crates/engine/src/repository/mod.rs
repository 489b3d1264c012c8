//! Repositories: imported from a forge over HTTPS, for scans and analyses.

pub mod git;
pub mod url;
