//! One fresh browser context and the page in it.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::worker::Worker;
use super::{BrowserError, SessionOptions};
use crate::browser::facts::PageFacts;
use crate::browser::locator::Locator;
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
pub struct Session {
    worker: Arc<Worker>,
    id: u64,
}

impl Session {
    pub(super) async fn open(
        worker: Arc<Worker>,
        options: &SessionOptions,
        launch: Value,
    ) -> Result<Self, BrowserError> {
        let session = Self {
            id: worker.session_id(),
            worker,
        };
        let credentials = options.credentials.as_ref();
        let options = json!({
            "browser": options.browser,
            "headless": options.headless,
            "launch": launch,
            "target": options.target,
            "proxy": options.proxy,
            "skip_cookie_consent": options.skip_cookie_consent,
            "credentials": credentials.map(|given| json!({
                "username": given.username,
                "password": given.password,
                "username_is_a_word": given.username_is_a_word,
                "password_is_a_word": given.password_is_a_word,
            })),
        });
        session.ask::<Value>("open", options).await?;
        Ok(session)
    }

    /// Navigates to a path, or to an absolute URL of the target's origin, waits
    /// until the page has settled and dismisses a cookie banner.
    pub async fn goto(&mut self, path: &str) -> Result<PageFacts, BrowserError> {
        self.ask("goto", json!({ "path": path })).await
    }

    /// The page as it is now, settled.
    pub async fn facts(&mut self) -> Result<PageFacts, BrowserError> {
        self.ask("facts", json!({})).await
    }

    /// Does one act of a plan; an [`Act::Expect`] is refused, see [`Self::check`].
    pub async fn act(&mut self, act: &Act) -> Result<Acted, BrowserError> {
        if matches!(act, Act::Expect(_)) {
            let refused = "an expectation is checked, not acted out";
            return Err(BrowserError::Action(refused.to_owned()));
        }
        let act =
            serde_json::to_value(act).map_err(|error| BrowserError::Action(error.to_string()))?;
        let facts = self.ask("act", act).await?;
        Ok(Acted { facts })
    }

    /// Whether `expectation` holds within `timeout`, as a web-first assertion
    /// would wait for it. Text and title are asked with Playwright's own
    /// `expect`; a path is what `toHaveURL` compares: path, query and fragment.
    pub async fn check(
        &mut self,
        expectation: &Expectation,
        timeout: Duration,
    ) -> Result<Checked, BrowserError> {
        #[derive(Deserialize)]
        struct Answer {
            held: bool,
            #[serde(default)]
            seen: String,
        }
        let timeout = timeout.min(Duration::from_secs(30)).as_millis();
        let what = json!({ "expectation": expectation, "timeout": u64::try_from(timeout).unwrap_or(u64::MAX) });
        let Answer { held, seen } = self.ask("check", what).await?;
        Ok(if held {
            Checked::Held
        } else {
            Checked::Failed { seen }
        })
    }

    /// How many elements the locator matches just now.
    pub async fn count(&mut self, target: &Locator) -> Result<usize, BrowserError> {
        self.ask("count", json!({ "target": target })).await
    }

    /// Throws cookies, storage and page away: the next `goto` is a first visit.
    pub async fn reset(&mut self) -> Result<(), BrowserError> {
        self.ask::<Value>("reset", json!({})).await.map(drop)
    }

    /// Closes the context. Dropping a session closes it too, in the background.
    pub async fn close(self) {
        // The worker closes it, or is gone.
        let _ = self.ask::<Value>("close", json!({})).await;
    }

    async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        what: &str,
        with: Value,
    ) -> Result<T, BrowserError> {
        self.worker.ask(self.id, what, with).await
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.worker.tell(self.id, "close");
    }
}
