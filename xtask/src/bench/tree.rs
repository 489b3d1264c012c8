//! A tree of any size that anybody can make again: the sample repositories, so
//! often that there are enough lines.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::process;

/// Writes copies below `into` until they have `lines` lines; returns how many
/// they have.
pub fn write(into: &Path, lines: usize) -> Result<usize> {
    let samples = process::workspace().join("fixtures/repositories");
    let mut written = 0;
    for number in 0.. {
        if written >= lines {
            break;
        }
        let copied = copy(&samples, &into.join(format!("service-{number}")))?;
        anyhow::ensure!(copied > 0, "there are no sample repositories");
        written += copied;
    }
    Ok(written)
}

fn copy(from: &Path, to: &Path) -> Result<usize> {
    fs::create_dir_all(to)?;
    let mut lines = 0;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().context("an entry has a name")?);
        if path.is_dir() {
            lines += copy(&path, &target)?;
        } else {
            let content = fs::read(&path)?;
            lines += content.iter().filter(|byte| **byte == b'\n').count();
            fs::write(target, content)?;
        }
    }
    Ok(lines)
}
