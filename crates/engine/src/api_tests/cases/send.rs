//! What a case sends.

use serde_json::Value;

use crate::api_tests::document::In;
use crate::api_tests::requests::{Bound, Requests};
use crate::api_tests::schema::{Spot, Step};

/// How the request differs from the one that should succeed.
#[derive(Clone, Debug, PartialEq)]
pub enum Send {
    AsPlanned,
    Body(Value),
    /// A change of the body; None leaves out what is there.
    BodyChange(Spot, Option<Value>),
    /// A parameter's value; None leaves it out.
    Parameter(In, String, Option<Value>),
    NoCredentials,
    WrongCredentials,
    /// Of several schemes that go together, this one is left out.
    Without(String),
    /// The same request twice: what is expected is the second answer.
    Twice,
    Raw {
        media_type: &'static str,
        text: &'static str,
    },
    NoBody,
    /// Can't be brought about from the document alone.
    ByHand,
}

impl Send {
    /// Resources that the request refers to, each with the field it takes, in
    /// the order of its path and body; each behind those that it is part of.
    pub fn resources<'r>(
        &self,
        requests: &'r Requests<'_>,
        operation: usize,
    ) -> Vec<(usize, &'r [String])> {
        let request = requests.of(operation);
        let path = request.path.iter().filter(|(name, _)| {
            !matches!(self, Self::Parameter(In::Path, changed, Some(_)) if changed == name)
        });
        let sends_body = !matches!(self, Self::NoBody | Self::Raw { .. });
        let (changed, whole) = match self {
            Self::BodyChange(Spot(steps), to) => (steps.first(), steps.is_empty() && to.is_some()),
            _ => (None, false),
        };
        let body = request
            .body
            .iter()
            .filter(|_| sends_body && !whole)
            .flat_map(|body| &body.bound)
            .filter(|(name, _)| changed != Some(&Step::Property(name.clone())));
        let mut used: Vec<(usize, &[String])> = Vec::new();
        let mut add = |bound: &'r Bound| {
            if let Bound::Field(resource, field) = bound
                && used.iter().all(|(known, _)| known != resource)
            {
                used.push((*resource, field));
            }
        };
        for (_, bound) in path.chain(body) {
            if let Bound::Field(resource, _) = bound {
                let maker = requests.resources[*resource].source.operation();
                for (_, whole) in &requests.of(maker).path {
                    add(whole);
                }
            }
            add(bound);
        }
        used
    }
}
