//! git itself, as a process that nothing in a repository, nor in the machine's
//! own configuration, can talk into doing more than it was asked.

mod error;
mod process;

use std::path::Path;
use std::time::Duration;

use super::url::RepositoryUrl;

pub use error::GitError;

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
