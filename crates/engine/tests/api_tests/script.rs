//! The script stays what was generated, whatever the specification says.

use std::process::Stdio;

use proptest::prelude::*;
use qualitymax_engine::api_tests::{Focus, generate, parse};
use qualitymax_engine::tools::Tools;
use serde_json::{Value, json};

/// Texts that would like to be code.
const HOSTILE: [&str; 14] = [
    "'; PWNED(); '",
    "\\'; PWNED(); //",
    "`${PWNED()}`",
    "${PWNED()}",
    "\n}); PWNED(); test('x', () => {",
    "\u{2028}PWNED();",
    "\u{2029}PWNED();//",
    "*/ PWNED(); /*",
    "\u{0}PWNED()\u{1}",
    "]] }}); PWNED(); ({{ [[",
    "\r\nPWNED();\r\n",
    "__proto__",
    "\u{f8f0}PWNED()",
    "{orderId}/../${PWNED()}",
];

/// A specification that says `text` wherever it can say something.
fn saying(text: &str) -> Value {
    let properties = json!({
        text: {"type": "string", "maxLength": 20, "example": text},
        "of": {"type": "object", "required": [text], "properties": {text: {"type": "integer", "minimum": 3}}},
        "kind": {"type": "string", "enum": [text, "other"]},
        "email": {"type": "string", "format": "email"},
    });
    let answer = json!({"type": "object", "required": ["id", text, "kind"], "properties": {
        "id": {"type": "string"}, text: {"type": "string"}, "kind": {"enum": [text]},
    }});
    let responses = json!({
        "201": {"description": text, "headers": {text: {"required": true}},
                "content": {"application/json": {"schema": answer}}},
        "402": {"description": text},
        "404": {"description": text},
        "409": {"description": text},
    });
    json!({
        "openapi": "3.1.0",
        "info": {"title": text, "version": text},
        "servers": [{"url": format!("https://api.example.com/{text}")}],
        "security": [{text: [], "session": []}],
        "paths": {
            "/things": {"post": {
                "operationId": text, "summary": text, "tags": [text],
                "parameters": [
                    {"name": text, "in": "query", "required": true, "schema": {"type": "string", "minLength": 2}, "example": text},
                    {"name": text, "in": "header", "required": true, "schema": {"type": "string"}, "example": text},
                    {"name": text, "in": "cookie", "required": true, "schema": {"type": "string"}, "example": text},
                ],
                "requestBody": {"required": true, "content": {"application/json": {"schema":
                    {"type": "object", "required": [text, "of", "kind", "email"], "properties": properties}}}},
                "responses": responses,
            }},
            "/things/{id}": {"get": {"responses": responses}},
            format!("/a/{text}/{{{text}}}"): {"delete": {"responses": responses}},
        },
        "components": {"securitySchemes": {
            text: {"type": "apiKey", "in": "header", "name": text},
            "session": {"type": "apiKey", "in": "cookie", "name": text},
        }},
    })
}

fn script_of(text: &str) -> String {
    let document = parse(saying(text).to_string().as_bytes()).unwrap();
    generate(&document, Focus::default()).unwrap().script
}

/// The code without literals and comments, as a JavaScript lexer would take
/// them away; expressions inside of templates stay.
fn code_of(script: &str) -> String {
    #[derive(Clone, Copy, PartialEq)]
    enum Inside {
        Code,
        Template,
        /// `${` of a template, with the braces open in it.
        Hole(u32),
    }
    let mut code = String::new();
    let mut stack = vec![Inside::Code];
    let mut chars = script.chars().peekable();
    while let Some(c) = chars.next() {
        let inside = *stack.last().unwrap();
        if inside == Inside::Template {
            match c {
                '\\' => {
                    chars.next();
                }
                '`' => {
                    stack.pop();
                }
                '$' if chars.peek() == Some(&'{') => {
                    chars.next();
                    stack.push(Inside::Hole(0));
                }
                _ => {}
            }
            continue;
        }
        match c {
            '\'' => loop {
                match chars.next().expect("a literal ends") {
                    '\\' => {
                        chars.next();
                    }
                    '\'' => break,
                    c => assert!(
                        !"\n\r\u{2028}\u{2029}".contains(c),
                        "a literal holds a line end"
                    ),
                }
            },
            '`' => stack.push(Inside::Template),
            '/' if chars.peek() == Some(&'/') => {
                while chars
                    .next_if(|c| !"\n\r\u{2028}\u{2029}".contains(*c))
                    .is_some()
                {}
            }
            '/' if chars.peek() == Some(&'*') => {
                chars.next();
                let mut before = ' ';
                for c in chars.by_ref() {
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            '{' => {
                if let Some(Inside::Hole(open)) = stack.last_mut() {
                    *open += 1;
                }
                code.push(c);
            }
            '}' => match stack.last_mut() {
                Some(Inside::Hole(0)) => {
                    stack.pop();
                }
                Some(Inside::Hole(open)) => {
                    *open -= 1;
                    code.push(c);
                }
                _ => code.push(c),
            },
            c => code.push(c),
        }
    }
    assert_eq!(stack.len(), 1, "a template ends");
    code
}

fn assert_harmless(script: &str) {
    let code = code_of(script);
    assert!(!code.contains("PWNED"), "{code}");
    assert!(code.is_ascii(), "{code}");
    for (open, close) in [('(', ')'), ('{', '}'), ('[', ']')] {
        assert_eq!(
            code.matches(open).count(),
            code.matches(close).count(),
            "{code}"
        );
    }
    // As a whole name: `__proto__a` is a name like any other.
    let mut names = code.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
    assert!(names.all(|name| name != "__proto__"), "{code}");
}

#[test]
fn no_text_of_a_specification_becomes_code() {
    for text in HOSTILE {
        assert_harmless(&script_of(text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_a_specification_says_stays_text(
        parts in prop::collection::vec(
            prop_oneof![
                prop::sample::select(HOSTILE.to_vec()).prop_map(str::to_owned),
                "[\\\\'`$\\{\\}\\*/\"\n\r\u{2028}\u{2029}a-z ]{0,6}",
                ".{0,6}",
            ],
            1..4,
        )
    ) {
        let text = parts.concat();
        if let Ok(document) = parse(saying(&text).to_string().as_bytes()) {
            assert_harmless(&generate(&document, Focus::default()).unwrap().script);
        }
    }
}

/// The runner itself reads each of them, and finds the tests and nothing else.
#[tokio::test]
async fn the_runner_reads_hostile_scripts_and_runs_no_foreign_code() {
    let tools = Tools::find();
    let (Some(node), Some(modules)) = (tools.node, tools.node_modules) else {
        panic!("these tests need what `cargo xtask setup` installs");
    };
    let workspace = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(&modules, workspace.path().join("node_modules")).unwrap();
    let mut expected = 0;
    for (index, text) in HOSTILE.iter().enumerate() {
        let document = parse(saying(text).to_string().as_bytes()).unwrap();
        let generated = generate(&document, Focus::default()).unwrap();
        expected += generated.test_cases.len();
        let marked = format!(
            "const PWNED = () => {{ throw new Error('foreign code ran'); }};\n{}",
            generated.script
        );
        std::fs::write(workspace.path().join(format!("{index}.spec.ts")), marked).unwrap();
    }
    let output = tokio::process::Command::new(node)
        .arg(modules.join("@playwright/test/cli.js"))
        .args(["test", "--list", "--reporter=json"])
        .current_dir(workspace.path())
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["errors"], json!([]));
    let found = report.to_string().matches("\"specs\":[{").count();
    assert!(found > 0);
    let text = report.to_string();
    assert_eq!(text.matches("\"tests\":[").count(), expected);
}
