//! `X-Partner-Signature` is over the exact bytes that are sent.

use qualitymax_client::{Credentials, Error, connect, types::WebhookRequest};
use serde_json::json;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::{KEY, SECRET, client, header};

async fn accepting() -> MockServer {
    let server = MockServer::start().await;
    let accepted = json!({ "accepted": true, "job_id": "pwj_1", "message": "" });
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_json(accepted))
        .mount(&server)
        .await;
    server
}

async fn sent(server: &MockServer) -> Request {
    server.received_requests().await.unwrap().pop().unwrap()
}

fn webhook(description: &str) -> WebhookRequest {
    serde_json::from_value(json!({
        "url": "https://preview.app.com",
        "feature_description": description,
        "callback_url": "https://api.you.com/results",
        "custom_data": { "z": 1.0, "a": [null, 1e-7, "🦀"], "big": 9_007_199_254_740_993_u64 },
    }))
    .unwrap()
}

#[tokio::test]
async fn a_webhook_is_signed_over_the_bytes_that_arrive() {
    let server = accepting().await;
    let descriptions = [
        "Test login",
        "Überprüfe „Anmelden“ \u{2028} 🦀 \"quoted\" \\ /",
        "x".repeat(8000).as_str(),
    ]
    .map(str::to_owned);
    for description in descriptions {
        client(&server)
            .trigger_test_generation("veilstream", &webhook(&description))
            .await
            .unwrap();
        let request = sent(&server).await;
        assert_eq!(request.url.path(), "/api/webhooks/veilstream");
        assert_eq!(header(&request, "x-qualitymax-api-key"), Some(KEY));
        assert_eq!(header(&request, "content-type"), Some("application/json"));
        let given = header(&request, "x-partner-signature").unwrap();
        assert_eq!(given, signature::sign(SECRET.as_bytes(), &request.body));
        assert_eq!(given.len(), "sha256=".len() + 64);
        let arrived: WebhookRequest = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(*arrived.feature_description, description);
    }
}

/// What the published documentation does with openssl.
#[tokio::test]
async fn openssl_agrees_on_the_signature() {
    let server = accepting().await;
    client(&server)
        .trigger_test_generation("veilstream", &webhook("Test login"))
        .await
        .unwrap();
    let request = sent(&server).await;
    let dir = tempfile::tempdir().unwrap();
    let body = dir.path().join("body");
    std::fs::write(&body, &request.body).unwrap();
    let openssl = std::process::Command::new("openssl")
        .args(["dgst", "-sha256", "-hmac", SECRET])
        .arg(&body)
        .output();
    let Ok(output) = openssl else {
        eprintln!("openssl is not installed; the signature is held against RFC 4231 elsewhere");
        return;
    };
    let printed = String::from_utf8(output.stdout).unwrap();
    let hex = printed.trim().rsplit(' ').next().unwrap();
    assert_eq!(
        header(&request, "x-partner-signature"),
        Some(format!("sha256={hex}").as_str())
    );
}

#[tokio::test]
async fn only_the_webhook_is_signed() {
    let server = MockServer::start().await;
    let _ = client(&server).get_job_report("pwj_1").await;
    let request = sent(&server).await;
    assert_eq!(header(&request, "x-qualitymax-api-key"), Some(KEY));
    assert_eq!(header(&request, "x-partner-signature"), None);
}

#[tokio::test]
async fn nothing_is_sent_that_could_not_be_authenticated() {
    let server = accepting().await;
    let refused = |credentials: Credentials| {
        let client = connect(&server.uri(), credentials).unwrap();
        async move {
            let answer = client
                .trigger_test_generation("veilstream", &webhook("x"))
                .await;
            let Err(Error::InvalidRequest(says)) = answer else {
                panic!("{answer:?}")
            };
            says
        }
    };
    let says = refused(Credentials::key_only(KEY)).await;
    assert_eq!(says, "a webhook needs the webhook secret in Credentials");
    let says = refused(Credentials::new("qm-line\nbreak", SECRET)).await;
    assert_eq!(
        says,
        "the API key holds characters that no header can carry"
    );
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[test]
fn secrets_are_not_printed() {
    let credentials = Credentials::new(KEY, SECRET);
    let client = connect("https://app.qualitymax.io", credentials.clone()).unwrap();
    let printed = format!("{credentials:?} {client:?}");
    assert!(
        !printed.contains(KEY) && !printed.contains(SECRET),
        "{printed}"
    );
}
