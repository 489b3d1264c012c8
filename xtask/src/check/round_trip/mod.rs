//! `openapi.json` -> generated stubs -> dropshot's own document: the same as
//! `openapi.json`, but for what dropshot can't say. Each exception says what
//! that is and takes it away on one side only, so that the comparison fails on
//! the day when dropshot learns to say it.

mod exceptions;
#[cfg(test)]
mod tests;

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Problem;
use crate::document::escape;
use crate::process;

pub use exceptions::EXCEPTIONS;
use exceptions::Exception;

/// The document that dropshot derives from the stubs.
pub fn emitted() -> Result<Value> {
    process::build(&["--example", "stub_document", "--quiet"])
        .context("the generated stubs do not compile")?;
    let example = process::artifact(false, "examples/stub_document")?;
    let printed = process::output(&mut Command::new(example))?;
    serde_json::from_str(&printed).context("the stubs' own document is not JSON")
}

pub fn compare(authored: &Value, emitted: &Value) -> Vec<Problem> {
    compare_but_for(&EXCEPTIONS.iter().collect::<Vec<_>>(), authored, emitted)
}

fn compare_but_for(exceptions: &[&Exception], authored: &Value, emitted: &Value) -> Vec<Problem> {
    let (mut authored, mut emitted) = (authored.clone(), emitted.clone());
    let mut problems = Vec::new();
    for exception in exceptions {
        if !(exception.apply)(&mut authored, &mut emitted) {
            problems.push(Problem::new(
                "xtask/src/check/round_trip/exceptions.rs",
                format!("nothing needs the exception \"{}\"", exception.name),
                "remove it from EXCEPTIONS",
            ));
        }
    }
    differences("", &authored, &emitted, &mut problems);
    problems
}

fn differences(at: &str, authored: &Value, emitted: &Value, problems: &mut Vec<Problem>) {
    const FIX: &str =
        "write openapi.json so that the stubs can say it, or teach xtask/src/generate to";
    match (authored, emitted) {
        (Value::Object(left), Value::Object(right)) => {
            for (key, value) in left {
                let at = format!("{at}/{}", escape(key));
                match right.get(key) {
                    Some(other) => differences(&at, value, other, problems),
                    None => problems.push(Problem::new(
                        at,
                        "is authored, and the stubs do not say it",
                        FIX,
                    )),
                }
            }
            for key in right.keys().filter(|key| !left.contains_key(*key)) {
                let at = format!("{at}/{}", escape(key));
                let fix = "author it in openapi.json, or take it out of an exception that hides it";
                problems.push(Problem::new(
                    at,
                    "is said by the stubs, and nobody authored it",
                    fix,
                ));
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                differences(&format!("{at}/{index}"), left, right, problems);
            }
        }
        // 0 and 0.0 are one number.
        (Value::Number(left), Value::Number(right)) if left.as_f64() == right.as_f64() => {}
        _ if authored == emitted => {}
        _ => {
            let says = format!("is authored as {authored}, and the stubs say {emitted}");
            problems.push(Problem::new(at, says, FIX));
        }
    }
}
