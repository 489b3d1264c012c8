//! The page, in a real browser that is asked what it shows.

use std::process::Stdio;
use std::time::Duration;

use engine::tools::Tools;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::bench::Bench;
use crate::receiver::Receiver;

struct Browser {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    asked: u64,
    _process: Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    async fn open(http: &reqwest::Client, url: &str) -> Self {
        let chromium = Tools::find()
            .chromium
            .expect("browser tests need what `cargo xtask setup` installs");
        let profile = tempfile::tempdir().unwrap();
        let mut process = Command::new(chromium)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(url)
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let port = loop {
            let line = lines
                .next_line()
                .await
                .unwrap()
                .expect("Chromium says where it listens");
            if let Some((_, rest)) = line.split_once("DevTools listening on ws://127.0.0.1:") {
                break rest.split('/').next().unwrap().to_owned();
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let list = format!("http://127.0.0.1:{port}/json/list");
        let pages: Value = http.get(list).send().await.unwrap().json().await.unwrap();
        let mut pages = pages.as_array().unwrap().iter();
        let page = pages.find(|page| page["type"] == "page").unwrap();
        let address = page["webSocketDebuggerUrl"].as_str().unwrap();
        let (socket, _) = connect_async(address).await.unwrap();
        Self {
            socket,
            asked: 0,
            _process: process,
            _profile: profile,
        }
    }

    async fn evaluate(&mut self, expression: &str) -> Value {
        self.asked += 1;
        let ask = json!({
            "id": self.asked,
            "method": "Runtime.evaluate",
            "params": { "expression": expression, "returnByValue": true },
        });
        self.socket
            .send(Message::text(ask.to_string()))
            .await
            .unwrap();
        loop {
            let message = self.socket.next().await.unwrap().unwrap();
            let answer: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
            if answer["id"] == self.asked {
                return answer["result"]["result"]["value"].clone();
            }
        }
    }

    /// Waits until the page's text has all of these.
    async fn shows(&mut self, wanted: &[&str]) {
        let mut text = String::new();
        for _ in 0..300 {
            text = self
                .evaluate("document.body.innerText")
                .await
                .as_str()
                .unwrap_or_default()
                .to_owned();
            if wanted.iter().all(|wanted| text.contains(wanted)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the page does not show {wanted:?}:\n{text}");
    }
}

#[tokio::test]
async fn the_page_follows_jobs_callbacks_and_requests_and_commands_the_mock() {
    let bench = Bench::start(&[]).await;
    let mut receiver = Receiver::start(&[]).await;
    let mut browser = Browser::open(&bench.http, &format!("{}/_mock/", bench.url)).await;
    browser.shows(&["Jobs", "idle"]).await;
    let job = bench.job("failed", &receiver.url).await;
    let first = receiver.next().await;
    let request = "POST /api/webhooks/veilstream";
    browser
        .shows(&[&job, "callback_sent", "failed", request, "Send again"])
        .await;

    browser
        .evaluate("document.querySelector('#callbacks button').click()")
        .await;
    assert_eq!(receiver.next().await.body, first.body);
    browser.shows(&["200, 200"]).await;
    let choose = "const select = document.getElementById('scenario'); \
        select.value = 'crawl-failure'; select.dispatchEvent(new Event('change'))";
    browser.evaluate(choose).await;
    // A page's text is what it was sent, never markup.
    let mut hostile = crate::bench::body(&receiver.url);
    hostile["url"] = json!(
        "https://app.example/?<img src=x onerror=document.title='pwned'>".replace(' ', "%20")
    );
    for _ in 0..100 {
        let status = bench.admin(reqwest::Method::GET, "status", json!({})).await;
        if status["scenario"] == "crawl-failure" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    crate::bench::ok(bench.webhook(&hostile)).await;
    assert_eq!(receiver.next().await.json()["results"]["status"], "error");
    browser.shows(&["crawl-failure", "onerror="]).await;
    assert_eq!(browser.evaluate("document.images.length").await, 0);
    drop(bench);
    browser.shows(&["the mock has stopped"]).await;
}
