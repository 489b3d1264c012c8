//! How an element is found: one value that the crawl proves unique in the live
//! page, that the rehearsal acts on, and that the generated test prints.

use serde::{Deserialize, Serialize};

/// A Playwright locator as data.
///
/// The browser worker turns it into a live locator and [`Locator::to_code`]
/// prints the very same call for the generated test, so what was proven while
/// crawling is what the test uses.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Locator {
    /// `getByRole(role, { name, exact })`, with `level` for headings.
    Role {
        role: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default)]
        exact: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<u8>,
    },
    /// `getByLabel(text, { exact })`
    Label { text: String, exact: bool },
    /// `getByPlaceholder(text, { exact })`
    Placeholder { text: String, exact: bool },
    /// `getByText(text, { exact })`
    Text { text: String, exact: bool },
    /// `getByTestId(id)`
    TestId { id: String },
    /// `locator(selector)`: the last resort; the score says so.
    Css { selector: String },
    /// `parent.child`
    Within {
        parent: Box<Locator>,
        child: Box<Locator>,
    },
    /// `base.filter({ hasText })`
    Filter {
        base: Box<Locator>,
        has_text: String,
    },
}
