//! An endpoint as a tester calls it.

use super::{listed, sample};
use crate::gap::body::From;
use crate::gap::link::Endpoint;
use crate::gap::routes::path::{Segment, example, segments};

/// An endpoint as a tester calls it.
pub struct Request {
    pub method: String,
    /// With values for its parameters, and its query.
    pub target: String,
    pub body: Vec<String>,
    pub files: Vec<String>,
    pub query: Vec<String>,
    pub path: String,
}

impl Request {
    pub fn of(endpoint: &Endpoint) -> Self {
        let method = match endpoint.method.as_str() {
            "ANY" if endpoint.body.reads_body => "POST",
            "ANY" => "GET",
            method => method,
        };
        let sends = !matches!(method, "GET" | "HEAD" | "DELETE");
        let query = sample::names(&endpoint.body, From::Query);
        Self {
            method: method.to_owned(),
            target: format!("{}{}", example(&endpoint.path), sample::query(&query)),
            body: if sends {
                sample::names(&endpoint.body, From::Body)
            } else {
                Vec::new()
            },
            files: sample::names(&endpoint.body, From::File),
            query,
            path: endpoint.path.clone(),
        }
    }

    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    pub fn send(&self) -> String {
        if !self.files.is_empty() {
            format!(
                "Send {} as multipart form with a small file in `{}`{}",
                self.line(),
                self.files[0],
                if self.body.is_empty() {
                    String::new()
                } else {
                    format!(" and {}", fields(&self.body))
                }
            )
        } else if self.body.is_empty() {
            format!("Send {}", self.line())
        } else {
            format!(
                "Send {} with {}",
                self.line(),
                sample::json_body(&self.body, None)
            )
        }
    }
}

pub fn fields(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    listed(&quoted, 5)
}

/// What the last fixed part of a path is: `payments` of `/api/payments`, `ban`
/// of `/users/:id/ban`.
pub fn resource(path: &str) -> String {
    segments(path)
        .into_iter()
        .rev()
        .find_map(|segment| match segment {
            Segment::Literal(literal) => Some(literal),
            _ => None,
        })
        .unwrap_or_else(|| "the root".to_owned())
}

/// What the entry is that a path's last parameter names: `users` of both
/// `/users/:id` and `/users/:id/ban`.
pub fn owner(path: &str) -> String {
    let segments = segments(path);
    let last = segments
        .iter()
        .rposition(|segment| matches!(segment, Segment::Param(_)))
        .unwrap_or(segments.len());
    segments[..last]
        .iter()
        .rev()
        .find_map(|segment| match segment {
            Segment::Literal(literal) => Some(literal.clone()),
            _ => None,
        })
        .unwrap_or_else(|| resource(path))
}

/// Whether a path ends with one of these words.
fn ends_with(path: &str, words: &[&str]) -> bool {
    let last = resource(path).to_lowercase();
    words.contains(&last.as_str())
}

pub fn signs_in(endpoint: &Endpoint, request: &Request) -> bool {
    request.method == "POST"
        && ends_with(
            &endpoint.path,
            &[
                "login",
                "signin",
                "sign_in",
                "sign-in",
                "session",
                "sessions",
                "token",
                "authenticate",
                "auth",
            ],
        )
}

pub fn signs_out(endpoint: &Endpoint, request: &Request) -> bool {
    request.method != "GET"
        && ends_with(
            &endpoint.path,
            &["logout", "signout", "sign_out", "sign-out"],
        )
        || request.method == "DELETE" && ends_with(&endpoint.path, &["session", "sessions"])
}
