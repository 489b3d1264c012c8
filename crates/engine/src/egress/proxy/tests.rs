use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

async fn proxy() -> Proxy {
    Proxy::start(Policy {
        allow_loopback: true,
    })
    .await
    .unwrap()
}

/// As a browser that was given the proxy.
fn browser(proxy: &Proxy) -> reqwest::Client {
    reqwest::Client::builder()
        .proxy(reqwest::Proxy::all(proxy.url()).unwrap())
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

async fn site() -> MockServer {
    let site = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/form"))
        .respond_with(ResponseTemplate::new(201).set_body_string("stored"))
        .mount(&site)
        .await;
    site
}

#[tokio::test]
async fn plain_http_is_passed_on_without_what_concerns_the_proxy() {
    let (proxy, site) = (proxy().await, site().await);
    let answer = browser(&proxy)
        .post(format!("{}/form?a=b", site.uri()))
        .header("proxy-authorization", "Basic c2VjcmV0")
        .header("x-kept", "yes")
        .body("name=value")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(answer.text().await.unwrap(), "stored");
    let seen = &site.received_requests().await.unwrap()[0];
    assert_eq!(seen.url.query(), Some("a=b"));
    assert_eq!(seen.body, b"name=value");
    assert!(seen.headers.contains_key("x-kept"));
    assert!(!seen.headers.contains_key("proxy-authorization"));
}

#[tokio::test]
async fn a_page_can_not_reach_inside() {
    let proxy = proxy().await;
    for url in [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
    ] {
        let answer = browser(&proxy).get(url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{url}");
    }
    assert_eq!(
        connect(&proxy, "10.0.0.1:443").await.0,
        "HTTP/1.1 403 Forbidden"
    );
}

#[tokio::test]
async fn loopback_is_closed_unless_opened_for_development() {
    let site = site().await;
    let strict = Proxy::start(Policy {
        allow_loopback: false,
    })
    .await
    .unwrap();
    let port = site.address().port();
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let url = format!("http://{host}:{port}/form");
        let answer = browser(&strict).post(url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{host}");
    }
    assert!(site.received_requests().await.unwrap().is_empty());
}

/// Sends `CONNECT` and returns the status line with the connection.
async fn connect(proxy: &Proxy, authority: &str) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(proxy.address).await.unwrap();
    let request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    (head.lines().next().unwrap().to_owned(), stream)
}

#[tokio::test]
async fn a_tunnel_carries_any_protocol_until_the_proxy_is_dropped() {
    let echo = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = echo.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = echo.accept().await.unwrap();
        let (mut read, mut write) = stream.split();
        let _ = tokio::io::copy(&mut read, &mut write).await;
    });
    let proxy = proxy().await;
    let (status, mut tunnel) = connect(&proxy, &address.to_string()).await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    tunnel.write_all(b"\x16\x03\x01 not http").await.unwrap();
    let mut back = [0; 12];
    tunnel.read_exact(&mut back).await.unwrap();
    assert_eq!(&back, b"\x16\x03\x01 not http");

    drop(proxy);
    let ended = tokio::time::timeout(Duration::from_secs(20), tunnel.read_u8()).await;
    assert!(ended.unwrap().is_err());
}

#[tokio::test]
async fn a_host_that_an_operator_vouches_for_opens_no_other() {
    let (inside, other) = (
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
    );
    let strict = Policy {
        allow_loopback: false,
    };
    let vouched = inside.local_addr().unwrap();
    let proxy = Proxy::start_for(strict, "127.0.0.1".to_owned(), vouched.port())
        .await
        .unwrap();
    let (status, _) = connect(&proxy, &vouched.to_string()).await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    for authority in [
        other.local_addr().unwrap().to_string(),
        format!("localhost:{}", vouched.port()),
        "169.254.169.254:80".to_owned(),
    ] {
        let (status, _) = connect(&proxy, &authority).await;
        assert_eq!(status, "HTTP/1.1 403 Forbidden", "{authority}");
    }
}

#[tokio::test]
async fn a_session_is_cut_off_when_its_budget_is_used_up() {
    let site = site().await;
    let way_out = WayOut {
        policy: Policy {
            allow_loopback: true,
        },
        vouched: None,
        budget: Arc::new(AtomicU64::new(40)),
        stop: CancellationToken::new(),
    };
    let authority: Authority = site.address().to_string().parse().unwrap();
    let mut upstream = way_out
        .connect(&authority, site.address().port())
        .await
        .unwrap();
    upstream
        .write_all(b"POST /form HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
        .await
        .unwrap();
    let error = upstream.read_to_end(&mut Vec::new()).await.unwrap_err();
    assert!(error.to_string().contains("budget"));
}
