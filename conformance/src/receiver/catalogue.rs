//! The checks of a receiver.

use std::fmt;

use futures::future::BoxFuture;

use super::visit::Visit;
use super::{accepts, refuses, repeats};
use crate::check::{Group, Level};

/// `Err` says why it could not be made.
pub(super) type Outcome = Result<(), String>;

type Body = for<'a, 'b> fn(&'a mut Visit<'b>) -> BoxFuture<'a, Outcome>;

/// One check of a receiver: what it proves, of which clauses, and how.
pub struct ReceiverCheck {
    /// Stable, such as `receiver.tampered`.
    pub id: &'static str,
    pub level: Level,
    /// The first is the one that a failure names.
    pub clauses: &'static [&'static str],
    /// One sentence.
    pub proves: &'static str,
    /// One delivery builds on another, or it counts what is processed.
    pub(super) alone: bool,
    pub(super) body: Body,
}

impl ReceiverCheck {
    pub fn group(&self) -> Group {
        Group::Receiver
    }

    pub(super) async fn perform(&self, visit: &mut Visit<'_>) -> Outcome {
        (self.body)(visit).await
    }
}

impl fmt::Debug for ReceiverCheck {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id)
    }
}

/// Every check of a receiver.
pub fn checks() -> &'static [ReceiverCheck] {
    static ALL: std::sync::LazyLock<Vec<ReceiverCheck>> = std::sync::LazyLock::new(|| {
        let groups = [accepts::checks(), refuses::checks(), repeats::checks()];
        groups.into_iter().flatten().collect()
    });
    &ALL
}

pub(super) fn must(
    id: &'static str,
    clauses: &'static [&'static str],
    proves: &'static str,
    body: Body,
) -> ReceiverCheck {
    ReceiverCheck {
        id,
        level: Level::Must,
        clauses,
        proves,
        alone: false,
        body,
    }
}

pub(super) fn should(
    id: &'static str,
    clauses: &'static [&'static str],
    proves: &'static str,
    body: Body,
) -> ReceiverCheck {
    ReceiverCheck {
        level: Level::Should,
        ..must(id, clauses, proves, body)
    }
}
