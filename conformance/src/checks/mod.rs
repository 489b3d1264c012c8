//! The catalogue: every check, grouped by what it is about.

use std::sync::LazyLock;

use crate::check::Check;

mod api_tests;
mod artifacts;
mod auth;
mod callback;
mod errors;
mod gap_analysis;
mod isolation;
mod options;
mod rate_limits;
mod reports;
mod repositories;
mod sast;
mod signatures;
mod test_cases;
mod validation;
mod webhook;

static ALL: LazyLock<Vec<Check>> = LazyLock::new(|| {
    [
        auth::checks(),
        isolation::checks(),
        errors::checks(),
        signatures::checks(),
        validation::checks(),
        webhook::checks(),
        options::checks(),
        callback::checks(),
        reports::checks(),
        artifacts::checks(),
        repositories::checks(),
        sast::checks(),
        api_tests::checks(),
        test_cases::checks(),
        gap_analysis::checks(),
        rate_limits::checks(),
    ]
    .concat()
});

/// Every check.
pub fn all() -> &'static [Check] {
    &ALL
}
