//! The Python side: Semgrep and Bandit of the pinned versions, in an environment
//! of their own below the tools' home.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::ToolsError;

/// What is installed, to the hash of each file.
const LOCK: &str = include_str!("../../python/requirements.lock");

/// Written last; without it the directory is a draft.
const COMPLETE: &str = "INSTALLATION_COMPLETE";

/// The oldest Python that the lock was resolved for.
const OLDEST: (u32, u32) = (3, 10);

/// The pinned version of a package.
pub fn version(package: &str) -> Option<&'static str> {
    LOCK.lines().find_map(|line| {
        let pinned = line.strip_prefix(package)?.strip_prefix("==")?;
        pinned.split([' ', ';', '\\']).next()
    })
}

/// Where the programs of the pinned versions are, once they are installed.
/// Another lock is another directory, so that an upgrade leaves a running
/// deployment its tools.
pub fn bin(home: &Path) -> Option<PathBuf> {
    let dir = dir(home);
    dir.join(COMPLETE).is_file().then(|| dir.join("bin"))
}

fn dir(home: &Path) -> PathBuf {
    let hash = hex::encode(Sha256::digest(LOCK));
    home.join(format!("python-{}", &hash[..12]))
}

/// Installs what is missing; quick where nothing is. Says what it is doing.
pub async fn install(home: &Path, say: &(dyn Fn(&str) + Sync)) -> Result<PathBuf, ToolsError> {
    if let Some(bin) = bin(home) {
        return Ok(bin);
    }
    let failed = |source| ToolsError::Home {
        dir: home.to_owned(),
        source,
    };
    fs::create_dir_all(home).map_err(failed)?;
    let _lock = lock(home.join(".python.lock")).await.map_err(failed)?;
    // Another process may have been at it.
    if let Some(bin) = bin(home) {
        return Ok(bin);
    }
    let python = find(say).await?;
    let dir = dir(home);
    if dir.exists() {
        fs::remove_dir_all(&dir).map_err(failed)?;
    }
    say("Semgrep and Bandit: creating a Python environment");
    run(Command::new(&python).args(["-m", "venv"]).arg(&dir)).await?;
    let requirements = dir.join("requirements.lock");
    fs::write(&requirements, LOCK).map_err(failed)?;
    say("Semgrep and Bandit: installing (about 400 MB on the disk)");
    let mut pip = Command::new(dir.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-input"])
        .args(["--disable-pip-version-check", "--no-deps"])
        // Each file is held against the lock, and none runs while it is installed.
        .args(["--require-hashes", "--only-binary", ":all:"])
        .arg("--requirement")
        .arg(&requirements);
    run(&mut pip).await?;
    let bin = dir.join("bin");
    for program in ["semgrep", "bandit"] {
        run(Command::new(bin.join(program)).arg("--version")).await?;
    }
    fs::write(dir.join(COMPLETE), "").map_err(failed)?;
    Ok(bin)
}

/// Held until the file is dropped, however the process ends.
async fn lock(path: PathBuf) -> std::io::Result<File> {
    tokio::task::spawn_blocking(move || {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        file.lock()?;
        Ok(file)
    })
    .await
    .map_err(std::io::Error::other)?
}

/// A Python that is new enough and can make environments. On Debian that part
/// is a package of its own, which root can have installed.
async fn find(say: &(dyn Fn(&str) + Sync)) -> Result<PathBuf, ToolsError> {
    let mut without_venv = None;
    for name in [
        "python3",
        "python3.13",
        "python3.12",
        "python3.11",
        "python3.10",
    ] {
        for path in super::find::programs(name) {
            match ask(&path).await {
                Some(Answer::Fit) => return Ok(path),
                Some(Answer::WithoutVenv) => without_venv = without_venv.or(Some(path)),
                None => {}
            }
        }
    }
    let Some(path) = without_venv else {
        return Err(ToolsError::Setup(format!(
            "Semgrep and Bandit need Python {}.{} or newer: install python3",
            OLDEST.0, OLDEST.1
        )));
    };
    let apt = super::find::programs("apt-get").next();
    if let (Some(apt), true) = (apt, rustix::process::geteuid().is_root()) {
        say("Semgrep and Bandit: installing python3-venv");
        let install = [
            "install",
            "--yes",
            "--no-install-recommends",
            "python3-venv",
        ];
        let mut command = Command::new(apt);
        command
            .args(install)
            .env("DEBIAN_FRONTEND", "noninteractive");
        if run(&mut command).await.is_ok() && matches!(ask(&path).await, Some(Answer::Fit)) {
            return Ok(path);
        }
    }
    Err(ToolsError::Setup(format!(
        "{} can't make environments: install python3-venv (Debian, Ubuntu) or a Python with ensurepip",
        path.display()
    )))
}

enum Answer {
    Fit,
    WithoutVenv,
}

async fn ask(python: &Path) -> Option<Answer> {
    let (major, minor) = OLDEST;
    let question = format!(
        "import sys\nif sys.version_info < ({major}, {minor}): sys.exit(2)\nimport ensurepip, venv"
    );
    let mut command = Command::new(python);
    command.args(["-I", "-c", &question]);
    let status = quiet(&mut command).status().await.ok()?;
    match status.code() {
        Some(0) => Some(Answer::Fit),
        Some(1) => Some(Answer::WithoutVenv),
        _ => None,
    }
}

fn quiet(command: &mut Command) -> &mut Command {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
}

async fn run(command: &mut Command) -> Result<(), ToolsError> {
    let program = command
        .as_std()
        .get_program()
        .to_string_lossy()
        .into_owned();
    let output = command
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| ToolsError::Setup(format!("{program} can't be started: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last: Vec<_> = said.lines().rev().take(5).collect();
    let last: Vec<_> = last.into_iter().rev().collect();
    Err(ToolsError::Setup(format!(
        "{program} failed ({}): {}",
        output.status,
        last.join("; ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_pins_both_engines_and_every_package_by_hash() {
        assert_eq!(version("semgrep"), Some("1.182.0"));
        assert_eq!(version("bandit"), Some("1.9.4"));
        let mut packages = LOCK.lines().filter(|line| line.contains("==")).peekable();
        assert!(packages.peek().is_some());
        let hashed = LOCK.lines().zip(LOCK.lines().skip(1));
        for (line, next) in hashed.filter(|(line, _)| line.contains("==")) {
            assert!(next.contains("--hash=sha256:"), "{line}");
        }
    }
}
