//! `cargo xtask dist`: the mock as partners download it, one static binary.

use std::env::consts::ARCH;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use object::Endianness;
use object::elf::{FileHeader64, PT_INTERP};
use object::read::elf::{FileHeader, ProgramHeader};

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

/// Whether no segment of this ELF file names an interpreter, which would load
/// libraries into it.
fn is_static(binary: &Path) -> Result<bool> {
    let bytes = std::fs::read(binary)?;
    let header = FileHeader64::<Endianness>::parse(&*bytes)?;
    let endian = header.endian()?;
    let segments = header.program_headers(endian, &*bytes)?;
    Ok(!segments
        .iter()
        .any(|segment| segment.p_type(endian) == PT_INTERP))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_binary_that_asks_for_an_interpreter_is_not_static() {
        // Tests are linked as usual.
        let own = std::env::current_exe().expect("a test knows its binary");
        assert!(!is_static(&own).expect("a test's binary is ELF"));
        assert!(is_static(Path::new("Cargo.toml")).is_err());
    }
}
