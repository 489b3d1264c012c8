//! What both dialects say alike of the operations below a document's paths.

use serde_json::Value;

use super::reference::follow;
use super::{Method, Operation, entries, flag, security, text, texts};
use crate::api_tests::SpecError;

/// Every operation of the document, read from its path, path item and itself.
pub fn operations(
    root: &Value,
    mut read: impl FnMut(Method, &str, &Value, &Value) -> Result<Operation, SpecError>,
) -> Result<Vec<Operation>, SpecError> {
    let mut operations = Vec::new();
    for (path, item) in entries(root, "paths").filter(|(path, _)| path.starts_with('/')) {
        let item = follow(root, item)?;
        for method in Method::ALL {
            if let Some(operation) = item.get(method.lower()).filter(|it| it.is_object()) {
                operations.push(read(method, path, item, operation)?);
            }
        }
    }
    Ok(operations)
}

/// The parameters of an operation and of its path, references followed.
pub fn parameters<'d>(
    root: &'d Value,
    item: &'d Value,
    operation: &'d Value,
) -> Result<Vec<&'d Value>, SpecError> {
    let mut parameters = Vec::<&Value>::new();
    for holder in [item, operation] {
        let given = holder.get("parameters").and_then(Value::as_array);
        for parameter in given.into_iter().flatten() {
            let parameter = follow(root, parameter)?;
            // An operation's own replaces the path's.
            parameters.retain(|it| {
                text(it, "name") != text(parameter, "name")
                    || text(it, "in") != text(parameter, "in")
            });
            parameters.push(parameter);
        }
    }
    Ok(parameters)
}

impl Operation {
    /// Without parameters, body and responses, which each dialect says in its way.
    pub(super) fn described(root: &Value, method: Method, path: &str, operation: &Value) -> Self {
        let id = operation.get("operationId").and_then(Value::as_str);
        Self {
            method,
            path: path.to_owned(),
            id: id.map(str::to_owned),
            summary: text(operation, "summary"),
            description: text(operation, "description"),
            tags: texts(operation, "tags"),
            deprecated: flag(operation, "deprecated"),
            parameters: Vec::new(),
            body: None,
            responses: Vec::new(),
            security: security::requirements(root, operation),
        }
    }
}
