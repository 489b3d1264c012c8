//! `cargo xtask diff`: what changed between two OpenAPI documents, and whom it
//! breaks.

mod access;
mod change;
mod compare;
mod exchange;
mod properties;
mod renames;
mod schema;
#[cfg(test)]
mod tests;
mod usage;

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::json;

pub use change::{Change, Side, Verdict};
pub use compare::compare;

use crate::document;

#[derive(Args)]
#[command(
    after_help = "Exit codes: 0 nothing breaks, 1 something breaks, 2 a document can't be read.\n\n\
Examples:\n  \
cargo xtask diff contract/released/1.0.0.json openapi.json\n  \
cargo xtask diff --markdown old.json new.json >> $GITHUB_STEP_SUMMARY\n  \
cargo xtask diff --json old.json new.json | jq '.changes[] | select(.verdict == \"breaking\")'"
)]
pub struct DiffArgs {
    /// What callers keep to today
    old: PathBuf,
    /// What they are to keep to
    new: PathBuf,
    /// Print one JSON object: counts and changes
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print a Markdown table
    #[arg(long)]
    markdown: bool,
}

pub fn run(args: &DiffArgs) -> Result<ExitCode> {
    let old = document::read_whole(&args.old)?;
    let new = document::read_whole(&args.new)?;
    let changes = compare(&old, &new);
    let shown = if args.json {
        serde_json::to_string_pretty(&as_json(&changes))? + "\n"
    } else if args.markdown {
        as_markdown(&changes)?
    } else {
        as_text(&changes)?
    };
    print!("{shown}");
    let breaks = count(&changes, Verdict::Breaking) > 0;
    Ok(if breaks {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

pub fn count(changes: &[Change], verdict: Verdict) -> usize {
    changes
        .iter()
        .filter(|change| change.verdict == verdict)
        .count()
}

/// `2 breaking, 1 compatible, 0 documentation`
pub fn summary(changes: &[Change]) -> String {
    format!(
        "{} breaking, {} compatible, {} documentation",
        count(changes, Verdict::Breaking),
        count(changes, Verdict::Compatible),
        count(changes, Verdict::Documentation)
    )
}

fn as_json(changes: &[Change]) -> serde_json::Value {
    json!({
        "breaking": count(changes, Verdict::Breaking),
        "compatible": count(changes, Verdict::Compatible),
        "documentation": count(changes, Verdict::Documentation),
        "changes": changes,
    })
}

const HEADINGS: [(Verdict, &str); 3] = [
    (Verdict::Breaking, "Breaking"),
    (Verdict::Compatible, "Compatible"),
    (Verdict::Documentation, "Documentation"),
];

/// The changes of each verdict, the gravest first, under its heading.
fn by_verdict(changes: &[Change]) -> impl Iterator<Item = (&'static str, Vec<&Change>)> {
    let groups = HEADINGS.into_iter().map(|(verdict, heading)| {
        let of = changes.iter().filter(|change| change.verdict == verdict);
        (heading, of.collect::<Vec<_>>())
    });
    groups.filter(|(_, changes)| !changes.is_empty())
}

fn as_text(changes: &[Change]) -> Result<String> {
    let mut text = String::new();
    for (heading, changes) in by_verdict(changes) {
        writeln!(text, "{heading}")?;
        for change in changes {
            writeln!(
                text,
                "  {}{}\n      {}: {}",
                change.pointer,
                was(change),
                change.what,
                change.why
            )?;
        }
    }
    writeln!(text, "{}", summary(changes))?;
    Ok(text)
}

fn as_markdown(changes: &[Change]) -> Result<String> {
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    let mut text = format!("**{}**\n", summary(changes));
    for (heading, changes) in by_verdict(changes) {
        writeln!(
            text,
            "\n### {heading}\n\n| where | what | why |\n|---|---|---|"
        )?;
        for change in changes {
            writeln!(
                text,
                "| `{}`{} | {} | {} |",
                cell(&change.pointer),
                was(change),
                cell(&change.what),
                change.why
            )?;
        }
    }
    Ok(text)
}

/// A pointer to what was removed resolves in the old document.
fn was(change: &Change) -> &'static str {
    match change.document {
        Side::Old => " (in the old document)",
        Side::New => "",
    }
}
