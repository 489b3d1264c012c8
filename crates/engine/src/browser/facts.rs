//! What a page shows, as the browser worker reports it: facts only. All
//! judgement (which element is meant, what should be asserted) is in `job`.
//!
//! Sizes are bounded whatever the page holds. Where a text holds the session's
//! credentials, `‹username›` and `‹password›` stand in their place, and no
//! locator is made of it; except where they are everyday words.

use serde::{Deserialize, Serialize};

use super::locator::Locator;

/// One page as a visitor finds it, after it has settled.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PageFacts {
    /// The page is too large to be read as a whole: elements may be missing.
    #[serde(default)]
    pub partial: bool,
    /// Final URL, after redirects.
    pub url: String,
    pub title: String,
    /// HTTP status of the main document, where it was seen.
    pub status: Option<u16>,
    /// Playwright's ARIA snapshot (YAML), cut at 64 KiB.
    pub aria: String,
    /// What a visitor can act on or be told by, in document order.
    pub elements: Vec<Element>,
    /// Groups of alike siblings: lists, table rows, cards, sections.
    pub collections: Vec<Collection>,
    /// Visible text blocks (headings, paragraphs, alerts) in document order.
    pub texts: Vec<TextBlock>,
    /// Same-origin links, absolute, without fragment, in document order.
    pub links: Vec<Link>,
    /// Console errors and uncaught exceptions seen since navigation.
    pub console_errors: Vec<String>,
    /// Requests that failed or answered 4xx/5xx, as `METHOD url status`.
    pub failed_requests: Vec<String>,
    /// The button that was pressed to answer a cookie banner, where this visit
    /// met one: the generated test has to press it too.
    #[serde(default)]
    pub consent: Option<Locator>,
    /// Whether the page has asked by a dialog of the browser (`confirm`), which
    /// was answered with yes: the generated test has to answer it too.
    #[serde(default)]
    pub asked: bool,
}

impl PageFacts {
    /// Whether a visitor would notice no difference.
    pub fn shows_the_same(&self, other: &Self) -> bool {
        self.url == other.url
            && self.title == other.title
            && self.elements == other.elements
            && self.collections == other.collections
            && self.texts == other.texts
    }
}

/// An element with the locator that was proven to match it alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Element {
    pub locator: Locator,
    /// ARIA role: button, link, textbox, searchbox, combobox, checkbox, ...
    pub role: String,
    /// Accessible name.
    pub name: String,
    /// Lower-case tag name.
    pub tag: String,
    /// `type` of an input (`password`, `email`, ...), otherwise empty.
    #[serde(default)]
    pub input_type: String,
    #[serde(default)]
    pub placeholder: String,
    /// `autocomplete`, `name` and `id` attributes, joined by a space: a hint
    /// to the field's meaning where its label is vague.
    #[serde(default)]
    pub hints: String,
    #[serde(default)]
    pub href: Option<String>,
    /// Labels of a select's options or of a radio group.
    #[serde(default)]
    pub options: Vec<String>,
    #[serde(default)]
    pub required: bool,
    /// Marked as wrong, `aria-invalid`.
    #[serde(default)]
    pub invalid: bool,
    /// Accessible description: a hint, or the complaint about its value.
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub disabled: bool,
    #[serde(default)]
    pub checked: Option<bool>,
    /// Current value of a field; never reported for password fields.
    #[serde(default)]
    pub value: String,
    /// Index of the form it belongs to, in document order.
    #[serde(default)]
    pub form: Option<usize>,
    /// Index into [`PageFacts::collections`] and of the item in it, where the
    /// element lies inside a group of alike siblings (an "Add to cart" button
    /// in a product card).
    #[serde(default)]
    pub item: Option<(usize, usize)>,
}

/// A group of alike siblings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collection {
    /// Matches each item and nothing else.
    pub items: Locator,
    /// Number of visible items.
    pub count: usize,
    /// Accessible name or nearest heading of the group: "Products".
    pub label: String,
    /// What one item is called: role, tag and class words ("listitem product
    /// card"), for matching a noun of the description.
    pub kind: String,
    /// Visible text of each item, each cut at 400 characters, 50 at most.
    pub texts: Vec<String>,
    /// The item's heading or name, where it has one, parallel to `texts`.
    pub titles: Vec<Option<String>>,
}

/// A piece of visible text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextBlock {
    pub locator: Locator,
    /// heading, alert, status, paragraph, term, cell, ...
    pub role: String,
    pub text: String,
}

/// A same-origin link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Link {
    pub text: String,
    pub url: String,
}
