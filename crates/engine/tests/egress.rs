//! Real Chromium behind the egress proxy: what a page loads goes through it, or
//! nowhere.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use contract::types;
use qualitymax_engine::browser::facts::PageFacts;
use qualitymax_engine::browser::{Browsers, SessionOptions};
use qualitymax_engine::egress::{Policy, Proxy};
use qualitymax_engine::tools::Tools;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

async fn site(html: &str) -> MockServer {
    let site = MockServer::start().await;
    let page = ResponseTemplate::new(200).set_body_raw(html, "text/html");
    Mock::given(any()).respond_with(page).mount(&site).await;
    site
}

/// What a session behind a proxy with this policy sees at `target`.
async fn visit(target: &str, allow_loopback: bool) -> Result<PageFacts, String> {
    let proxy = Proxy::start(Policy { allow_loopback }).await.unwrap();
    let browsers = Browsers::new(Tools::find());
    let options = SessionOptions {
        browser: types::Browser::Chromium,
        headless: true,
        target: target.parse().unwrap(),
        proxy: Some(proxy.url()),
        skip_cookie_consent: true,
        credentials: None,
    };
    let mut session = browsers.open(options).await.unwrap();
    let seen = session
        .goto(target)
        .await
        .map_err(|error| error.to_string());
    session.close().await;
    seen
}

#[tokio::test]
async fn loopback_is_not_reached_around_the_proxy() {
    let site = site("<h1>Inside</h1>").await;
    let port = site.address().port();
    for host in ["127.0.0.1", "localhost"] {
        let seen = visit(&format!("http://{host}:{port}/"), false).await;
        let why = seen.unwrap_err();
        let said = format!("can't be opened: {host} is not a public address");
        assert!(why.ends_with(&said), "{why}");
    }
    let requests = site.received_requests().await.unwrap();
    assert!(requests.is_empty(), "{requests:?}");
}

#[tokio::test]
async fn a_page_reaches_what_is_allowed_and_nothing_inside() {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let html = format!(
        r#"<!doctype html><title>Page</title><h1>Page</h1><script>
            for (const inside of ["http://169.254.169.254/latest/", "http://10.0.0.1/"])
                fetch(inside, {{ mode: "no-cors" }}).catch(() => {{}});
            fetch("/allowed");
            new WebSocket("ws://{address}/socket");
        </script>"#
    );
    let site = site(&html).await;
    let handshake = tokio::spawn(async move {
        let (mut stream, _) = socket.accept().await.unwrap();
        let mut head = [0; 512];
        let read = stream.read(&mut head).await.unwrap();
        String::from_utf8_lossy(&head[..read]).into_owned()
    });

    let page = visit(&site.uri(), true).await.unwrap();
    assert_eq!(page.title, "Page");
    for inside in ["http://169.254.169.254/latest/", "http://10.0.0.1/"] {
        let refused = format!("GET {inside} 403");
        assert!(page.failed_requests.contains(&refused), "{page:?}");
    }
    let requests = site.received_requests().await.unwrap();
    assert!(
        requests
            .iter()
            .any(|request| request.url.path() == "/allowed")
    );
    let handshake = tokio::time::timeout(Duration::from_secs(20), handshake).await;
    let handshake = handshake.unwrap().unwrap();
    assert!(
        handshake.starts_with("GET /socket HTTP/1.1\r\n"),
        "{handshake}"
    );
}

#[tokio::test]
async fn what_the_proxy_answers_is_not_taken_for_the_targets_answer() {
    let nobody = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    for scheme in ["http", "https"] {
        let target = format!("{scheme}://{nobody}/");
        let why = visit(&target, true).await.unwrap_err();
        let said = format!("{target} can't be opened: nobody answers at {nobody}");
        assert_eq!(why, said);
    }
    for inside in ["http://10.0.0.1/", "https://10.0.0.1/"] {
        let site = MockServer::start().await;
        let leads_inside = ResponseTemplate::new(302).insert_header("location", inside);
        Mock::given(any())
            .respond_with(leads_inside)
            .mount(&site)
            .await;
        let why = visit(&site.uri(), true).await.unwrap_err();
        let said = "can't be opened: it redirects to 10.0.0.1, which is not allowed";
        assert!(why.ends_with(said), "{why}");
    }
}

#[tokio::test]
async fn a_target_can_not_speak_for_the_proxy() {
    let site = MockServer::start().await;
    let forged = ResponseTemplate::new(403)
        .insert_header("proxy-status", "qualitymax; error=destination_unavailable")
        .set_body_raw("<h1>Forbidden</h1>", "text/html");
    Mock::given(any()).respond_with(forged).mount(&site).await;
    let page = visit(&site.uri(), true).await.unwrap();
    assert_eq!(page.status, Some(403), "{page:?}");
}
