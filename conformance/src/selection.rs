//! Which checks are made.

use crate::check::{Check, Group, Level};
use crate::checks;
use crate::run::RunError;

/// Nothing less alike is suggested.
const ALIKE: f64 = 0.8;

/// Which checks to make.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these: ids, groups or clauses, or how these begin up to a dot.
    pub only: Vec<String>,
    /// Not these.
    pub skip: Vec<String>,
    /// Only checks of documented clauses.
    pub level: Option<Level>,
}

/// A check of a deployment or of a receiver, as it is selected.
pub(crate) struct Named<'a> {
    pub(crate) id: &'a str,
    pub(crate) group: Group,
    pub(crate) level: Level,
    pub(crate) clauses: Vec<&'a str>,
}

impl Selection {
    /// Whether `check` is selected.
    pub(crate) fn admits(&self, check: &Named<'_>) -> bool {
        let named = |patterns: &[String]| patterns.iter().any(|pattern| check.answers_to(pattern));
        let level = self.level.is_none_or(|strictest| check.level <= strictest);
        level && (self.only.is_empty() || named(&self.only)) && !named(&self.skip)
    }

    /// The checks that are selected, in the catalogue's order.
    pub fn checks(&self) -> Vec<Check> {
        let all = checks::all().iter();
        all.filter(|check| self.admits(&Named::of(check)))
            .cloned()
            .collect()
    }

    /// Refuses names that none of `known` answers to: a check that is meant and
    /// misspelt would go unmade.
    pub(crate) fn names_are_known(&self, known: &[Named<'_>]) -> Result<(), RunError> {
        for name in self.only.iter().chain(&self.skip) {
            if !known.iter().any(|check| check.answers_to(name)) {
                return Err(RunError::UnknownName {
                    name: name.clone(),
                    alike: most_alike(name, known).map(str::to_owned),
                });
            }
        }
        Ok(())
    }
}

impl<'a> Named<'a> {
    pub(crate) fn of(check: &'a Check) -> Self {
        Self {
            id: &check.id,
            group: check.group,
            level: check.level,
            clauses: check.clauses.iter().map(String::as_str).collect(),
        }
    }

    fn answers_to(&self, pattern: &str) -> bool {
        let begins = |name: &str| {
            name == pattern
                || name
                    .strip_prefix(pattern)
                    .is_some_and(|rest| rest.starts_with('.'))
        };
        begins(self.id)
            || self.group.name() == pattern
            || self.clauses.iter().any(|clause| begins(clause))
    }
}

fn most_alike<'a>(name: &str, known: &[Named<'a>]) -> Option<&'a str> {
    let names = known.iter().flat_map(|check| {
        let own = [check.group.name(), check.id];
        own.into_iter().chain(check.clauses.iter().copied())
    });
    let (likeness, best) = names
        .map(|other| (strsim::jaro_winkler(name, other), other))
        .max_by(|(left, _), (right, _)| left.total_cmp(right))?;
    (likeness >= ALIKE).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(only: &str) -> Option<String> {
        let selection = Selection {
            only: vec![only.to_owned()],
            ..Selection::default()
        };
        let known: Vec<Named<'_>> = checks::all().iter().map(Named::of).collect();
        let error = selection.names_are_known(&known).err()?;
        Some(error.to_string())
    }

    #[test]
    fn ids_groups_clauses_and_how_they_begin_are_names() {
        for name in [
            "callback.echo",
            "callback",
            "rates.free",
            "validation.webhook",
        ] {
            assert_eq!(refused(name), None);
        }
    }

    #[test]
    fn a_misspelt_name_is_refused_with_the_one_that_may_be_meant() {
        let said = refused("calback").unwrap();
        assert!(said.contains("`calback`"), "{said}");
        assert!(said.contains("do you mean `callback`?"), "{said}");
        assert!(!refused("zzz").unwrap().contains("do you mean"));
    }
}
