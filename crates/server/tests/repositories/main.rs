//! A partner imports a repository, has it scanned and its gaps found, and has
//! tests generated: the real binary, a real git host, the client of the contract.
#![allow(clippy::unwrap_used)]

mod analyses;
mod imports;
mod refusals;

use std::path::Path;
use std::time::{Duration, Instant};

use client::{Client, Credentials, Error, connect, types};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use testbed::{Deployment, GitHost, Server};

/// A busy machine is given time.
const LIMIT: Duration = Duration::from_secs(240);

const VULNERABLE: &str = "\
import subprocess

def listing(name):
    return subprocess.call('ls ' + name, shell=True)
";

struct Stage {
    client: Client,
    server: Server,
    git: GitHost,
    deployment: Deployment,
}

impl Stage {
    async fn open() -> Self {
        let git = GitHost::start().await.unwrap();
        let deployment = deployment();
        let host = format!("gitlab={},{}", git.authority(), git.ca_file().display());
        let server = deployment
            .serve(&["--disable-rate-limits", "--git-host", &host], &[])
            .await
            .unwrap();
        let credentials = Credentials::new(&deployment.api_key, &deployment.webhook_secret);
        Self {
            client: connect(&server.url, credentials).unwrap(),
            server,
            git,
            deployment,
        }
    }

    /// Publishes a sample repository, with a flaw in it.
    fn publish(&self, path: &str) {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/repositories");
        let tree = tempfile::tempdir().unwrap();
        copy(&samples.join("flask"), tree.path());
        std::fs::write(tree.path().join("listing.py"), VULNERABLE).unwrap();
        self.git.publish(path, "main", tree.path()).unwrap();
    }

    async fn import(&self, path: &str) -> types::RepositoryImport {
        let request = from(json!({ "url": self.git.url(path) }));
        let imported = self.client.import_repository(&request).await;
        imported.unwrap().into_inner()
    }

    async fn import_branch(&self, path: &str, branch: &str) -> types::RepositoryImport {
        let request = from(json!({ "url": self.git.url(path), "branch": branch }));
        let imported = self.client.import_repository(&request).await;
        imported.unwrap().into_inner()
    }

    /// What lies in the data directory's `repositories`.
    fn kept(&self) -> Vec<String> {
        let dir = self.deployment.data_dir().join("repositories");
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    async fn scanned(&self, request: Value) -> types::SastScan {
        let started = self.client.start_sast_scan(&from(request)).await.unwrap();
        assert_eq!(started.status, types::ScanStatus::Pending);
        let begun = Instant::now();
        loop {
            let scan = self.client.get_sast_scan(&started.job_id).await.unwrap();
            match scan.status {
                types::ScanStatus::Completed | types::ScanStatus::Failed => {
                    return scan.into_inner();
                }
                _ => self.wait(begun).await,
            }
        }
    }

    async fn analysed(&self, request: Value) -> types::GapAnalysis {
        let started = self.client.start_gap_analysis(&from(request)).await;
        let started = started.unwrap();
        let begun = Instant::now();
        loop {
            let analysis = self.client.get_gap_analysis(&started.job_id).await;
            let analysis = analysis.unwrap();
            match analysis.status {
                types::GapStatus::Completed | types::GapStatus::Failed => {
                    return analysis.into_inner();
                }
                _ => self.wait(begun).await,
            }
        }
    }

    async fn wait(&self, begun: Instant) {
        assert!(begun.elapsed() < LIMIT, "{}", self.server.log(30));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn deployment() -> Deployment {
    let binary = Path::new(env!("CARGO_BIN_EXE_qualitymax"));
    Deployment::create(binary, "veilstream").unwrap()
}

fn from<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn detail<T: std::fmt::Debug>(
    answer: Result<client::ResponseValue<T>, Error<types::Error>>,
) -> (u16, String) {
    let Err(Error::ErrorResponse(answer)) = answer else {
        panic!("an error of the contract, not {answer:?}");
    };
    (answer.status().as_u16(), answer.into_inner().detail)
}
