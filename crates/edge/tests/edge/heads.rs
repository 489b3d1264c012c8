//! Request lines, headers, paths and methods.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::raw::{read_until, rest, send};
use crate::{Running, quick};

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
}

#[tokio::test]
async fn a_request_passes_through_to_its_operation() {
    let edge = Running::start(quick()).await;
    let answer = send(
        edge.address,
        get("/api/v1/partner/jobs/pwj_%C3%A4%2F1/report"),
    )
    .await;
    assert_eq!(
        (answer.status(), answer.body.as_str()),
        (200, "\"pwj_ä/1\"")
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert!(answer.header("x-request-id").is_some());
}

#[tokio::test]
async fn headers_that_a_handler_left_come_with_its_answer() {
    let edge = Running::start(quick()).await;
    let answer = send(edge.address, get("/api/v1/partner/jobs/pwj_1/report")).await;
    assert_eq!(answer.header("ratelimit"), Some("\"free\";r=59;t=60"));
    let answer = send(edge.address, get("/api/v1/partner/jobs/busy/report")).await;
    assert_eq!(answer.header("ratelimit"), Some("\"free\";r=59;t=60"));
    assert_eq!(answer.header("retry-after"), Some("42"));
    assert_eq!(answer.refusal(), (429, "Wait.".to_owned()));
}

#[tokio::test]
async fn an_unknown_path_is_404_in_the_contracts_shape() {
    let edge = Running::start(quick()).await;
    let answer = send(edge.address, get("/api/v2/partner")).await;
    assert_eq!(
        answer.refusal(),
        (
            404,
            "There is nothing at this path. The API lives under /api/v1/partner and /api/webhooks."
                .to_owned()
        )
    );
    let answer = send(edge.address, get("/api/v1/partner//jobs/pwj_1/report/")).await;
    assert_eq!(
        answer.refusal(),
        (
            404,
            "There is nothing at this path. Did you mean /api/v1/partner/jobs/pwj_1/report?"
                .to_owned()
        )
    );
}

#[tokio::test]
async fn a_wrong_method_is_405_and_told_the_right_one() {
    let edge = Running::start(quick()).await;
    let request = "DELETE /api/webhooks/acme HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answer = send(edge.address, request).await;
    assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
    assert_eq!(
        answer.refusal(),
        (
            405,
            "Method DELETE is not allowed here. Use POST.".to_owned()
        )
    );
    let request =
        "OPTIONS /api/v1/partner/jobs/1/report HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answer = send(edge.address, request).await;
    assert_eq!(
        (answer.status(), answer.header("allow")),
        (204, Some("GET, HEAD, OPTIONS"))
    );
}

#[tokio::test]
async fn what_dropshot_itself_refuses_gets_the_contracts_shape() {
    let edge = Running::start(quick()).await;
    // Known to the contract, but not registered behind this edge.
    let answer = send(edge.address, get("/api/v1/partner/sast/scan/scan_1")).await;
    assert_eq!(answer.status(), 404);
    assert!(answer.detail().starts_with("There is nothing"));
    let answer = send(edge.address, get("/api/v1/partner/jobs/nothing/report")).await;
    assert_eq!(
        answer.refusal(),
        (500, "Internal error. Try again later.".to_owned())
    );
}

#[tokio::test]
async fn routes_beside_the_contract_answer_and_fail_alike() {
    let edge = Running::start(quick()).await;
    let answer = send(edge.address, get("/healthz")).await;
    assert_eq!((answer.status(), answer.body.as_str()), (200, "fine"));
    let answer = send(
        edge.address,
        "POST /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    )
    .await;
    assert_eq!(
        answer.refusal(),
        (405, "This method is not allowed here.".to_owned())
    );
    let answer = send(
        edge.address,
        "POST /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi",
    )
    .await;
    assert_eq!(answer.body, "hi");
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let edge = Running::start(quick()).await;
    let request =
        "HEAD /api/v1/partner/jobs/pwj_1/report HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answer = send(edge.address, request).await;
    assert_eq!((answer.status(), answer.body.as_str()), (200, ""));
    assert_eq!(answer.header("content-length"), Some("7"));
}

#[tokio::test]
async fn every_form_of_target_and_version_is_understood() {
    let edge = Running::start(quick()).await;
    let path = "/api/v1/partner/jobs/pwj_1/report";
    for request in [
        format!(
            "GET http://elsewhere.example{path}?a=b HTTP/1.1\r\nhost: elsewhere.example\r\nconnection: close\r\n\r\n"
        ),
        format!("GET {path} HTTP/1.0\r\n\r\n"),
        format!(
            "\r\n\r\nGET {path} HTTP/1.1\r\nhost: a\r\nconnection: close, x-own\r\nx-own: 1\r\n\r\n"
        ),
    ] {
        let answer = send(edge.address, &request).await;
        assert_eq!(answer.body, "\"pwj_1\"", "{request}");
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let edge = Running::start(quick()).await;
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    let requests: String = ["slow", "b", "c"]
        .map(|job| format!("GET /api/v1/partner/jobs/{job}/report HTTP/1.1\r\nhost: a\r\n\r\n"))
        .concat();
    stream.write_all(requests.as_bytes()).await.unwrap();
    let seen = read_until(&mut stream, "\"c\"").await;
    let at = |what| seen.find(what).unwrap();
    assert!(at("\"slow\"") < at("\"b\"") && at("\"b\"") < at("\"c\""));
    // And what is no request at the end is still refused in the right shape.
    stream.write_all(b"nonsense\r\n\r\n").await.unwrap();
    assert_eq!(rest(&mut stream).await.status(), 400);
}

#[tokio::test]
async fn what_is_no_http_is_400() {
    let edge = Running::start(quick()).await;
    for request in [
        "nonsense\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET /api/v1/partner/jobs/ä/report\0 HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nbad header\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: many\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\x7c\x03\x03\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let answer = send(edge.address, request).await;
        let malformed = "The request is not valid HTTP/1.1.".to_owned();
        assert_eq!(answer.refusal(), (400, malformed), "{request:?}");
        assert_eq!(answer.header("connection"), Some("close"));
    }
    for request in [
        "GET / HTTP/1.1\r\nconnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n",
    ] {
        let answer = send(edge.address, request).await;
        assert_eq!(
            answer.refusal(),
            (400, "Send exactly one Host header.".to_owned())
        );
    }
    let answer = send(edge.address, get("/api/v1/partner/jobs/%ff/report")).await;
    assert_eq!(
        answer.refusal(),
        (400, "The path is not percent-encoded UTF-8.".to_owned())
    );
}

#[tokio::test]
async fn heads_that_are_too_large_are_431() {
    let edge = Running::start(quick()).await;
    let long = "a".repeat(40_000);
    let many: String = (0..200).map(|at| format!("x-{at}: 1\r\n")).collect();
    for request in [
        format!("GET / HTTP/1.1\r\nhost: a\r\nx-long: {long}\r\n\r\n"),
        format!("GET /{long} HTTP/1.1\r\nhost: a\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nhost: a\r\n{many}\r\n"),
    ] {
        let answer = send(edge.address, request).await;
        let large = "The request's headers are larger than 32768 bytes, or more than 100.";
        assert_eq!(answer.refusal(), (431, large.to_owned()));
    }
}

#[tokio::test]
async fn a_head_that_trickles_in_is_408() {
    let edge = Running::start(quick()).await;
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let trickle = async {
        for byte in get("/healthz").bytes().cycle() {
            if writing.write_all(&[byte.max(b'a')]).await.is_err() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let answer = async {
        let mut seen = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut seen)
            .await
            .unwrap();
        crate::raw::split(&seen)
    };
    let answer = tokio::select! {
        () = trickle => unreachable!("it trickles on"),
        answer = answer => answer,
    };
    let slow = "The request did not arrive within 0 seconds.".to_owned();
    assert_eq!(answer.refusal(), (408, slow));
}

#[tokio::test]
async fn an_idle_connection_is_closed_without_a_word() {
    let edge = Running::start(quick()).await;
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    let mut seen = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut seen)
        .await
        .unwrap();
    assert!(seen.is_empty());
}

/// Bytes of all kinds, from something like HTTP to noise, the same in each run.
fn noise(seed: u64) -> Vec<u8> {
    let parts: [&[u8]; 16] = [
        b"GET ",
        b"POST ",
        b"/api/webhooks/a",
        b"%",
        b"\xff",
        b" HTTP/1.1",
        b" HTTP/1.0",
        b"\r\n",
        b"\n",
        b"\r",
        b"host: a",
        b"content-length: 3",
        b"transfer-encoding: chunked",
        b":",
        b"\0",
        b"3\r\nabc\r\n",
    ];
    let mut state = seed;
    let mut bytes = Vec::new();
    for _ in 0..12 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(parts[(state >> 60) as usize]);
    }
    bytes.extend_from_slice(b"\r\n\r\n");
    bytes
}

#[tokio::test]
async fn whatever_is_sent_the_answer_is_one_of_ours() {
    let edge = Running::start(quick()).await;
    for seed in 0..300 {
        let request = noise(seed);
        let mut stream = TcpStream::connect(edge.address).await.unwrap();
        stream.write_all(&request).await.unwrap();
        let mut seen = Vec::new();
        let read = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut seen);
        let read = tokio::time::timeout(std::time::Duration::from_secs(10), read).await;
        read.expect("the server closes").expect("without a reset");
        let seen = String::from_utf8(seen).unwrap();
        // One answer, or several to what could be read as several requests.
        assert!(seen.starts_with("HTTP/1."), "{request:?}: {seen}");
        let answers = seen.matches("HTTP/1.1 ").count() + seen.matches("HTTP/1.0 ").count();
        let ours = seen.matches("x-content-type-options: nosniff").count();
        assert_eq!(answers, ours, "{request:?}: {seen}");
    }
}
