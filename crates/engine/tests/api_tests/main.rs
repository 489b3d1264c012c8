//! API tests out of specifications, seen at work against a real service.

#![allow(clippy::unwrap_used)]

mod documents;
mod execution;
mod instructions;
mod runner;
mod script;

use qualitymax_engine::api_tests::{ApiDocument, Focus, Generated, generate, parse};

fn specification(name: &str) -> ApiDocument {
    let path = format!(
        "{}/../../fixtures/specifications/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    parse(&std::fs::read(path).unwrap()).unwrap()
}

fn bookshop(instructions: &str) -> Generated {
    let document = specification("bookshop-openapi-3.0.yaml");
    generate(&document, Focus::parse(instructions)).unwrap()
}
