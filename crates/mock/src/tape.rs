//! Recording a real deployment, and answering from what was recorded: one line
//! of JSON an exchange, without secrets.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::texts;
use crate::world::locked;
use headers::passed_on;

mod headers;

/// More than any operation of the contract takes.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Stands where a secret stood.
const SCRUBBED: &str = "scrubbed";

/// A login of fewer characters is scrubbed in its own field alone: everywhere
/// else it would be found in words that it is no part of.
const TELLING: usize = 4;

/// Before the query that proves the right to an artifact.
const LINK: &str = "/static/test-executions/";

/// What is kept of an answer's headers.
const KEPT: [&str; 6] = [
    "content-type",
    "location",
    "retry-after",
    "ratelimit",
    "ratelimit-policy",
    "www-authenticate",
];

/// One request and its answer. Of the request's headers nothing is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Exchange {
    method: String,
    path: String,
    request: Value,
    status: u16,
    headers: HashMap<String, String>,
    answer: Value,
    /// An answer that is not JSON, such as a screenshot, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

/// Why a tape can't be written or played.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    #[error("{path}: {error}")]
    File { path: String, error: std::io::Error },
    #[error("{path}, line {line}: not an exchange that was recorded")]
    Line { path: String, line: usize },
}

struct Recorder {
    upstream: Url,
    http: reqwest::Client,
    tape: Mutex<Tape>,
}

struct Tape {
    file: File,
    /// All that were seen: what one request sends, the answer to another shows.
    secrets: Secrets,
}

/// Passes every request on to `upstream` and writes down what it answered.
pub(crate) fn recorder(
    path: &Path,
    upstream: Url,
    http: reqwest::Client,
) -> Result<Router, TapeError> {
    // A new file for each recording, for its owner's eyes.
    let mut options = OpenOptions::new();
    let tape = options.create(true).write(true).truncate(true).mode(0o600);
    let tape = tape.open(path).map_err(|error| failed(path, error))?;
    let recorder = Recorder {
        upstream,
        http,
        tape: Mutex::new(Tape {
            file: tape,
            secrets: Secrets::default(),
        }),
    };
    Ok(Router::new()
        .fallback(record)
        .with_state(Arc::new(recorder)))
}

async fn record(State(recorder): State<Arc<Recorder>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BYTES).await else {
        return refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The body is too large to be recorded.",
        );
    };
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let Ok(url) = recorder.upstream.join(path) else {
        return refusal(StatusCode::BAD_REQUEST, "The path can't be passed on.");
    };
    // `//host` would lead elsewhere, with the key.
    if url.origin() != recorder.upstream.origin() {
        return refusal(StatusCode::BAD_REQUEST, "The path leads to another host.");
    }
    let headers = passed_on(&head.headers);
    let asked = recorder.http.request(head.method.clone(), url);
    let answer = match asked.headers(headers).body(body.clone()).send().await {
        Ok(answer) => answer,
        Err(_) => return refusal(StatusCode::BAD_GATEWAY, "The deployment does not answer."),
    };
    let status = answer.status();
    let headers = answer.headers().clone();
    let Ok(bytes) = answer.bytes().await else {
        return refusal(
            StatusCode::BAD_GATEWAY,
            "The deployment's answer broke off.",
        );
    };
    {
        let mut tape = locked(&recorder.tape);
        let request = tape.secrets.learn(&head.headers, json(&body));
        let asked = (&head.method, path);
        let exchange = exchange(&tape.secrets, asked, request, status, &headers, &bytes);
        let line = serde_json::to_string(&exchange).expect("an exchange is JSON");
        if let Err(error) = writeln!(tape.file, "{line}") {
            tracing::error!(%error, "an exchange could not be written down");
        }
    }
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    for name in KEPT {
        if let Some(value) = headers.get(name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

fn exchange(
    secrets: &Secrets,
    (method, path): (&Method, &str),
    request: Value,
    status: StatusCode,
    answered: &HeaderMap,
    answer: &[u8],
) -> Exchange {
    let kind = answered.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_file = kind.is_some_and(|kind| !kind.starts_with(b"application/json"));
    let headers = KEPT.iter().filter_map(|name| {
        let value = answered.get(*name)?.to_str().ok()?;
        Some(((*name).to_owned(), secrets.clean_text(value)))
    });
    Exchange {
        method: method.to_string(),
        path: secrets.clean_text(path),
        request: secrets.clean(request),
        status: status.as_u16(),
        headers: headers.collect(),
        answer: if is_file {
            Value::Null
        } else {
            secrets.clean(json(answer))
        },
        file: is_file.then(|| BASE64_STANDARD.encode(answer)),
    }
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

/// What a tape must not show.
#[derive(Default)]
struct Secrets {
    /// The longest first: one may be a part of another.
    known: Vec<String>,
}

impl Secrets {
    /// Learns those of a request, and returns its body without the login.
    fn learn(&mut self, headers: &HeaderMap, mut body: Value) -> Value {
        let mut secrets = Vec::new();
        for name in [
            "x-qualitymax-api-key",
            "x-partner-signature",
            "authorization",
            "cookie",
        ] {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            secrets.extend(value.map(str::to_owned));
        }
        for field in ["/auth/username", "/auth/password"] {
            if let Some(value) = body.pointer_mut(field) {
                let value = std::mem::replace(value, SCRUBBED.into());
                secrets.extend(value.as_str().map(str::to_owned));
            }
        }
        for secret in secrets {
            if secret.chars().count() >= TELLING && !self.known.contains(&secret) {
                self.known.push(secret);
            }
        }
        self.known
            .sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        body
    }

    fn clean(&self, value: Value) -> Value {
        texts::each(value, &|text| self.clean_text(text))
    }

    fn clean_text(&self, text: &str) -> String {
        let scrub = |text: String, secret: &String| text.replace(secret.as_str(), SCRUBBED);
        without_proof(&self.known.iter().fold(text.to_owned(), scrub))
    }
}

/// Links to artifacts need no key: what proves the right to them is in their
/// query. A text may hold several.
fn without_proof(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(LINK) {
        let (before, link) = rest.split_at(at);
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')');
        let (link, after) = link.split_at(link.find(ends).unwrap_or(link.len()));
        clean.push_str(before);
        match link.split_once('?') {
            Some((path, _)) => clean.extend([path, "?", SCRUBBED]),
            None => clean.push_str(link),
        }
        rest = after;
    }
    clean + rest
}

type Recorded = Arc<Mutex<HashMap<(String, String), Vec<Exchange>>>>;

/// Answers from a tape: of several answers to one request each in its turn,
/// and the last one from then on.
pub(crate) fn player(path: &Path) -> Result<Router, TapeError> {
    let tape = File::open(path).map_err(|error| failed(path, error))?;
    let mut recorded: HashMap<(String, String), Vec<Exchange>> = HashMap::new();
    for (index, line) in BufReader::new(tape).lines().enumerate() {
        let line = line.map_err(|error| failed(path, error))?;
        let exchange: Exchange = serde_json::from_str(&line).map_err(|_| TapeError::Line {
            path: path.display().to_string(),
            line: index + 1,
        })?;
        let asked = (exchange.method.clone(), exchange.path.clone());
        recorded.entry(asked).or_default().push(exchange);
    }
    for exchanges in recorded.values_mut() {
        exchanges.reverse();
    }
    let recorded: Recorded = Arc::new(Mutex::new(recorded));
    Ok(Router::new().fallback(play).with_state(recorded))
}

async fn play(State(recorded): State<Recorded>, request: Request) -> Response {
    let path = request.uri().path_and_query();
    let path = path.map_or_else(String::new, ToString::to_string);
    let asked = (request.method().to_string(), without_proof(&path));
    let exchange = {
        let mut recorded = locked(&recorded);
        match recorded.get_mut(&asked) {
            Some(left) if left.len() > 1 => left.pop(),
            Some(left) => left.last().cloned(),
            None => None,
        }
    };
    let Some(exchange) = exchange else {
        let why = format!("No {} of {} was recorded.", asked.0, asked.1);
        return refusal(StatusCode::NOT_FOUND, &why);
    };
    let file = exchange.file.and_then(|it| BASE64_STANDARD.decode(it).ok());
    let body = match (file, &exchange.answer) {
        (Some(file), _) => Body::from(file),
        (None, Value::Null) => Body::empty(),
        (None, answer) => Body::from(answer.to_string()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(exchange.status).unwrap_or_default();
    for (name, value) in &exchange.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn refusal(status: StatusCode, detail: &str) -> Response {
    (status, axum::Json(json!({ "detail": detail }))).into_response()
}

fn failed(path: &Path, error: std::io::Error) -> TapeError {
    TapeError::File {
        path: path.display().to_string(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proofs_of_links_are_scrubbed_wherever_they_stand_in_a_text() {
        for (text, clean) in [
            (
                "Why? see http://a/static/test-executions/e/s.png?signature=1 and more",
                "Why? see http://a/static/test-executions/e/s.png?scrubbed and more",
            ),
            (
                "</static/test-executions/e/s.png?a=1>\"/static/test-executions/e/v.webm?b=2\"",
                "</static/test-executions/e/s.png?scrubbed>\"/static/test-executions/e/v.webm?scrubbed\"",
            ),
            ("/api/webhooks/a?b=c", "/api/webhooks/a?b=c"),
        ] {
            assert_eq!(without_proof(text), clean);
        }
    }

    #[test]
    fn a_secret_that_begins_with_another_is_scrubbed_whole() {
        let mut secrets = Secrets::default();
        let body = json!({ "auth": { "username": "test", "password": "testpass123" }, "n": "x" });
        let shown = secrets.learn(&HeaderMap::new(), body);
        let login = json!({ "username": SCRUBBED, "password": SCRUBBED });
        assert_eq!(shown, json!({ "auth": login, "n": "x" }));
        assert_eq!(
            secrets.clean_text("test, testpass123"),
            "scrubbed, scrubbed"
        );
    }

    #[test]
    fn a_login_of_one_letter_spoils_no_other_word() {
        let mut secrets = Secrets::default();
        let body = json!({ "auth": { "username": "a", "password": 12 } });
        let shown = secrets.learn(&HeaderMap::new(), body);
        let login = json!({ "username": SCRUBBED, "password": SCRUBBED });
        assert_eq!(shown, json!({ "auth": login }));
        assert_eq!(secrets.clean_text("/api/passed"), "/api/passed");
    }
}
