//! A clause while it is followed: begun, followed anew as long as the page may
//! still be late with what it speaks of, ended.

use std::time::{Duration, Instant};

use super::super::language::Verb;
use super::{Failure, Rehearsal};
use crate::browser::BrowserError;
use crate::job::StageError;
use crate::job::steps::{Intent, IntentOutcome, Step};

/// What is missing may come late: a slow answer, a page that renders itself. So
/// long, all in all, a plan waits for what then does not come.
pub(super) const LATENESS: Duration = Duration::from_secs(2);
const BETWEEN_LOOKS: Duration = Duration::from_millis(150);

/// Where the plan stood when a clause began.
#[derive(Default)]
pub(super) struct Begun {
    steps: usize,
    filled: usize,
    item: Option<String>,
    term: Option<String>,
    /// Since when the clause waits for the page to change.
    waiting: Option<Instant>,
}

impl Rehearsal<'_> {
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

    /// After a step that the description takes for granted, the page may be late
    /// once more.
    pub fn wait_anew(&mut self) {
        self.lateness = LATENESS;
        self.begun.waiting = None;
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
        // With the rest a banner was forgotten that has just been answered.
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

    /// [`Self::end`], of a clause of the description. What is seen after an act
    /// that could not be followed was there before, and proves nothing.
    pub fn end_of(&mut self, verb: Verb, result: Result<(), Failure>) -> Result<(), StageError> {
        let was_lost = self.is_lost;
        self.end(result)?;
        let outcome = &mut self.intents[self.current].outcome;
        let lost = matches!(outcome, IntentOutcome::NotUnderstood { .. });
        if verb.is_act() {
            self.is_lost = lost && verb != Verb::LogIn;
        } else if was_lost && *outcome == IntentOutcome::Rehearsed {
            let why = "what leads to it could not be done".to_owned();
            *outcome = IntentOutcome::NotUnderstood { why };
        }
        Ok(())
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
}
