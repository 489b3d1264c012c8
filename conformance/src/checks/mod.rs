//! The catalogue: every check, grouped by what it is about.

use std::sync::LazyLock;

use crate::check::Check;

mod auth;
mod callback;
mod errors;
mod reports;
mod signatures;
mod webhook;

static ALL: LazyLock<Vec<Check>> = LazyLock::new(|| {
    [
        auth::checks(),
        errors::checks(),
        signatures::checks(),
        webhook::checks(),
        callback::checks(),
        reports::checks(),
    ]
    .concat()
});

/// Every check.
pub fn all() -> &'static [Check] {
    &ALL
}
