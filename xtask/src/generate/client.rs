//! `crates/client/src/generated.rs`: the progenitor client.

use anyhow::{Context, Result};
use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TagStyle};
use quote::{ToTokens, quote};
use serde_json::{Value, json};
use syn::{File, ImplItem, Item, parse_quote};

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
    let tokens = Generator::new(&settings)
        .generate_tokens(&spec)
        .context("progenitor refused the document")?;
    Ok(without_constructors(syn::parse2(tokens)?).into_token_stream())
}

/// Progenitor's own constructors take any HTTP client, also one that follows an
/// artifact's redirect to another host with the key still in its headers. The
/// client is made by hand-written code alone.
fn without_constructors(mut file: File) -> File {
    for item in &mut file.items {
        let Item::Impl(block) = item else { continue };
        if block.trait_.is_some() {
            continue;
        }
        block
            .items
            .retain(|item| !matches!(item, ImplItem::Fn(method) if method.sig.ident == "new"));
        for item in &mut block.items {
            if let ImplItem::Fn(method) = item
                && method.sig.ident == "new_with_client"
            {
                method.vis = parse_quote!(pub(crate));
            }
        }
    }
    file
}

/// The document as the client is to be generated from it.
///
/// Progenitor knows a redirect only as an unexpected status; a `default`
/// response without content becomes a method that hands out the raw response,
/// whose Location the caller reads. Which 2xx it is, 200 or a 202 where a job is
/// queued, the published documentation leaves open, so each is taken.
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
            if let Some(success) = responses.shift_remove("200") {
                responses.insert("2XX".into(), success);
            }
            if let Some(redirect) = responses.shift_remove("302") {
                responses.clear();
                responses.insert("default".into(), json!({ "description": redirect["description"], "content": { "*/*": { "schema": {} } } }));
            }
        }
    }
    document
}
