//! What is done with a repository once it is imported.

use client::types;
use engine::tools::{Tools, setup};
use serde_json::json;
use testbed::GitHost;

use super::{Stage, from};

/// What `qualitymax setup` installs, installed where it is missing.
async fn scanners() {
    let tools = Tools::find();
    if tools.semgrep.is_none() || tools.bandit.is_none() {
        // What else may be missing is no business of these tests.
        let _ = setup(&mut |_| {}).await;
    }
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
async fn tests_are_generated_into_the_imported_project() {
    let stage = Stage::open().await;
    stage.publish("your-org/your-repo");
    let project = stage.import("your-org/your-repo").await.project_id;
    let specification =
        include_str!("../../../../fixtures/specifications/bookshop-openapi-3.0.yaml");
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
