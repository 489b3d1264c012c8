//! Bodies: too large, too slow, broken off, or not wanted.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::raw::{read_until, rest, send};
use crate::{Running, quick};

const LIMIT: usize = 262_144;

fn post(slug: &str, headers: &str) -> String {
    format!(
        "POST /api/webhooks/{slug} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\n{headers}\r\n"
    )
}

fn chunked(bytes: usize) -> String {
    let piece = "x".repeat(1024);
    let mut body = format!("400\r\n{piece}\r\n").repeat(bytes / 1024);
    body.push_str("0\r\n\r\n");
    body
}

#[tokio::test]
async fn bodies_up_to_the_operations_limit_arrive_whole() {
    let edge = Running::start(quick()).await;
    for size in [0, 1, 1000, LIMIT] {
        let body = "x".repeat(size);
        let request = post("acme", &format!("content-length: {size}\r\n")) + &body;
        assert_eq!(send(edge.address, request).await.body, size.to_string());
    }
    let request = post("acme", "transfer-encoding: chunked\r\n") + &chunked(LIMIT);
    assert_eq!(send(edge.address, request).await.body, LIMIT.to_string());
}

#[tokio::test]
async fn a_body_past_the_limit_is_413_before_it_is_sent() {
    let edge = Running::start(quick()).await;
    let answer = send(edge.address, post("acme", "content-length: 262145\r\n")).await;
    assert_eq!(
        answer.refusal(),
        (413, "The body is larger than 262144 bytes.".to_owned())
    );
}

#[tokio::test]
async fn a_client_that_sends_it_all_the_same_can_read_the_413() {
    let edge = Running::start(quick()).await;
    let size = 20 * 1024 * 1024;
    let known = post("acme", &format!("content-length: {size}\r\n")) + &"x".repeat(size);
    assert_eq!(send(edge.address, known).await.status(), 413);
    let unknown = post("acme", "transfer-encoding: chunked\r\n") + &chunked(size);
    assert_eq!(
        send(edge.address, unknown).await.refusal(),
        (413, "The body is larger than 262144 bytes.".to_owned())
    );
    // Refused by the handler, which did not read a byte of it.
    let unread = post("nobody", "transfer-encoding: chunked\r\n") + &chunked(size);
    assert_eq!(
        send(edge.address, unread).await.refusal(),
        (404, "No partner has this slug.".to_owned())
    );
}

#[tokio::test]
async fn whoever_is_refused_unread_need_not_send_the_body() {
    let edge = Running::start(quick()).await;
    let began = Instant::now();
    let answer = send(edge.address, post("nobody", "content-length: 1000\r\n")).await;
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn the_client_is_told_to_continue_only_when_the_body_is_wanted() {
    let edge = Running::start(quick()).await;
    let expecting = "content-length: 5\r\nexpect: 100-continue\r\n";
    let answer = send(edge.address, post("nobody", expecting)).await;
    assert_eq!(answer.status(), 404, "{}", answer.head);

    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    stream
        .write_all(post("acme", expecting).as_bytes())
        .await
        .unwrap();
    let told = read_until(&mut stream, "\r\n\r\n").await;
    assert_eq!(told, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"hello").await.unwrap();
    assert_eq!(rest(&mut stream).await.body, "5");
}

#[tokio::test]
async fn a_body_that_trickles_in_is_408() {
    let edge = Running::start(quick()).await;
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    let head = post("acme", "content-length: 1000\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let trickle = async {
        while writing.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut seen = Vec::new();
    tokio::select! {
        () = trickle => unreachable!(),
        read = reading.read_to_end(&mut seen) => { read.unwrap(); }
    }
    assert_eq!(crate::raw::split(&seen).status(), 408);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_never_taken_for_a_whole_one() {
    let edge = Running::start(quick()).await;
    for (headers, sent) in [
        ("content-length: 10\r\n", "xxx"),
        ("transfer-encoding: chunked\r\n", "3\r\nxxx\r\n"),
        ("transfer-encoding: chunked\r\n", "nonsense"),
    ] {
        let mut stream = TcpStream::connect(edge.address).await.unwrap();
        let request = post("acme", headers) + sent;
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut seen = Vec::new();
        stream.read_to_end(&mut seen).await.unwrap();
        let seen = String::from_utf8(seen).unwrap();
        assert!(
            seen.is_empty() || seen.starts_with("HTTP/1.1 400"),
            "{seen}"
        );
    }
}

#[tokio::test]
async fn a_get_with_a_body_is_answered_as_without() {
    let edge = Running::start(quick()).await;
    let request = "GET /api/v1/partner/jobs/pwj_1/report HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc";
    assert_eq!(send(edge.address, request).await.body, "\"pwj_1\"");
}
