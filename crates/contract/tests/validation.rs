//! A body is refused for what the contract says, in words that name the field.
#![allow(clippy::unwrap_used)]

use qualitymax_contract::types::{ApiTestsRequest, Browser, WebhookRequest};
use qualitymax_contract::{Invalid, Validated};
use serde_json::{Value, json};

fn webhook() -> Value {
    json!({
        "url": "https://preview.app.com",
        "feature_description": "Test login",
        "callback_url": "https://api.you.com/results",
    })
}

fn refused(body: &Value) -> String {
    refused_bytes(body.to_string().as_bytes())
}

fn refused_bytes(body: &[u8]) -> String {
    let Invalid(detail) = WebhookRequest::from_json(body).unwrap_err();
    detail
}

#[test]
fn the_three_required_fields_are_enough_and_defaults_apply() {
    let parsed = WebhookRequest::from_json(webhook().to_string().as_bytes()).unwrap();
    assert!(parsed.options.is_none() && parsed.auth.is_none());
    let mut with_options = webhook();
    with_options["options"] = json!({ "headless": false });
    let options = WebhookRequest::from_json(with_options.to_string().as_bytes())
        .unwrap()
        .options
        .unwrap();
    assert_eq!(
        (options.browser, options.quality_threshold),
        (Browser::Chromium, 45)
    );
    assert!(options.auto_execute && !options.headless && !options.skip_cookie_consent);
}

#[test]
fn each_limit_is_named_with_its_field() {
    let with = |field: &str, value: Value| {
        let mut body = webhook();
        body[field] = value;
        refused(&body)
    };
    insta::assert_snapshot!(
        [
            refused(&json!({})),
            refused(&json!([])),
            with("url", json!(42)),
            with("url", json!("ftp://example.com")),
            with("url", json!(format!("https://example.com/{}", "a".repeat(2048)))),
            with("callback_url", json!("not a url")),
            with("feature_description", json!("")),
            with("feature_description", json!("ü".repeat(8001))),
            with("custom_data", json!("text")),
            with("custom_data", json!({ "blob": "x".repeat(4096) })),
            with("auth", json!({ "type": "oauth", "username": "u", "password": "hunter2" })),
            with("auth", json!({ "type": "user_login", "username": "u", "password": 7 })),
            with("options", json!({ "browser": "netscape", "quality_threshold": 101, "headless": "yes" })),
        ]
        .join("\n"),
        @r"
    url: is required; feature_description: is required; callback_url: is required
    the body: must be of type object
    url: must be of type string
    url: must be an absolute http or https URL
    url: must be at most 2048 characters, and is 2068
    callback_url: must be an absolute http or https URL
    feature_description: must be at least 1 character
    feature_description: must be at most 8000 characters, and is 8001
    custom_data: must be of type object
    custom_data: must be at most 4096 bytes as compact JSON, and is 4107
    auth.type: must be one of user_login
    auth.password: must be of type string
    options.browser: must be one of chromium, firefox, webkit; options.quality_threshold: must be at most 100; options.headless: must be of type boolean
    "
    );
}

#[test]
fn lengths_count_characters_and_the_limit_itself_is_fine() {
    let mut body = webhook();
    body["feature_description"] = json!("ü".repeat(8000));
    body["custom_data"] = json!({ "b": "x".repeat(4096 - 8) });
    assert_eq!(body["custom_data"].to_string().len(), 4096);
    assert!(WebhookRequest::from_json(body.to_string().as_bytes()).is_ok());
}

#[test]
fn what_is_not_json_is_refused_without_being_repeated() {
    let nested = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    insta::assert_snapshot!(
        [
            refused_bytes(b""),
            refused_bytes(b"{\"url\": \"https://a.b\""),
            refused_bytes(b"url=https://a.b"),
            refused_bytes(b"{\"password\": \"hunter2\", \"password\": \"other\"}"),
            refused_bytes(b"{\"url\": \"\xff\"}"),
            refused_bytes(nested.as_bytes()),
        ]
        .join("\n"),
        @r"
    the body is empty: send a JSON object
    the body is not valid JSON: it ends too early (line 1, column 21)
    the body is not valid JSON: it is malformed or nested too deep (line 1, column 1)
    the body is not valid JSON: it has a duplicate key (line 1, column 44)
    the body is not UTF-8 (byte 9)
    the body is not valid JSON: it is malformed or nested too deep (line 1, column 128)
    "
    );
}

#[test]
fn a_specification_comes_inline_or_by_url_and_not_both() {
    let parse = |body: Value| ApiTestsRequest::from_json(body.to_string().as_bytes());
    assert!(parse(json!({ "project_id": 1, "openapi_spec": "openapi: 3.0.3" })).is_ok());
    assert!(parse(json!({ "openapi_url": "https://a.b/c" })).is_ok());
    for body in [
        json!({ "project_id": 1 }),
        json!({ "project_id": 1, "openapi_spec": "x", "openapi_url": "https://a.b/c" }),
    ] {
        assert!(
            parse(body)
                .unwrap_err()
                .0
                .contains("exactly one of openapi_spec, openapi_url")
        );
    }
}

#[test]
fn unknown_fields_are_tolerated_and_custom_data_keeps_its_shape() {
    let mut body = webhook();
    body["from_the_future"] = json!(true);
    let custom =
        json!({ "z": 1, "a": [1.5, null, { "ü": "🦀" }], "big": 9_007_199_254_740_993_u64 });
    body["custom_data"] = custom.clone();
    let parsed = WebhookRequest::from_json(body.to_string().as_bytes()).unwrap();
    assert_eq!(Value::Object(parsed.custom_data), custom);
    let keys: Vec<_> = custom.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["z", "a", "big"]);
}

/// As JSON Schema has it, and as languages with one kind of number write it.
#[test]
fn an_integer_may_be_written_with_a_fraction_of_nothing() {
    for (written, score) in [("45.0", 45), ("4.5e1", 45), ("0.0", 0), ("100", 100)] {
        let body = format!(
            r#"{{"url":"https://preview.app.com","feature_description":"Test login","callback_url":"https://api.you.com/results","options":{{"quality_threshold":{written}}}}}"#
        );
        let parsed = WebhookRequest::from_json(body.as_bytes()).unwrap();
        assert_eq!(
            parsed.options.unwrap().quality_threshold,
            score,
            "{written}"
        );
    }
    let mut body = webhook();
    body["options"] = json!({ "quality_threshold": 45.5 });
    assert!(
        refused(&body).contains("quality_threshold"),
        "{}",
        refused(&body)
    );
}
