//! What is another partner's is not to be had, and what is not there is named.

use client::{Client, Credentials, connect};
use serde_json::json;

use super::{Stage, detail, from};

impl Stage {
    fn rival(&self) -> Client {
        self.deployment.another_partner("rival").unwrap();
        let key = self.deployment.another_key("rival", "api-token").unwrap();
        let credentials = Credentials::new(&key, &self.deployment.webhook_secret);
        connect(&self.server.url, credentials).unwrap()
    }
}

#[tokio::test]
async fn what_belongs_to_another_partner_is_403_for_every_operation() {
    let stage = Stage::open().await;
    stage.publish("your-org/your-repo");
    let ours = stage.import("your-org/your-repo").await;
    let (repository, project) = (ours.repository_id, ours.project_id);
    let on_repository = json!({"repository_id": repository});
    let client = &stage.client;
    let scan = client.start_sast_scan(&from(on_repository.clone())).await;
    let scan = scan.unwrap().into_inner().job_id;
    let analysis = client
        .start_gap_analysis(&from(on_repository.clone()))
        .await;
    let analysis = analysis.unwrap().into_inner().job_id;

    let rival = stage.rival();
    let not_theirs = (
        403,
        format!("Repository {repository} belongs to another partner."),
    );
    let request = from(on_repository.clone());
    assert_eq!(detail(rival.start_sast_scan(&request).await), not_theirs);
    let request = from(on_repository);
    assert_eq!(detail(rival.start_gap_analysis(&request).await), not_theirs);
    let (status, text) = detail(rival.get_sast_scan(&scan).await);
    assert_eq!(
        (status, &*text),
        (403, "This scan belongs to another partner.")
    );
    let (status, text) = detail(rival.get_gap_analysis(&analysis).await);
    assert_eq!(
        (status, &*text),
        (403, "This gap analysis belongs to another partner.")
    );

    let not_theirs = (
        403,
        format!("Project {project} belongs to another partner."),
    );
    let request = json!({"project_id": project, "title": "Log in"});
    let answer = rival.create_test_case(&from(request)).await;
    assert_eq!(detail(answer), not_theirs);
    let request = json!({"project_id": project, "description": "Users can log in"});
    let answer = rival.generate_test_cases(&from(request)).await;
    assert_eq!(detail(answer), not_theirs);
    let request = json!({"project_id": project, "openapi_spec": "openapi: 3.0.3"});
    let answer = rival.generate_api_tests(&from(request)).await;
    assert_eq!(detail(answer), not_theirs);

    // The same repository is theirs as well once they import it: on its own.
    let request = json!({"url": stage.git.url("your-org/your-repo")});
    let theirs = rival.import_repository(&from(request)).await.unwrap();
    assert!(!theirs.already_exists);
    assert_ne!(theirs.repository_id, repository);
    assert_ne!(theirs.project_id, project);
}

#[tokio::test]
async fn what_is_not_there_is_404_and_says_what_to_do() {
    let stage = Stage::open().await;
    let client = &stage.client;
    let no_repository = json!({"repository_id": 42});
    let import_first = (
        404,
        "Repository not found. Import it first via POST /api/v1/partner/repositories/import"
            .to_owned(),
    );
    let scan = client.start_sast_scan(&from(no_repository.clone())).await;
    assert_eq!(detail(scan), import_first);
    let analysis = client.start_gap_analysis(&from(no_repository)).await;
    assert_eq!(detail(analysis), import_first);
    for (status, text) in [
        detail(client.get_sast_scan("scan_none").await),
        detail(client.get_gap_analysis("gap_analysis_none").await),
        detail(
            client
                .create_test_case(&from(json!({"project_id": 42, "title": "Log in"})))
                .await,
        ),
        detail(
            client
                .generate_test_cases(&from(json!({"project_id": 42, "description": "login"})))
                .await,
        ),
        detail(
            client
                .generate_api_tests(&from(json!({"project_id": 42, "openapi_spec": "a: b"})))
                .await,
        ),
    ] {
        assert_eq!(status, 404, "{text}");
        assert!(text.starts_with("There is no "), "{text}");
    }
}
