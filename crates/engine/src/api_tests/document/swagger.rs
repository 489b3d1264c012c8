//! Swagger 2.0.

use serde_json::{Map, Value, json};

use super::openapi::is_own_header;
use super::paths;
use super::reference::follow;
use super::{
    ApiDocument, Body, Dialect, Encoding, In, ListStyle, Method, Operation, Parameter, Response,
    Server, Status, entries, flag, security, text, texts,
};
use crate::api_tests::SpecError;
use crate::api_tests::schema::Normaliser;

pub fn read(root: &Value) -> Result<ApiDocument, SpecError> {
    let mut reader = Reader {
        root,
        normaliser: Normaliser::new(root, Dialect::Swagger2),
    };
    let operations = paths::operations(root, |method, path, item, operation| {
        reader.operation(method, path, item, operation)
    })?;
    let info = root.get("info").unwrap_or(&Value::Null);
    let (schemas, warnings) = reader.normaliser.finish()?;
    Ok(ApiDocument {
        title: text(info, "title"),
        version: text(info, "version"),
        dialect: Dialect::Swagger2,
        server: server(root),
        operations,
        security_schemes: security::schemes(root, root, "securityDefinitions")?,
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
        let given = paths::parameters(self.root, item, operation)?;
        let mut parameters = Vec::new();
        for parameter in &given {
            parameters.extend(self.parameter(parameter)?);
        }
        let consumes = self.media_types(operation, "consumes");
        let produces = self.media_types(operation, "produces");
        let mut responses = Vec::new();
        for (status, response) in entries(operation, "responses") {
            if let Some(status) = Status::parse(status) {
                responses.push(self.response(status, follow(self.root, response)?, &produces)?);
            }
        }
        Ok(Operation {
            parameters,
            body: self.body(&given, &consumes)?,
            responses,
            ..Operation::described(self.root, method, path, operation)
        })
    }

    fn media_types(&self, operation: &Value, key: &str) -> Vec<String> {
        match texts(operation, key) {
            own if !own.is_empty() => own,
            _ => texts(self.root, key),
        }
    }

    fn parameter(&mut self, parameter: &Value) -> Result<Option<Parameter>, SpecError> {
        let name = text(parameter, "name");
        let place = match text(parameter, "in").as_str() {
            "path" => In::Path,
            "query" => In::Query,
            "header" if is_own_header(&name) => In::Header,
            _ => return Ok(None),
        };
        Ok(Some(Parameter {
            place,
            required: flag(parameter, "required") || place == In::Path,
            // A parameter is its own schema.
            schema: self.normaliser.request(&schema_of(parameter))?,
            example: parameter.get("x-example").cloned(),
            list: match text(parameter, "collectionFormat").as_str() {
                "multi" => ListStyle::Repeated,
                "ssv" => ListStyle::Joined(" "),
                "tsv" => ListStyle::Joined("\t"),
                "pipes" => ListStyle::Joined("|"),
                _ => ListStyle::Joined(","),
            },
            name,
        }))
    }

    /// The parameter in `body`, or those in `formData` together.
    fn body(&mut self, given: &[&Value], consumes: &[String]) -> Result<Option<Body>, SpecError> {
        if let Some(body) = given.iter().find(|it| text(it, "in") == "body") {
            let media_type = consumes
                .iter()
                .min_by_key(|media_type| Encoding::of(media_type).rank())
                .map_or("application/json", String::as_str);
            return Ok(Some(Body {
                required: flag(body, "required"),
                encoding: Encoding::of(media_type),
                media_type: media_type.to_owned(),
                schema: self
                    .normaliser
                    .request(body.get("schema").unwrap_or(&Value::Bool(true)))?,
                example: body.get("x-example").cloned(),
            }));
        }
        let fields: Vec<_> = given
            .iter()
            .filter(|it| text(it, "in") == "formData")
            .collect();
        if fields.is_empty() {
            return Ok(None);
        }
        let has_file = fields.iter().any(|it| text(it, "type") == "file");
        let multipart = has_file
            || consumes
                .iter()
                .any(|media_type| Encoding::of(media_type) == Encoding::Multipart);
        let required: Vec<_> = fields
            .iter()
            .filter(|it| flag(it, "required"))
            .map(|it| text(it, "name"))
            .collect();
        let properties: Map<_, _> = fields
            .iter()
            .map(|it| (text(it, "name"), schema_of(it)))
            .collect();
        let (encoding, media_type) = if multipart {
            (Encoding::Multipart, "multipart/form-data")
        } else {
            (Encoding::Form, "application/x-www-form-urlencoded")
        };
        let schema = json!({"type": "object", "required": required, "properties": properties});
        Ok(Some(Body {
            required: schema["required"] != json!([]),
            media_type: media_type.to_owned(),
            encoding,
            schema: self.normaliser.request(&schema)?,
            example: None,
        }))
    }

    fn response(
        &mut self,
        status: Status,
        response: &Value,
        produces: &[String],
    ) -> Result<Response, SpecError> {
        let schema = response.get("schema");
        let is_json = schema.is_some()
            && (produces.is_empty()
                || produces
                    .iter()
                    .any(|media_type| Encoding::of(media_type) == Encoding::Json));
        Ok(Response {
            status,
            description: text(response, "description"),
            is_json,
            schema: match schema.filter(|_| is_json) {
                Some(schema) => Some(self.normaliser.response(schema)?),
                None => None,
            },
            headers: Vec::new(),
            links: Vec::new(),
        })
    }
}

/// `required` is a flag here and a list in a schema.
fn schema_of(parameter: &Value) -> Value {
    let mut schema = parameter.as_object().cloned().unwrap_or_default();
    for key in [
        "name",
        "in",
        "required",
        "description",
        "example",
        "x-example",
    ] {
        schema.remove(key);
    }
    Value::Object(schema)
}

fn server(root: &Value) -> Server {
    let host = text(root, "host");
    let base_path = text(root, "basePath");
    if host.is_empty() {
        return Server::at(&base_path);
    }
    let schemes = texts(root, "schemes");
    let scheme = if schemes.is_empty() || schemes.iter().any(|scheme| scheme == "https") {
        "https"
    } else {
        "http"
    };
    Server::at(&format!("{scheme}://{host}{base_path}"))
}
