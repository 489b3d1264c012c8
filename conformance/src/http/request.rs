//! A request to be sent, and what was answered.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use url::Url;

use crate::document::{Document, Operation};

/// A request, before key and signature are put in.
#[derive(Clone, Debug)]
pub struct Request {
    /// The operation under whose rate limit it counts; none for paths that the
    /// contract does not know.
    pub operation: Option<&'static Operation>,
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Beside key and signature.
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Bytes>,
    pub key: Key,
    pub signature: Signature,
    /// The header that the signature goes in.
    pub signature_header: &'static str,
}

/// Which API key goes along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// Any of the partner's that has requests left.
    Own,
    /// This one of the partner's.
    Nth(usize),
    /// The other partner's.
    Other,
    /// This text, which is no key.
    Text(String),
    /// None at all.
    Missing,
}

/// What `X-Partner-Signature` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signature {
    /// No such header.
    Missing,
    /// This text.
    Text(String),
    /// An HMAC-SHA256, put together as these parts say.
    Made(Hmac),
}

/// An HMAC-SHA256 and what is done to it; [`Hmac::right`] is as documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hmac {
    pub prefix: &'static str,
    /// Over these bytes instead of the body's.
    pub over: Option<Bytes>,
    /// With this secret instead of the partner's.
    pub secret: Option<String>,
    pub upper_case: bool,
    /// Only so many of the digits.
    pub digits: usize,
}

impl Hmac {
    pub fn right() -> Self {
        Self {
            prefix: "sha256=",
            over: None,
            secret: None,
            upper_case: false,
            digits: 64,
        }
    }
}

impl Signature {
    pub fn right() -> Self {
        Self::Made(Hmac::right())
    }

    /// The header's value for this body.
    pub(crate) fn value(&self, secret: &str, body: &[u8]) -> Option<String> {
        match self {
            Self::Missing => None,
            Self::Text(text) => Some(text.clone()),
            Self::Made(hmac) => {
                let secret = hmac.secret.as_deref().unwrap_or(secret);
                let signed =
                    signature::sign(secret.as_bytes(), hmac.over.as_deref().unwrap_or(body));
                let digits = signed.trim_start_matches("sha256=");
                let mut digits = digits[..hmac.digits.min(digits.len())].to_owned();
                if hmac.upper_case {
                    digits.make_ascii_uppercase();
                }
                Some(format!("{}{digits}", hmac.prefix))
            }
        }
    }
}

impl Request {
    /// An operation of the contract with its placeholders filled in, as a
    /// partner would send it: with a key, and signed where that is asked for.
    pub fn operation(id: &str, parameters: &[&str]) -> Self {
        let operation = Document::get().operation(id);
        let mut path = String::new();
        let mut parameters = parameters.iter();
        for (number, segment) in operation.path.split('/').enumerate() {
            if number > 0 {
                path.push('/');
            }
            path.push_str(match segment.starts_with('{') {
                true => parameters.next().copied().unwrap_or(segment),
                false => segment,
            });
        }
        Self {
            operation: Some(operation),
            method: operation.method.clone(),
            path,
            headers: Vec::new(),
            body: None,
            key: Key::Own,
            signature: match operation.signed {
                true => Signature::right(),
                false => Signature::Missing,
            },
            signature_header: "X-Partner-Signature",
        }
    }

    /// A path that may be no operation's.
    pub fn path(method: Method, path: impl Into<String>) -> Self {
        Self {
            operation: None,
            method,
            path: path.into(),
            headers: Vec::new(),
            body: None,
            key: Key::Own,
            signature: Signature::Missing,
            signature_header: "X-Partner-Signature",
        }
    }

    /// A callback with these bytes, as a deployment sends it: signed, without a key.
    pub fn callback(url: &Url, body: impl Into<Bytes>) -> Self {
        let mut request = Self::path(Method::POST, url.as_str()).bytes(body);
        request.key = Key::Missing;
        request.signature = Signature::right();
        request.signature_header = "X-QualityMax-Signature";
        request
    }

    /// With this body as compact JSON.
    pub fn json(self, body: &Value) -> Self {
        self.bytes(body.to_string())
    }

    /// With these bytes, said to be JSON.
    pub fn bytes(mut self, body: impl Into<Bytes>) -> Self {
        self.headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        self.headers
            .push(("Content-Type", "application/json".to_owned()));
        self.body = Some(body.into());
        self
    }

    /// With this header instead of what was there.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers
            .retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name, value.into()));
        self
    }

    pub fn without_header(mut self, name: &str) -> Self {
        self.headers
            .retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self
    }

    pub fn key(mut self, key: Key) -> Self {
        self.key = key;
        self
    }

    pub fn signature(mut self, signature: Signature) -> Self {
        self.signature = signature;
        self
    }
}

/// A request that was sent, and its answer. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Answer {
    pub request: Arc<Request>,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub took: Duration,
}

impl Answer {
    /// As if this had been sent, where what was sent must not be shown.
    pub(crate) fn with_request(self, request: Request) -> Self {
        Self {
            request: Arc::new(request),
            ..self
        }
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `404 {"detail":"No job has this id."}`, cut where it is long.
    pub fn summary(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let text: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let cut = abridged(&text, 400);
        format!("{} {cut}", self.status.as_u16())
            .trim_end()
            .to_owned()
    }
}

/// At most so many characters of it.
pub(crate) fn abridged(text: &str, limit: usize) -> String {
    let length = text.chars().count();
    if length <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit).collect();
    format!("{kept}… ({length} characters)")
}
