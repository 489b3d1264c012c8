//! `crates/client/src/generated.rs`: the progenitor client.

use anyhow::{Context, Result};
use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TagStyle};
use quote::quote;
use serde_json::{Value, json};

use crate::document::METHODS;

pub fn generate(document: &Value) -> Result<TokenStream> {
    let spec: OpenAPI = serde_json::from_value(for_progenitor(document))
        .context("openapi.json is not a document that progenitor reads")?;
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        .with_derive("PartialEq")
        .with_inner_type(quote!(crate::Credentials));
    Generator::new(&settings)
        .generate_tokens(&spec)
        .context("progenitor refused the document")
}

/// Progenitor knows a redirect only as an unexpected status; a `default`
/// response without content becomes a method that hands out the raw response,
/// whose Location the caller reads.
fn for_progenitor(document: &Value) -> Value {
    let mut document = document.clone();
    for item in document["paths"]
        .as_object_mut()
        .into_iter()
        .flat_map(|paths| paths.values_mut())
    {
        for method in METHODS {
            let Some(responses) = item
                .pointer_mut(&format!("/{method}/responses"))
                .and_then(Value::as_object_mut)
            else {
                continue;
            };
            if let Some(redirect) = responses.shift_remove("302") {
                responses.clear();
                responses.insert("default".into(), json!({ "description": redirect["description"], "content": { "*/*": { "schema": {} } } }));
            }
        }
    }
    document
}
