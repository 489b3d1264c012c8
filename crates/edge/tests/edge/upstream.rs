//! What is behind the edge fails.

use qualitymax_edge::Limits;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::raw::{read_until, send};
use crate::{Running, quick};

#[tokio::test]
async fn a_handler_that_panics_is_503() {
    let edge = Running::start(quick()).await;
    let request = "POST /api/v1/partner/repositories/import HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    for _ in 0..3 {
        let answer = send(edge.address, request).await;
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert_eq!(
            answer.refusal(),
            (
                503,
                "The service could not answer. Try again later.".to_owned()
            )
        );
    }
}

#[tokio::test]
async fn a_handler_that_never_answers_is_503() {
    let edge = Running::start(quick()).await;
    let request =
        "GET /api/v1/partner/jobs/stuck/report HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answer = send(edge.address, request).await;
    assert_eq!(answer.status(), 503);
    assert_eq!(
        answer.detail(),
        "The service did not answer in time. Try again later."
    );
}

#[tokio::test]
async fn one_connection_serves_many_requests_of_every_kind() {
    let edge = Running::start(quick()).await;
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    for turn in 0..50 {
        let body = "x".repeat(turn * 100);
        let request = format!(
            "POST /api/webhooks/acme HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}\
             GET /api/v1/partner/jobs/job{turn}/report HTTP/1.1\r\nhost: a\r\n\r\n\
             GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let seen = read_until(&mut stream, "api/webhooks.\"}").await;
        assert!(seen.contains(&format!("\r\n\r\n{}", body.len())), "{seen}");
        assert!(seen.contains(&format!("\"job{turn}\"")), "{seen}");
    }
}

/// Each handler that runs has a context to itself, and they are made when they
/// are asked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn as_many_requests_as_come_at_once_are_answered() {
    let edge = Running::start(Limits::default()).await;
    let request =
        "GET /api/v1/partner/jobs/slow/report HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let sent = (0..400).map(|_| tokio::spawn(send(edge.address, request)));
    for answer in futures::future::join_all(sent).await {
        assert_eq!(answer.unwrap().status(), 200);
    }
}
