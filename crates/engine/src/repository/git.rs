//! git itself, as a process that nothing in a repository, nor in the machine's
//! own configuration, can talk into doing more than it was asked.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use super::url::RepositoryUrl;
use crate::process_group::ProcessGroup;

/// How much a repository may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one exchange with the remote.
    pub time: Duration,
    /// What is fetched, as it lies on disk.
    pub fetched_bytes: u64,
    /// All files together, and each of them, once checked out.
    pub tree_bytes: u64,
    pub file_bytes: u64,
    pub files: u64,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        Self {
            time: Duration::from_secs(120),
            fetched_bytes: 512 * MIB,
            tree_bytes: 2048 * MIB,
            file_bytes: 256 * MIB,
            files: 200_000,
        }
    }
}

/// Why git did not deliver. The texts are for the partner.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("the repository can't be read: it does not exist, is private, or is empty")]
    Missing,
    #[error("the branch `{branch}` does not exist in the repository{}", default.as_ref().map(|name| format!("; its default branch is `{name}`")).unwrap_or_default())]
    NoBranch {
        branch: String,
        default: Option<String>,
    },
    #[error("the repository's host can't be reached: {0}")]
    Unreachable(String),
    #[error("the repository is too large: {0}")]
    TooLarge(String),
    #[error("the repository did not arrive within {0} seconds")]
    TooSlow(u64),
    #[error("the repository holds what git refuses to take: {0}")]
    Malformed(String),
    /// A fault on our side, for the log.
    #[error("git could not be run: {0}")]
    Fault(String),
}

/// The branch that was taken, and the commit it stood at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub branch: String,
    pub commit: String,
}

/// How git is run.
#[derive(Clone, Debug, Default)]
pub struct Git {
    pub limits: Limits,
    /// Proxy through which every connection goes, with its credentials.
    pub proxy: Option<String>,
}

/// The branch that the contract takes where a partner names none.
const DEFAULT_BRANCH: &str = "main";

/// Beyond this, a listing of branches or files is not one that we read.
const OUTPUT_BYTES: u64 = 64 * 1024 * 1024;

impl Git {
    /// Fetches the newest commit of `branch` into a new bare repository at
    /// `into`. Where there is no `main`, the remote's default is taken.
    pub async fn fetch(
        &self,
        url: &RepositoryUrl,
        branch: &str,
        into: &Path,
    ) -> Result<Head, GitError> {
        let branch = self.existing_branch(url, branch).await?;
        let mut init = self.git(None);
        init.args(["init", "--quiet", "--bare", "--template="])
            .arg(into);
        self.finish(init, None).await?;
        let mut fetch = self.remote_git(url, Some(into));
        let refspec = format!("+refs/heads/{branch}:refs/heads/{branch}");
        fetch
            .args(["fetch", "--quiet", "--depth=1", "--no-tags"])
            .args(["--no-recurse-submodules", "--no-auto-maintenance", "--"])
            .args([url.clone_url(), refspec]);
        self.finish(fetch, Some(into)).await?;
        let mut parse = self.git(Some(into));
        parse
            .args(["rev-parse", "--verify", "--end-of-options"])
            .arg(format!("refs/heads/{branch}^{{commit}}"));
        let commit = self.finish(parse, None).await?.trim().to_owned();
        let head = Head { branch, commit };
        self.measure(into, &head.commit).await?;
        Ok(head)
    }

    /// Writes the files of `commit` below `into`. Symbolic links become files
    /// that hold their target's name, submodules become empty directories, and
    /// no hook or filter runs.
    pub async fn check_out(
        &self,
        repository: &Path,
        commit: &str,
        into: &Path,
    ) -> Result<(), GitError> {
        let index = tempfile::tempdir().map_err(|error| GitError::Fault(error.to_string()))?;
        let in_tree = |arguments: &[&str]| {
            let mut git = self.git(Some(repository));
            git.env("GIT_INDEX_FILE", index.path().join("index"))
                .env("GIT_WORK_TREE", into)
                .current_dir(into)
                .args(arguments);
            git
        };
        self.finish(in_tree(&["read-tree", "--", commit]), None)
            .await?;
        let write = in_tree(&["checkout-index", "--quiet", "--all", "--force"]);
        self.finish(write, None).await?;
        Ok(())
    }

    /// `branch`, or the remote's default where `main` is asked for and missing.
    async fn existing_branch(&self, url: &RepositoryUrl, branch: &str) -> Result<String, GitError> {
        let no_branch = |default| GitError::NoBranch {
            branch: branch.to_owned(),
            default,
        };
        if !is_branch_name(branch) {
            return Err(no_branch(None));
        }
        let mut list = self.remote_git(url, None);
        list.args(["ls-remote", "--symref", "--", &url.clone_url(), "HEAD"])
            .arg(format!("refs/heads/{branch}"));
        let listing = self.finish(list, None).await?;
        let wanted = format!("\trefs/heads/{branch}");
        if listing.lines().any(|line| line.ends_with(&wanted)) {
            return Ok(branch.to_owned());
        }
        let default = listing
            .lines()
            .find_map(|line| {
                line.strip_prefix("ref: refs/heads/")?
                    .strip_suffix("\tHEAD")
            })
            .filter(|name| is_branch_name(name))
            .map(str::to_owned);
        match default {
            Some(default) if branch == DEFAULT_BRANCH => Ok(default),
            None if listing.trim().is_empty() => Err(GitError::Missing),
            default => Err(no_branch(default)),
        }
    }

    /// Refuses a tree that would not fit before any of it is written: a few
    /// kilobytes of objects can stand for any amount of files.
    async fn measure(&self, repository: &Path, commit: &str) -> Result<(), GitError> {
        let mut list = self.git(Some(repository));
        list.args(["ls-tree", "-r", "-z", "--format=%(objectsize)", commit]);
        let listing = self.finish(list, None).await?;
        let (mut files, mut bytes) = (0_u64, 0_u64);
        for size in listing.split('\0').filter(|size| !size.is_empty()) {
            // A submodule has no size.
            let size: u64 = size.trim().parse().unwrap_or(0);
            files += 1;
            bytes = bytes.saturating_add(size);
            let too_large = if size > self.limits.file_bytes {
                format!(
                    "a file has {size} bytes, of {} allowed",
                    self.limits.file_bytes
                )
            } else if files > self.limits.files {
                format!("it has more than {} files", self.limits.files)
            } else if bytes > self.limits.tree_bytes {
                format!("its files have more than {} bytes", self.limits.tree_bytes)
            } else {
                continue;
            };
            return Err(GitError::TooLarge(too_large));
        }
        Ok(())
    }

    /// git for a conversation with `url`'s host.
    fn remote_git(&self, url: &RepositoryUrl, repository: Option<&Path>) -> Command {
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
    fn git(&self, repository: Option<&Path>) -> Command {
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
    async fn finish(&self, mut git: Command, grows: Option<&Path>) -> Result<String, GitError> {
        let mut child = git.spawn().map_err(|error| {
            GitError::Fault(format!("{error}; is git installed and on the PATH?"))
        })?;
        let group = ProcessGroup::of(&child);
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let run = async {
            let (stdout, stderr, status) =
                tokio::join!(text_of(stdout), text_of(stderr), child.wait());
            (stdout, stderr, status)
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

async fn text_of(stream: Option<impl tokio::io::AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        // What broke off is what there was; the exit status says the rest.
        let _ = (&mut stream)
            .take(OUTPUT_BYTES)
            .read_to_end(&mut bytes)
            .await;
        let mut sink = tokio::io::sink();
        let _ = tokio::io::copy(&mut stream, &mut sink).await;
        let _ = sink.shutdown().await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
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
pub fn size_of(dir: &Path) -> u64 {
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

/// git's words as one of our errors. They are git's own, in English by
/// `LC_ALL`, so they can be told apart.
fn explain(stderr: &str, status: ExitStatus) -> GitError {
    let said = |words: &[&str]| words.iter().any(|word| stderr.contains(word));
    let last = stderr
        .lines()
        .rev()
        .find(|line| line.starts_with("fatal: ") || line.starts_with("error: "))
        .map_or_else(
            || format!("git ended with {status}"),
            |line| line.chars().take(200).collect(),
        );
    if said(&[
        "not found",
        "could not read Username",
        "terminal prompts disabled",
        "Authentication failed",
        "unable to read askpass",
        "The requested URL returned error: 401",
        "The requested URL returned error: 403",
        "The requested URL returned error: 404",
    ]) {
        GitError::Missing
    } else if said(&[
        "fsck error",
        "fsck failed",
        "bad object",
        "invalid path",
        "index-pack failed",
        "unpack-objects",
    ]) {
        GitError::Malformed(last)
    } else if said(&[
        "unable to access",
        "Could not resolve",
        "Failed to connect",
        "the remote end hung up",
        "early EOF",
        "RPC failed",
    ]) {
        GitError::Unreachable(last)
    } else {
        GitError::Fault(last)
    }
}

/// What `git check-ref-format --branch` allows, short of what no honest branch
/// is called.
fn is_branch_name(name: &str) -> bool {
    let forbidden = |c: char| {
        c.is_control() || c.is_whitespace() || matches!(c, '~' | '^' | ':' | '?' | '*' | '[' | '\\')
    };
    !name.is_empty()
        && name.len() <= 255
        && !name.contains(forbidden)
        && !name.contains("..")
        && !name.contains("@{")
        && !name.ends_with(['.', '/'])
        && name != "@"
        && name.split('/').all(|part| {
            !part.is_empty() && !part.starts_with(['.', '-']) && !part.ends_with(".lock")
        })
}
