//! The call that a test makes: `request.post('/orders', { headers, data })`.

mod body;

use serde_json::Value;

use super::typescript::{escaped, key, list, list_behind, text};
use super::{BaseBody, Scope};
use crate::api_tests::cases::Send;
use crate::api_tests::document::{Credential, Encoding, In, ListStyle, Method, Operation};
use crate::api_tests::requests::{Bound, Request, path_parameters};
use body::is_text;

/// Writes the requests of one operation.
pub struct Caller<'s> {
    pub scope: &'s Scope<'s>,
    pub operation: &'s Operation,
    pub request: &'s Request,
    pub base: Option<&'s BaseBody>,
}

impl Caller<'_> {
    /// The call, as it stands behind `await`. `indent` is that of its line.
    pub fn call(&self, send: &Send, indent: usize) -> String {
        let mut options = Vec::new();
        if let Some(headers) = self.headers(send, indent + 2) {
            options.push(format!("headers: {headers}"));
        }
        if let Some(params) = self.params(send, indent + 2) {
            options.push(format!("params: {params}"));
        }
        if let Some(body) = self.body(send, indent + 2) {
            options.push(body);
        }
        if self.answers_by_redirect() {
            options.push("maxRedirects: 0".to_owned());
        }
        let (function, url) = (self.operation.method, self.url(send));
        let function = match function {
            Method::Options | Method::Trace => {
                options.insert(0, format!("method: '{function}'"));
                "fetch"
            }
            other => other.lower(),
        };
        if options.is_empty() {
            return format!("request.{function}({url})");
        }
        let start = format!("request.{function}({url}, ");
        // Before it stands `const response = await `, behind it `);`.
        let options = list_behind(start.len() + 26, '{', options.into_iter(), '}', indent);
        format!("{start}{options})")
    }

    fn answers_by_redirect(&self) -> bool {
        use crate::api_tests::document::Status;
        let has = |class: u16| {
            self.operation.responses.iter().any(
                |response| matches!(response.status, Status::Code(code) if code / 100 == class),
            )
        };
        has(3) && !has(2)
    }

    fn url(&self, send: &Send) -> String {
        let base_path = &self.scope.requests.document.server.base_path;
        // What stands between two expressions is literal.
        let mut literals = vec![base_path.clone()];
        let mut expressions = Vec::new();
        let mut rest = self.operation.path.as_str();
        for name in path_parameters(&self.operation.path) {
            let Some((before, after)) = rest.split_once(&format!("{{{name}}}")) else {
                continue;
            };
            rest = after;
            let last = literals.len() - 1;
            literals[last].push_str(before);
            let bound = self.request.path.iter().find(|(it, _)| it == name);
            match self.path_value(send, name, bound.map(|(_, bound)| bound)) {
                Ok(value) => literals[last].push_str(&encoded(&value)),
                Err(expression) => {
                    expressions.push(expression);
                    literals.push(String::new());
                }
            }
        }
        let last = literals.len() - 1;
        literals[last].push_str(rest);
        if expressions.is_empty() {
            return text(&literals[0]);
        }
        let mut out = escaped(&literals[0], '`');
        for (expression, literal) in expressions.iter().zip(&literals[1..]) {
            out.push_str(&format!("${{{expression}}}"));
            out.push_str(&escaped(literal, '`'));
        }
        format!("`{out}`")
    }

    /// A literal, or else an expression.
    fn path_value(&self, send: &Send, name: &str, bound: Option<&Bound>) -> Result<String, String> {
        if let Send::Parameter(In::Path, changed, Some(value)) = send
            && changed == name
        {
            return Ok(plain_text(value));
        }
        match bound {
            Some(Bound::Value(value)) => Ok(plain_text(value)),
            Some(bound) => Err(self.scope.expression(bound)),
            None => Ok(format!("{{{name}}}")),
        }
    }

    /// None where there is nothing to send.
    fn headers(&self, send: &Send, indent: usize) -> Option<String> {
        let mut parts = Vec::new();
        let mut cookies = Vec::new();
        match send {
            Send::NoCredentials => {}
            Send::WrongCredentials => {
                for name in &self.request.credentials {
                    match self.scope.requests.scheme(name).map(|it| &it.credential) {
                        Some(Credential::Bearer) => {
                            parts.push("Authorization: 'Bearer not-a-valid-token'".to_owned());
                        }
                        Some(Credential::Basic) => parts.push(
                            "Authorization: `Basic ${Buffer.from('nobody:wrong').toString('base64')}`"
                                .to_owned(),
                        ),
                        Some(Credential::HeaderKey(header)) => {
                            parts.push(format!("{}: 'not-a-valid-key'", key(header)));
                        }
                        Some(Credential::CookieKey(cookie)) => {
                            cookies.push(format!("{}=not-a-valid-session", escaped(cookie, '`')));
                        }
                        _ => {}
                    }
                }
            }
            _ => {
                let lacks = |name: &String| matches!(send, Send::Without(scheme) if scheme == name);
                for name in self.request.credentials.iter().filter(|it| !lacks(it)) {
                    match self.scope.requests.scheme(name).map(|it| &it.credential) {
                        Some(Credential::Bearer | Credential::Basic | Credential::HeaderKey(_)) => {
                            parts.push(format!("...{}()", self.scope.scheme(name)))
                        }
                        Some(Credential::CookieKey(cookie)) => cookies.push(format!(
                            "{}=${{{}()}}",
                            escaped(cookie, '`'),
                            self.scope.scheme(name)
                        )),
                        _ => {}
                    }
                }
            }
        }
        for (place, list) in [
            (In::Header, &self.request.headers),
            (In::Cookie, &self.request.cookies),
        ] {
            for (name, value) in self.parameters(send, place, list) {
                let value = plain_text(&value);
                if place == In::Header {
                    parts.push(format!("{}: {}", key(&name), text(&value)));
                } else {
                    cookies.push(format!("{}={}", escaped(&name, '`'), escaped(&value, '`')));
                }
            }
        }
        if let Some(media_type) = self.media_type(send) {
            parts.push(format!("'Content-Type': {}", text(media_type)));
        }
        if !cookies.is_empty() {
            parts.push(format!("Cookie: `{}`", cookies.join("; ")));
        }
        entries(parts, indent)
    }

    /// Where Playwright would not say it by itself.
    fn media_type(&self, send: &Send) -> Option<&str> {
        if let Send::Raw { media_type, .. } = send {
            return Some(media_type);
        }
        let body = self
            .request
            .body
            .as_ref()
            .filter(|_| *send != Send::NoBody)?;
        match body.encoding {
            Encoding::Json if body.media_type.contains('*') => {
                is_text(body, send).then_some("application/json")
            }
            Encoding::Json => (body.media_type != "application/json" || is_text(body, send))
                .then_some(body.media_type.as_str()),
            Encoding::Text => Some(&body.media_type),
            _ => None,
        }
    }

    /// What is sent in that place, with the case's change.
    fn parameters(
        &self,
        send: &Send,
        place: In,
        planned: &[(String, Bound)],
    ) -> Vec<(String, Value)> {
        let mut parameters: Vec<_> = planned
            .iter()
            .filter_map(|(name, bound)| match bound {
                Bound::Value(value) => Some((name.clone(), value.clone())),
                _ => None,
            })
            .collect();
        if let Send::Parameter(changed_place, changed, value) = send
            && *changed_place == place
        {
            parameters.retain(|(name, _)| name != changed);
            parameters.extend(value.clone().map(|value| (changed.clone(), value)));
        }
        parameters
    }

    fn params(&self, send: &Send, indent: usize) -> Option<String> {
        let mut parts = Vec::new();
        for name in &self.request.credentials {
            if let Some(Credential::QueryKey(parameter)) =
                self.scope.requests.scheme(name).map(|it| &it.credential)
            {
                match send {
                    Send::NoCredentials => {}
                    Send::Without(scheme) if scheme == name => {}
                    Send::WrongCredentials => {
                        parts.push(format!("{}: 'not-a-valid-key'", key(parameter)));
                    }
                    _ => parts.push(format!("...{}()", self.scope.scheme(name))),
                }
            }
        }
        let mut repeated = Vec::new();
        for (name, given) in self.parameters(send, In::Query, &self.request.query) {
            let style = self
                .operation
                .parameters
                .iter()
                .find(|it| it.place == In::Query && it.name == name)
                .map_or(ListStyle::Repeated, |it| it.list);
            match (&given, style) {
                (Value::Array(items), ListStyle::Joined(separator)) => {
                    let joined: Vec<_> = items.iter().map(plain_text).collect();
                    parts.push(format!("{}: {}", key(&name), text(&joined.join(separator))));
                }
                (Value::Array(items), _) if items.len() != 1 => {
                    repeated.extend(items.iter().map(|item| (name.clone(), plain_text(item))));
                }
                (Value::Array(items), _) => {
                    parts.push(format!("{}: {}", key(&name), text(&plain_text(&items[0]))));
                }
                (Value::Object(object), _) => {
                    for (inner, value) in object {
                        let inner = match style {
                            ListStyle::Deep => format!("{name}[{inner}]"),
                            _ => inner.clone(),
                        };
                        parts.push(format!("{}: {}", key(&inner), text(&plain_text(value))));
                    }
                }
                (Value::Null, _) => {}
                (Value::String(it), _) => parts.push(format!("{}: {}", key(&name), text(it))),
                (other, _) => parts.push(format!("{}: {other}", key(&name))),
            }
        }
        if !repeated.is_empty() {
            let pairs = repeated
                .iter()
                .map(|(name, value)| format!("[{}, {}]", text(name), text(value)));
            let pairs = list('[', pairs, ']', indent);
            return Some(if parts.is_empty() {
                format!("new URLSearchParams({pairs})")
            } else {
                let others = list('{', parts.into_iter(), '}', indent);
                format!(
                    "new URLSearchParams([...Object.entries({others}), ...{pairs}] as string[][])"
                )
            });
        }
        entries(parts, indent)
    }
}

/// An object of these, or what is spread where it is all.
fn entries(parts: Vec<String>, indent: usize) -> Option<String> {
    match parts.as_slice() {
        [] => None,
        [only] if only.starts_with("...") => Some(only.trim_start_matches('.').to_owned()),
        _ => Some(list('{', parts.into_iter(), '}', indent)),
    }
}

/// As it stands in a URL or a header.
fn plain_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain_text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// One segment of a path.
fn encoded(segment: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~')
        .remove(b':')
        .remove(b'@');
    utf8_percent_encode(segment, SEGMENT).to_string()
}
