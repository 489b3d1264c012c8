//! `crates/contract/src/generated/api.rs`: the dropshot trait, the schemas of
//! its types, and the table of operations.

use anyhow::{Context, Result, bail};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use serde_json::Value;

use crate::document::{self, Operation};

pub fn generate(document: &Value) -> Result<TokenStream> {
    let operations: Vec<_> = document::operations(document).collect();
    let methods = operations.iter().map(method).collect::<Result<Vec<_>>>()?;
    let rows = operations.iter().map(row).collect::<Result<Vec<_>>>()?;
    let schemas = document["components"]["schemas"]
        .as_object()
        .context("the document has no components.schemas")?
        .keys()
        .map(|name| {
            let kind = ident(name);
            quote!(authored_schema!(types::#kind, #name);)
        });
    let paths = operations.iter().filter_map(path_struct);
    let title = text(&document["info"]["title"]);
    let tags = document["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|tag| {
            let (name, description) = (text(&tag["name"]), text(&tag["description"]));
            quote!(#name = { description = #description })
        });
    Ok(quote! {
        use dropshot::{HttpResponseFound, HttpResponseOk, Path, RequestContext};

        use super::types;
        use crate::operation::{Operation, RateClass, RateLimit};
        use crate::schema::authored_schema;
        use crate::{ApiError, JsonBody};

        #(#schemas)*
        #(#paths)*

        #[doc = #title]
        ///
        /// One method an operation of `openapi.json`.
        #[dropshot::api_description { tag_config = { tags = { #(#tags),* } } }]
        pub trait PartnerApi {
            /// What an implementation keeps between requests.
            type Context;
            #(#methods)*
        }

        /// Every operation, in the document's order.
        pub const OPERATIONS: &[Operation] = &[#(#rows),*];
    })
}

fn method(operation: &Operation<'_>) -> Result<TokenStream> {
    let id = operation.id()?;
    let name = ident(id);
    let (path, verb) = (operation.path, ident(&operation.method.to_uppercase()));
    let tag = operation.value["tags"][0].as_str().context("no tag")?;
    let docs = docs(operation)?;
    let path_argument = path_struct_name(operation).map(|kind| quote!(path: Path<#kind>,));
    let body_argument = operation.request_schema().map(|schema| {
        let kind = ident(schema);
        quote!(body: JsonBody<types::#kind>,)
    });
    let max_bytes = operation
        .value
        .get("x-max-body-bytes")
        .and_then(Value::as_u64)
        .map(|bytes| {
            let bytes = usize_literal(bytes);
            quote!(request_body_max_bytes = #bytes,)
        });
    let (status, response) = operation.success()?;
    let answer = match status {
        "200" => {
            let schema = response
                .pointer("/content/application~1json/schema")
                .and_then(document::component)
                .with_context(|| format!("{id} answers 200 without a named schema"))?;
            let kind = ident(schema);
            quote!(HttpResponseOk<types::#kind>)
        }
        "302" => quote!(HttpResponseFound),
        other => bail!("{id}: no server response is known for {other}"),
    };
    Ok(quote! {
        #(#[doc = #docs])*
        #[endpoint {
            method = #verb,
            path = #path,
            operation_id = #id,
            tags = [#tag],
            #max_bytes
        }]
        async fn #name(
            rqctx: RequestContext<Self::Context>,
            #path_argument
            #body_argument
        ) -> Result<#answer, ApiError>;
    })
}

/// Summary and description, as dropshot takes them from a doc comment.
fn docs(operation: &Operation<'_>) -> Result<Vec<String>> {
    let mut lines = vec![format!(" {}", operation.text("summary")?), String::new()];
    for line in operation.text("description")?.lines() {
        lines.push(if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        });
    }
    Ok(lines)
}

fn row(operation: &Operation<'_>) -> Result<TokenStream> {
    let (id, path, verb) = (
        operation.id()?,
        operation.path,
        operation.method.to_uppercase(),
    );
    let limit = operation
        .value
        .get("x-rate-limit")
        .with_context(|| format!("{id} has no x-rate-limit"))?;
    let class = match text(&limit["class"]).as_str() {
        "free" => quote!(RateClass::Free),
        "llm" => quote!(RateClass::Llm),
        other => bail!("{id}: unknown rate class {other}"),
    };
    let number = |field: &str| -> Result<_> {
        let value = limit[field]
            .as_u64()
            .with_context(|| format!("{id}: x-rate-limit.{field} is no number"))?;
        Ok(proc_macro2::Literal::u64_unsuffixed(value))
    };
    let (requests, window) = (number("requests")?, number("window_seconds")?);
    let max_body = match operation
        .value
        .get("x-max-body-bytes")
        .and_then(Value::as_u64)
    {
        Some(bytes) => {
            let bytes = usize_literal(bytes);
            quote!(Some(#bytes))
        }
        None => quote!(None),
    };
    Ok(quote! {
        Operation {
            id: #id,
            method: #verb,
            path: #path,
            rate_limit: RateLimit { class: #class, requests: #requests, window_seconds: #window },
            max_body_bytes: #max_body,
        }
    })
}

/// Dropshot takes path parameters as a struct.
fn path_struct(operation: &Operation<'_>) -> Option<TokenStream> {
    let kind = path_struct_name(operation)?;
    let id = operation.id().ok()?;
    let docs = format!(" Path parameters of `{id}`.");
    let fields = path_parameters(operation).map(|parameter| {
        let (name, docs) = (
            ident(&text(&parameter["name"])),
            format!(" {}", text(&parameter["description"])),
        );
        quote!(#[doc = #docs] pub #name: String)
    });
    Some(quote! {
        #[doc = #docs]
        #[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
        pub struct #kind { #(#fields),* }
    })
}

fn path_struct_name(operation: &Operation<'_>) -> Option<Ident> {
    path_parameters(operation).next()?;
    let camel: String = operation.id().ok()?.split('_').map(capitalised).collect();
    Some(ident(&format!("{camel}Path")))
}

fn path_parameters<'a>(operation: &Operation<'a>) -> impl Iterator<Item = &'a Value> {
    operation
        .value
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|parameter| parameter["in"] == "path")
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn usize_literal(value: u64) -> proc_macro2::Literal {
    proc_macro2::Literal::u64_unsuffixed(value)
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
