//! `crates/contract/src/generated/api.rs`: the dropshot trait, the schemas of
//! its types, and the table of operations.

use anyhow::{Context, Result, anyhow, bail};
use proc_macro2::{Ident, TokenStream};
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
            let kind = ident(name)?;
            Ok(quote!(authored_schema!(types::#kind, #name);))
        })
        .collect::<Result<Vec<_>>>()?;
    let paths = operations
        .iter()
        .map(path_struct)
        .collect::<Result<Vec<_>>>()?;
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
    let name = ident(id).with_context(|| format!("{}/operationId", operation.pointer))?;
    let (path, verb) = (operation.path, ident(&operation.method.to_uppercase())?);
    let tag = operation
        .value
        .get("tags")
        .and_then(|tags| tags[0].as_str())
        .with_context(|| format!("{} has no tag", operation.pointer))?;
    let docs = docs(operation)?;
    only_path_parameters(operation)?;
    let path_argument = path_struct_name(operation)?.map(|kind| quote!(path: Path<#kind>,));
    let body_argument = body_argument(operation)?;
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
            let kind = ident(schema)?;
            quote!(HttpResponseOk<types::#kind>)
        }
        "302" => quote!(HttpResponseFound),
        other => bail!(
            "{}/responses/{other}: the generator knows 200 and 302; answer one of them, \
             or teach xtask/src/generate/api.rs",
            operation.pointer
        ),
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

/// A body of no name would have no type, and the handler would never see it.
fn body_argument(operation: &Operation<'_>) -> Result<Option<TokenStream>> {
    if !operation.value.contains_key("requestBody") {
        return Ok(None);
    }
    let schema = operation.request_schema().with_context(|| {
        format!(
            "{}/requestBody has no schema of components.schemas as its application/json: \
             put it there and refer to it",
            operation.pointer
        )
    })?;
    let kind = ident(schema)?;
    Ok(Some(quote!(body: JsonBody<types::#kind>,)))
}

/// A parameter that the trait leaves out would be documented and never read.
fn only_path_parameters(operation: &Operation<'_>) -> Result<()> {
    let Some(other) = parameters(operation).position(|parameter| parameter["in"] != "path") else {
        return Ok(());
    };
    bail!(
        "{}/parameters/{other}: the generator knows path parameters alone; \
         teach xtask/src/generate/api.rs the others first",
        operation.pointer
    )
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
fn path_struct(operation: &Operation<'_>) -> Result<Option<TokenStream>> {
    let Some(kind) = path_struct_name(operation)? else {
        return Ok(None);
    };
    let id = operation.id()?;
    let docs = format!(" Path parameters of `{id}`.");
    let fields = path_parameters(operation)
        .map(|parameter| {
            let (name, docs) = (
                ident(&text(&parameter["name"]))
                    .with_context(|| format!("{}/parameters", operation.pointer))?,
                format!(" {}", text(&parameter["description"])),
            );
            Ok(quote!(#[doc = #docs] pub #name: String))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Some(quote! {
        #[doc = #docs]
        #[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
        pub struct #kind { #(#fields),* }
    }))
}

fn path_struct_name(operation: &Operation<'_>) -> Result<Option<Ident>> {
    if path_parameters(operation).next().is_none() {
        return Ok(None);
    }
    let camel: String = operation.id()?.split('_').map(capitalised).collect();
    ident(&format!("{camel}Path")).map(Some)
}

fn parameters<'a>(operation: &Operation<'a>) -> impl Iterator<Item = &'a Value> {
    let parameters = operation.value.get("parameters").and_then(Value::as_array);
    parameters.into_iter().flatten()
}

fn path_parameters<'a>(operation: &Operation<'a>) -> impl Iterator<Item = &'a Value> {
    parameters(operation).filter(|parameter| parameter["in"] == "path")
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

fn ident(name: &str) -> Result<Ident> {
    syn::parse_str(name)
        .map_err(|_| anyhow!("{name:?} can be no name in Rust: write it in snake_case"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
