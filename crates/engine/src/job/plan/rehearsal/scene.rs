//! What the page tells after an act: where it is, what is new, what went wrong.

use super::super::find::path_of;
use super::super::words::{folded, words};
use super::Rehearsal;
use crate::browser::facts::{Element, PageFacts, TextBlock};
use crate::browser::locator::Locator;
use crate::job::steps::Expectation;

impl Rehearsal<'_> {
    /// Where the page is, if a test may rely on it: no query, no ids that the
    /// next run would not have.
    pub fn stable_path(&self) -> Option<String> {
        let path = path_of(&self.now.url);
        let made_up = |segment: &str| {
            segment.chars().filter(char::is_ascii_digit).count() > 2 || segment.len() > 60
        };
        (!path.contains('?') && !path.split('/').any(made_up)).then_some(path)
    }

    pub fn path_changed(&self) -> bool {
        path_of(&self.now.url) != path_of(&self.before.url)
    }

    /// Whether this text was on the page before the last act.
    pub fn was_there(&self, text: &str) -> bool {
        self.before.texts.iter().any(|block| block.text == text)
    }

    /// What can be acted on since the last act, and could not before.
    pub fn appeared(&self) -> impl Iterator<Item = &Element> {
        let was_there = |element: &&Element| {
            let same = |other: &Element| other.locator == element.locator;
            self.before.elements.iter().any(same)
        };
        self.now.elements.iter().filter(move |it| !was_there(it))
    }

    /// A message that is new and complains, whatever it is marked up as.
    pub fn new_complaint(&self) -> Option<&TextBlock> {
        let mut news = self.now.texts.iter().filter(|it| !self.was_there(&it.text));
        news.find(|block| is_complaint(&block.text))
    }

    /// What is promised where an act should be confirmed and is not. That the page
    /// does not complain would hold until it does.
    pub fn confirmed(&self) -> Expectation {
        let complains = self.new_complaint().is_some();
        let (role, name) = if complains {
            ("heading", Some("Success".to_owned()))
        } else {
            ("status", None)
        };
        let target = Locator::Role {
            role: role.to_owned(),
            exact: name.is_some(),
            name,
            level: None,
        };
        Expectation::Visible { target }
    }

    /// The complaint that the page shows, for saying what was seen.
    pub fn complaint(&self) -> Option<String> {
        let told = |role: &str| self.now.texts.iter().find(|block| block.role == role);
        told("alert")
            .or_else(|| told("status"))
            .map(|block| folded(&block.text))
    }

    /// What tells of a failure since the last act: the answer's status, a field
    /// marked as wrong, a new message that complains.
    pub fn trouble(&self) -> Option<String> {
        let failed = |facts: &PageFacts| facts.status.is_some_and(|status| status >= 400);
        // Elsewhere than where it was, a page may speak of errors as it likes.
        let told = |block: &TextBlock| {
            matches!(block.role.as_str(), "alert" | "status")
                || (!self.path_changed()
                    && matches!(block.role.as_str(), "text" | "heading")
                    && block.text.len() < 120)
        };
        let complains = |block: &&TextBlock| {
            told(block) && !self.was_there(&block.text) && is_complaint(&block.text)
        };
        let marked = |facts: &PageFacts| facts.elements.iter().filter(|it| it.invalid).count();
        let trouble = failed(&self.now)
            || self.now.texts.iter().any(|block| complains(&block))
            || marked(&self.now) > marked(&self.before);
        trouble.then(|| self.scene())
    }

    /// The page in a few words, for saying what was seen instead.
    pub fn scene(&self) -> String {
        let heading = self.now.texts.iter().find(|block| block.role == "heading");
        let shown = heading.map_or(self.now.title.as_str(), |block| block.text.as_str());
        let status = self.now.status.filter(|status| *status >= 400);
        let mut scene = format!(
            "the page at {} shows “{}”",
            path_of(&self.now.url),
            folded(shown)
        );
        if let Some(status) = status {
            scene.push_str(&format!(" (status {status})"));
        }
        if let Some(complaint) = self.complaint() {
            scene.push_str(&format!(" and says “{complaint}”"));
        }
        scene
    }
}

/// Whether a message says that something went wrong: `alert` is the role of good
/// news as well.
pub fn is_complaint(text: &str) -> bool {
    const COMPLAINTS: &str = "error fail failed invalid wrong incorrect denied refused unable \
        problem required missing sorry cannot cant couldnt unavailable expired unknown";
    let said = words(text);
    let phrases = [
        "not be",
        "not found",
        "not match",
        "n't match",
        "try again",
        "went wrong",
        "please ",
        "must ",
    ];
    let lower = text.to_lowercase();
    words(COMPLAINTS).iter().any(|word| said.contains(word))
        || phrases.iter().any(|phrase| lower.contains(phrase))
}
