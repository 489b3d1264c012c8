//! Importing: one repository is imported once, and nothing else is.

use std::time::Duration;

use client::{Credentials, connect, types};
use serde_json::{Value, json};
use testbed::GitHost;
use tokio::net::TcpListener;

use super::{LIMIT, Stage, deployment, detail, from};

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
async fn repositories_of_one_name_have_a_project_each() {
    let stage = Stage::open().await;
    let mut seen = Vec::new();
    for path in ["org1/app", "org2/app", "deep/org2/app"] {
        stage.publish(path);
        let imported = stage.import(path).await;
        let again = stage.import(path).await;
        assert_eq!(again.project_id, imported.project_id);
        assert_eq!(again.name, imported.name);
        seen.push((imported.project_id, imported.name));
    }
    assert_eq!(
        seen.iter().map(|(_, name)| name).collect::<Vec<_>>(),
        ["app", "org2/app", "deep/org2/app"]
    );
    seen.dedup_by_key(|(id, _)| *id);
    assert_eq!(seen.len(), 3);

    stage.publish("org3/app");
    let request = json!({ "url": stage.git.url("org3/app"), "name": "app" });
    let named = stage.client.import_repository(&from(request)).await;
    assert_eq!(named.unwrap().name, "app (org3/app)");
}

#[tokio::test]
async fn the_branch_that_was_imported_last_is_the_one_that_is_analysed() {
    let mut stage = Stage::open().await;
    let tree = |route: &str| {
        let tree = tempfile::tempdir().unwrap();
        let source = format!(
            "from flask import Flask\napp = Flask(__name__)\n\n@app.post('{route}')\ndef it():\n    return ''\n"
        );
        std::fs::write(tree.path().join("app.py"), source).unwrap();
        tree
    };
    // The remote's default branch is the last one published, and there is no main.
    for (branch, route) in [("next", "/from-next"), ("trunk", "/from-trunk")] {
        let tree = tree(route);
        stage.git.publish("org/app", branch, tree.path()).unwrap();
    }
    let first = stage.import("org/app").await;
    let other = stage.import_branch("org/app", "next").await;
    assert!(other.already_exists);
    assert_eq!(
        (other.repository_id, other.project_id),
        (first.repository_id, first.project_id)
    );
    let request = json!({ "url": stage.git.url("org/app"), "branch": "nope" });
    let (status, text) = detail(stage.client.import_repository(&from(request)).await);
    assert_eq!(status, 400, "{text}");

    // What is imported is there though the host is away.
    let url = stage.git.url("org/app");
    stage.git = GitHost::start().await.unwrap();
    let analysed = async |stage: &Stage| {
        let analysis = stage
            .analysed(json!({ "repository_id": first.repository_id }))
            .await;
        assert_eq!(analysis.status, types::GapStatus::Completed, "{analysis:?}");
        let gaps = analysis.result.unwrap().gaps;
        gaps.iter().map(|gap| gap.unit.clone()).collect::<String>()
    };
    let units = analysed(&stage).await;
    assert!(
        units.contains("/from-next") && !units.contains("/from-trunk"),
        "{units}"
    );
    // The same branch once more asks nobody; another one can't be had now.
    let again = json!({ "url": url, "branch": "next" });
    stage.client.import_repository(&from(again)).await.unwrap();
    let gone = json!({ "url": url });
    let (status, text) = detail(stage.client.import_repository(&from(gone)).await);
    assert_eq!(status, 400, "{text}");
    assert_eq!(analysed(&stage).await, units);
}

#[tokio::test]
async fn an_imported_default_branch_is_not_fetched_again_for_main() {
    let mut stage = Stage::open().await;
    let tree = tempfile::tempdir().unwrap();
    std::fs::write(tree.path().join("a.py"), "A = 1\n").unwrap();
    stage.git.publish("org/app", "trunk", tree.path()).unwrap();
    let first = stage.import("org/app").await;
    let url = stage.git.url("org/app");
    stage.git = GitHost::start().await.unwrap();
    for request in [
        json!({ "url": url }),
        json!({ "url": url, "branch": "trunk" }),
    ] {
        let again = stage
            .client
            .import_repository(&from(request))
            .await
            .unwrap();
        assert_eq!(again.repository_id, first.repository_id);
    }
}

/// What an import from `host`, named with these `words`, ends with where the
/// server reaches public addresses only.
async fn imported_strictly(
    host: &GitHost,
    words: &str,
) -> Result<types::RepositoryImport, (u16, String)> {
    let tree = tempfile::tempdir().unwrap();
    std::fs::write(tree.path().join("a.py"), "A = 1\n").unwrap();
    host.publish("org/app", "main", tree.path()).unwrap();
    let deployment = deployment();
    let named = format!(
        "gitlab={}{words},{}",
        host.authority(),
        host.ca_file().display()
    );
    let server = deployment
        .serve_strictly(&["--git-host", &named], &[])
        .await
        .unwrap();
    let credentials = Credentials::new(&deployment.api_key, &deployment.webhook_secret);
    let client = connect(&server.url, credentials).unwrap();
    let request: Value = json!({ "url": host.url("org/app") });
    let answer = client.import_repository(&from(request)).await;
    if answer.is_err() {
        return Err(detail(answer));
    }
    Ok(answer.unwrap().into_inner())
}

#[tokio::test]
async fn a_host_in_a_private_network_is_reached_only_where_the_operator_says_so() {
    let host = GitHost::start().await.unwrap();
    let (status, text) = imported_strictly(&host, "").await.unwrap_err();
    assert_eq!(status, 400);
    assert!(text.contains("127.0.0.1 is not a public address"), "{text}");
    assert_eq!(host.connections(), 0);
    let imported = imported_strictly(&host, ",private").await.unwrap();
    assert_eq!(imported.name, "app");
}

#[tokio::test]
async fn what_a_killed_import_left_is_gone_after_the_next_start() {
    // It takes connections and never answers: the import is under way for ever.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = silent.local_addr().unwrap().to_string();
    let deployment = deployment();
    let host = format!("gitlab={authority}");
    let server = deployment.serve(&["--git-host", &host], &[]).await.unwrap();
    let credentials = Credentials::new(&deployment.api_key, &deployment.webhook_secret);
    let client = connect(&server.url, credentials).unwrap();
    let request = from(json!({ "url": format!("https://{authority}/org/app") }));
    let import = tokio::spawn(async move { client.import_repository(&request).await.is_err() });
    let left = || {
        let dir = deployment.data_dir().join("repositories");
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let appeared = async {
        while left().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LIMIT, appeared).await.unwrap();
    // A server that starts beside it leaves it alone.
    let beside = deployment.serve(&["--git-host", &host], &[]).await.unwrap();
    beside.stop().await.unwrap();
    assert_eq!(left().len(), 1);
    server.kill_dash_nine().await.unwrap();
    assert!(import.await.unwrap());
    assert_eq!(left().len(), 1);

    let next = deployment.serve(&["--git-host", &host], &[]).await.unwrap();
    let swept = async {
        while !left().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LIMIT, swept).await.unwrap();
    next.stop().await.unwrap();
}
