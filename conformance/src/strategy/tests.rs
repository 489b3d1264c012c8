//! What is drawn, held against the contract by the validator that server and mock
//! stand on, which knows nothing of the strategies.

use contract::types;
use serde_json::{Value, json};

use super::{Draw, Source, extreme, faults, minimal};

/// What the contract says of a body; nothing where it is valid.
fn complaint(schema: &str, body: &Value) -> Option<String> {
    let bytes = body.to_string();
    macro_rules! validate {
        ($($name:ident),*) => {
            match schema {
                $(stringify!($name) => {
                    <types::$name as contract::Validated>::from_json(bytes.as_bytes()).err()
                })*
                other => panic!("{other} is no request"),
            }
        };
    }
    let invalid = validate!(
        WebhookRequest,
        RepositoryImportRequest,
        SastScanRequest,
        ApiTestsRequest,
        TestCaseRequest,
        TestCasesGenerateRequest,
        GapAnalysisRequest
    );
    invalid.map(|invalid| invalid.to_string())
}

fn bases() -> Vec<(&'static str, Value)> {
    vec![
        (
            "WebhookRequest",
            json!({
                "url": "https://preview.app.com",
                "feature_description": "Test login",
                "callback_url": "https://api.you.com/results",
            }),
        ),
        (
            "RepositoryImportRequest",
            json!({ "url": "https://github.com/your-org/your-repo" }),
        ),
        ("SastScanRequest", json!({ "repository_id": 42 })),
        ("ApiTestsRequest", json!({ "openapi_spec": "{}" })),
        (
            "TestCaseRequest",
            json!({ "project_id": 15, "title": "Login" }),
        ),
        (
            "TestCasesGenerateRequest",
            json!({ "project_id": 15, "description": "Test login" }),
        ),
        ("GapAnalysisRequest", json!({ "repository_id": 42 })),
    ]
}

#[test]
fn what_is_drawn_as_valid_is_valid() {
    for (schema, base) in bases() {
        assert_eq!(complaint(schema, &base), None, "{schema}");
        for seed in 0..16 {
            let body = Draw::new(schema, Source::Valid, &base, [seed; 32]).current();
            assert_eq!(complaint(schema, &body), None, "{schema} {body}");
        }
    }
}

#[test]
fn every_field_at_its_limit_is_valid() {
    for (schema, base) in bases() {
        for (field, value) in extreme(schema, &base) {
            let mut body = minimal(schema, &base, &field.path);
            super::values::place(&mut body, &field.path, value);
            assert_eq!(complaint(schema, &body), None, "{schema} {}", field.name());
        }
    }
}

#[test]
fn what_breaks_one_clause_is_refused_for_that_field_alone() {
    for (schema, base) in bases() {
        for fault in faults(schema) {
            for seed in 0..2 {
                let source = Source::Fault(fault.number);
                let body = Draw::new(schema, source, &base, [seed; 32]).current();
                let complaint = complaint(schema, &body)
                    .unwrap_or_else(|| panic!("{schema}: {} is accepted: {body}", fault.what));
                let field = fault.what.split('`').nth(1).unwrap();
                // An item of an array is named below the array.
                let about = |one: &str| {
                    one.starts_with(&format!("{field}:")) || one.starts_with(&format!("{field}."))
                };
                let specification =
                    schema == "ApiTestsRequest" && complaint.contains("exactly one of");
                assert!(
                    complaint.split("; ").all(about) || specification,
                    "{schema}: {} is refused for something else: {complaint}",
                    fault.what
                );
            }
        }
    }
}

#[test]
fn a_fault_is_made_as_small_as_it_can_be() {
    let (schema, base) = bases().swap_remove(0);
    let fault = faults(schema)
        .into_iter()
        .find(|fault| fault.what.starts_with("`feature_description` is longer"))
        .unwrap();
    let mut draw = Draw::new(schema, Source::Fault(fault.number), &base, [7; 32]);
    // Whatever is sent is taken for wrong: it shrinks to the end.
    while draw.step(true) {}
    let mut smallest = base;
    smallest["feature_description"] = "a".repeat(8001).into();
    assert_eq!(draw.current(), smallest);
}

#[test]
fn the_same_seed_draws_the_same() {
    let (schema, base) = bases().swap_remove(0);
    let draw = |seed| Draw::new(schema, Source::Valid, &base, [seed; 32]).current();
    assert_eq!(draw(1), draw(1));
    assert!((0..16).any(|seed| draw(seed) != draw(1)));
}
