//! How callers show who they are.

use serde_json::Value;

use super::reference::follow;
use super::{entries, text};
use crate::api_tests::SpecError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityScheme {
    /// As operations name it.
    pub name: String,
    pub credential: Credential,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// `Authorization: Bearer ...`, OAuth and OpenID Connect too.
    Bearer,
    /// `Authorization: Basic ...`
    Basic,
    HeaderKey(String),
    QueryKey(String),
    CookieKey(String),
    /// Mutual TLS, digest and the like: can't be written into a request.
    Other(String),
}

/// Both dialects' schemes, at `securityDefinitions` or `securitySchemes`.
pub fn schemes(root: &Value, holder: &Value, key: &str) -> Result<Vec<SecurityScheme>, SpecError> {
    entries(holder, key)
        .map(|(name, scheme)| {
            Ok(SecurityScheme {
                name: name.clone(),
                credential: credential(follow(root, scheme)?),
            })
        })
        .collect()
}

fn credential(scheme: &Value) -> Credential {
    let kind = text(scheme, "type");
    match kind.to_ascii_lowercase().as_str() {
        "apikey" => {
            let name = text(scheme, "name");
            match text(scheme, "in").as_str() {
                "header" => Credential::HeaderKey(name),
                "query" => Credential::QueryKey(name),
                "cookie" => Credential::CookieKey(name),
                other => Credential::Other(format!("API key in {other}")),
            }
        }
        "basic" => Credential::Basic,
        "http" => match text(scheme, "scheme").to_ascii_lowercase().as_str() {
            "basic" => Credential::Basic,
            "bearer" => Credential::Bearer,
            other => Credential::Other(format!("HTTP {other}")),
        },
        "oauth2" | "openidconnect" => Credential::Bearer,
        _ => Credential::Other(kind),
    }
}

/// An operation's own `security`, or the document's.
pub fn requirements(root: &Value, operation: &Value) -> Vec<Vec<String>> {
    operation
        .get("security")
        .or_else(|| root.get("security"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .map(|alternative| alternative.keys().cloned().collect())
        .collect()
}
