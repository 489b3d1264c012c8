//! A partner imports a repository, has it scanned and its gaps found, and has
//! tests generated: the real binary, a real git host, the client of the contract.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::time::{Duration, Instant};

use client::{Client, Credentials, Error, connect, types};
use engine::tools::{Tools, setup};
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
        let binary = Path::new(env!("CARGO_BIN_EXE_qualitymax"));
        let deployment = Deployment::create(binary, "veilstream").unwrap();
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

/// What `qualitymax setup` installs, installed where it is missing.
async fn scanners() {
    let tools = Tools::find();
    if tools.semgrep.is_none() || tools.bandit.is_none() {
        // What else may be missing is no business of these tests.
        let _ = setup(&mut |_| {}).await;
    }
}

#[tokio::test]
async fn a_second_import_returns_the_same_ids() {
    let stage = Stage::open().await;
    stage.publish("your-org/your-repo");
    let first = stage.import("your-org/your-repo").await;
    assert!(first.success && !first.already_exists);
    assert_eq!(first.name, "your-repo");
    for spelling in [
        "your-org/your-repo",
        "your-org/your-repo.git",
        "Your-Org/Your-Repo/",
    ] {
        let second = stage.import(spelling).await;
        assert!(second.already_exists, "{spelling}");
        assert_eq!(second.repository_id, first.repository_id, "{spelling}");
        assert_eq!(second.project_id, first.project_id, "{spelling}");
    }
    assert_eq!(stage.kept(), [first.repository_id.to_string()]);
}

#[tokio::test]
async fn imports_at_the_same_time_are_one_import() {
    let stage = Stage::open().await;
    stage.publish("your-org/your-repo");
    let all = futures::future::join_all((0..6).map(|_| stage.import("your-org/your-repo"))).await;
    let new = all.iter().filter(|import| !import.already_exists).count();
    assert_eq!(new, 1);
    assert!(
        all.iter()
            .all(|import| import.repository_id == all[0].repository_id)
    );
    assert_eq!(stage.kept().len(), 1);
}

#[tokio::test]
async fn a_refused_import_says_why_and_leaves_nothing_behind() {
    let stage = Stage::open().await;
    stage.publish("your-org/your-repo");
    for (request, says) in [
        (
            json!({"url": stage.git.url("your-org/none")}),
            "the repository can't be read",
        ),
        (
            json!({"url": stage.git.url("your-org/your-repo"), "branch": "nope"}),
            "its default branch is `main`",
        ),
        (
            json!({"url": "https://git.example.com/a/b"}),
            "must be the HTTPS URL of a GitHub or GitLab repository",
        ),
        (
            json!({"url": stage.git.url("your-org/your-repo"), "base_url": "http://10.0.0.1/"}),
            "base_url: 10.0.0.1 is not a public address",
        ),
    ] {
        let (status, text) = detail(stage.client.import_repository(&from(request)).await);
        assert_eq!(status, 400, "{text}");
        assert!(text.contains(says), "{text}");
    }
    assert!(stage.kept().is_empty(), "{:?}", stage.kept());
}

#[tokio::test]
async fn an_imported_repository_is_scanned_as_it_stands_now() {
    scanners().await;
    let stage = Stage::open().await;
    stage.publish("your-org/your-repo");
    let imported = stage.import("your-org/your-repo").await;
    let scan = stage
        .scanned(json!({"repository_id": imported.repository_id}))
        .await;
    assert_eq!(scan.status, types::ScanStatus::Completed, "{scan:?}");
    assert!(scan.verdict.is_some() && scan.error_message.is_none());
    assert_eq!(scan.findings_count as usize, scan.findings.len());
    let shell = scan
        .findings
        .iter()
        .find(|finding| finding.file == "listing.py" && finding.line_start.get() == 4);
    assert!(shell.is_some(), "{:?}", scan.findings);

    // The flaw is fixed on the remote.
    let fixed = tempfile::tempdir().unwrap();
    std::fs::write(fixed.path().join("listing.py"), "LISTING = 1\n").unwrap();
    stage
        .git
        .publish("your-org/your-repo", "main", fixed.path())
        .unwrap();
    let request = json!({
        "repository_id": imported.repository_id, "branch": "main", "engines": ["bandit"],
    });
    let scan = stage.scanned(request).await;
    assert_eq!(scan.status, types::ScanStatus::Completed, "{scan:?}");
    assert!(scan.findings.is_empty(), "{:?}", scan.findings);

    let request = json!({"repository_id": imported.repository_id, "branch": "gone"});
    let failed = stage.scanned(request).await;
    assert_eq!(failed.status, types::ScanStatus::Failed);
    assert!(failed.verdict.is_none());
    let why = failed.error_message.unwrap();
    assert!(why.contains("the branch `gone` does not exist"), "{why}");
}

#[tokio::test]
async fn the_gaps_of_an_imported_repository_are_found_though_its_host_is_away() {
    let mut stage = Stage::open().await;
    stage.publish("your-org/your-repo");
    let imported = stage.import("your-org/your-repo").await;
    let repository = json!({"repository_id": imported.repository_id, "max_tests_per_category": 2});
    // The first host goes.
    stage.git = GitHost::start().await.unwrap();
    let analysis = stage.analysed(repository).await;
    assert_eq!(analysis.status, types::GapStatus::Completed, "{analysis:?}");
    let result = analysis.result.unwrap();
    assert!(result.tests_generated > 0);
    assert_eq!(result.tests_generated as usize, result.gaps.len());
    assert_eq!(
        result.categories.values().sum::<i64>(),
        result.tests_generated
    );
}

#[tokio::test]
async fn what_was_never_imported_is_404_for_scans_and_analyses() {
    let stage = Stage::open().await;
    let request = json!({"repository_id": 42});
    let wanted = (
        404,
        "Repository not found. Import it first via POST /api/v1/partner/repositories/import"
            .to_owned(),
    );
    let scan = stage.client.start_sast_scan(&from(request.clone())).await;
    assert_eq!(detail(scan), wanted);
    let gaps = stage.client.start_gap_analysis(&from(request)).await;
    assert_eq!(detail(gaps), wanted);
    assert_eq!(detail(stage.client.get_sast_scan("scan_1").await).0, 404);
}

#[tokio::test]
async fn tests_are_generated_into_the_imported_project() {
    let stage = Stage::open().await;
    stage.publish("your-org/your-repo");
    let project = stage.import("your-org/your-repo").await.project_id;
    let specification = include_str!("../../../fixtures/specifications/bookshop-openapi-3.0.yaml");
    let request = json!({"project_id": project, "openapi_spec": specification});
    let generated = stage.client.generate_api_tests(&from(request)).await;
    let generated = generated.unwrap();
    assert_eq!(generated.project_id, project);
    assert!(!generated.test_cases.is_empty() && generated.script.is_some());

    let request = json!({
        "project_id": project,
        "description": "User authentication flow including login, logout and password reset",
        "count": 3,
    });
    let generated = stage.client.generate_test_cases(&from(request)).await;
    let generated = generated.unwrap();
    assert_eq!(generated.test_cases.len(), 3);
    assert!(
        generated
            .test_cases
            .iter()
            .all(|case| case.project_id == project)
    );
}
