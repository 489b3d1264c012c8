//! The table of mutants.

use super::run::Outcome;

const HEADER: [&str; 5] = [
    "mutant",
    "clause",
    "checks of the clause",
    "caught by",
    "time",
];

pub(super) fn text(outcomes: &[Outcome]) -> String {
    let mut table = crate::table::table();
    table.set_header(HEADER);
    for outcome in outcomes {
        // A check a line, or names would be broken within.
        table.add_row(row(outcome, ",\n"));
    }
    table.to_string()
}

pub(super) fn markdown(outcomes: &[Outcome]) -> String {
    let mut text =
        "| mutant | clause | what is broken | caught by | time |\n|---|---|---|---|---|\n"
            .to_owned();
    for outcome in outcomes {
        let [mutant, clause, _, by, time] = row(outcome, ", ");
        let fault = &outcome.mutant.fault;
        text.push_str(&format!(
            "| `{mutant}` | `{clause}` | {fault} | {by} | {time} |\n"
        ));
    }
    text
}

fn row(outcome: &Outcome, between: &str) -> [String; 5] {
    let mutant = &outcome.mutant;
    let clause = match mutant.documented {
        true => mutant.clause.clone(),
        false => format!("{} (inferred)", mutant.clause),
    };
    let mut by = outcome.by.join(between);
    if !outcome.caught() {
        by = "SURVIVED".to_owned();
    }
    if !outcome.also.is_empty() {
        by.push_str(&format!(" and {} others", outcome.also.len()));
    }
    [
        mutant.id.clone(),
        clause,
        outcome.expected.join(between),
        by,
        format!("{:.1} s", outcome.took.as_secs_f64()),
    ]
}
