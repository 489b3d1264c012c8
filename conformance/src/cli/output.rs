//! What deployments and receivers have in common: which checks are made, and
//! what becomes of the report.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{BROKEN, CONFORMS, CliError, NO_VERDICT};
use crate::check::Level;
use crate::report::{Report, html, junit, terminal};
use crate::selection::Selection;

/// Which checks are made, whatever is checked.
#[derive(Args)]
pub(crate) struct SelectionArgs {
    /// Only these checks: ids, groups, or clauses; `callback` takes `callback.echo` in
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Not these checks
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    skip: Vec<String>,
    /// `must`: only checks of documented clauses
    #[arg(long, value_enum, ignore_case = true)]
    level: Option<Level>,
    /// Print the checks that would be made, and make none
    #[arg(long)]
    pub(crate) list: bool,
}

impl SelectionArgs {
    pub(crate) fn read(&self) -> Selection {
        Selection {
            only: self.only.clone(),
            skip: self.skip.clone(),
            level: self.level,
        }
    }
}

/// What becomes of a report, whatever was checked.
#[derive(Args)]
pub(crate) struct OutputArgs {
    /// How the report is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Where the report is written; standard output if not given
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Exit with 1 also for what only the contract says, and for drift
    #[arg(long)]
    strict: bool,
    /// Show every failure of a check, and what was seen where it says so
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Junit,
    Html,
}

impl OutputArgs {
    /// Refuses a file that can't be written before a run is made for it.
    pub(crate) fn is_writable(&self) -> Result<(), CliError> {
        let Some(path) = &self.output else {
            return Ok(());
        };
        let new = !path.exists();
        let opened = OpenOptions::new().append(true).create(true).open(path);
        match opened.and_then(|_| {
            if new {
                std::fs::remove_file(path)
            } else {
                Ok(())
            }
        }) {
            Ok(()) => Ok(()),
            Err(error) => Err(CliError::Report {
                path: path.clone(),
                error,
            }),
        }
    }

    /// Writes the report; the exit code that it comes to.
    pub(crate) fn deliver(&self, report: &Report) -> Result<u8, CliError> {
        let text = match self.format {
            Format::Text => terminal::render(report, self.verbose),
            Format::Json => report.to_json() + "\n",
            Format::Junit => junit::render(report),
            Format::Html => html::render(report)?,
        };
        self.write(&text)?;
        // Whoever reads it may be gone; that changes no verdict.
        if let Some(path) = &self.output {
            command_line::tell!("{}", terminal::closing(report).trim());
            command_line::tell!("The report is in {}", path.display());
        } else if self.format != Format::Text {
            // The report itself may be piped away.
            let _ = write!(std::io::stderr(), "{}", terminal::hints(report));
        }
        if !report.is_verdict() {
            let why = "no check could be made; the report says why each was skipped";
            command_line::tell!("error: {why}");
            return Ok(NO_VERDICT);
        }
        Ok(match report.conforms(self.strict) {
            true if report.interrupted => {
                command_line::tell!("error: interrupted before all checks were made");
                NO_VERDICT
            }
            true => CONFORMS,
            false => BROKEN,
        })
    }

    /// Writes the selected ones (id, level, what it proves) of `all` checks.
    pub(crate) fn list<'a>(
        &self,
        selected: impl ExactSizeIterator<Item = (&'a str, Level, &'a str)>,
        all: usize,
    ) -> Result<u8, CliError> {
        let count = selected.len();
        let mut text = String::new();
        for (id, level, proves) in selected {
            let level = level.name();
            text.push_str(&format!("{id:<32} {level:<6} {proves}\n"));
        }
        text.push_str(&format!("{count} of {all} checks\n"));
        self.write(&text)?;
        Ok(CONFORMS)
    }

    fn write(&self, text: &str) -> Result<(), CliError> {
        match &self.output {
            Some(path) => {
                let plain = console::strip_ansi_codes(text);
                let written = std::fs::write(path, plain.as_bytes());
                written.map_err(|error| CliError::Report {
                    path: path.clone(),
                    error,
                })
            }
            None => {
                let written = std::io::stdout().write_all(text.as_bytes());
                written.map_err(CliError::Stdout)
            }
        }
    }
}
