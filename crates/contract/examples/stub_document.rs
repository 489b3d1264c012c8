//! Prints the OpenAPI document that dropshot derives from the generated stubs;
//! `cargo xtask check` holds it against `openapi.json`.

use qualitymax_contract::{DOCUMENT, partner_api_mod};
use serde_json::Value;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // What no stub can know of the document itself.
    let info = serde_json::from_str::<Value>(DOCUMENT)?["info"].take();
    let text = |pointer: &str| {
        let value = info.pointer(pointer).and_then(Value::as_str);
        value.ok_or_else(|| format!("/info{pointer} is missing"))
    };
    let api = partner_api_mod::stub_api_description()?;
    let document = api
        .openapi(text("/title")?, text("/version")?.parse()?)
        .description(text("/description")?)
        .license(text("/license/name")?, text("/license/url")?)
        .json()?;
    println!("{document:#}");
    Ok(())
}
