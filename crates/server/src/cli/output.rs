//! How answers are printed: tables for people, JSON for machines.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use comfy_table::{Table, presets};
use serde::Serialize;
use serde_json::Value;

use super::{Common, Exit};

/// What a process that SIGPIPE ended is reported with.
const BROKEN_PIPE: i32 = 128 + 13;

/// Writes to stdout. Where nobody reads on, as `head` does once it has had
/// enough, or nothing can be written, this is the end of the program.
pub(super) fn print(text: Arguments<'_>) {
    let Err(error) = std::io::stdout().lock().write_fmt(text) else {
        return;
    };
    if error.kind() == ErrorKind::BrokenPipe {
        std::process::exit(BROKEN_PIPE);
    }
    command_line::tell!("error: standard output can't be written: {error}");
    std::process::exit(1);
}

/// One line of JSON.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    say!("{}", serde_json::to_string(value)?);
    Ok(())
}

/// A table; `nothing` where it would be empty.
pub(super) fn table<const N: usize>(header: [&str; N], rows: Vec<[String; N]>, nothing: &str) {
    if rows.is_empty() {
        say!("{nothing}");
        return;
    }
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_header(header);
    for row in rows {
        table.add_row(row.map(|text| printable(&text)));
    }
    say!("{table}");
}

/// Names and values, one pair a line.
pub(super) fn fields(rows: Vec<[String; 2]>) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for row in rows {
        table.add_row(row.map(|text| printable(&text)));
    }
    say!("{table}");
}

/// A time as people and machines read it, to the second.
pub(super) fn time(at: jiff::Timestamp) -> String {
    format!("{at:.0}")
}

/// Part of what is shown came from pages of somebody else's, and must not
/// command the terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|char| match char {
            '\n' => char,
            '\t' => ' ',
            char if char.is_control() => '\u{fffd}',
            char => char,
        })
        .collect()
}

/// "1 file", "2 files"
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Sarif,
}

/// How an engine's report is printed, and where.
#[derive(Args)]
pub(super) struct Output {
    /// How to print what was found
    #[arg(long, value_enum, default_value = "text", conflicts_with = "json")]
    format: Format,
    /// Write to a file instead of the terminal
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Output {
    /// Prints a report, or writes it to the file and prints its summary. `text` is
    /// told whether what it says goes to the terminal. A report that can't be
    /// written is no verdict.
    pub fn print<R: Serialize>(
        &self,
        common: &Common,
        report: &R,
        text: impl FnOnce(&R, bool) -> String,
        sarif: impl FnOnce(&R) -> Value,
        summary: impl FnOnce(&R) -> String,
    ) -> anyhow::Result<()> {
        let text = match self.format {
            _ if common.json => pretty(report)?,
            Format::Text => text(report, self.output.is_none()),
            Format::Json => pretty(report)?,
            Format::Sarif => pretty(&sarif(report))?,
        };
        match &self.output {
            Some(path) => {
                if let Err(error) = std::fs::write(path, text) {
                    command_line::tell!("error: {} can't be written: {error}", path.display());
                    return Err(Exit::FAILED.into());
                }
                command_line::tell!("{}", summary(report));
            }
            None => print(format_args!("{text}")),
        }
        Ok(())
    }
}

/// Pretty JSON, ended by a line feed.
pub(super) fn pretty(value: &impl Serialize) -> anyhow::Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_does_not_command_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\nc\td"), "a\u{fffd}[2Jb\nc d");
    }
}
