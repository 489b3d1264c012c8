//! The mutants, grouped as the clauses are.

mod artifacts;
mod auth;
mod callback;
mod errors;
mod gap;
mod generated;
mod rates;
mod report;
mod repositories;
mod sast;
mod signature;
mod validation;
mod webhook;

use std::sync::LazyLock;

use serde_json::Value;

use super::Mutant;
use super::effect::Effect;
use super::reply::Reply;

pub(super) static ALL: LazyLock<Vec<Mutant>> = LazyLock::new(|| {
    [
        auth::mutants(),
        errors::mutants(),
        signature::mutants(),
        webhook::mutants(),
        validation::mutants(),
        callback::mutants(),
        report::mutants(),
        artifacts::mutants(),
        repositories::mutants(),
        sast::mutants(),
        generated::mutants(),
        gap::mutants(),
        rates::mutants(),
    ]
    .into_iter()
    .flatten()
    .collect()
});

fn mutant(id: &'static str, clause: &'static str, fault: &'static str, effect: Effect) -> Mutant {
    Mutant {
        id,
        clause,
        documented: true,
        slow: false,
        operation: effect.operation(),
        fault,
        effect,
    }
}

fn answer(
    operation: &'static str,
    id: &'static str,
    clause: &'static str,
    fault: &'static str,
    edit: fn(&mut Reply),
) -> Mutant {
    mutant(id, clause, fault, Effect::Answer(operation, edit))
}

fn payload(
    id: &'static str,
    clause: &'static str,
    fault: &'static str,
    edit: fn(&mut Value),
) -> Mutant {
    mutant(id, clause, fault, Effect::Payload(edit))
}

fn body(
    operation: &'static str,
    id: &'static str,
    clause: &'static str,
    fault: &'static str,
    edit: fn(&mut Value) -> Result<(), &'static str>,
) -> Mutant {
    mutant(id, clause, fault, Effect::Body(operation, edit))
}
