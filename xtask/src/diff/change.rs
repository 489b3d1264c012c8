//! What a change is, and whom it breaks.

use serde::Serialize;

/// How a change bears on those who call the API today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Somebody who keeps to the old document may fail.
    Breaking,
    /// On the wire, and nobody who keeps to the old document fails.
    Compatible,
    /// Not on the wire.
    Documentation,
}

/// In which document a pointer resolves: what was removed stands in the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Old,
    New,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub verdict: Verdict,
    /// JSON pointer into the document named by `document`.
    pub pointer: String,
    pub document: Side,
    pub what: String,
    pub why: &'static str,
}

/// What a change does to the set of messages that are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Narrowed,
    Widened,
    Incomparable,
}

/// Which way the messages travel that a part of the document describes. What is
/// POSTed to a callback URL travels as a response does: from the API to whom it serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    pub request: bool,
    pub response: bool,
}

impl Flow {
    pub const REQUEST: Self = Self {
        request: true,
        response: false,
    };

    pub fn flipped(self) -> Self {
        Self {
            request: self.response,
            response: self.request,
        }
    }

    pub fn with(self, other: Self) -> Self {
        Self {
            request: self.request || other.request,
            response: self.response || other.response,
        }
    }

    pub fn judge(self, effect: Effect) -> (Verdict, &'static str) {
        use Effect::{Incomparable, Narrowed, Widened};
        use Verdict::{Breaking, Compatible};
        match (effect, self.request, self.response) {
            (_, false, false) => (Compatible, "nothing on the wire uses it"),
            (Narrowed, true, _) => (Breaking, "requests that were valid are refused now"),
            (Widened, _, true) => (Breaking, "callers may receive what they were never told of"),
            (Narrowed, false, true) => {
                (Compatible, "what callers receive is promised more narrowly")
            }
            (Widened, true, false) => (Compatible, "every request that was valid still is"),
            (Incomparable, ..) => (
                Breaking,
                "old and new can't be shown to agree, so they are taken not to",
            ),
        }
    }
}
