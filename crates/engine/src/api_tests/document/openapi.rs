//! OpenAPI 3.0 and 3.1.

use serde_json::Value;
use url::Url;

use super::paths;
use super::reference::{follow, reference};
use super::{
    ApiDocument, Body, Dialect, Encoding, In, Link, ListStyle, Method, Operation, Parameter,
    Response, Server, Status, entries, flag, security, text,
};
use crate::api_tests::SpecError;
use crate::api_tests::schema::Normaliser;

pub fn read(root: &Value, dialect: Dialect) -> Result<ApiDocument, SpecError> {
    let mut reader = Reader {
        root,
        normaliser: Normaliser::new(root, dialect),
    };
    let operations = paths::operations(root, |method, path, item, operation| {
        reader.operation(method, path, item, operation)
    })?;
    let components = root.get("components").unwrap_or(&Value::Null);
    let info = root.get("info").unwrap_or(&Value::Null);
    let (schemas, warnings) = reader.normaliser.finish()?;
    Ok(ApiDocument {
        title: text(info, "title"),
        version: text(info, "version"),
        dialect,
        server: server(root),
        operations,
        security_schemes: security::schemes(root, components, "securitySchemes")?,
        warnings,
        schemas,
    })
}

struct Reader<'d> {
    root: &'d Value,
    normaliser: Normaliser<'d>,
}

impl Reader<'_> {
    fn operation(
        &mut self,
        method: Method,
        path: &str,
        item: &Value,
        operation: &Value,
    ) -> Result<Operation, SpecError> {
        let mut parameters = Vec::new();
        for parameter in paths::parameters(self.root, item, operation)? {
            parameters.extend(self.parameter(parameter)?);
        }
        let body = match operation.get("requestBody") {
            Some(body) => self.body(follow(self.root, body)?)?,
            None => None,
        };
        let mut responses = Vec::new();
        for (status, response) in entries(operation, "responses") {
            if let Some(status) = Status::parse(status) {
                responses.push(self.response(status, follow(self.root, response)?)?);
            }
        }
        Ok(Operation {
            parameters,
            body,
            responses,
            ..Operation::described(self.root, method, path, operation)
        })
    }

    fn parameter(&mut self, parameter: &Value) -> Result<Option<Parameter>, SpecError> {
        let name = text(parameter, "name");
        let place = match text(parameter, "in").as_str() {
            "path" => In::Path,
            "query" => In::Query,
            "cookie" => In::Cookie,
            "header" if is_own_header(&name) => In::Header,
            _ => return Ok(None),
        };
        let Some(schema) = parameter.get("schema") else {
            if parameter.get("content").is_some() {
                self.normaliser.warn(format!(
                    "parameter `{name}` is JSON inside a {place:?} value: left out"
                ));
            }
            return Ok(None);
        };
        let style = text(parameter, "style");
        let explode = parameter
            .get("explode")
            .and_then(Value::as_bool)
            .unwrap_or(matches!(style.as_str(), "" | "form") && place == In::Query);
        Ok(Some(Parameter {
            place,
            required: flag(parameter, "required") || place == In::Path,
            schema: self.normaliser.request(schema)?,
            example: self.example(parameter),
            list: match (style.as_str(), explode) {
                ("deepObject", _) => ListStyle::Deep,
                (_, true) => ListStyle::Repeated,
                ("spaceDelimited", false) => ListStyle::Joined(" "),
                ("pipeDelimited", false) => ListStyle::Joined("|"),
                (_, false) => ListStyle::Joined(","),
            },
            name,
        }))
    }

    fn body(&mut self, body: &Value) -> Result<Option<Body>, SpecError> {
        let Some((media_type, content)) =
            entries(body, "content").min_by_key(|(media_type, _)| Encoding::of(media_type).rank())
        else {
            return Ok(None);
        };
        Ok(Some(Body {
            required: flag(body, "required"),
            encoding: Encoding::of(media_type),
            media_type: media_type.clone(),
            schema: match content.get("schema") {
                Some(schema) => self.normaliser.request(schema)?,
                None => Value::Bool(true),
            },
            example: self.example(content),
        }))
    }

    fn response(&mut self, status: Status, response: &Value) -> Result<Response, SpecError> {
        let json = entries(response, "content")
            .find(|(media_type, _)| Encoding::of(media_type) == Encoding::Json);
        let mut headers = Vec::new();
        for (name, header) in entries(response, "headers") {
            if flag(follow(self.root, header)?, "required") {
                headers.push(name.clone());
            }
        }
        let mut links = Vec::new();
        for (_, link) in entries(response, "links") {
            let link = follow(self.root, link)?;
            if let Some(operation_id) = link.get("operationId").and_then(Value::as_str) {
                links.push(Link {
                    operation_id: operation_id.to_owned(),
                    parameters: entries(link, "parameters")
                        .filter_map(|(name, expression)| {
                            let pointer = expression.as_str()?.strip_prefix("$response.body#")?;
                            Some((name.clone(), pointer.to_owned()))
                        })
                        .collect(),
                });
            }
        }
        Ok(Response {
            status,
            description: text(response, "description"),
            is_json: json.is_some(),
            schema: match json.and_then(|(_, content)| content.get("schema")) {
                Some(schema) => Some(self.normaliser.response(schema)?),
                None => None,
            },
            headers,
            links,
        })
    }

    /// `example`, or the first of `examples`, of a parameter or a media type.
    fn example(&self, holder: &Value) -> Option<Value> {
        if let Some(example) = holder.get("example") {
            return Some(example.clone());
        }
        let (_, first) = entries(holder, "examples").next()?;
        let first = match reference(first) {
            Some(_) => follow(self.root, first).ok()?,
            None => first,
        };
        first.get("value").cloned()
    }
}

/// What is said elsewhere (content, security) is no parameter.
pub fn is_own_header(name: &str) -> bool {
    !["accept", "content-type", "authorization"].contains(&name.to_ascii_lowercase().as_str())
}

fn server(root: &Value) -> Server {
    let Some(server) = root.pointer("/servers/0") else {
        return Server::default();
    };
    let mut url = text(server, "url");
    for (name, variable) in entries(server, "variables") {
        url = url.replace(&format!("{{{name}}}"), &text(variable, "default"));
    }
    Server::at(&url)
}

impl Server {
    /// An absolute URL, or a path on whatever host the API runs.
    pub(super) fn at(url: &str) -> Self {
        match Url::parse(url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Self {
                origin: Some(url.origin().ascii_serialization()),
                base_path: url.path().trim_end_matches('/').to_owned(),
            },
            Ok(_) => Self::default(),
            Err(_) => Self {
                origin: None,
                base_path: match url.trim_end_matches('/') {
                    path if path.starts_with('/') && !path.starts_with("//") => path.to_owned(),
                    _ => String::new(),
                },
            },
        }
    }
}
