//! The binary on a free port, and requests to it as a partner writes them.

use std::process::Stdio;
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

pub const BINARY: &str = env!("CARGO_BIN_EXE_qualitymax-mock");

pub struct Bench {
    pub url: String,
    pub http: Client,
    pub process: Child,
}

impl Bench {
    pub async fn start(arguments: &[&str]) -> Self {
        Self::spawn(arguments, &[]).await
    }

    /// With these environment variables.
    pub async fn start_in(environment: &[(&str, &str)]) -> Self {
        Self::spawn(&[], environment).await
    }

    async fn spawn(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut process = Command::new(BINARY)
            .args(["--port", "0", "--print-url"])
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(Duration::from_secs(60), lines.next_line());
        let url = line.await.unwrap().unwrap().expect("the mock starts");
        Self {
            url,
            http: Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()
                .unwrap(),
            process,
        }
    }

    /// On a path below the partner API's base, with the examples' key.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.http
            .get(format!("{}/api/v1/partner{path}", self.url))
            .header("x-qualitymax-api-key", "qm-your-token")
    }

    pub fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.http
            .post(format!("{}/api/v1/partner{path}", self.url))
            .header("x-qualitymax-api-key", "qm-your-token")
            .json(body)
    }

    pub fn webhook(&self, body: &Value) -> RequestBuilder {
        let body = body.to_string();
        let signed = signature::sign(b"your-webhook-secret", body.as_bytes());
        self.http
            .post(format!("{}/api/webhooks/veilstream", self.url))
            .header("content-type", "application/json")
            .header("x-qualitymax-api-key", "qm-your-token")
            .header("x-partner-signature", signed)
            .body(body)
    }

    /// Sends a webhook in a scenario and returns the job's id.
    pub async fn job(&self, scenario: &str, callback_url: &str) -> String {
        let request = self.webhook(&body(callback_url));
        let answer = ok(request.header("x-mock-scenario", scenario)).await;
        answer["job_id"].as_str().unwrap().to_owned()
    }

    pub async fn report(&self, job: &str) -> Value {
        ok(self.get(&format!("/jobs/{job}/report"))).await
    }

    /// Waits until the job shows this status.
    pub async fn reaches(&self, job: &str, status: &str) -> Value {
        for _ in 0..50 {
            let report = self.report(job).await;
            if report["job"]["status"] == status {
                return report;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!(
            "the job does not become {status}: {}",
            self.report(job).await
        );
    }

    pub async fn admin(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let url = format!("{}/_mock/{path}", self.url);
        ok(self.http.request(method, url).json(&body)).await
    }
}

/// The least that the webhook takes.
pub fn body(callback_url: &str) -> Value {
    json!({
        "url": "https://preview-abc.env.yourapp.com",
        "feature_description": "Test that users can login",
        "callback_url": callback_url,
    })
}

pub async fn ok(request: RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let body: Value = answer.json().await.unwrap();
    assert!(status.is_success(), "{status}: {body}");
    body
}

/// Status, `Retry-After` and `detail` of an answer that is an error.
pub async fn refusal(request: RequestBuilder) -> (u16, Option<String>, String) {
    let answer: Response = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let after = answer.headers().get("retry-after");
    let after = after.map(|after| after.to_str().unwrap().to_owned());
    let body: Value = answer.json().await.unwrap();
    (status, after, body["detail"].as_str().unwrap().to_owned())
}
