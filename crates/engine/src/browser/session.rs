//! One fresh browser context and the page in it.

use crate::browser::BrowserError;
use crate::browser::facts::PageFacts;
use crate::job::steps::{Act, Expectation};

/// What an act led to.
#[derive(Clone, Debug)]
pub struct Acted {
    /// The page after the act, settled.
    pub facts: PageFacts,
}

/// Whether an expectation held within the time given.
#[derive(Clone, Debug, PartialEq)]
pub enum Checked {
    Held,
    /// What was there instead, in a person's words.
    Failed {
        seen: String,
    },
}

/// A page in a context of its own.
#[derive(Debug)]
pub struct Session {}

impl Session {
    /// Navigates to a path, or to an absolute URL of the target's origin, waits
    /// until the page has settled and dismisses a cookie banner.
    pub async fn goto(&mut self, _path: &str) -> Result<PageFacts, BrowserError> {
        Err(BrowserError::Unavailable("not built yet".to_owned()))
    }

    /// The page as it is now, settled.
    pub async fn facts(&mut self) -> Result<PageFacts, BrowserError> {
        Err(BrowserError::Unavailable("not built yet".to_owned()))
    }

    /// Does one act of a plan; an [`Act::Expect`] is refused, see [`Self::check`].
    pub async fn act(&mut self, _act: &Act) -> Result<Acted, BrowserError> {
        Err(BrowserError::Unavailable("not built yet".to_owned()))
    }

    /// Whether `expectation` holds within `timeout`, as a web-first assertion
    /// would wait for it.
    pub async fn check(
        &mut self,
        _expectation: &Expectation,
        _timeout: std::time::Duration,
    ) -> Result<Checked, BrowserError> {
        Err(BrowserError::Unavailable("not built yet".to_owned()))
    }

    /// Throws cookies, storage and page away: the next `goto` is a first visit.
    pub async fn reset(&mut self) -> Result<(), BrowserError> {
        Err(BrowserError::Unavailable("not built yet".to_owned()))
    }

    /// Closes the context. Dropping a session closes it too, in the background.
    pub async fn close(self) {}
}
