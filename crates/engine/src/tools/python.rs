//! The Python side: Semgrep and Bandit of the pinned versions, in an environment
//! of their own below the tools' home.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::find::programs;
use super::installer::{Package, install_package, run};
use super::setup::{Report, SetupError};

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

/// A Python environment from a lock, and the programs in it that have to run.
struct Environment {
    lock: &'static str,
    programs: &'static [&'static str],
}

const ENGINES: Environment = Environment {
    lock: LOCK,
    programs: &["semgrep", "bandit"],
};

/// Where the programs of the pinned versions are, once they are installed.
pub fn bin(home: &Path) -> Option<PathBuf> {
    ENGINES.bin(home)
}

/// An environment of its own, from the lock.
pub(super) async fn install(home: &Path, report: &mut Report<'_>) -> Result<(), SetupError> {
    ENGINES.install(home, report).await
}

impl Environment {
    fn bin(&self, home: &Path) -> Option<PathBuf> {
        let dir = self.dir(home);
        dir.join(COMPLETE).is_file().then(|| dir.join("bin"))
    }

    /// Another lock is another directory, so that an upgrade leaves a running
    /// deployment its tools.
    fn dir(&self, home: &Path) -> PathBuf {
        let hash = hex::encode(Sha256::digest(self.lock));
        home.join(format!("python-{}", &hash[..12]))
    }

    async fn install(&self, home: &Path, report: &mut Report<'_>) -> Result<(), SetupError> {
        let dir = self.dir(home);
        let written = |source| SetupError::Write {
            path: dir.clone(),
            source,
        };
        fs::create_dir_all(home).map_err(written)?;
        let _alone = lock(home.join(".python.lock")).await.map_err(written)?;
        // Another process may have been at it.
        if self.bin(home).is_some() {
            return Ok(());
        }
        let python = find(report).await?;
        // Environments can't be moved, so it is a draft where it is going to be.
        if dir.exists() {
            fs::remove_dir_all(&dir).map_err(written)?;
        }
        report.doing("creating a Python environment");
        run(isolated(&python).args(["-m", "venv"]).arg(&dir), report).await?;
        let requirements = dir.join("requirements.lock");
        fs::write(&requirements, self.lock).map_err(written)?;
        let bin = dir.join("bin");
        report.doing("installing the pinned versions with pip (about 400 MB on the disk)");
        let mut pip = isolated(&bin.join("python"));
        pip.args(["-m", "pip", "install", "--quiet", "--no-input"])
            .args(["--disable-pip-version-check", "--no-deps"])
            // Each file is held against the lock, and none is run to be installed.
            .args(["--require-hashes", "--only-binary", ":all:"])
            .arg("--requirement")
            .arg(&requirements);
        run(&mut pip, report).await?;
        for program in self.programs {
            run(isolated(&bin.join(program)).arg("--version"), report).await?;
        }
        fs::write(dir.join(COMPLETE), "").map_err(written)
    }
}

/// Held until the file is dropped, however the process ends.
async fn lock(path: PathBuf) -> std::io::Result<File> {
    let locking = tokio::task::spawn_blocking(move || {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        file.lock()?;
        Ok(file)
    });
    locking.await.map_err(std::io::Error::other)?
}

/// A Python that is new enough and can make environments; where there is none,
/// the system's package manager is asked.
async fn find(report: &mut Report<'_>) -> Result<PathBuf, SetupError> {
    if let Some(python) = fit().await {
        return Ok(python);
    }
    install_package(Package::Python, report).await?;
    fit().await.ok_or_else(|| {
        let (major, minor) = OLDEST;
        SetupError::ByHand {
            what: "Python",
            todo: format!(
                "install Python {major}.{minor} or newer with its venv and ensurepip, and run this again"
            ),
        }
    })
}

async fn fit() -> Option<PathBuf> {
    let (major, minor) = OLDEST;
    let question = format!(
        "import sys; assert sys.version_info >= ({major}, {minor}); import ensurepip, venv"
    );
    for name in [
        "python3",
        "python3.13",
        "python3.12",
        "python3.11",
        "python3.10",
    ] {
        for path in programs(name) {
            let mut command = isolated(&path);
            command.args(["-I", "-c", &question]).kill_on_drop(true);
            command.stdin(Stdio::null()).stdout(Stdio::null());
            let status = command.stderr(Stdio::null()).status().await;
            if status.is_ok_and(|status| status.success()) {
                return Some(path);
            }
        }
    }
    None
}

/// Without what would make this Python take modules from elsewhere.
fn isolated(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_remove("PYTHONPATH").env_remove("PYTHONHOME");
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::setup::{Progress, Step};

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

    /// A package that installs in seconds, as the engines do not.
    const SMALL: Environment = Environment {
        lock: "iniconfig==2.1.0 --hash=sha256:9deba5723312380e77435581c6bf4935c94cbfab9b1ed33ef8d238ea168eb760\n",
        programs: &["python"],
    };

    async fn set_up(environment: &Environment, home: &Path) -> Result<(), SetupError> {
        let mut quiet = |_: Progress<'_>| {};
        let mut report = Report::new(Step::Engines, &mut quiet);
        environment.install(home, &mut report).await
    }

    #[tokio::test]
    async fn half_an_installation_is_none_and_is_replaced() {
        let home = tempfile::tempdir().unwrap();
        let dir = SMALL.dir(home.path());
        fs::create_dir_all(dir.join("bin")).unwrap();
        fs::write(dir.join("bin/python"), "cut off").unwrap();
        assert!(SMALL.bin(home.path()).is_none());
        set_up(&SMALL, home.path()).await.unwrap();
        let python = SMALL.bin(home.path()).unwrap().join("python");
        let status = Command::new(python)
            .args(["-c", "import iniconfig"])
            .status();
        assert!(status.await.unwrap().success());
    }

    #[tokio::test]
    async fn a_file_that_is_not_the_pinned_one_is_not_installed() {
        let home = tempfile::tempdir().unwrap();
        let tampered = Environment {
            lock: "iniconfig==2.1.0 --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000\n",
            ..SMALL
        };
        let refused = set_up(&tampered, home.path()).await.unwrap_err();
        assert!(refused.to_string().contains("HASHES"), "{refused}");
        assert!(tampered.bin(home.path()).is_none());
    }
}
