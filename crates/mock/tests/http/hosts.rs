//! Whom the admin API takes commands from.

use reqwest::Method;
use tokio::process::Command;

use crate::bench::{BINARY, Bench, ok, refusal};

#[tokio::test]
async fn pages_of_other_origins_command_nothing() {
    let bench = Bench::start(&[]).await;
    let reset = bench
        .http
        .post(format!("{}/_mock/reset", bench.url))
        .header("origin", "https://evil.example");
    assert_eq!(reset.send().await.unwrap().status(), 403);
}

/// A page whose own name was made to lead to this machine has the mock's origin.
#[tokio::test]
async fn a_name_that_was_made_to_lead_here_commands_nothing() {
    let bench = Bench::start(&["--admin-host", "mock.internal"]).await;
    let asked_as = |method: Method, path: &str, host: &str| {
        let request = bench.http.request(method, format!("{}{path}", bench.url));
        request.header("host", host.to_owned())
    };
    for (method, path) in [
        (Method::GET, "/_mock"),
        (Method::GET, "/_mock/"),
        (Method::GET, "/_mock/requests"),
        (Method::GET, "/_mock/events"),
        (Method::POST, "/_mock/reset"),
    ] {
        let request = asked_as(method, path, "evil.example:4010");
        let (status, _, detail) = refusal(request).await;
        assert_eq!(status, 403, "{path}");
        assert!(detail.contains("--admin-host evil.example"), "{detail}");
    }
    for host in ["localhost:1", "mock.internal:4010"] {
        ok(asked_as(Method::GET, "/_mock/requests", host)).await;
    }
    // What the contract says is for whoever has a key.
    ok(asked_as(Method::GET, "/healthz", "evil.example")).await;

    let output = Command::new(BINARY)
        .args(["--port", "0", "--admin-host", "http://mock"])
        .output();
    let output = output.await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("without scheme and port"), "{said}");
}
