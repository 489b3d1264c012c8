//! Prints the OpenAPI document that dropshot derives from the generated stubs;
//! `cargo xtask check` holds it against `openapi.json`.

use qualitymax_contract::partner_api_mod;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let api = partner_api_mod::stub_api_description()?;
    let version = serde_json::from_str::<serde_json::Value>(qualitymax_contract::DOCUMENT)?["info"]
        ["version"]
        .as_str()
        .ok_or("info.version is missing")?
        .parse()?;
    println!(
        "{:#}",
        api.openapi("QualityMax Partner API", version).json()?
    );
    Ok(())
}
