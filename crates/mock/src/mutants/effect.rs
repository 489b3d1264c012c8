//! What a mutant does, and what it remembers.

use std::collections::HashMap;
use std::sync::Mutex;

use contract::RateClass;
use http::request::Parts;
use serde_json::Value;

use super::Mutant;
use super::message::Draft;
use super::reply::Reply;
use crate::world::locked;

/// Where a fault sits. Each works on what passes there, and leaves alone what it
/// is not about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect {
    /// In the head of a request, before anything looks at it.
    Arrival(fn(&mut Parts, &Keys)),
    /// In the body of an operation's request, before it is validated; `Err` is a
    /// refusal.
    Body(&'static str, fn(&mut Value) -> Result<(), &'static str>),
    /// A body that is no JSON is a failure of the deployment's own.
    MalformedIsInternal,
    /// In how a webhook's signature is verified: secret, body, header.
    Signature(fn(&[u8], &[u8], &str) -> bool),
    /// The body is looked at before the signature.
    ParseFirst,
    /// In the answers of an operation.
    Answer(&'static str, fn(&mut Reply)),
    /// In the answers to paths under this one that are no operation's.
    Beside(&'static str, fn(&mut Reply)),
    /// In every answer.
    AnyAnswer(fn(&mut Reply)),
    /// In how requests to an operation are counted.
    Rate(&'static str, Rate),
    /// In how requests to the operations of a class are counted, each for itself.
    RateClass(RateClass, Rate),
    /// In the callback's payload, before it is signed; `custom_data` keeps its
    /// text unless it is changed.
    Payload(fn(&mut Value)),
    /// In `custom_data` as the callback echoes it.
    Echo(fn(&mut Value)),
    /// In the callback once it is signed.
    Message(fn(&mut Draft<'_>)),
    /// In the request that carries the callback; `None` sends nothing.
    Delivery(fn(reqwest::RequestBuilder) -> Option<reqwest::RequestBuilder>),
    /// The first attempt is the last one.
    NoRetry,
}

impl Effect {
    pub(super) fn operation(self) -> Option<&'static str> {
        match self {
            Self::Body(operation, _) | Self::Answer(operation, _) | Self::Rate(operation, _) => {
                Some(operation)
            }
            Self::Signature(_)
            | Self::ParseFirst
            | Self::Payload(_)
            | Self::Echo(_)
            | Self::Message(_)
            | Self::Delivery(_)
            | Self::NoRetry => Some("trigger_test_generation"),
            Self::Arrival(_)
            | Self::RateClass(..)
            | Self::MalformedIsInternal
            | Self::Beside(..)
            | Self::AnyAnswer(_) => None,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Rate {
    /// Never refused.
    Unlimited,
    /// One more passes in each window.
    OneMore,
    /// One fewer passes.
    OneFewer,
    /// Whoever was refused once is refused for good.
    ForGood,
}

/// The keys of the first partner and of the others.
pub(super) struct Keys {
    pub(super) own: Vec<String>,
    pub(super) others: Vec<String>,
}

/// The mutant that a world is, if it is one.
pub(crate) struct Active {
    mutant: Option<&'static Mutant>,
    counts: Mutex<HashMap<String, u64>>,
}

impl Active {
    pub(crate) fn new(mutant: Option<&'static Mutant>) -> Self {
        Self {
            mutant,
            counts: Mutex::default(),
        }
    }

    pub(super) fn effect(&self) -> Option<Effect> {
        self.mutant.map(|mutant| mutant.effect)
    }

    /// How often this was asked, with this time.
    pub(super) fn turn(&self, what: &str) -> u64 {
        let mut counts = locked(&self.counts);
        let count = counts.entry(what.to_owned()).or_default();
        *count += 1;
        *count
    }

    pub(super) fn has(&self, what: &str) -> bool {
        locked(&self.counts).contains_key(what)
    }

    pub(super) fn forget(&self, what: &str) {
        locked(&self.counts).remove(what);
    }

    pub(crate) fn parses_before_signature(&self) -> bool {
        matches!(self.effect(), Some(Effect::ParseFirst))
    }

    pub(crate) fn never_retries(&self) -> bool {
        matches!(self.effect(), Some(Effect::NoRetry))
    }
}
