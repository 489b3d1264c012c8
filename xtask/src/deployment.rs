//! A deployment of this workspace's own server, started as an operator would:
//! the built binary, a data directory of its own, a partner and a key.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

pub struct Deployment {
    pub url: String,
    pub slug: String,
    pub webhook_secret: String,
    pub api_key: String,
    http: reqwest::Client,
    server: Child,
    data: tempfile::TempDir,
}

/// How the server is started; what is not said is the server's own default.
pub struct Start<'a> {
    pub binary: &'a Path,
    pub slug: &'a str,
    pub extra: &'a [&'a str],
}

impl Deployment {
    pub async fn start(start: Start<'_>) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let admin = |args: &[&str]| -> Result<Value> {
            let mut command = std::process::Command::new(start.binary);
            command.args(args).args(["--json", "--data-dir"]).arg(data.path());
            let printed = crate::process::output(&mut command)?;
            serde_json::from_str(&printed).with_context(|| format!("not JSON: {printed}"))
        };
        let partner = admin(&["partner", "create", start.slug])?;
        let key = admin(&["key", "create", "--partner", start.slug])?;

        let log = std::fs::File::create(data.path().join("server.log"))?;
        let mut server = Command::new(start.binary)
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--allow-loopback", "--data-dir"])
            .arg(data.path())
            .args(start.extra)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("the server could not be started")?;
        let url = listening_on(&mut server, data.path()).await?;
        Ok(Self {
            url,
            slug: start.slug.to_owned(),
            webhook_secret: field(&partner, "webhook_secret")?,
            api_key: field(&key, "key")?,
            http: reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?,
            server,
            data,
        })
    }

    /// A webhook request, signed over the exact bytes it sends.
    pub fn signed(&self, body: &Value) -> Result<reqwest::Request> {
        let bytes = serde_json::to_vec(body)?;
        let request = self
            .http
            .post(format!("{}/api/webhooks/{}", self.url, self.slug))
            .header("content-type", "application/json")
            .header("x-qualitymax-api-key", &self.api_key)
            .header("x-partner-signature", signature::sign(self.webhook_secret.as_bytes(), &bytes))
            .body(bytes)
            .build()?;
        Ok(request)
    }

    /// Sends a webhook and returns the job's id.
    pub async fn send_webhook(&self, body: &Value) -> Result<String> {
        let response = self.http.execute(self.signed(body)?).await?;
        let status = response.status();
        let answer: Value = response.json().await?;
        if !status.is_success() {
            bail!("the webhook was refused with {status}: {}", answer["detail"]);
        }
        field(&answer, "job_id")
    }

    /// `GET` on a path below the partner API's base.
    pub async fn get(&self, path: &str) -> Result<Value> {
        let response = self.authorised(&format!("{}/api/v1/partner{path}", self.url)).await?;
        let status = response.status();
        let answer: Value = response.json().await?;
        if !status.is_success() {
            bail!("{path} answered {status}: {}", answer["detail"]);
        }
        Ok(answer)
    }

    /// Downloads an artifact through its redirect, as `curl -L` does.
    pub async fn download(&self, path: &str, to: &Path) -> Result<PathBuf> {
        let redirect = self.authorised(&format!("{}/api/v1/partner{path}", self.url)).await?;
        let location = redirect
            .headers()
            .get("location")
            .with_context(|| format!("{path} answered {} and no Location", redirect.status()))?
            .to_str()?;
        let location = redirect.url().join(location)?;
        let file = self.http.get(location).send().await?.error_for_status()?;
        std::fs::write(to, file.bytes().await?)?;
        Ok(to.to_owned())
    }

    pub fn pid(&self) -> Option<u32> {
        self.server.id()
    }

    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// Asks the server to stop and waits until it has.
    pub async fn stop(mut self) -> Result<()> {
        if let Some(pid) = self.pid() {
            crate::process::output(std::process::Command::new("kill").arg(pid.to_string()))?;
        }
        tokio::time::timeout(Duration::from_secs(20), self.server.wait())
            .await
            .context("the server did not stop within 20 s of SIGTERM")??;
        Ok(())
    }

    async fn authorised(&self, url: &str) -> Result<reqwest::Response> {
        Ok(self.http.get(url).header("x-qualitymax-api-key", &self.api_key).send().await?)
    }
}

/// `serve --json` prints one line once it listens.
async fn listening_on(server: &mut Child, data: &Path) -> Result<String> {
    let stdout = server.stdout.take().context("the server's output is piped")?;
    let mut lines = BufReader::new(stdout).lines();
    let line = tokio::time::timeout(Duration::from_secs(30), lines.next_line())
        .await
        .context("the server did not say within 30 s where it listens")??;
    let Some(line) = line else {
        let log = std::fs::read_to_string(data.join("server.log")).unwrap_or_default();
        bail!("the server stopped before it listened:\n{log}");
    };
    field(&serde_json::from_str(&line)?, "url")
}

fn field(object: &Value, name: &str) -> Result<String> {
    object[name]
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("no `{name}` in {object}"))
}
