//! A plan while it is acted out: the page, what was done, what was seen.

use std::time::{Duration, Instant};

use super::find::path_of;
use super::words::{folded, words};
use crate::browser::facts::{Element, PageFacts, TextBlock};
use crate::browser::locator::Locator;
use crate::browser::{BrowserError, Checked, Session};
use crate::job::steps::{Act, Expectation, Intent, IntentOutcome, Plan, PlannedBy, Step, Value};
use crate::job::{JobRequest, StageError};

/// The page has settled: what is not there by then is not coming.
const PATIENCE: Duration = Duration::from_millis(1200);

/// What is missing may come late: a slow answer, a page that renders itself. So
/// long, all in all, a plan waits for what then does not come.
const LATENESS: Duration = Duration::from_secs(2);
const BETWEEN_LOOKS: Duration = Duration::from_millis(150);

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

/// Where the plan stood when a clause began.
#[derive(Default)]
struct Begun {
    steps: usize,
    filled: usize,
    item: Option<String>,
    term: Option<String>,
    /// Since when the clause waits for the page to change.
    waiting: Option<Instant>,
}

pub struct Rehearsal<'a> {
    session: &'a mut Session,
    pub request: &'a JobRequest,
    /// A second attempt is content with looser matches.
    pub loose: bool,
    pub now: PageFacts,
    /// The page before the last act.
    pub before: PageFacts,
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
            now,
            filled: Vec::new(),
            item: None,
            term: None,
            container: None,
            is_entered: false,
            is_left: false,
            is_looked_at: false,
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

    /// The steps recorded from here on serve what the description `says`.
    pub fn begin(&mut self, says: String) {
        self.unseen = None;
        self.begun = Begun {
            steps: self.steps.len(),
            filled: self.filled.len(),
            item: self.item.clone(),
            term: self.term.clone(),
            waiting: None,
        };
        self.current = self.intents.len();
        self.intents.push(Intent {
            says,
            outcome: IntentOutcome::Rehearsed,
        });
    }

    /// Goes back to what the last act served, where that was followed and nothing
    /// was asserted after it. False where there is nothing to go back to.
    pub fn begin_the_end(&mut self) -> bool {
        let Some(last) = self.steps.last().filter(|step| !step.asserts()) else {
            return false;
        };
        let followed = |index: &usize| {
            let outcome = &self.intents[*index].outcome;
            !matches!(outcome, IntentOutcome::NotUnderstood { .. })
        };
        // Where nothing was done, the page itself is what was asked for.
        let at = if self.has_acted() {
            Some(last.intent).filter(followed)
        } else {
            (0..self.intents.len()).find(followed)
        };
        let Some(at) = at else { return false };
        self.current = at;
        self.unseen = match &self.intents[at].outcome {
            IntentOutcome::NotSeen { seen } => Some(seen.clone()),
            _ => None,
        };
        self.begun = Begun {
            steps: self.steps.len(),
            ..Begun::default()
        };
        true
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

    /// Whether what the clause begun last speaks of is not there, and nothing was
    /// acted out for it: it may be followed anew.
    pub fn may_be_early(&self, result: &Result<(), Failure>) -> bool {
        let own = &self.steps[self.begun.steps..];
        self.missed(result) && own.iter().all(Step::asserts)
    }

    /// Whether what the clause begun last speaks of was not found.
    pub fn missed(&self, result: &Result<(), Failure>) -> bool {
        match result {
            Ok(()) => self.unseen.is_some(),
            Err(Failure::NotUnderstood(_)) => true,
            Err(Failure::Stage(_)) => false,
        }
    }

    /// Waits for the page to show something else than it did when it was read;
    /// false where it does not, or was waited for long enough.
    pub async fn look_again(&mut self) -> Result<bool, Failure> {
        self.begun.waiting.get_or_insert_with(Instant::now);
        while !self.lateness_left().is_zero() {
            match self.session.facts().await {
                Ok(facts) if !facts.shows_the_same(&self.now) => {
                    self.now = facts;
                    self.consent();
                    return Ok(true);
                }
                Err(error @ BrowserError::Worker(_)) => return Err(error.into()),
                // A page too busy to be read may come to rest.
                Ok(_) | Err(_) => {}
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Ok(false)
    }

    fn lateness_left(&self) -> Duration {
        let waited = self.begun.waiting.map_or(Duration::ZERO, |at| at.elapsed());
        self.lateness.saturating_sub(waited)
    }

    /// What was done so far is not forgotten where the clause is followed anew.
    pub fn keep(&mut self) {
        self.begun.steps = self.steps.len();
    }

    /// Forgets what the clause begun last recorded, to follow it anew; false
    /// where the page is what it was.
    pub async fn begin_again(&mut self) -> Result<bool, Failure> {
        if !self.look_again().await? {
            return Ok(false);
        }
        self.forget();
        self.consent();
        self.keep();
        Ok(true)
    }

    /// Forgets what the clause begun last recorded; what was done stays done.
    pub fn forget(&mut self) {
        self.unseen = None;
        self.filled.truncate(self.begun.filled);
        self.item.clone_from(&self.begun.item);
        self.term.clone_from(&self.begun.term);
        self.steps.truncate(self.begun.steps);
    }

    /// What became of the clause begun last.
    pub fn end(&mut self, result: Result<(), Failure>) -> Result<(), StageError> {
        let outcome = match result {
            Ok(()) => match self.unseen.take() {
                None => IntentOutcome::Rehearsed,
                Some(seen) => IntentOutcome::NotSeen { seen },
            },
            Err(Failure::NotUnderstood(why)) => IntentOutcome::NotUnderstood { why },
            Err(Failure::Stage(error)) => return Err(error),
        };
        if outcome != IntentOutcome::Rehearsed {
            self.lateness = self.lateness_left();
        }
        if let Some(intent) = self.intents.get_mut(self.current) {
            intent.outcome = outcome;
        }
        Ok(())
    }

    pub fn finish(self, title: String) -> Plan {
        Plan {
            title,
            planned_by: PlannedBy::Planner,
            opens_with_consent: self.opens_with_consent,
            intents: self.intents,
            steps: self.steps,
        }
    }

    /// Does it, and records it. What can't be done is no step: nobody could.
    pub async fn act(&mut self, act: Act) -> Result<(), Failure> {
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
        let complains = |block: &&TextBlock| {
            block.role == "alert" && !self.was_there(&block.text) && is_complaint(&block.text)
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

/// Whether a message says that something went wrong: `alert` is the role of good
/// news as well.
fn is_complaint(text: &str) -> bool {
    const COMPLAINTS: &str = "error fail failed invalid wrong incorrect denied refused unable \
        problem required missing sorry cannot cant couldnt unavailable expired unknown";
    let said = words(text);
    let phrases = ["not be", "not found", "try again", "went wrong", "please "];
    let lower = text.to_lowercase();
    words(COMPLAINTS).iter().any(|word| said.contains(word))
        || phrases.iter().any(|phrase| lower.contains(phrase))
}

fn expected(step: &Step) -> Option<&Expectation> {
    match &step.act {
        Act::Expect(expectation) => Some(expectation),
        _ => None,
    }
}
