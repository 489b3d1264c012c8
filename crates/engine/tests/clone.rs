//! A repository comes from the internet and may be anything. Here real git
//! fetches from a real HTTPS host what honest and hostile people would publish.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use qualitymax_engine::repository::git::{Git, GitError, Head, Limits};
use qualitymax_engine::repository::url::{Forge, Host, RepositoryUrl};
use testbed::{GitHost, git};

struct Remote {
    host: GitHost,
    scratch: tempfile::TempDir,
}

impl Remote {
    async fn start() -> Self {
        Self {
            host: GitHost::start().await.unwrap(),
            scratch: tempfile::tempdir().unwrap(),
        }
    }

    async fn with(files: &[(&str, &str)]) -> Self {
        let remote = Self::start().await;
        remote.publish("main", files);
        remote
    }

    fn publish(&self, branch: &str, files: &[(&str, &str)]) {
        let tree = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = tree.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self.host
            .publish("owner/tool", branch, tree.path())
            .unwrap();
    }

    fn bare(&self) -> PathBuf {
        self.host.repository("owner/tool")
    }

    fn url(&self, path: &str) -> RepositoryUrl {
        let host = Host {
            forge: Forge::Gitlab,
            authority: self.host.authority(),
            ca_file: Some(self.host.ca_file()),
            private_network: false,
        };
        RepositoryUrl::parse(&self.host.url(path), &[host]).unwrap()
    }

    async fn fetch_with(&self, limits: Limits, branch: &str) -> Result<Head, GitError> {
        let git = Git {
            limits,
            proxy: None,
        };
        let into = self.scratch.path().join("fetched");
        git.fetch(&self.url("owner/tool"), branch, &into).await
    }

    async fn fetch(&self, branch: &str) -> Result<Head, GitError> {
        self.fetch_with(Limits::default(), branch).await
    }

    /// The files of what was fetched.
    async fn check_out(&self, commit: &str) -> PathBuf {
        let git = Git {
            limits: Limits::default(),
            proxy: None,
        };
        let into = self.scratch.path().join("tree");
        fs::create_dir(&into).unwrap();
        let fetched = self.scratch.path().join("fetched");
        git.check_out(&fetched, commit, &into).await.unwrap();
        into
    }

    /// Publishes a tree object that no honest git would write.
    fn publish_raw_tree(&self, entries: &[(&str, &str, &[u8])]) {
        let mut tree = Vec::new();
        for (mode, name, content) in entries {
            let kind = if *mode == "40000" { "tree" } else { "blob" };
            let id = self.hash_object(kind, content);
            tree.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            tree.extend(hex::decode(id).unwrap());
        }
        let tree = self.hash_object("tree", &tree);
        let commit = format!(
            "tree {tree}\nauthor A <a@example.com> 0 +0000\ncommitter A <a@example.com> 0 +0000\n\nx\n"
        );
        let commit = self.hash_object("commit", commit.as_bytes());
        git(&self.bare(), &["update-ref", "refs/heads/main", &commit]).unwrap();
    }

    fn hash_object(&self, kind: &str, content: &[u8]) -> String {
        let mut child = Command::new("git")
            .args(["hash-object", "--literally", "-w", "--stdin", "-t", kind])
            .env("GIT_DIR", self.bare())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(content).unwrap();
        let output = child.wait_with_output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_newest_commit_of_the_branch_arrives_with_its_files_and_no_history() {
    let remote = Remote::with(&[("README.md", "old")]).await;
    remote.publish("main", &[("README.md", "new"), ("src/app.py", "pass")]);
    let head = remote.fetch("main").await.unwrap();
    let tree = remote.check_out(&head.commit).await;
    assert_eq!(names(&tree), ["README.md", "src"]);
    assert_eq!(fs::read_to_string(tree.join("README.md")).unwrap(), "new");
    let count = Command::new("git")
        .args(["rev-list", "--count", &head.commit])
        .env("GIT_DIR", remote.scratch.path().join("fetched"))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&count.stdout).trim(), "1");
}

#[tokio::test]
async fn without_a_main_branch_the_remotes_default_is_taken() {
    let remote = Remote::start().await;
    remote.publish("trunk", &[("a", "a")]);
    assert_eq!(remote.fetch("main").await.unwrap().branch, "trunk");
}

#[tokio::test]
async fn another_branch_that_is_missing_is_refused_with_the_default_named() {
    let remote = Remote::with(&[("a", "a")]).await;
    for branch in ["release", "--upload-pack=touch /tmp/x", "main..main", "a b"] {
        let error = remote.fetch(branch).await.unwrap_err();
        assert!(matches!(error, GitError::NoBranch { .. }), "{error:?}");
    }
    let error = remote.fetch("release").await.unwrap_err().to_string();
    assert_eq!(
        error,
        "the branch `release` does not exist in the repository; its default branch is `main`"
    );
}

#[tokio::test]
async fn a_missing_repository_and_a_host_that_does_not_answer_are_told_apart() {
    let remote = Remote::with(&[("a", "a")]).await;
    let git = Git {
        limits: Limits::default(),
        proxy: None,
    };
    let into = remote.scratch.path().join("x");
    let missing = git
        .fetch(&remote.url("owner/other"), "main", &into)
        .await
        .unwrap_err();
    assert!(matches!(missing, GitError::Missing), "{missing:?}");
    let closed = Host {
        forge: Forge::Github,
        authority: "127.0.0.1:9".to_owned(),
        ca_file: None,
        private_network: false,
    };
    let closed = RepositoryUrl::parse("https://127.0.0.1:9/o/r", &[closed]).unwrap();
    let unreachable = git.fetch(&closed, "main", &into).await.unwrap_err();
    assert!(
        matches!(unreachable, GitError::Unreachable(_)),
        "{unreachable:?}"
    );
}

#[tokio::test]
async fn a_host_whose_certificate_nobody_vouches_for_is_not_trusted() {
    let remote = Remote::with(&[("a", "a")]).await;
    let host = Host {
        forge: Forge::Github,
        authority: remote.host.authority(),
        ca_file: None,
        private_network: false,
    };
    let url = RepositoryUrl::parse(&remote.host.url("owner/tool"), &[host]).unwrap();
    let git = Git {
        limits: Limits::default(),
        proxy: None,
    };
    let error = git
        .fetch(&url, "main", &remote.scratch.path().join("x"))
        .await
        .unwrap_err();
    assert!(matches!(error, GitError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn links_out_of_the_tree_become_plain_files() {
    let remote = Remote::with(&[("a", "a")]).await;
    remote.publish_raw_tree(&[
        ("120000", "absolute", b"/etc/passwd"),
        ("120000", "relative", b"../../../../etc/passwd"),
    ]);
    let head = remote.fetch("main").await.unwrap();
    let tree = remote.check_out(&head.commit).await;
    for (name, text) in [
        ("absolute", "/etc/passwd"),
        ("relative", "../../../../etc/passwd"),
    ] {
        let path = tree.join(name);
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
        assert_eq!(fs::read_to_string(path).unwrap(), text);
    }
}

#[tokio::test]
async fn paths_that_lead_elsewhere_are_refused() {
    for name in ["..", ".git", ".GIT", "git~1", "a/../../b", ".git\u{200c}"] {
        let remote = Remote::with(&[("a", "a")]).await;
        remote.publish_raw_tree(&[("100644", name, b"owned")]);
        let error = remote.fetch("main").await.unwrap_err();
        assert!(matches!(error, GitError::Malformed(_)), "{name}: {error:?}");
    }
}

#[tokio::test]
async fn hooks_filters_and_submodules_do_nothing() {
    let remote = Remote::with(&[
        (".gitattributes", "* filter=evil\n"),
        (
            ".gitmodules",
            "[submodule \"x\"]\n\tpath = x\n\turl = https://127.0.0.1:9/secret\n",
        ),
        (
            ".githooks/post-checkout",
            "#!/bin/sh\ntouch /tmp/qualitymax-owned\n",
        ),
        (
            "hooks/post-checkout",
            "#!/bin/sh\ntouch /tmp/qualitymax-owned\n",
        ),
    ])
    .await;
    let head = remote.fetch("main").await.unwrap();
    let tree = remote.check_out(&head.commit).await;
    assert!(tree.join(".gitmodules").exists() && !tree.join("x/.git").exists());
    assert!(!Path::new("/tmp/qualitymax-owned").exists());
}

#[tokio::test]
async fn a_submodule_url_that_is_an_option_is_refused() {
    let remote = Remote::with(&[(
        ".gitmodules",
        "[submodule \"x\"]\n\tpath = x\n\turl = --upload-pack=touch\n",
    )])
    .await;
    let error = remote.fetch("main").await.unwrap_err();
    assert!(matches!(error, GitError::Malformed(_)), "{error:?}");
}

#[tokio::test]
async fn a_few_kilobytes_that_stand_for_gigabytes_are_refused_before_they_are_written() {
    let remote = Remote::start().await;
    // One blob of 2 MiB of zeros, a few kilobytes packed, forty times over.
    let zeros = "\0".repeat(2 * 1024 * 1024);
    let names: Vec<String> = (0..40).map(|number| format!("zeros-{number}")).collect();
    let files: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), zeros.as_str()))
        .collect();
    remote.publish("main", &files);
    const MIB: u64 = 1024 * 1024;
    let limits = |tree_bytes, file_bytes, files| Limits {
        tree_bytes,
        file_bytes,
        files,
        ..Limits::default()
    };
    for (limits, says) in [
        (limits(50 * MIB, 10 * MIB, 100), "its files have more than"),
        (limits(999 * MIB, MIB, 100), "a file has 2097152 bytes"),
        (limits(999 * MIB, 10 * MIB, 10), "more than 10 files"),
    ] {
        let error = remote.fetch_with(limits, "main").await.unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
        fs::remove_dir_all(remote.scratch.path().join("fetched")).unwrap();
    }
}

#[tokio::test]
async fn fetching_stops_at_the_limits_of_size_and_time() {
    use rand::Rng;
    let remote = Remote::start().await;
    let mut noise = vec![0_u8; 12 * 1024 * 1024];
    rand::rng().fill_bytes(&mut noise);
    let tree = tempfile::tempdir().unwrap();
    fs::write(tree.path().join("noise"), noise).unwrap();
    remote
        .host
        .publish("owner/tool", "main", tree.path())
        .unwrap();
    let size = Limits {
        fetched_bytes: 1024 * 1024,
        ..Limits::default()
    };
    let error = remote.fetch_with(size, "main").await.unwrap_err();
    assert!(matches!(error, GitError::TooLarge(_)), "{error:?}");
    let time = Limits {
        time: Duration::from_millis(1),
        ..Limits::default()
    };
    let error = remote.fetch_with(time, "main").await.unwrap_err();
    assert!(matches!(error, GitError::TooSlow(_)), "{error:?}");
}
