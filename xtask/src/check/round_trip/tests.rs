use serde_json::{Value, json};

use super::*;

/// A small document that needs every exception, and what dropshot makes of it.
fn pair() -> (Value, Value) {
    let authored = json!({
        "info": { "title": "T", "x-provenance": "documented" },
        "servers": [{ "url": "https://a.b" }],
        "security": [{ "key": [] }],
        "tags": [{ "name": "b" }, { "name": "a" }],
        "paths": { "/job": { "post": {
            "x-rate-limit": {},
            "security": [],
            "parameters": [{ "name": "id", "example": "1" }],
            "callbacks": { "done": { "{$request.body#/url}": { "post": {
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Done" } } } }
            } } } },
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Job" } } } },
            "responses": {
                "200": {
                    "description": "Stored.",
                    "headers": { "RateLimit": {} },
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Job" } } }
                },
                "404": { "$ref": "#/components/responses/NotFound" }
            }
        } } },
        "components": {
            "securitySchemes": { "key": {} },
            "headers": { "RateLimit": {} },
            "responses": { "NotFound": { "description": "No.", "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/Error" }
            } } } },
            "schemas": {
                "Error": { "type": "object" },
                "Done": { "type": "object" },
                "Job": { "type": "object", "required": ["b", "a"], "maxProperties": 2 }
            }
        }
    });
    let emitted = json!({
        "info": { "title": "T" },
        "tags": [{ "name": "a" }, { "name": "b" }],
        "paths": { "/job": { "post": {
            "parameters": [{ "name": "id" }],
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Job" } } } },
            "responses": {
                "200": {
                    "description": "successful operation",
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Job" } } }
                },
                "4XX": { "$ref": "#/components/responses/Error" },
                "5XX": { "$ref": "#/components/responses/Error" }
            }
        } } },
        "components": {
            "responses": { "Error": { "description": "Error", "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/Error" }
            } } } },
            "schemas": {
                "Error": { "type": "object" },
                "Job": { "type": "object", "required": ["a", "b"], "maxProperties": 2.0 }
            }
        }
    });
    (authored, emitted)
}

fn places(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.at.as_str()).collect()
}

#[test]
fn what_dropshot_can_not_say_is_excepted() {
    let (authored, emitted) = pair();
    assert_eq!(compare(&authored, &emitted), []);
}

#[test]
fn each_exception_is_needed() {
    let (authored, emitted) = pair();
    for left_out in &EXCEPTIONS {
        let others: Vec<_> = EXCEPTIONS
            .iter()
            .filter(|other| other.name != left_out.name)
            .collect();
        let problems = compare_but_for(&others, &authored, &emitted);
        assert_ne!(problems, [], "{} hides nothing", left_out.name);
    }
}

#[test]
fn an_exception_that_matches_nothing_fails() {
    let (mut authored, emitted) = pair();
    authored.as_object_mut().unwrap().shift_remove("servers");
    let problems = compare(&authored, &emitted);
    assert_eq!(problems[0].says, "nothing needs the exception \"servers\"");
    assert_eq!(problems.len(), 1);
}

#[test]
fn what_dropshot_has_learnt_to_say_is_excepted_no_longer() {
    let (authored, mut emitted) = pair();
    emitted["servers"] = authored["servers"].clone();
    emitted["paths"]["/job"]["post"]["x-rate-limit"] = json!({});
    let problems = compare(&authored, &emitted);
    assert_eq!(
        places(&problems),
        ["/paths/~1job/post/x-rate-limit", "/servers"]
    );
}

#[test]
fn what_the_stubs_say_otherwise_is_named() {
    let job = "/components/schemas/Job";
    let body = "/paths/~1job/post/requestBody/content/application~1json/schema/$ref";
    let cases: [(&str, Value); 5] = [
        ("/info/title", json!("Another")),
        (&format!("{job}/maxProperties"), json!(3)),
        (&format!("{job}/x-max-bytes"), json!(3)),
        (body, json!("#/components/schemas/Error")),
        (
            "/paths/~1job/post/responses/409",
            json!({ "description": "Another shape" }),
        ),
    ];
    for (at, value) in cases {
        let (mut authored, emitted) = pair();
        let (parent, key) = at.rsplit_once('/').unwrap();
        authored.pointer_mut(parent).unwrap()[key] = value;
        assert_eq!(places(&compare(&authored, &emitted)), [at]);
    }
}
