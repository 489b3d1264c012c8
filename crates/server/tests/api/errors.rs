//! Every error is `{"detail": "..."}` with its status, whatever was wrong.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bench::{Bench, least, refusal};

#[tokio::test]
async fn unknown_paths_and_methods() {
    let bench = Bench::start().await;
    assert_eq!(refusal(bench.get("/api/v1/partner/nothing")).await.0, 404);
    assert_eq!(
        refusal(bench.get("/api/v1/partner/jobs/pwj_1")).await.0,
        404
    );
    assert_eq!(refusal(bench.get("/nothing")).await.0, 404);
    assert_eq!(
        refusal(bench.get("/static/test-executions/none")).await.0,
        404
    );
    let request = bench.get("/api/webhooks/veilstream");
    assert_eq!(
        refusal(request).await,
        (405, "Method GET is not allowed here. Use POST.".to_owned())
    );
}

#[tokio::test]
async fn bodies_that_are_not_what_the_contract_asks_for() {
    let bench = Bench::start().await;
    for (body, expected) in [
        (b"".as_slice(), "the body is empty"),
        (b"{", "not valid JSON"),
        (b"[]", "object"),
        (b"\xff\xff", "not UTF-8"),
        (b"{}", "url"),
        (
            b"{\"url\":\"https://a.example\",\"url\":\"https://b.example\"}",
            "duplicate key",
        ),
    ] {
        let (status, detail) = refusal(bench.webhook(&bench.ours, body)).await;
        assert_eq!(status, 400, "{detail}");
        assert!(detail.contains(expected), "{detail}");
        // What is counted is the webhook's business elsewhere.
        bench.advance(60);
    }
    let deep = format!("{}{}", "[".repeat(60_000), "]".repeat(60_000));
    assert_eq!(
        refusal(bench.webhook(&bench.ours, deep.as_bytes())).await.0,
        400
    );
}

#[tokio::test]
async fn a_password_is_never_repeated() {
    let bench = Bench::start().await;
    let body = json!({
        "url": "https://a.example",
        "feature_description": "Test login",
        "callback_url": "https://a.example",
        "auth": { "type": "user_login", "username": "u", "password": ["hunter2"] },
        "options": { "browser": "hunter2" },
    });
    let request = bench.webhook(&bench.ours, body.to_string().as_bytes());
    let (status, detail) = refusal(request).await;
    assert_eq!(status, 400);
    assert!(!detail.contains("hunter2"), "{detail}");
}

#[tokio::test]
async fn addresses_inside_are_refused() {
    let bench = Bench::start().await;
    for url in [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://app.localhost/",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
    ] {
        for field in ["url", "callback_url"] {
            let mut body: serde_json::Value = serde_json::from_slice(&least()).unwrap();
            body[field] = url.into();
            let request = bench.webhook(&bench.ours, body.to_string().as_bytes());
            let (status, detail) = refusal(request).await;
            assert_eq!(status, 400, "{url}");
            assert!(detail.starts_with(field), "{detail}");
            bench.advance(60);
        }
    }
}

#[tokio::test]
async fn a_wrong_content_type_is_415() {
    let bench = Bench::start().await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let request = bench
            .http
            .post(format!("{}/api/v1/partner/test-cases", bench.url))
            .header("x-qualitymax-api-key", &bench.ours.key)
            .header("content-type", content_type)
            .body("{}");
        let expected = (415, "Send the body as application/json.".to_owned());
        assert_eq!(refusal(request).await, expected);
    }
    let request = bench
        .post_as(&bench.ours, "/test-cases", &json!({}))
        .header("content-type", "application/json; charset=utf-8");
    assert_ne!(refusal(request).await.0, 415);
}

/// The contract's order: the signature is over bytes, whatever they are.
#[tokio::test]
async fn a_signature_is_looked_at_before_the_content_type() {
    let bench = Bench::start().await;
    let webhook = |signature: String| {
        bench
            .http
            .post(format!("{}/api/webhooks/{}", bench.url, bench.ours.slug))
            .header("x-qualitymax-api-key", &bench.ours.key)
            .header("x-partner-signature", signature)
            .header("content-type", "text/plain")
            .body(least())
    };
    let wrong = signature::sign(b"another secret", &least());
    assert_eq!(refusal(webhook(wrong)).await.0, 401);
    let right = signature::sign(bench.ours.secret.as_bytes(), &least());
    assert_eq!(refusal(webhook(right)).await.0, 415);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let bench = Bench::start().await;
    let body = vec![b' '; 262_145];
    let expected = (413, "The body is larger than 262144 bytes.".to_owned());
    assert_eq!(refusal(bench.webhook(&bench.ours, &body)).await, expected);
    let body = json!({ "project_id": 1, "title": "x".repeat(2_000_000) });
    let request = bench.post_as(&bench.ours, "/test-cases", &body);
    assert_eq!(refusal(request).await.0, 413);
}

#[tokio::test]
async fn a_request_that_is_too_slow_is_408() {
    let bench = Bench::start().await;
    let address = bench.url.strip_prefix("http://").unwrap();
    let signature = signature::sign(bench.ours.secret.as_bytes(), &least());
    let head = format!(
        "POST /api/webhooks/veilstream HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
         x-qualitymax-api-key: {}\r\nx-partner-signature: {signature}\r\ncontent-length: 1000\r\n\r\n",
        bench.ours.key
    );
    for unfinished in [&head, &head[..40]] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(unfinished.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        let detail = "{\"detail\":\"The request did not arrive within 1 seconds.\"}";
        assert!(answer.ends_with(detail), "{answer}");
    }
}

#[tokio::test]
async fn whoever_has_no_key_is_refused_before_the_body_arrives() {
    let bench = Bench::start().await;
    let address = bench.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /api/webhooks/veilstream HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    let read = stream.read_exact(&mut answer);
    tokio::time::timeout(Duration::from_millis(900), read)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401");
}
