//! `cargo xtask dist`: the mock as partners download it, one static binary.

use std::env::consts::ARCH;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::process::{self, cargo};

const LIMIT: u64 = 15_000_000;

pub fn run() -> Result<()> {
    let binary = build()?;
    let size = std::fs::metadata(&binary)?.len();
    let shown = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    println!("{}  {}", binary.display(), shown(size));
    ensure!(
        is_static(&binary)?,
        "it is not static: it asks for an interpreter"
    );
    ensure!(
        size < LIMIT,
        "it is larger than {}: `cargo tree -p qualitymax-mock -e normal,features` shows what is in it",
        shown(LIMIT)
    );
    Ok(())
}

/// Builds it and returns its path.
pub fn build() -> Result<PathBuf> {
    if !cfg!(target_os = "linux") {
        bail!(
            "a static binary is built on Linux; elsewhere: cargo build --profile dist -p qualitymax-mock"
        );
    }
    let target = format!("{ARCH}-unknown-linux-gnu");
    process::run(
        cargo()
            .args(["build", "--locked", "--profile", "dist"])
            .args(["--package", "qualitymax-mock", "--bin", "qualitymax-mock"])
            .args(["--target", &target])
            // With a target named, build scripts and macros are built without it.
            .env("RUSTFLAGS", "-C target-feature=+crt-static"),
    )?;
    let dir = process::target_dir()?.join(target);
    Ok(dir.join("dist/qualitymax-mock"))
}

/// Whether no segment of this 64-bit ELF file names an interpreter.
fn is_static(binary: &Path) -> Result<bool> {
    const INTERPRETER: u64 = 3;
    let bytes = std::fs::read(binary)?;
    let number = |at: usize, length: usize| -> Result<u64> {
        let field = bytes.get(at..at + length).context("it is cut off")?;
        let digits = field.iter().rev();
        Ok(digits.fold(0, |number, digit| number << 8 | u64::from(*digit)))
    };
    ensure!(bytes.starts_with(b"\x7fELF\x02\x01"), "it is no ELF file");
    let (first, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
    for segment in 0..count {
        let at = usize::try_from(first + segment * size)?;
        if number(at, 4)? == INTERPRETER {
            return Ok(false);
        }
    }
    Ok(true)
}
