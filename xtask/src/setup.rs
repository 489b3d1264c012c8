//! What a fresh machine lacks: Node packages, a browser, ffmpeg. The server's
//! own `setup` command knows; this builds it and runs it.

use std::process::Command;

use anyhow::Result;

use crate::process;

pub fn run() -> Result<()> {
    let qualitymax = process::build_server(false)?;
    process::run(Command::new(qualitymax).arg("setup"))
}
