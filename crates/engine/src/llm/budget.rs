//! What one use of a provider may cost, and what it has cost so far.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::LlmError;

/// What one use of a provider (one request of a partner, one job) may cost.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Requests, retries among them.
    pub calls: u32,
    /// Tokens in and out, as the provider counts them; where it does not, a
    /// token is taken for three bytes.
    pub tokens: u32,
    /// Of one answer.
    pub answer_tokens: u32,
    /// Received on the wire, of all answers. Some hundred times what the tokens
    /// come to: a provider that reaches it means no good.
    pub bytes: u64,
    /// For one request.
    pub call_timeout: Duration,
    /// For all of them, with the waits in between.
    pub total_timeout: Duration,
    /// Wait before a failed request is sent again; it doubles each time.
    pub first_wait: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            calls: 6,
            tokens: 60_000,
            answer_tokens: 8_000,
            bytes: 4 * 1024 * 1024,
            call_timeout: Duration::from_secs(60),
            total_timeout: Duration::from_secs(150),
            first_wait: Duration::from_millis(500),
        }
    }
}

/// What is left of a budget.
#[derive(Debug)]
pub(super) struct Account {
    budget: Budget,
    since: Instant,
    spent: Mutex<Spent>,
}

#[derive(Debug, Default)]
struct Spent {
    calls: u32,
    tokens: u32,
}

impl Account {
    pub fn new(budget: Budget) -> Self {
        Self {
            budget,
            since: Instant::now(),
            spent: Mutex::default(),
        }
    }

    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Counts a call whose request is about so many tokens long; says how many
    /// its answer may have.
    pub fn begin_call(&self, asked: u32) -> Result<u32, LlmError> {
        if self.time_left().is_zero() {
            return Err(LlmError::Budget("time"));
        }
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.calls == self.budget.calls {
            return Err(LlmError::Budget("calls"));
        }
        let left = self.budget.tokens.saturating_sub(spent.tokens);
        // An answer of a few words is worth nothing.
        let for_answer = left.saturating_sub(asked).min(self.budget.answer_tokens);
        if for_answer < 200 {
            return Err(LlmError::Budget("tokens"));
        }
        spent.calls += 1;
        Ok(for_answer)
    }

    pub fn end_call(&self, tokens: u32) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.tokens = spent.tokens.saturating_add(tokens);
    }

    pub fn time_left(&self) -> Duration {
        let spent = self.since.elapsed();
        self.budget.total_timeout.saturating_sub(spent)
    }
}
