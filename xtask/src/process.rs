//! Running the workspace's own binaries and the tools beside them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The workspace root: where `openapi.json` is.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace root")
}

/// Runs a command to its end, its output shown, and fails with what to look at.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("`{shown}` could not be started: is it installed?"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status}); its output is above");
    }
    Ok(())
}

/// Runs a command to its end and returns its standard output.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("`{shown}` could not be started: is it installed?"))?;
    if !output.status.success() {
        bail!(
            "`{shown}` failed ({}):\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` printed no UTF-8"))
}

/// `cargo` as the one that runs this task, in the workspace root.
///
/// What it told this task of itself is taken out of the environment: build
/// scripts such as ring's watch these variables, and would build everything
/// above them anew at each change between `cargo xtask` and plain `cargo`.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        }) {
            command.env_remove(name);
        }
    }
    command.current_dir(workspace());
    command
}

/// Whether a program answers to `--version`.
pub fn installed(program: &str, args: &[&str]) -> bool {
    Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Builds the `qualitymax` binary and returns its path.
pub fn build_server(release: bool) -> Result<PathBuf> {
    // The first example makes cargo choose the features that tests are built with, so
    // that what is built here need not be built again for them; the demo runs the second.
    let as_tests = [
        "--bin",
        "qualitymax",
        "--example",
        "stub_document",
        "--example",
        "tour",
    ];
    // As the measurements have it: what the example needs besides would have the
    // server built once more.
    let released = [
        "--release",
        "--bin",
        "qualitymax",
        "--example",
        "empty_dropshot",
    ];
    build(if release { &released } else { &as_tests })?;
    artifact(release, "qualitymax")
}

/// Builds targets with the features of the whole workspace.
pub fn build(targets: &[&str]) -> Result<()> {
    run(cargo().args(["build", "--workspace"]).args(targets))
}

/// Where cargo puts what it builds.
pub fn artifact(release: bool, name: &str) -> Result<PathBuf> {
    let profile = if release { "release" } else { "debug" };
    Ok(target_dir()?.join(profile).join(name))
}

/// Cargo's target directory, wherever the environment has put it.
pub fn target_dir() -> Result<PathBuf> {
    let metadata =
        output(cargo().args(["metadata", "--format-version=1", "--no-deps", "--offline"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let dir = metadata["target_directory"]
        .as_str()
        .context("`cargo metadata` names no target directory")?;
    Ok(PathBuf::from(dir))
}

fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(name.to_string_lossy())
        .chain(command.get_args().map(|arg| arg.to_string_lossy()))
        .collect::<Vec<_>>()
        .join(" ")
}
