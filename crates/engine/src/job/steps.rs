//! A test as data: what the planner (or an LLM) proposes, what the rehearsal
//! acts out live, what `generate` prints and what `score` weighs.

use serde::{Deserialize, Serialize};

use crate::browser::locator::Locator;

/// A test for one feature description.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Title in the words of the description: "Login and Dashboard Verification".
    pub title: String,
    #[serde(default)]
    pub planned_by: PlannedBy,
    /// Whether the second step answers the cookie banner that the first meets.
    #[serde(default)]
    pub opens_with_consent: bool,
    /// Whether a step makes the browser ask (`confirm`), and is meant.
    #[serde(default)]
    pub answers_dialogs: bool,
    /// What the description asks for, clause by clause, in its order.
    pub intents: Vec<Intent>,
    /// The steps, in the order in which a person would take them.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Whether anything is asserted at all.
    pub fn asserts(&self) -> bool {
        self.steps.iter().any(Step::asserts)
    }

    /// Whether something is asserted after the last act; else the test passes
    /// whatever that act leads to.
    pub fn asserts_in_the_end(&self) -> bool {
        self.steps.last().is_some_and(Step::asserts)
    }
}

/// Who planned a test.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum PlannedBy {
    #[default]
    Planner,
    /// The partner's LLM.
    Llm { model: String },
    /// The partner's LLM was asked first.
    PlannerInstead { why: String },
}

/// One thing that the description asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// The words of the description.
    pub says: String,
    pub outcome: IntentOutcome,
}

/// What became of an intent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum IntentOutcome {
    /// Steps were found and acted out; what they assert held.
    Rehearsed,
    /// Steps were found, but what the description promises was not seen: the
    /// test asserts it all the same, and so reports the feature as broken.
    NotSeen { seen: String },
    /// Nothing on the pages visited answers to these words.
    NotUnderstood { why: String },
}

/// A step together with the intent it serves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Index into [`Plan::intents`].
    pub intent: usize,
    #[serde(flatten)]
    pub act: Act,
}

impl Step {
    pub fn asserts(&self) -> bool {
        matches!(self.act, Act::Expect(_))
    }
}

/// What a person does, or checks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Act {
    /// Path and query relative to the target's origin.
    Goto {
        path: String,
    },
    Click {
        target: Locator,
    },
    Fill {
        target: Locator,
        value: Value,
    },
    Select {
        target: Locator,
        option: String,
    },
    Check {
        target: Locator,
        checked: bool,
    },
    Press {
        target: Locator,
        key: String,
    },
    Expect(Expectation),
}

/// What is typed. Credentials are named, never held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Value {
    Text { text: String },
    Username,
    Password,
}

/// A web-first assertion: each can fail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "snake_case")]
pub enum Expectation {
    /// Path (and query, where given) of the page, `toHaveURL`.
    Path {
        path: String,
    },
    Title {
        title: String,
    },
    Visible {
        target: Locator,
    },
    Hidden {
        target: Locator,
    },
    /// `toHaveCount`
    Count {
        target: Locator,
        count: usize,
    },
    /// `toHaveText`, whole text, white space folded.
    Text {
        target: Locator,
        text: String,
    },
    /// `toContainText`; on several elements, each must contain it.
    ContainsText {
        target: Locator,
        text: String,
    },
    /// `toHaveValue`
    FieldValue {
        target: Locator,
        value: String,
    },
    Checked {
        target: Locator,
        checked: bool,
    },
    Disabled {
        target: Locator,
    },
    Enabled {
        target: Locator,
    },
}
