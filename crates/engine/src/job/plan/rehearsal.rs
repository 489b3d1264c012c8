//! A plan while it is acted out: the page, what was done, what was seen.

mod clause;
mod scene;

pub use scene::is_complaint;

use std::time::Duration;

use clause::{Begun, LATENESS};

use super::find::path_of;
use super::words::{folded, words};
use crate::browser::facts::{Element, PageFacts};
use crate::browser::locator::Locator;
use crate::browser::{BrowserError, Checked, Session};
use crate::job::steps::{Act, Expectation, Intent, Plan, PlannedBy, Step, Value};
use crate::job::{JobRequest, StageError};

/// The page has settled: what is not there by then is not coming.
const PATIENCE: Duration = Duration::from_millis(1200);

/// Why an intent could not be followed.
pub enum Failure {
    /// Nothing on the page answers to it; the plan goes on with the next one.
    NotUnderstood(String),
    /// The stage itself can't go on.
    Stage(StageError),
}

impl From<BrowserError> for Failure {
    fn from(error: BrowserError) -> Self {
        Self::Stage(error.into())
    }
}

/// A value that was typed, by what its field is called.
pub struct Filled {
    pub field: Vec<String>,
    pub value: String,
    pub form: Option<usize>,
}

pub struct Rehearsal<'a> {
    session: &'a mut Session,
    pub request: &'a JobRequest,
    /// A second attempt is content with looser matches.
    pub loose: bool,
    pub now: PageFacts,
    /// The page before the last act.
    pub before: PageFacts,
    /// The target as it was before anything was done there.
    pub opened: PageFacts,
    pub filled: Vec<Filled>,
    /// The thing spoken of last: what "it" is.
    pub item: Option<String>,
    /// What was searched for.
    pub term: Option<String>,
    /// Where things were put last: "the cart".
    pub container: Option<String>,
    /// Whether a login was tried.
    pub is_entered: bool,
    /// Whether the user signed out.
    pub is_left: bool,
    /// Whether the next clause looks at what this one did.
    pub is_looked_at: bool,
    /// Whether the last act could not be followed.
    is_lost: bool,
    steps: Vec<Step>,
    intents: Vec<Intent>,
    /// Index of the intent that steps are recorded for.
    current: usize,
    unseen: Option<String>,
    opens_with_consent: bool,
    begun: Begun,
    /// What is left of [`LATENESS`].
    lateness: Duration,
}

impl<'a> Rehearsal<'a> {
    /// Opens the target as a first visitor does.
    pub async fn start(
        session: &'a mut Session,
        request: &'a JobRequest,
        loose: bool,
    ) -> Result<Self, StageError> {
        session.reset().await?;
        let path = path_of(request.target.as_str());
        let now = session.goto(&path).await?;
        let mut rehearsal = Self {
            session,
            request,
            loose,
            before: now.clone(),
            opened: now.clone(),
            now,
            filled: Vec::new(),
            item: None,
            term: None,
            container: None,
            is_entered: false,
            is_left: false,
            is_looked_at: false,
            is_lost: false,
            steps: Vec::new(),
            intents: Vec::new(),
            current: 0,
            unseen: None,
            opens_with_consent: false,
            begun: Begun::default(),
            lateness: LATENESS,
        };
        rehearsal.opens_with_consent = rehearsal.now.consent.is_some();
        rehearsal.push(Act::Goto { path });
        rehearsal.consent();
        Ok(rehearsal)
    }

    /// Whether this was asserted since the last act.
    pub fn was_asserted(&self, expectation: &Expectation) -> bool {
        let since = self.steps.iter().rev().map_while(expected);
        since.into_iter().any(|known| known == expectation)
    }

    /// Whether something was asserted after the last act.
    pub fn is_proven(&self) -> bool {
        self.steps.last().is_some_and(Step::asserts)
    }

    pub fn finish(self, title: String) -> Plan {
        Plan {
            title,
            planned_by: PlannedBy::Planner,
            opens_with_consent: self.opens_with_consent,
            answers_dialogs: self.now.asked,
            intents: self.intents,
            steps: self.steps,
        }
    }

    /// Does it, and records it. What can't be done is no step: nobody could.
    pub async fn act(&mut self, act: Act) -> Result<(), Failure> {
        if !self.has_acted() {
            self.opened = self.now.clone();
        }
        match self.session.act(&act).await {
            Ok(acted) => {
                self.before = std::mem::replace(&mut self.now, acted.facts);
                self.push(act);
                Ok(())
            }
            Err(BrowserError::Worker(error)) => Err(BrowserError::Worker(error).into()),
            Err(error) => Err(Failure::NotUnderstood(error.to_string())),
        }
    }

    /// What the last act was done to.
    pub fn acted_on(&self) -> Option<&Locator> {
        let acts = self.steps.iter().rev().map(|step| &step.act);
        let mut acts = acts.skip_while(|act| matches!(act, Act::Expect(_)));
        match acts.next()? {
            Act::Click { target } | Act::Check { target, .. } | Act::Fill { target, .. } => {
                Some(target)
            }
            _ => None,
        }
    }

    /// Ticks or unticks. A box that its list takes away when it is ticked was
    /// pressed, and can't be asked for its state.
    pub async fn check(&mut self, target: Locator, checked: bool) -> Result<(), Failure> {
        let was = self.now.clone();
        let act = Act::Check {
            target: target.clone(),
            checked,
        };
        match self.act(act).await {
            Err(Failure::NotUnderstood(why)) => {
                match self.session.facts().await {
                    Ok(facts) if !facts.shows_the_same(&was) => self.now = facts,
                    _ => return Err(Failure::NotUnderstood(why)),
                }
                self.before = was;
                self.push(Act::Click { target });
                Ok(())
            }
            result => result,
        }
    }

    pub async fn click(&mut self, element: &Element) -> Result<(), Failure> {
        let target = self.target(element).await?;
        self.act(Act::Click { target }).await
    }

    pub async fn select(&mut self, field: &Element, option: String) -> Result<(), Failure> {
        self.note(field, &option);
        let target = field.locator.clone();
        self.act(Act::Select { target, option }).await
    }

    fn note(&mut self, field: &Element, value: &str) {
        self.filled.push(Filled {
            field: words(&format!("{} {}", field.name, field.hints)),
            value: value.to_owned(),
            form: field.form,
        });
    }

    pub async fn fill(&mut self, field: &Element, value: Value) -> Result<(), Failure> {
        if let Value::Text { text } = &value {
            self.note(field, text);
        }
        let target = field.locator.clone();
        self.act(Act::Fill { target, value }).await
    }

    /// Asserts it, whether it holds or not: the description promises it.
    pub async fn expect(&mut self, expectation: Expectation) -> Result<bool, Failure> {
        let mut own = self
            .steps
            .iter()
            .filter(|step| step.intent == self.current)
            .filter_map(expected);
        if own.any(|known| *known == expectation) {
            return Ok(true);
        }
        self.expect_again(expectation).await
    }

    /// The same, where it was asserted before: an act in between may undo it.
    pub async fn expect_again(&mut self, expectation: Expectation) -> Result<bool, Failure> {
        let checked = self.session.check(&expectation, PATIENCE).await?;
        self.push(Act::Expect(expectation));
        match checked {
            Checked::Held => Ok(true),
            Checked::Failed { seen } => {
                self.unseen.get_or_insert(seen);
                Ok(false)
            }
        }
    }

    /// Asserts what is known not to be there, and says what is there instead.
    pub fn expect_unseen(&mut self, expectation: Expectation, seen: String) {
        self.push(Act::Expect(expectation));
        self.unseen.get_or_insert(seen);
    }

    pub async fn count(&mut self, target: &Locator) -> Result<usize, Failure> {
        Ok(self.session.count(target).await?)
    }

    /// Whether the locator finds one element, which it must to be acted on.
    pub async fn is_one(&mut self, target: &Locator) -> Result<bool, Failure> {
        Ok(self.count(target).await? == 1)
    }

    /// How to find an element whose name may hold a counter: "Cart (2)" is
    /// found as "Cart".
    pub async fn target(&mut self, element: &Element) -> Result<Locator, Failure> {
        let plain = folded(&element.name);
        let plain = plain.trim_end_matches(|c: char| c.is_ascii_digit() || "() ".contains(c));
        if plain.len() > 2 && plain.len() < element.name.len() {
            let role = Locator::Role {
                role: element.role.clone(),
                name: Some(plain.to_owned()),
                exact: false,
                level: None,
            };
            if self.is_one(&role).await? {
                return Ok(role);
            }
        }
        Ok(element.locator.clone())
    }

    /// Whether more was done than to open the target.
    pub fn has_acted(&self) -> bool {
        let opened = 1 + usize::from(self.opens_with_consent);
        self.steps[opened..]
            .iter()
            .any(|step| expected(step).is_none())
    }

    /// Where the worker met a cookie banner and pressed its button, the test has
    /// to press it too.
    fn consent(&mut self) {
        if let Some(target) = self.now.consent.clone() {
            self.push(Act::Click { target });
        }
    }

    fn push(&mut self, act: Act) {
        let intent = self.current;
        self.steps.push(Step { intent, act });
    }
}

fn expected(step: &Step) -> Option<&Expectation> {
    match &step.act {
        Act::Expect(expectation) => Some(expectation),
        _ => None,
    }
}
