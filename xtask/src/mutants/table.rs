//! The table of mutants.

use comfy_table::{ContentArrangement, Table, presets};

use super::run::Outcome;

const HEADER: [&str; 5] = [
    "mutant",
    "clause",
    "checks of the clause",
    "caught by",
    "time",
];

pub(super) fn text(outcomes: &[Outcome]) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(HEADER);
    for outcome in outcomes {
        table.add_row(row(outcome));
    }
    table.to_string()
}

pub(super) fn markdown(outcomes: &[Outcome]) -> String {
    let mut text =
        "| mutant | clause | what is broken | caught by | time |\n|---|---|---|---|---|\n"
            .to_owned();
    for outcome in outcomes {
        let [mutant, clause, _, by, time] = row(outcome);
        let fault = &outcome.mutant.fault;
        text.push_str(&format!(
            "| `{mutant}` | `{clause}` | {fault} | {by} | {time} |\n"
        ));
    }
    text
}

fn row(outcome: &Outcome) -> [String; 5] {
    let mutant = &outcome.mutant;
    let clause = match mutant.documented {
        true => mutant.clause.clone(),
        false => format!("{} (inferred)", mutant.clause),
    };
    let mut by = outcome.by.join(", ");
    if !outcome.caught() {
        by = "SURVIVED".to_owned();
    }
    if !outcome.also.is_empty() {
        by.push_str(&format!(" and {} others", outcome.also.len()));
    }
    [
        mutant.id.clone(),
        clause,
        outcome.expected.join(", "),
        by,
        format!("{:.1} s", outcome.took.as_secs_f64()),
    ]
}
