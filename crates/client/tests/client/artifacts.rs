//! An artifact is followed to where it is, and the key stays at home.

use qualitymax_client::{ArtifactError, ArtifactKind, Credentials, connect_with};
use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{KEY, SECRET, client, header};

async fn answers(server: &MockServer, at: &str, answer: ResponseTemplate) {
    Mock::given(method("GET"))
        .and(path(at))
        .respond_with(answer)
        .mount(server)
        .await;
}

fn redirect(to: impl AsRef<str>) -> ResponseTemplate {
    ResponseTemplate::new(302).insert_header("location", to.as_ref())
}

const SCREENSHOT: &str = "/api/v1/partner/artifacts/exec_1/screenshot";

#[tokio::test]
async fn the_key_does_not_travel_to_another_host() {
    let (api, files, other) = (
        MockServer::start().await,
        MockServer::start().await,
        MockServer::start().await,
    );
    answers(
        &api,
        SCREENSHOT,
        redirect(format!("{}/a.png?sig=1", files.uri())),
    )
    .await;
    answers(&files, "/a.png", redirect(format!("{}/b.png", other.uri()))).await;
    answers(
        &other,
        "/b.png",
        ResponseTemplate::new(200).set_body_bytes(b"PNG"),
    )
    .await;

    let bytes = client(&api)
        .artifact("exec_1", ArtifactKind::Screenshot)
        .await
        .unwrap();
    assert_eq!(bytes, b"PNG".as_slice());

    let asked = &api.received_requests().await.unwrap()[0];
    assert_eq!(header(asked, "x-qualitymax-api-key"), Some(KEY));
    for host in [files, other] {
        let requests = host.received_requests().await.unwrap();
        assert_eq!(requests.len(), 1);
        let sent = format!("{:?} {}", requests[0].headers, requests[0].url);
        assert!(
            !sent.contains(KEY) && !sent.to_lowercase().contains("x-qualitymax"),
            "{sent}"
        );
    }
}

/// Also where the caller's own HTTP client would follow redirects by itself.
#[tokio::test]
async fn a_client_of_the_caller_s_own_making_does_not_follow_either() {
    let (api, files) = (MockServer::start().await, MockServer::start().await);
    answers(&api, SCREENSHOT, redirect(format!("{}/a.png", files.uri()))).await;
    answers(&files, "/a.png", ResponseTemplate::new(200)).await;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::limited(5));
    let client = connect_with(&api.uri(), Credentials::new(KEY, SECRET), http).unwrap();
    let url = client
        .artifact_url("exec_1", ArtifactKind::Screenshot)
        .await
        .unwrap();
    assert_eq!(url.as_str(), format!("{}/a.png", files.uri()));
    assert!(files.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_relative_location_is_on_the_deployment_itself() {
    let api = MockServer::start().await;
    let video = "/api/v1/partner/artifacts/exec_1/video";
    answers(&api, video, redirect("/static/v.webm?expires=9")).await;
    let url = client(&api)
        .artifact_url("exec_1", ArtifactKind::Video)
        .await
        .unwrap();
    assert_eq!(
        url.as_str(),
        format!("{}/static/v.webm?expires=9", api.uri())
    );
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart() {
    let api = MockServer::start().await;
    let at = |id: &str| format!("/api/v1/partner/artifacts/{id}/screenshot");
    let detail = json!({ "detail": "There is no such execution." });
    answers(
        &api,
        &at("gone"),
        ResponseTemplate::new(404).set_body_json(detail),
    )
    .await;
    answers(
        &api,
        &at("direct"),
        ResponseTemplate::new(200).set_body_bytes(b"PNG"),
    )
    .await;
    answers(&api, &at("nowhere"), ResponseTemplate::new(302)).await;
    answers(&api, &at("circle"), redirect("/circle")).await;
    answers(&api, "/circle", redirect("/circle")).await;
    answers(&api, &at("expired"), redirect("/expired")).await;
    answers(&api, "/expired", ResponseTemplate::new(410)).await;
    let client = client(&api);
    let fetch = |id: &'static str| client.artifact(id, ArtifactKind::Screenshot);

    let refused = fetch("gone").await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "404 Not Found: There is no such execution."
    );
    for id in ["direct", "nowhere", "circle"] {
        let error = fetch(id).await.unwrap_err();
        assert!(
            matches!(error, ArtifactError::NoRedirect(_)),
            "{id}: {error}"
        );
    }
    let expired = fetch("expired").await.unwrap_err();
    assert!(matches!(expired, ArtifactError::Transport(error) if error.status().unwrap() == 410));
}
