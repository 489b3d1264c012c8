//! Providers that never stop talking, on real sockets: an answer ends at the
//! budget of bytes, and memory with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use qualitymax_engine::llm::LlmError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::asking::ask;
use crate::{KINDS, llm_at, quick};

/// What a stream would come to if nobody hung up.
const GIGABYTES: u64 = 8 * 1024 * 1024 * 1024;

/// Sends `head`, then `more` until the other side hangs up. Returns its URL and
/// the number of bytes that were taken off its hands.
async fn endless(head: &'static str, more: &'static str) -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let sent = Arc::new(AtomicU64::new(0));
    let counter = sent.clone();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let counter = counter.clone();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = connection.read(&mut request).await;
                let _ = connection.write_all(head.as_bytes()).await;
                let more = more.repeat(64 * 1024 / more.len());
                while counter.load(Ordering::Relaxed) < GIGABYTES {
                    if connection.write_all(more.as_bytes()).await.is_err() {
                        break;
                    }
                    counter.fetch_add(more.len() as u64, Ordering::Relaxed);
                }
            });
        }
    });
    (url, sent)
}

/// The most memory that this process has had, in bytes.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kilobytes.parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_provider_that_streams_without_end_is_cut_off() {
    let before = peak_memory();
    let answers = [
        // A text that never closes its quotes.
        (
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"choices\": \"",
            "red ",
        ),
        // Small on the wire, large as a tree.
        (
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[",
            "[],",
        ),
        // The reason for a failure is text from outside as well.
        ("HTTP/1.1 500 No\r\ncontent-type: text/plain\r\n\r\n", "no "),
        ("HTTP/1.1 401 No\r\n\r\n", "no "),
        // A head that does not end, and one that says so.
        ("HTTP/1.1 200 OK\r\nx: ", "a"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 8589934592\r\ncontent-type: application/json\r\n\r\n",
            " ",
        ),
    ];
    for (head, more) in answers {
        let (url, sent) = endless(head, more).await;
        for kind in KINDS {
            let started = Instant::now();
            let error = ask(&llm_at(kind, &url, quick())).await.unwrap_err();
            let endless_head = head.ends_with("x: ");
            let expected = match endless_head {
                // hyper ends it first, by its own bound of a head.
                true => error == LlmError::Unreachable,
                false => error == LlmError::Budget("bytes"),
            };
            assert!(expected, "{head:?}: {error:?}");
            assert!(started.elapsed() < Duration::from_secs(20), "{head:?}");
        }
        let sent = sent.load(Ordering::Relaxed);
        assert!(sent < 200 * 1024 * 1024, "{head:?}: {sent} bytes were read");
    }
    let grown = peak_memory() - before;
    assert!(grown < 64 * 1024 * 1024, "{grown} bytes of memory");
}

#[tokio::test]
async fn an_answer_is_never_unpacked() {
    // A few bytes of gzip can stand for gigabytes.
    let (url, _) = endless(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n\
         content-length: 30\r\n\r\n",
        "\u{1}",
    )
    .await;
    let error = ask(&llm_at(KINDS[0], &url, quick())).await.unwrap_err();
    assert_eq!(error, LlmError::Malformed);
}
