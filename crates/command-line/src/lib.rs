//! What the command lines of all binaries have in common.

use std::ffi::OsString;
use std::time::Duration;

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{Command, Parser};

/// Reads the command line and the environment; wrong usage ends the program here,
/// with 2. A variable that is empty counts as one that is not set, as Compose
/// files, CI and shells pass on what they do not have.
pub fn parse<C: Parser>() -> C {
    match read(std::env::args_os()) {
        Ok(read) => read,
        // The help names all variables.
        Err(error) if error.kind() == ErrorKind::DisplayHelp => C::parse(),
        Err(error) => error.exit(),
    }
}

fn read<C: Parser>(arguments: impl IntoIterator<Item = OsString>) -> Result<C, clap::Error> {
    let mut command = without_empty_variables(C::command());
    let mut matches = command.try_get_matches_from_mut(arguments)?;
    C::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

fn without_empty_variables(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let value = arg.get_env().and_then(std::env::var_os);
        match value.is_some_and(|value| value.is_empty()) {
            true => arg.env(Resettable::Reset),
            false => arg,
        }
    });
    command.mut_subcommands(without_empty_variables)
}

/// Why a text is no length of time; each says how one is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    #[error("it has no unit; write it as {0}s or {0}m")]
    NoUnit(String),
    #[error("it is longer than can be counted; write it as 90s or 5m")]
    TooLong,
    #[error("it is no length of time; write it as 90s or 5m")]
    NoTime,
}

/// `90s`, `5m`, `1h 30m`
pub fn time(text: &str) -> Result<Duration, TimeError> {
    let number = text.trim();
    let only_a_number = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    humantime::parse_duration(text).map_err(|error| match error {
        humantime::DurationError::NumberOverflow => TimeError::TooLong,
        _ if only_a_number => TimeError::NoUnit(number.to_owned()),
        _ => TimeError::NoTime,
    })
}

/// A line on standard error, for whoever still reads it: `eprintln!` panics where
/// nobody does, as behind `2>&1 | head -1`, and spoils the exit code.
#[macro_export]
macro_rules! tell {
    ($($text:tt)*) => {
        $crate::tell_line(format_args!($($text)*))
    };
}

#[doc(hidden)]
pub fn tell_line(text: std::fmt::Arguments<'_>) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A text on standard output, and a line's end. That nobody reads on, as `head`
/// does once it had enough, is no failure.
pub fn print(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (text, seconds) in [("90s", 90), ("5m", 300), ("1h 30m", 5400), ("0s", 0)] {
            assert_eq!(time(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_told_how_one_is_written() {
        for (text, told) in [
            ("5", "it has no unit; write it as 5s or 5m"),
            ("soon", "it is no length of time; write it as 90s or 5m"),
            ("5x", "it is no length of time; write it as 90s or 5m"),
            ("", "it is no length of time; write it as 90s or 5m"),
            ("-5s", "it is no length of time; write it as 90s or 5m"),
            (
                "99999999999999999999s",
                "it is longer than can be counted; write it as 90s or 5m",
            ),
        ] {
            let error = time(text).map_err(|error| error.to_string());
            assert_eq!(error, Err(told.to_owned()), "{text}");
        }
    }
}
