//! The requests that a test makes, as its calls tell.

use crate::gap::routes::{VERBS, verb};
use crate::gap::syntax::{Call, Expr, HOLE, Module};

/// A request that a test makes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// `ANY` where it can't be seen.
    pub method: String,
    pub target: Target,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    Url {
        /// `None` where a segment is computed.
        segments: Vec<Option<String>>,
        /// What stands before the first segment is not known.
        open: bool,
    },
    /// The name of a route: `reverse('login')`, `login_path`.
    Named(String),
}

pub(super) struct Reader<'m> {
    pub module: &'m Module,
}

impl Reader<'_> {
    pub fn request(&self, call: &Call) -> Option<Request> {
        let name = call.name.as_str();
        let lower = name.to_lowercase();
        let visits = matches!(lower.as_str(), "goto" | "visit" | "navigate" | "navigateto");
        if visits {
            let target = self
                .target_of(call.arg(0)?)
                .or_else(|| call.named("url").and_then(|url| self.target_of(url)))?;
            return Some(Request {
                method: "GET".to_owned(),
                target,
            });
        }
        if matches!(lower.as_str(), "uri" | "with_uri" | "path" | "url")
            && let Some(target) = call.arg(0).and_then(|value| self.target_of(value))
        {
            return Some(Request {
                method: self.method_in_chain(call)?,
                target,
            });
        }
        if let Some(method) = verb_prefix(name) {
            let value = call
                .arg(0)
                .or_else(|| call.named("path"))
                .or_else(|| call.named("url"))?;
            return Some(Request {
                method: method.to_owned(),
                target: self.target_of(value)?,
            });
        }
        if matches!(
            lower.as_str(),
            "fetch"
                | "request"
                | "inject"
                | "open"
                | "json"
                | "call"
                | "newrequest"
                | "newrequestwithcontext"
                | "exchange"
                | "axios"
                | "req"
                | "api"
                | "http"
                | "generic"
                | "ajax"
                | "process"
                | "multipart"
                | "factory"
        ) {
            let target = call
                .named("url")
                .or_else(|| call.named("path"))
                .or_else(|| call.named("uri"))
                .and_then(|value| self.target_of(value))
                .or_else(|| call.positional().find_map(|value| self.target_of(value)))?;
            let method = call
                .named("method")
                .or_else(|| call.named("type"))
                .and_then(method_of)
                .or_else(|| call.positional().find_map(method_of))
                .unwrap_or_else(|| if lower == "multipart" { "POST" } else { "GET" }.to_owned());
            return Some(Request { method, target });
        }
        None
    }

    /// The method that a builder is given somewhere in its chain, which begins
    /// at one byte: `Request::builder().method("POST").uri("/x")`.
    fn method_in_chain(&self, call: &Call) -> Option<String> {
        let from = self
            .module
            .calls
            .partition_point(|other| other.span.start < call.span.start);
        let chain = self.module.calls[from..]
            .iter()
            .take_while(|other| other.span.start == call.span.start);
        let mut builder = false;
        for other in chain {
            if other.name == "method"
                && let Some(method) = other.arg(0).and_then(method_of)
            {
                return Some(method);
            }
            if other.arg(0).is_none()
                && let Some(method) = verb_prefix(&other.name)
            {
                return Some(method.to_owned());
            }
            builder |= matches!(
                other.name.as_str(),
                "builder" | "default" | "with_uri" | "newBuilder" | "request" | "new"
            );
        }
        builder.then(|| "GET".to_owned())
    }

    fn target_of(&self, value: &Expr) -> Option<Target> {
        self.target(value, 3)
    }

    fn target(&self, value: &Expr, depth: u32) -> Option<Target> {
        let depth = depth.checked_sub(1)?;
        match value {
            Expr::Text(text) => url(text),
            Expr::Call(call) => match call.name.as_str() {
                "reverse" | "reverse_lazy" | "url_for" | "route" | "path_for" => {
                    Some(Target::Named(call.arg(0)?.text()?.to_owned()))
                }
                // `httptest.NewRequest(...)`, `post("/x")` inside `perform(...)`
                // and `new URL('/x', base)` are calls of their own.
                "URL" | "URI" | "create" | "String" | "join" | "urljoin" => call
                    .positional()
                    .rev()
                    .find_map(|value| self.target(value, depth)),
                name => helper(name),
            },
            Expr::Name(name) => {
                let last = name.rsplit('.').next().unwrap_or(name);
                helper(last).or_else(|| {
                    self.module
                        .assignments
                        .iter()
                        .find(|(assignment, _)| {
                            assignment.target == *name
                                || assignment.target.rsplit('.').next() == Some(last)
                        })
                        .and_then(|(assignment, _)| self.target(&assignment.value, depth))
                })
            }
            _ => None,
        }
    }
}

/// Rails: `edit_user_path`.
fn helper(name: &str) -> Option<Target> {
    name.strip_suffix("_path")
        .or_else(|| name.strip_suffix("_url"))
        .filter(|name| !name.is_empty() && !matches!(*name, "base" | "api" | "file"))
        .map(|name| Target::Named(name.to_owned()))
}

/// `POST` of `post`, `postJson`, `post_json`, `postForEntity`, `PostForm`.
fn verb_prefix(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    VERBS.into_iter().find(|verb| {
        lower
            .strip_prefix(&verb.to_lowercase())
            .is_some_and(|rest| {
                let rest = rest.trim_start_matches('_');
                matches!(
                    rest,
                    "" | "json"
                        | "form"
                        | "forentity"
                        | "forobject"
                        | "async"
                        | "jsonasync"
                        | "forlocation"
                        | "with"
                        | "request"
                        | "raw"
                        | "ok"
                )
            })
    })
}

/// `"POST"`, `http.MethodPost`, `Method::POST`, `HttpMethod.POST`.
fn method_of(value: &Expr) -> Option<String> {
    let text = match value {
        Expr::Text(text) => text.as_str(),
        Expr::Name(name) => name.rsplit('.').next()?.trim_start_matches("Method"),
        _ => return None,
    };
    verb(text).map(ToOwned::to_owned)
}

/// A path, a whole URL, or either with parts that are computed.
fn url(text: &str) -> Option<Target> {
    if text.contains(char::is_whitespace) {
        return None;
    }
    let (open, path) = if let Some((_, rest)) = text.split_once("://") {
        (false, rest.find('/').map_or("/", |at| &rest[at..]))
    } else if text.starts_with('/') {
        (false, text)
    } else if text.starts_with(HOLE) || text.starts_with('{') {
        let at = text.find('/')?;
        (true, &text[at..])
    } else {
        return None;
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let segments = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| {
            let computed = segment.contains([HOLE, '{', '%']) || segment.starts_with(':');
            (!computed).then(|| segment.to_owned())
        })
        .collect();
    Some(Target::Url { segments, open })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(text: &str) -> (Vec<Option<String>>, bool) {
        match url(text) {
            Some(Target::Url { segments, open }) => (segments, open),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn urls_in_tests_are_read_as_paths() {
        let users = || Some("users".to_owned());
        assert_eq!(segments("/users?page=2"), (vec![users()], false));
        assert_eq!(
            segments("http://localhost:3000/users/"),
            (vec![users()], false)
        );
        assert_eq!(segments("\0/users/\0"), (vec![users(), None], true));
        assert_eq!(segments("/users/{id}"), (vec![users(), None], false));
        assert_eq!(url("not a path"), None);
        assert_eq!(url("users"), None);
    }
}
