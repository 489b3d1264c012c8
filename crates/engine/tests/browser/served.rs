//! Pages of a test's own, over a bare socket: it can also answer wrongly, or
//! never end.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Serves until it is dropped.
pub struct Served {
    pub url: String,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
pub enum Answer {
    Html(String),
    Redirect(&'static str),
    Download,
    /// The head and half a page, and then nothing more, but no end either.
    NeverEnding(&'static str),
    Silence,
}

pub async fn serve(pages: impl IntoIterator<Item = (&'static str, Answer)>) -> Served {
    let pages: Arc<HashMap<_, _>> = Arc::new(pages.into_iter().collect());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, pages.clone()));
        }
    });
    Served { url, task }
}

pub fn html(body: impl Into<String>) -> Answer {
    let body = body.into();
    Answer::Html(format!(
        "<!doctype html><title>Page</title><main>{body}</main>"
    ))
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(stream: TcpStream, pages: Arc<HashMap<&'static str, Answer>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut request = String::new();
    stream.read_line(&mut request).await.ok()?;
    let path = request.split(' ').nth(1)?.split('?').next()?.to_owned();
    let mut header = String::new();
    while header != "\r\n" {
        header.clear();
        if stream.read_line(&mut header).await.ok()? == 0 {
            return None;
        }
    }
    let found = pages.get(path.as_str()).cloned();
    let head = |status, more: &str| {
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close\r\n{more}\r\n"
        )
    };
    let said = match &found {
        Some(Answer::Html(body)) => head("200 OK", "") + body,
        Some(Answer::Redirect(to)) => head("302 Found", &format!("location: {to}\r\n")),
        Some(Answer::Download) => {
            head(
                "200 OK",
                "content-disposition: attachment; filename=a.zip\r\n",
            ) + "PK"
        }
        Some(Answer::NeverEnding(half)) => head("200 OK", "") + half,
        Some(Answer::Silence) => String::new(),
        None => {
            head("404 Not Found", "") + "<!doctype html><title>Gone</title><h1>Nothing here</h1>"
        }
    };
    stream.write_all(said.as_bytes()).await.ok()?;
    stream.flush().await.ok()?;
    if matches!(found, Some(Answer::NeverEnding(_) | Answer::Silence)) {
        tokio::time::sleep(std::time::Duration::from_secs(120)).await;
    }
    Some(())
}
