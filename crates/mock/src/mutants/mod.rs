//! Deployments with one clause broken each, to prove that the conformance suite
//! sees it. Compiled with the feature `mutants` only.

mod catalogue;
mod effect;
mod hooks;
mod message;
mod reply;

use serde::Serialize;

pub(crate) use effect::Active;
use effect::Effect;
pub(crate) use hooks::{admitted, answer, arrive, parse, signed};

/// A deployment with one fault.
#[derive(Debug, Serialize)]
pub struct Mutant {
    /// Stable, such as `callback.custom-data.dropped`.
    pub id: &'static str,
    /// The clause of the contract that it breaks.
    pub clause: &'static str,
    /// False where the clause is documented, and what breaks it is against what
    /// only the contract says of it.
    pub documented: bool,
    /// A check has to wait a minute and more to see it.
    pub slow: bool,
    /// Whose requests or answers it changes; none where it is not about one operation.
    pub operation: Option<&'static str>,
    /// One sentence.
    pub fault: &'static str,
    #[serde(skip)]
    effect: Effect,
}

impl Mutant {
    /// Every mutant, in the order of the clauses.
    pub fn all() -> &'static [Self] {
        &catalogue::ALL
    }

    /// The mutant of this id.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        Self::all().iter().find(|mutant| mutant.id == id)
    }

    /// Against what the documentation leaves to the contract.
    fn inferred(mut self) -> Self {
        self.documented = false;
        self
    }

    fn slow(mut self) -> Self {
        self.slow = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;

    const DOCUMENT: &str = include_str!("../../../../openapi.json");

    #[test]
    fn each_mutant_breaks_a_clause_of_the_contract() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let text = document.to_string();
        for mutant in Mutant::all() {
            let clause = format!("\"{}\"", mutant.clause);
            assert!(text.contains(&clause), "{}: {}", mutant.id, mutant.clause);
        }
    }

    #[test]
    fn each_clause_of_the_documentation_is_broken_by_a_mutant() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let mut clauses = Vec::new();
        collect(&document, &mut clauses);
        assert!(clauses.len() > 100);
        let documented = Mutant::all().iter().filter(|mutant| mutant.documented);
        let broken: HashSet<&str> = documented.map(|mutant| mutant.clause).collect();
        clauses.retain(|clause| !broken.contains(clause.as_str()));
        assert_eq!(clauses, Vec::<String>::new());
    }

    fn collect(node: &Value, clauses: &mut Vec<String>) {
        if let Some(object) = node.as_object() {
            let at = &node["x-clause"];
            let ids = at.as_array().into_iter().flatten().chain([at]);
            clauses.extend(ids.filter_map(|it| it["id"].as_str().map(str::to_owned)));
            let others = object.iter().filter(|(key, _)| *key != "x-clause");
            others.for_each(|(_, value)| collect(value, clauses));
        }
        let items = node.as_array().into_iter().flatten();
        items.for_each(|item| collect(item, clauses));
    }

    #[test]
    fn no_two_mutants_have_one_id() {
        let ids: HashSet<&str> = Mutant::all().iter().map(|mutant| mutant.id).collect();
        assert_eq!(ids.len(), Mutant::all().len());
    }
}
