//! Values to fill in, by what a field is called.

use serde_json::{Value, json};

use crate::gap::body::{Body, From};

/// A value that the field is likely to take.
pub fn value(name: &str) -> Value {
    let name = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["authorization"]) {
        json!("Bearer <a valid token>")
    } else if has(&["email", "mail"]) {
        json!("user@example.com")
    } else if has(&["password", "passwd", "secret"]) {
        json!("Correct-Horse-9")
    } else if has(&["token", "code", "otp"]) {
        json!("123456")
    } else if has(&[
        "amount", "price", "total", "quantity", "qty", "count", "limit", "page", "age",
    ]) {
        json!(10)
    } else if has(&["currency"]) {
        json!("EUR")
    } else if has(&["card"]) {
        json!("4242424242424242")
    } else if has(&["phone", "mobile"]) {
        json!("+49 30 1234567")
    } else if has(&["date", "_at", "deadline", "birthday"]) {
        json!("2030-01-31")
    } else if has(&["url", "link", "website", "callback", "next", "redirect"]) {
        json!("https://example.com/")
    } else if name == "id" || name.ends_with("_id") || name.ends_with("id") && name.len() < 12 {
        json!(1)
    } else if has(&["items", "tags", "roles", "ids"]) {
        json!(["first"])
    } else if name.starts_with("is_") || has(&["enabled", "active", "agree", "accept", "remember"])
    {
        json!(true)
    } else if has(&["name", "author", "user"]) {
        json!("Ada Example")
    } else {
        json!(format!("Some {}", name.replace(['_', '-'], " ")))
    }
}

/// One of another type than the field takes.
pub fn wrong(name: &str) -> Value {
    match value(name) {
        Value::Number(_) => json!("many"),
        Value::Bool(_) => json!("perhaps"),
        Value::Array(_) => json!("none"),
        Value::String(text) if text.contains('@') => json!("not-an-address"),
        Value::String(text) if text.starts_with("2030") => json!("31/31/2030"),
        _ => json!({"nested": true}),
    }
}

pub fn names(body: &Body, from: From) -> Vec<String> {
    body.inputs
        .iter()
        .filter(|(_, known)| **known == from)
        .map(|(name, _)| name.clone())
        .take(8)
        .collect()
}

/// The body as JSON; `without` leaves one field out.
pub fn json_body(fields: &[String], without: Option<&str>) -> String {
    let object = fields
        .iter()
        .filter(|name| Some(name.as_str()) != without)
        .map(|name| (name.clone(), value(name)))
        .collect();
    Value::Object(object).to_string()
}

/// `?q=Some+q&page=10`
pub fn query(fields: &[String]) -> String {
    let pairs: Vec<(String, String)> = fields
        .iter()
        .map(|name| {
            let value = match value(name) {
                Value::String(text) => text,
                value => value.to_string(),
            };
            (name.clone(), value)
        })
        .collect();
    if pairs.is_empty() {
        return String::new();
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("?{query}")
}
