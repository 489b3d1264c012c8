//! Each documented clause is proven by a check of the conformance suite. What the
//! suite proves is read from the page that it prints, as nothing here may depend
//! on generated code; a test of the suite keeps that page fresh.

use std::collections::HashSet;

use super::Problem;
use crate::generate::Clause;
use crate::process::workspace;

const PAGE: &str = "docs/conformance.md";

/// Whoever has added the check sees nothing of it here until the page is new.
const PRINT: &str = "`cargo run -p qualitymax-conformance -- catalogue > docs/conformance.md`";

pub fn page() -> std::io::Result<String> {
    std::fs::read_to_string(workspace().join(PAGE))
}

/// What of `clauses` the page names no check for, or none that demands it.
pub fn unproven(clauses: &[Clause], page: &str) -> Vec<Problem> {
    let proofs = Proofs::read(page);
    let missing = clauses.iter().filter_map(|clause| {
        let id = &clause.id;
        let checks = proofs.checks_of(id);
        if checks.iter().any(|check| proofs.demanding.contains(check)) {
            return None;
        }
        let says = match checks.is_empty() {
            true => format!("no conformance check proves the clause `{id}`"),
            false => format!(
                "the clause `{id}` is documented, and no check that carries it is a MUST: {}",
                checks.join(", ")
            ),
        };
        let fix = format!("name it in a `Check::must` in conformance/src/checks, then {PRINT}");
        Some(Problem::new(&clause.pointer, says, fix))
    });
    let gone = proofs
        .clauses
        .iter()
        .filter(|(id, _)| !clauses.iter().any(|clause| clause.id == *id))
        .map(|(id, _)| {
            let says = format!("names the clause `{id}`, which openapi.json does not have");
            let fix = format!("take it out of the checks that name it, then {PRINT}");
            Problem::new(PAGE, says, fix)
        });
    missing.chain(gone).collect()
}

/// What the page's tables say.
#[derive(Default)]
struct Proofs<'p> {
    /// Checks that are a MUST.
    demanding: HashSet<&'p str>,
    /// Each clause, and the checks that carry it.
    clauses: Vec<(&'p str, Vec<&'p str>)>,
}

impl<'p> Proofs<'p> {
    fn read(page: &'p str) -> Self {
        let mut proofs = Self::default();
        for row in page.lines() {
            let cells = row
                .strip_prefix("| `")
                .and_then(|row| row.strip_suffix(" |"));
            let Some((id, rest)) = cells.and_then(|cells| cells.split_once("` | ")) else {
                continue;
            };
            if let Some((level @ ("MUST" | "SHOULD"), _)) = rest.split_once(" | ") {
                if level == "MUST" {
                    proofs.demanding.insert(id);
                }
            } else if let Some((_, checks)) = rest.rsplit_once(" |") {
                // Within a cell it is escaped.
                let checks = checks
                    .split(',')
                    .map(|check| check.trim().trim_matches('`'));
                let checks = checks.filter(|check| !check.is_empty()).collect();
                proofs.clauses.push((id, checks));
            }
        }
        proofs
    }

    fn checks_of(&self, clause: &str) -> &[&'p str] {
        let found = self.clauses.iter().find(|(id, _)| *id == clause);
        found.map_or(&[], |(_, checks)| checks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "\
## auth

| check | level | proves |
|---|---|---|
| `auth.missing-key` | MUST | 401 \\| a detail. |
| `auth.challenge` | SHOULD | 401 says how. |

## Which check proves which clause

| clause | says | checks |
|---|---|---|
| `auth.key-required` | All \\| requests | `auth.challenge`, `auth.missing-key` |
| `errors.401` | 401 | `auth.challenge` |
| `errors.402` | 402 |  |
";

    fn clause(id: &str) -> Clause {
        Clause {
            id: id.to_owned(),
            says: String::new(),
            pointer: format!("/of/{id}"),
        }
    }

    fn told(ids: &[&str]) -> Vec<(String, String)> {
        let clauses: Vec<Clause> = ids.iter().map(|id| clause(id)).collect();
        let problems = unproven(&clauses, SAMPLE);
        problems.into_iter().map(|it| (it.at, it.says)).collect()
    }

    #[test]
    fn a_clause_that_no_check_demands_is_told_with_its_place() {
        let proven = ["auth.key-required", "errors.401", "errors.402", "sast.new"];
        let expected = [
            (
                "/of/errors.401",
                "the clause `errors.401` is documented, and no check that carries it is a MUST: auth.challenge",
            ),
            (
                "/of/errors.402",
                "no conformance check proves the clause `errors.402`",
            ),
            (
                "/of/sast.new",
                "no conformance check proves the clause `sast.new`",
            ),
        ];
        let expected = expected.map(|(at, says)| (at.to_owned(), says.to_owned()));
        assert_eq!(told(&proven), expected);
    }

    #[test]
    fn a_clause_that_is_gone_from_the_document_is_told_as_well() {
        let told = told(&["auth.key-required", "errors.402"]);
        let gone = "names the clause `errors.401`, which openapi.json does not have";
        assert!(
            told.contains(&(PAGE.to_owned(), gone.to_owned())),
            "{told:?}"
        );
    }

    #[test]
    fn the_page_of_the_suite_proves_every_clause_of_the_contract() {
        let clauses = crate::generate::clauses(&crate::document::contract().unwrap());
        assert!(clauses.len() > 100);
        assert_eq!(unproven(&clauses, &page().unwrap()), []);
    }
}
