//! Values are held against the schema as it was written, by a validator that
//! knows nothing of how they were made.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Examples, Wanted, edges, flaws};
use crate::api_tests::document::{ApiDocument, parse};

/// A document whose one request body has this schema.
fn document(version: &str, schema: &Value) -> ApiDocument {
    let document = json!({
        "openapi": version,
        "paths": {"/a": {"post": {
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": {},
        }}},
    });
    parse(document.to_string().as_bytes()).unwrap()
}

fn body(document: &ApiDocument) -> &Value {
    &document.operations[0].body.as_ref().unwrap().schema
}

fn example(version: &str, schema: &Value) -> Value {
    let document = document(version, schema);
    let checker = document.schemas.checker().unwrap();
    Examples::new(&checker)
        .valid(body(&document), "body", None, Wanted::Everything)
        .unwrap_or_else(|error| panic!("{error}: {schema}"))
}

fn accepts(schema: &Value, value: &Value) -> bool {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(schema)
        .unwrap()
        .is_valid(value)
}

#[test]
fn examples_look_like_what_a_person_would_write() {
    let written = example(
        "3.1.0",
        &json!({
            "type": "object",
            "properties": {
                "email": {"type": "string", "format": "email"},
                "firstName": {"type": "string"},
                "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
                "sku": {"type": "string", "pattern": "^[A-Z]{3}-\\d{4}$"},
                "password": {"type": "string", "pattern": "^(?=.*[A-Z])(?=.*\\d).{8,}$"},
                "birthDate": {"type": "string", "format": "date"},
                "quantity": {"type": "integer", "minimum": 2, "maximum": 9},
                "price": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.25},
                "temperature": {"type": "integer", "maximum": -10},
                "status": {"enum": ["open", "closed"]},
                "given": {"type": "string", "default": "as is"},
                "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": true},
                "owner_id": {"type": "integer"},
            },
        }),
    );
    insta::assert_json_snapshot!(written, @r#"
    {
      "email": "ada@example.com",
      "firstName": "Ada",
      "country": "GB",
      "sku": "ABC-1234",
      "password": "Correct-Horse-7",
      "birthDate": "1990-05-17",
      "quantity": 2,
      "price": 1,
      "temperature": -11,
      "status": "open",
      "given": "as is",
      "tags": [
        "example",
        "example 2"
      ]
    }
    "#);
}

#[test]
fn every_dialect_keeps_what_its_words_mean() {
    // Before 3.1 a limit is made exclusive by a flag, and null is a flag too.
    let old = json!({"type": "integer", "minimum": 5, "exclusiveMinimum": true, "maximum": 6});
    assert_eq!(example("3.0.3", &old), json!(6));
    let new = json!({"type": "integer", "exclusiveMinimum": 5, "maximum": 6});
    assert_eq!(example("3.1.0", &new), json!(6));

    let nullable = json!({"type": "string", "nullable": true, "minLength": 1});
    let document = document("3.0.3", &nullable);
    let checker = document.schemas.checker().unwrap();
    let judge = checker.judge(body(&document)).unwrap();
    let verdicts: Vec<_> = [json!("a"), json!(null), json!(""), json!(1)]
        .iter()
        .map(|value| judge.accepts(value))
        .collect();
    assert_eq!(verdicts, [Some(true), Some(true), Some(false), Some(false)]);
}

#[test]
fn read_only_properties_are_not_sent_and_write_only_ones_are() {
    let schema = json!({
        "type": "object",
        "required": ["id", "name", "secret"],
        "properties": {
            "id": {"type": "integer", "readOnly": true},
            "name": {"type": "string"},
            "secret": {"type": "string", "writeOnly": true},
        },
    });
    assert_eq!(
        example("3.0.3", &schema),
        json!({"name": "Ada Lovelace", "secret": "example"})
    );
}

#[test]
fn an_example_that_breaks_its_own_schema_is_not_trusted() {
    let schema = json!({
        "type": "object",
        "required": ["size"],
        "properties": {"size": {"type": "integer", "minimum": 10, "example": 3}},
    });
    assert_eq!(example("3.0.3", &schema), json!({"size": 10}));
}

/// Schemas that some value meets.
fn schemas() -> impl Strategy<Value = Value> {
    let text = (0_u64..30, 0_u64..30).prop_map(
        |(least, more)| json!({"type": "string", "minLength": least, "maxLength": least + more}),
    );
    let format = prop::sample::select(vec!["email", "uuid", "date", "date-time", "ipv4", "uri"])
        .prop_map(|format| json!({"type": "string", "format": format}));
    let pattern = prop::sample::select(vec![
        "^[a-z]{2,5}$",
        "^\\d{3}-\\d{2}$",
        "^(red|green)$",
        "[A-F0-9]{6}",
        "^\\+?\\d+$",
        "^[^@]+@x$",
    ])
    .prop_map(|pattern| json!({"type": "string", "pattern": pattern}));
    let integer = (-1000_i64..1000, 0_i64..1000).prop_map(
        |(low, width)| json!({"type": "integer", "minimum": low, "maximum": low + width}),
    );
    let number = (-50_i32..50, 1_i32..40, 1_u32..8).prop_map(|(low, width, step)| {
        json!({"type": "number", "minimum": low, "maximum": low + width * 8, "multipleOf": f64::from(step) / 4.0})
    });
    let choice = prop::sample::select(vec![
        json!({"enum": ["a", "b", "c"]}),
        json!({"const": 7}),
        json!({"type": "boolean"}),
        json!({"type": ["null", "string"]}),
    ]);
    let leaf = prop_oneof![text, format, pattern, integer, number, choice];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let object = (
            prop::collection::vec((inner.clone(), any::<bool>()), 1..5),
            any::<bool>(),
        )
            .prop_map(|(properties, closed)| {
                let named: serde_json::Map<_, _> = properties
                    .iter()
                    .enumerate()
                    .map(|(index, (schema, _))| (format!("p{index}"), schema.clone()))
                    .collect();
                let required: Vec<_> = properties
                    .iter()
                    .enumerate()
                    .filter(|(_, (_, required))| *required)
                    .map(|(index, _)| format!("p{index}"))
                    .collect();
                json!({"type": "object", "properties": named, "required": required, "additionalProperties": !closed})
            });
        let array = (inner.clone(), 0_u64..3, 0_u64..4).prop_map(|(items, least, more)| {
            json!({"type": "array", "items": items, "minItems": least, "maxItems": least + more})
        });
        let all = (inner.clone(), inner.clone()).prop_map(|(one, other)| {
            json!({"allOf": [
                {"type": "object", "required": ["one"], "properties": {"one": one}},
                {"type": "object", "required": ["other"], "properties": {"other": other}},
            ]})
        });
        let any = (inner.clone(), inner).prop_map(|(one, other)| json!({"anyOf": [one, other]}));
        prop_oneof![object, array, all, any]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn examples_meet_their_schema(schema in schemas()) {
        let value = example("3.1.0", &schema);
        prop_assert!(accepts(&schema, &value), "{value} against {schema}");
    }

    #[test]
    fn flaws_break_the_schema_and_edges_do_not(schema in schemas()) {
        let document = document("3.1.0", &schema);
        let checker = document.schemas.checker().unwrap();
        let normal = body(&document);
        let value = Examples::new(&checker).valid(normal, "body", None, Wanted::Required).unwrap();
        for flaw in flaws(&checker, normal, &value, "body") {
            let broken = flaw.spot.put(&value, flaw.value.as_ref());
            prop_assert!(!accepts(&schema, &broken), "{}: {broken} against {schema}", flaw.says);
        }
        for edge in edges(&checker, normal, &value, "body") {
            let extreme = edge.spot.put(&value, Some(&edge.value));
            prop_assert!(accepts(&schema, &extreme), "{}: {extreme} against {schema}", edge.says);
        }
    }
}
