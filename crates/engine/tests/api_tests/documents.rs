//! What is read, and what is refused.

use qualitymax_engine::api_tests::{Dialect, Focus, MAX_BYTES, SpecError, generate, parse};

use crate::specification;

fn refused(document: &str) -> String {
    parse(document.as_bytes()).unwrap_err().to_string()
}

/// The smallest document with one operation, and these components.
fn with_schemas(schemas: &str, body: &str) -> String {
    format!(
        r#"{{"openapi": "3.0.3", "info": {{}}, "paths": {{"/things": {{"post": {{
            "requestBody": {{"required": true, "content": {{"application/json": {{"schema": {body}}}}}}},
            "responses": {{"201": {{"description": "made"}}}}}}}}}},
            "components": {{"schemas": {schemas}}}}}"#
    )
}

#[test]
fn the_three_dialects_say_the_same_in_the_same_words() {
    let library = specification("library-swagger-2.0.json");
    assert_eq!(library.dialect, Dialect::Swagger2);
    assert_eq!(
        library.server.origin.as_deref(),
        Some("https://library.example")
    );
    assert_eq!(library.server.base_path, "/api");
    let billing = specification("billing-openapi-3.1.yaml");
    assert_eq!(billing.dialect, Dialect::OpenApi31);
    assert_eq!(
        billing.server.origin.as_deref(),
        Some("https://eu.billing.example")
    );
    assert_eq!(billing.version, "2026-01");
    let names: Vec<_> = [&library, &billing]
        .iter()
        .flat_map(|document| &document.operations)
        .map(|operation| operation.name())
        .collect();
    assert_eq!(
        names,
        [
            "GET /loans",
            "POST /loans",
            "GET /loans/{loan_id}",
            "POST /covers",
            "POST /invoices",
            "POST /invoices/{number}/reminders",
        ]
    );
}

#[test]
fn json_and_yaml_are_told_apart_by_themselves() {
    let json = with_schemas("{}", r#"{"type": "string"}"#);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let titles = |text: &str| {
        let document = parse(text.as_bytes()).unwrap();
        let generated = generate(&document, Focus::default()).unwrap();
        let titles = generated.test_cases.into_iter().map(|case| case.title);
        titles.collect::<Vec<_>>()
    };
    let expected = titles(&json);
    assert!(!expected.is_empty());
    assert_eq!(titles(&format!("\u{feff}\n  {value:#}")), expected);
    // JSON is YAML too, and YAML may use braces without quotes.
    assert_eq!(titles(&format!("# a comment\n{value}")), expected);
    let flow = "{openapi: 3.0.0, paths: {/a: {get: {responses: {200: {description: it is}}}}}}";
    assert_eq!(parse(flow.as_bytes()).unwrap().operations[0].path, "/a");
}

#[test]
fn what_is_no_specification_is_refused_and_told_why() {
    let refusals: Vec<_> = [
        "",
        "  \n ",
        "hello",
        "[1, 2]",
        r#"{"openapi": "3.0.0""#,
        "openapi: 3.0.0\n\tpaths: {}",
        r#"{"name": "package.json", "version": "1.0.0"}"#,
        r#"{"openapi": "4.0.0", "paths": {}}"#,
        r#"{"swagger": "1.2", "paths": {}}"#,
        r#"{"openapi": "3.0.0", "paths": {}}"#,
        r#"{"openapi": "3.1.0", "webhooks": {"a": {}}}"#,
        r#"{"openapi": "3.0.0", "paths": {"/a": {"get": {}}}, "paths": {}}"#,
        "openapi: 3.0.0\npaths: {}\npaths: {}\n",
        "openapi: 3.0.0\n? [a, b]\n: c\n",
        "openapi: 3.0.0\n---\nopenapi: 3.0.0\n",
    ]
    .map(refused)
    .into();
    insta::assert_debug_snapshot!(refusals, @r#"
    [
        "the specification is empty",
        "the specification is empty",
        "this is no OpenAPI or Swagger document: neither `openapi` nor `swagger` says its version",
        "this is no OpenAPI or Swagger document: neither `openapi` nor `swagger` says its version",
        "the specification is not valid JSON (line 1, column 19)",
        "the specification is not valid YAML (line 1, column 10)",
        "this is no OpenAPI or Swagger document: neither `openapi` nor `swagger` says its version",
        "version `4.0.0` is not supported: Swagger 2.0, OpenAPI 3.0 and 3.1 are",
        "version `1.2` is not supported: Swagger 2.0, OpenAPI 3.0 and 3.1 are",
        "the specification describes no operations: `paths` is missing or empty",
        "the specification describes no operations: `paths` is missing or empty",
        "the specification has a key twice in one object (line 1, column 63)",
        "the specification has a key twice in one object (line 3, column 1)",
        "the specification has a key that is no text (line 2, column 3)",
        "the specification is more than one YAML document",
    ]
    "#);
    assert_eq!(
        parse(b"openapi: \xff").unwrap_err(),
        SpecError::NotUtf8 { byte: 9 }
    );
}

#[test]
fn ten_mebibytes_are_read_and_not_a_byte_more() {
    let document = |padding: usize| {
        format!(
            r#"{{"openapi": "3.0.0", "info": {{"description": "{}"}}, "paths": {{"/a": {{"get": {{}}}}}}}}"#,
            "x".repeat(padding)
        )
    };
    let fits = document(MAX_BYTES - document(0).len());
    assert_eq!(fits.len(), MAX_BYTES);
    assert!(parse(fits.as_bytes()).is_ok());
    let larger = document(MAX_BYTES - document(0).len() + 1);
    assert_eq!(
        parse(larger.as_bytes()).unwrap_err(),
        SpecError::TooLarge {
            bytes: MAX_BYTES + 1
        }
    );
}

#[test]
fn nesting_ends_somewhere() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for depth in [101, 100_000] {
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let document = format!(r#"{{"openapi": "3.0.0", "x": {deep}}}"#);
            assert!(matches!(
                parse(document.as_bytes()),
                Err(SpecError::TooDeep { .. } | SpecError::Malformed { .. })
            ));
        }
    }
    let blocks: String = (0..5_000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    assert!(parse(format!("openapi: 3.0.0\n{blocks}").as_bytes()).is_err());
}

/// A billion laughs, by values and by bytes.
#[test]
fn aliases_that_explode_are_refused() {
    let mut bomb =
        "openapi: 3.0.0\nx0: &x0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let before = vec![format!("*x{}", level - 1); 9].join(", ");
        bomb += &format!("x{level}: &x{level} [{before}]\n");
    }
    assert_eq!(parse(bomb.as_bytes()).unwrap_err(), SpecError::Explodes);

    let mut heavy = format!("openapi: 3.0.0\nx: &x {}\nlist:\n", "x".repeat(1_000_000));
    heavy += &"  - *x\n".repeat(1000);
    assert_eq!(parse(heavy.as_bytes()).unwrap_err(), SpecError::Explodes);

    // Aliases as such are welcome.
    let fair = "openapi: 3.0.0\nx: &answer {description: ok}\npaths:\n  /a:\n    get:\n      responses: {200: *answer}\n";
    let document = parse(fair.as_bytes()).unwrap();
    assert_eq!(document.operations[0].responses[0].description, "ok");
}

#[test]
fn circular_schemas_are_fine_where_a_value_can_end() {
    let document = with_schemas(
        r##"{"Tree": {"type": "object", "required": ["name", "children"], "properties": {
            "name": {"type": "string"},
            "parent": {"$ref": "#/components/schemas/Tree"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}}"##,
        r##"{"$ref": "#/components/schemas/Tree"}"##,
    );
    let generated = generate(&parse(document.as_bytes()).unwrap(), Focus::default()).unwrap();
    assert!(generated.notes.is_empty(), "{:?}", generated.notes);
    assert!(
        generated
            .test_cases
            .iter()
            .any(|case| case.title == "POST /things answers 201 to a valid request")
    );

    // A value that would have to hold itself: there is none, and it is said.
    let document = with_schemas(
        r##"{"Ring": {"type": "object", "required": ["next"], "properties": {
            "next": {"$ref": "#/components/schemas/Ring"}}}}"##,
        r##"{"$ref": "#/components/schemas/Ring"}"##,
    );
    let generated = generate(&parse(document.as_bytes()).unwrap(), Focus::default()).unwrap();
    assert_eq!(
        generated.notes,
        ["POST /things: its body could not be written: no value was found that meets the schema"]
    );
}

#[test]
fn references_in_a_circle_or_into_the_void_are_refused() {
    let body = r##"{"$ref": "#/components/schemas/A"}"##;
    for schemas in [
        r##"{"A": {"$ref": "#/components/schemas/A"}}"##,
        r##"{"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}"##,
        r##"{"A": {"allOf": [{"$ref": "#/components/schemas/A"}]}}"##,
        r##"{"A": {"oneOf": [{"type": "string"}, {"not": {"$ref": "#/components/schemas/A"}}]}}"##,
    ] {
        assert_eq!(
            parse(with_schemas(schemas, body).as_bytes()).unwrap_err(),
            SpecError::EndlessReference {
                reference: "A".to_owned()
            },
            "{schemas}"
        );
    }
    assert_eq!(
        refused(&with_schemas(
            "{}",
            r##"{"$ref": "#/components/schemas/Nope"}"##
        )),
        "the reference `#/components/schemas/Nope` leads nowhere"
    );
}

#[test]
fn nothing_is_fetched_for_a_remote_reference() {
    // Port 9 would refuse; whoever tried would fail loudly or wait.
    let document = with_schemas("{}", r#"{"$ref": "http://127.0.0.1:9/schema.json"}"#);
    let document = parse(document.as_bytes()).unwrap();
    assert_eq!(
        document.warnings,
        [
            "`http://127.0.0.1:9/schema.json` leads out of the document and is not fetched: anything is taken to be valid there"
        ]
    );
    let file = r#"{"openapi": "3.0.0", "paths": {"/a": {"$ref": "file:///etc/passwd"}}}"#;
    assert_eq!(
        refused(file),
        "the reference `file:///etc/passwd` leads out of the document, and nothing is fetched"
    );
}

/// References that multiply: small to write, endless to follow.
#[test]
fn schemas_that_multiply_cost_little() {
    let started = std::time::Instant::now();
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let mut schemas = serde_json::Map::new();
        for level in 0..60 {
            let next = serde_json::json!({"$ref": format!("#/components/schemas/S{}", level + 1)});
            schemas.insert(
                format!("S{level}"),
                serde_json::json!({keyword: [next, next, {"type": "object"}]}),
            );
        }
        schemas.insert("S60".to_owned(), serde_json::json!({"type": "object"}));
        let document = with_schemas(
            &serde_json::Value::from(schemas).to_string(),
            r##"{"$ref": "#/components/schemas/S0"}"##,
        );
        let document = parse(document.as_bytes()).unwrap();
        generate(&document, Focus::default()).unwrap();
    }
    // A long chain must not use up the stack either.
    let mut schemas = serde_json::Map::new();
    for level in 0..20_000 {
        let next = serde_json::json!({"$ref": format!("#/components/schemas/S{}", level + 1)});
        schemas.insert(format!("S{level}"), serde_json::json!({"allOf": [next]}));
    }
    schemas.insert("S20000".to_owned(), serde_json::json!({}));
    let chain = with_schemas(
        &serde_json::Value::from(schemas).to_string(),
        r##"{"$ref": "#/components/schemas/S0"}"##,
    );
    assert!(matches!(
        parse(chain.as_bytes()),
        Err(SpecError::EndlessReference { .. })
    ));
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn a_pattern_that_backtracks_is_cut_short() {
    let started = std::time::Instant::now();
    let document = with_schemas(
        "{}",
        r#"{"type": "string", "pattern": "^(?=(a+)+$)(a|a)*b\\1$", "minLength": 5000}"#,
    );
    generate(&parse(document.as_bytes()).unwrap(), Focus::default()).unwrap();
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

/// 3,000 operations: the most important are covered, and it is said.
#[test]
fn a_large_api_gets_a_sane_number_of_cases() {
    let paths: serde_json::Map<_, _> = (0..1_500)
        .map(|number| {
            let operation = serde_json::json!({"responses": {"200": {"description": "ok"}}});
            (
                format!("/things{number}/{{id}}"),
                serde_json::json!({"get": operation, "delete": operation}),
            )
        })
        .collect();
    let document =
        serde_json::json!({"openapi": "3.0.0", "info": {"title": "Large"}, "paths": paths});
    let document = parse(document.to_string().as_bytes()).unwrap();
    let generated = generate(&document, Focus::default()).unwrap();
    assert_eq!(generated.test_cases.len(), 300);
    assert!(
        generated
            .test_cases
            .iter()
            .all(|case| case.title.starts_with("DELETE"))
    );
    assert_eq!(
        generated.notes[0],
        "the specification has 3000 operations; the 300 most important are covered"
    );
}
