//! What a fresh machine lacks: Node packages, a browser, ffmpeg, scanners. The
//! server's own `setup` command knows; this builds it and runs it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

pub fn run() -> Result<()> {
    with(&process::build_server(false)?)
}

/// With a binary that is built already.
pub fn with(qualitymax: &Path) -> Result<()> {
    process::run(Command::new(qualitymax).arg("setup"))
        .context("this machine could not be set up; what is missing is said above")
}
