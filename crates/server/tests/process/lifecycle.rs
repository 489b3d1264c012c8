//! Signals and logs.

use serde_json::json;
use testbed::Deployment;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::binary;

#[tokio::test]
async fn sigterm_finishes_the_request_under_way_and_exits_with_0() {
    let deployment = Deployment::create(binary(), "veilstream").unwrap();
    let server = deployment.serve(&["--workers", "0"], &[]).await.unwrap();
    let body = json!({
        "url": "https://preview.example.com",
        "feature_description": "Test login",
        "callback_url": "https://api.example.com/results",
    })
    .to_string();
    let signature = signature::sign(deployment.webhook_secret.as_bytes(), body.as_bytes());
    let head = format!(
        "POST /api/webhooks/veilstream HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
         x-qualitymax-api-key: {}\r\nx-partner-signature: {signature}\r\ncontent-length: {}\r\n\r\n",
        deployment.api_key,
        body.len()
    );
    let address = server.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (first, second) = body.split_at(20);
    let under_way = head + first;
    stream.write_all(under_way.as_bytes()).await.unwrap();
    // The request was begun, by the answer to another one behind it.
    server.get("/jobs/pwj_1/report").await.unwrap_err();

    let stopped = tokio::spawn(server.stop());
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(TcpStream::connect(address_of(&stream)).await.is_err());
    stream.write_all(second.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("\"accepted\":true"), "{answer}");
    drop(stream);
    assert_eq!(stopped.await.unwrap().unwrap().code(), Some(0));
}

fn address_of(stream: &TcpStream) -> std::net::SocketAddr {
    stream.peer_addr().unwrap()
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let deployment = Deployment::create(binary(), "veilstream").unwrap();
    let server = deployment.serve(&["--workers", "0"], &[]).await.unwrap();
    // A request that will not end by itself holds the first signal up.
    let address = server.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/v1/partner/test-cases HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
         x-qualitymax-api-key: {}\r\ncontent-length: 100\r\n\r\n{{",
        deployment.api_key
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    server.get("/jobs/pwj_1/report").await.unwrap_err();
    let pid = server.pid().unwrap().to_string();
    Command::new("kill").arg(&pid).status().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let exit = server.stop().await.unwrap();
    assert_eq!(exit.code(), Some(1));
}

#[tokio::test]
async fn no_secret_is_ever_logged() {
    let deployment = Deployment::create(binary(), "veilstream").unwrap();
    let server = deployment
        .serve(
            &["--workers", "0", "--log", "trace", "--log-format", "json"],
            &[],
        )
        .await
        .unwrap();
    let webhook = json!({
        "url": "https://preview.example.com",
        "feature_description": "Test login",
        "callback_url": "https://api.example.com/results",
        "auth": { "type": "user_login", "username": "tester-7731", "password": "hunter-7731" },
    });
    server.send_webhook(&webhook).await.unwrap();
    let data_dir = deployment.data_dir().to_owned();
    server.stop().await.unwrap();
    let log = std::fs::read_to_string(data_dir.join("server.log")).unwrap();
    assert!(log.contains("/api/webhooks/veilstream"));
    for secret in [&deployment.webhook_secret, &deployment.api_key, "7731"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{line:?}");
    }
}

/// What `serve` logs from its start to its end.
async fn log_of(listen: &str, extra: &[&str]) -> String {
    let data = tempfile::tempdir().unwrap();
    let mut server = Command::new(binary())
        .args(["serve", "--json", "--workers", "0", "--listen", listen])
        .args(extra)
        .arg("--data-dir")
        .arg(data.path())
        .env_remove("QUALITYMAX_PUBLIC_URL")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    // It listens once it says where.
    server.stdout.as_mut().unwrap().read_u8().await.unwrap();
    let pid = server.id().unwrap().to_string();
    Command::new("kill").arg(&pid).status().await.unwrap();
    let output = server.wait_with_output().await.unwrap();
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn links_that_lead_partners_nowhere_are_warned_of() {
    const ADVICE: &str = "set --public-url";
    let public = ["--public-url", "https://qa.example.com"];
    assert!(log_of("0.0.0.0:0", &[]).await.contains(ADVICE));
    assert!(!log_of("0.0.0.0:0", &public).await.contains(ADVICE));
    assert!(!log_of("127.0.0.1:0", &[]).await.contains(ADVICE));
}
