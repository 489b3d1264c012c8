//! Which cases are kept, in which order.

use std::collections::{HashMap, HashSet};

use super::super::document::{ApiDocument, Operation};
use super::super::instructions::Focus;
use super::super::requests::Requests;
use super::{Case, Kind, of_operation};

/// More of one operation tell little that is new.
pub const MAX_CASES_PER_OPERATION: usize = 25;
/// Of one document.
pub const MAX_CASES: usize = 300;

/// What to generate for.
pub struct Selection {
    /// Indices of operations, the most wanted first.
    pub operations: Vec<usize>,
    focus: Focus,
    /// Operations that the instructions put first.
    in_focus: HashSet<usize>,
    /// What the partner should know of how their instructions were taken.
    pub notes: Vec<String>,
}

/// The operations that `focus` asks for.
pub fn select(document: &ApiDocument, mut focus: Focus) -> Selection {
    let mut notes = Vec::new();
    for (aim, outcome) in [
        (&mut focus.only, "so nothing was restricted to it"),
        (&mut focus.first, "so nothing was put first for it"),
    ] {
        let matched = |it: &super::super::instructions::Aim| {
            document
                .operations
                .iter()
                .any(|operation| it.matches(operation))
        };
        if aim.names_operations() && !matched(aim) {
            let said: Vec<_> = [&aim.methods, &aim.paths, &aim.topics]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
            notes.push(format!(
                "no operation answers to \"{}\", {outcome}",
                said.join(", ")
            ));
            aim.methods.clear();
            aim.paths.clear();
            aim.topics.clear();
        }
    }
    let is_left_out = |operation: &Operation| {
        (focus.without.deprecated && operation.deprecated)
            || (focus.without.names_operations() && focus.without.matches(operation))
    };
    let wanted: Vec<usize> = (0..document.operations.len())
        .filter(|index| {
            let operation = &document.operations[*index];
            focus.only.matches(operation) && !is_left_out(operation)
        })
        .collect();
    let in_focus: HashSet<usize> = wanted
        .iter()
        .copied()
        .filter(|index| {
            focus.first.names_operations() && focus.first.matches(&document.operations[*index])
        })
        .collect();
    let mut operations = wanted;
    operations.sort_by_key(|index| {
        let operation = &document.operations[*index];
        (
            !in_focus.contains(index),
            operation.deprecated,
            !operation.method.changes_state(),
        )
    });
    if operations.len() > MAX_CASES {
        notes.push(format!(
            "the specification has {} operations; the {MAX_CASES} most important are covered",
            operations.len()
        ));
        operations.truncate(MAX_CASES);
    }
    // What is kept is listed as the document lists it.
    operations.sort_by_key(|index| (!in_focus.contains(index), *index));
    Selection {
        operations,
        focus,
        in_focus,
        notes,
    }
}

/// Keeps the most urgent ones, and of equal ones some of each kind.
fn cut_to(most: usize, cases: &mut Vec<Case>) {
    let mut of_kind = HashMap::new();
    cases.sort_by_cached_key(|case| {
        let nth: &mut usize = of_kind.entry(case.kind).or_default();
        *nth += 1;
        (case.priority, *nth / 4, case.kind)
    });
    cases.truncate(most);
}

impl Selection {
    /// Their cases in order of priority, cut to the caps; where it is cut, what
    /// is least urgent goes first.
    pub fn cases(&mut self, requests: &Requests<'_>) -> Vec<Case> {
        let mut kept = Vec::new();
        let mut cut = 0;
        for (position, index) in self.operations.iter().enumerate() {
            let mut cases = of_operation(requests, *index);
            cases.retain_mut(|case| self.take(case));
            cut += cases.len().saturating_sub(MAX_CASES_PER_OPERATION);
            cut_to(MAX_CASES_PER_OPERATION, &mut cases);
            kept.extend(cases.into_iter().map(|case| (position, case)));
        }
        kept.sort_by_key(|(position, case)| (case.priority, *position, case.kind));
        let most = self.focus.at_most.unwrap_or(MAX_CASES).min(MAX_CASES);
        cut += kept.len().saturating_sub(most);
        kept.truncate(most);
        if cut > 0 {
            self.notes.push(format!(
                "{cut} less urgent cases were left out (at most {MAX_CASES_PER_OPERATION} an operation and {most} in all)"
            ));
        }
        kept.into_iter().map(|(_, case)| case).collect()
    }

    /// Whether the case is wanted; sets its priority by the instructions.
    fn take(&self, case: &mut Case) -> bool {
        let Focus {
            only,
            first,
            without,
            ..
        } = &self.focus;
        if without.names_kind(case.kind)
            || (!only.kinds.is_empty() && !only.names_operations() && !only.names_kind(case.kind))
        {
            return false;
        }
        if !first.names_operations() && first.kinds.is_empty() {
            return true;
        }
        if self.in_focus.contains(&case.operation) || first.names_kind(case.kind) {
            case.priority = case.priority.saturating_sub(1).max(1);
            return true;
        }
        case.priority = (case.priority + 1).clamp(3, 5);
        // Of what was not asked for, whether it works at all.
        !first.names_operations() || case.kind == Kind::Succeeds
    }
}
