//! What the answers of a run have in common where not the deployment seems to be
//! wrong, but what the suite was told of it.

use std::collections::BTreeSet;

use reqwest::StatusCode;

use super::{Answer, Key, Signature};

/// From so many answers on something is told of all of them.
const ENOUGH: u32 = 3;

/// Answers to requests with an own key.
#[derive(Default)]
pub(super) struct Tally {
    operations: u32,
    /// Those of them that look like nothing that the API answers.
    foreign: u32,
    /// What rightly signed webhooks to the own slug were answered with.
    webhooks: BTreeSet<StatusCode>,
}

impl Tally {
    pub(super) fn note(&mut self, answer: &Answer, slug: &str) {
        let request = &answer.request;
        let own = matches!(request.key, Key::Own | Key::Nth(_));
        let (Some(operation), true) = (request.operation, own) else {
            return;
        };
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return;
        }
        self.operations += 1;
        let refusal = answer.json()["detail"].is_string();
        let served = answer.status.is_success() || answer.status == StatusCode::FOUND;
        self.foreign += u32::from(!served && !refusal);
        let addressed = request.path.rsplit('/').next() == Some(slug);
        if operation.signed && addressed && request.signature == Signature::right() {
            self.webhooks.insert(answer.status);
        }
    }

    pub(super) fn hints(&self, slug: &str) -> Option<String> {
        if self.operations >= ENOUGH && self.foreign == self.operations {
            return Some(
                "Nothing was answered as this API answers: is --url its base, without /api/v1/partner?"
                    .to_owned(),
            );
        }
        // A right signature that is no use, or a slug that is not the key's.
        let answered = |status| self.webhooks.contains(&status);
        let taken = |status: &StatusCode| status.is_success() || *status == StatusCode::BAD_REQUEST;
        if self.webhooks.iter().any(taken) {
            None
        } else if answered(StatusCode::FORBIDDEN) || answered(StatusCode::NOT_FOUND) {
            Some(format!(
                "No webhook to {slug} was let in, though its key is taken: is {slug} (--slug) the partner whose key was given, and --url the base of the deployment?"
            ))
        } else if answered(StatusCode::UNAUTHORIZED) {
            Some(format!(
                "No webhook's signature was taken: is --secret the webhook secret of {slug}?"
            ))
        } else {
            None
        }
    }
}
