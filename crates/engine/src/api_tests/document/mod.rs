//! What a specification says, alike for Swagger 2.0, OpenAPI 3.0 and 3.1.

mod openapi;
mod paths;
mod reference;
mod security;
mod swagger;

use std::fmt;

use serde_json::Value;

pub(super) use reference::{follow, pointer};
pub use security::{Credential, SecurityScheme};

use super::SpecError;
use super::schema::Schemas;

/// A specification that was read and understood.
#[derive(Debug)]
pub struct ApiDocument {
    pub title: String,
    /// Of the API, not of the specification's format.
    pub version: String,
    pub dialect: Dialect,
    pub server: Server,
    /// In the document's order; never empty.
    pub operations: Vec<Operation>,
    pub security_schemes: Vec<SecurityScheme>,
    /// What was left out or could not be taken at its word.
    pub warnings: Vec<String>,
    pub(super) schemas: Schemas,
}

/// The format that a document is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Swagger2,
    OpenApi30,
    /// 3.1 and, as far as it is the same, 3.2.
    OpenApi31,
}

/// Where the API is served, as far as the document says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// `https://api.example.com`
    pub origin: Option<String>,
    /// What all paths begin with: `/v1`, or nothing.
    pub base_path: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    Get,
    Put,
    Post,
    Delete,
    Options,
    Head,
    Patch,
    Trace,
}

impl Method {
    pub const ALL: [Self; 8] = [
        Self::Get,
        Self::Put,
        Self::Post,
        Self::Delete,
        Self::Options,
        Self::Head,
        Self::Patch,
        Self::Trace,
    ];

    /// The key in a path item, and Playwright's function where it has one.
    pub fn lower(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Put => "put",
            Self::Post => "post",
            Self::Delete => "delete",
            Self::Options => "options",
            Self::Head => "head",
            Self::Patch => "patch",
            Self::Trace => "trace",
        }
    }

    pub fn changes_state(self) -> bool {
        matches!(self, Self::Put | Self::Post | Self::Delete | Self::Patch)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.lower().to_ascii_uppercase())
    }
}

#[derive(Clone, Debug)]
pub struct Operation {
    pub method: Method,
    /// As it is written: `/orders/{orderId}`, without the server's base path.
    pub path: String,
    pub id: Option<String>,
    pub summary: String,
    pub description: String,
    pub tags: Vec<String>,
    pub deprecated: bool,
    pub parameters: Vec<Parameter>,
    pub body: Option<Body>,
    pub responses: Vec<Response>,
    /// Alternatives, each a set of scheme names that go together; empty where
    /// nothing is needed. An empty alternative makes credentials optional.
    pub security: Vec<Vec<String>>,
}

impl Operation {
    /// `POST /orders`
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn needs_credentials(&self) -> bool {
        !self.security.is_empty() && self.security.iter().all(|schemes| !schemes.is_empty())
    }

    pub fn response(&self, code: u16) -> Option<&Response> {
        self.responses
            .iter()
            .find(|response| response.status == Status::Code(code))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum In {
    Path,
    Query,
    Header,
    Cookie,
}

impl In {
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Path => "path parameter",
            Self::Query => "query parameter",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Parameter {
    pub name: String,
    pub place: In,
    pub required: bool,
    /// As a request has to meet it.
    pub schema: Value,
    pub example: Option<Value>,
    pub list: ListStyle,
}

/// How a parameter of several values is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListStyle {
    /// `tag=a&tag=b`
    Repeated,
    /// `tag=a,b`, with that separator
    Joined(&'static str),
    /// `filter[status]=open`
    Deep,
}

#[derive(Clone, Debug)]
pub struct Body {
    pub required: bool,
    pub media_type: String,
    pub encoding: Encoding,
    /// As a request has to meet it.
    pub schema: Value,
    pub example: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Json,
    Form,
    Multipart,
    Text,
    /// XML, binary and the like: no example can be written.
    Opaque,
}

impl Encoding {
    fn of(media_type: &str) -> Self {
        let essence = media_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        match essence.as_str() {
            "application/json" | "text/json" | "*/*" | "application/*" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            "multipart/form-data" => Self::Multipart,
            "text/plain" => Self::Text,
            other if other.ends_with("+json") => Self::Json,
            _ => Self::Opaque,
        }
    }

    /// What is best written down first.
    fn rank(self) -> u8 {
        match self {
            Self::Json => 0,
            Self::Form => 1,
            Self::Multipart => 2,
            Self::Text => 3,
            Self::Opaque => 4,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    Code(u16),
    /// `4XX`
    Class(u16),
    Default,
}

impl Status {
    fn parse(text: &str) -> Option<Self> {
        if text == "default" {
            return Some(Self::Default);
        }
        if let [class @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] = text.as_bytes() {
            return Some(Self::Class(u16::from(class - b'0')));
        }
        text.parse()
            .ok()
            .filter(|code| (100..600).contains(code))
            .map(Self::Code)
    }
}

#[derive(Clone, Debug)]
pub struct Response {
    pub status: Status,
    pub description: String,
    pub is_json: bool,
    /// Of the JSON body, as a response has to meet it.
    pub schema: Option<Value>,
    /// Names of headers that are always there.
    pub headers: Vec<String>,
    pub links: Vec<Link>,
}

/// What a response's value may be used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub operation_id: String,
    /// Parameter of that operation, and the JSON pointer into this response.
    pub parameters: Vec<(String, String)>,
}

/// JSON or YAML, at most 10 MiB.
pub fn parse(bytes: &[u8]) -> Result<ApiDocument, SpecError> {
    let root = super::read::read(bytes)?;
    if !root.is_object() {
        return Err(SpecError::NotASpecification);
    }
    let version = |key: &str| root.get(key).and_then(text_or_number);
    let document = match (version("swagger"), version("openapi")) {
        (Some(version), None) if version == "2.0" || version == "2" => swagger::read(&root)?,
        (None, Some(version)) if version.starts_with("3.0.") || version == "3.0" => {
            openapi::read(&root, Dialect::OpenApi30)?
        }
        (None, Some(version)) if version.starts_with("3.1") => {
            openapi::read(&root, Dialect::OpenApi31)?
        }
        (None, Some(version)) if version.starts_with("3.2") => {
            let mut document = openapi::read(&root, Dialect::OpenApi31)?;
            document
                .warnings
                .push("OpenAPI 3.2 is read as 3.1: what is new in it is left out".to_owned());
            document
        }
        (None, None) => return Err(SpecError::NotASpecification),
        (Some(version), _) | (None, Some(version)) => {
            return Err(SpecError::UnsupportedVersion { version });
        }
    };
    if document.operations.is_empty() {
        return Err(SpecError::NoOperations);
    }
    Ok(document)
}

/// YAML reads `version: 1.0` as a number.
fn text_or_number(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        // `swagger: 2.0`
        Value::Number(number) => number.as_f64().map(|number| {
            if number.fract() == 0.0 {
                format!("{number:.1}")
            } else {
                number.to_string()
            }
        }),
        _ => None,
    }
}

/// The text at `key`, or nothing.
fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(text_or_number).unwrap_or_default()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn entries<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value
        .get(key)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}
