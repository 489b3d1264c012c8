//! git as a process: cut off from the machine's configuration, its time and
//! what it stores bounded.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::error::{GitError, explain};
use super::{Git, RepositoryUrl};
use crate::child::{ProcessGroup, said_on};

/// Beyond this, a listing of branches or files is not one that we read.
const OUTPUT_BYTES: u64 = 64 * 1024 * 1024;

impl Git {
    /// git for a conversation with `url`'s host.
    pub(super) fn remote_git(&self, url: &RepositoryUrl, repository: Option<&Path>) -> Command {
        let mut git = self.git(repository);
        if let Some(ca_file) = &url.host.ca_file {
            git.arg("-c")
                .arg(format!("http.sslCAInfo={}", ca_file.display()));
        }
        if let Some(proxy) = &self.proxy {
            // In the environment, not in the arguments, which every user of the machine can read.
            git.env("https_proxy", proxy).env("no_proxy", "");
        }
        git
    }

    /// git without the machine's configuration, hooks, prompts or helpers.
    pub(super) fn git(&self, repository: Option<&Path>) -> Command {
        let mut git = Command::new("git");
        git.env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs([
                ("GIT_ALLOW_PROTOCOL", "https"),
                ("GIT_ASKPASS", "false"),
                ("GIT_ATTR_NOSYSTEM", "1"),
                ("GIT_CONFIG_GLOBAL", "/dev/null"),
                ("GIT_CONFIG_NOSYSTEM", "1"),
                ("GIT_LFS_SKIP_SMUDGE", "1"),
                ("GIT_NO_REPLACE_OBJECTS", "1"),
                ("GIT_OPTIONAL_LOCKS", "0"),
                ("GIT_PROTOCOL_FROM_USER", "0"),
                ("GIT_TERMINAL_PROMPT", "0"),
                ("HOME", "/nonexistent"),
                ("LC_ALL", "C"),
            ]);
        if let Some(repository) = repository {
            git.env("GIT_DIR", repository);
        }
        for setting in [
            "core.askPass=false",
            "core.attributesFile=/dev/null",
            "core.excludesFile=/dev/null",
            "core.fsmonitor=false",
            "core.hooksPath=/dev/null",
            "core.protectHFS=true",
            "core.protectNTFS=true",
            "core.symlinks=false",
            "credential.helper=",
            "fetch.fsckObjects=true",
            // Old and harmless slips of many honest repositories.
            "fetch.fsck.badTimezone=ignore",
            "fetch.fsck.missingSpaceBeforeDate=ignore",
            "fetch.fsck.zeroPaddedFilemode=ignore",
            "gc.auto=0",
            "http.followRedirects=initial",
            "http.lowSpeedLimit=1",
            "http.lowSpeedTime=30",
            "init.defaultBranch=main",
            "maintenance.auto=false",
            "pack.threads=1",
            "submodule.recurse=false",
        ] {
            git.args(["-c", setting]);
        }
        git.stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        git
    }

    /// Runs to the end within the limits; `grows` is a directory whose size is
    /// watched meanwhile.
    pub(super) async fn finish(
        &self,
        mut git: Command,
        grows: Option<&Path>,
    ) -> Result<String, GitError> {
        let mut child = git.spawn().map_err(|error| {
            GitError::Fault(format!("{error}; is git installed and on the PATH?"))
        })?;
        let group = ProcessGroup::of(&child);
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let run = async {
            tokio::join!(
                said_on(stdout, OUTPUT_BYTES),
                said_on(stderr, OUTPUT_BYTES),
                child.wait()
            )
        };
        let (stdout, stderr, status) = tokio::select! {
            ran = run => ran,
            () = tokio::time::sleep(self.limits.time) => {
                return Err(GitError::TooSlow(self.limits.time.as_secs()));
            }
            bytes = grown_past(grows, self.limits.fetched_bytes) => {
                return Err(GitError::TooLarge(format!("more than {bytes} bytes were sent")));
            }
        };
        drop(group);
        let status = status.map_err(|error| GitError::Fault(error.to_string()))?;
        if status.success() {
            Ok(stdout)
        } else {
            Err(explain(&stderr, status))
        }
    }
}

/// Resolves, with the limit, once `dir` has grown past it.
async fn grown_past(dir: Option<&Path>, limit: u64) -> u64 {
    let Some(dir) = dir else {
        return std::future::pending().await;
    };
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let dir = dir.to_owned();
        let size = tokio::task::spawn_blocking(move || size_of(&dir)).await;
        if size.is_ok_and(|size| size > limit) {
            return limit;
        }
    }
}

/// Bytes below `dir`; what vanishes meanwhile counts as nothing.
fn size_of(dir: &Path) -> u64 {
    let mut pending: Vec<PathBuf> = vec![dir.to_owned()];
    let mut bytes = 0;
    while let Some(dir) = pending.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(found) if found.is_dir() => pending.push(entry.path()),
                Ok(found) => bytes += found.len(),
                Err(_) => {}
            }
        }
    }
    bytes
}
