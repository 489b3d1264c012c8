//! What is accepted, and what is refused.

use serde_json::{Value, json};

use super::{Mutant, body};

const TRIGGER: &str = "trigger_test_generation";

type Verdict = Result<(), &'static str>;

pub(super) fn mutants() -> Vec<Mutant> {
    let webhook = |id, clause, fault, edit| body(TRIGGER, id, clause, fault, edit);
    vec![
        webhook(
            "validation.url.longer",
            "webhook.url.max-length",
            "A url of more than 2048 characters is accepted.",
            |it| cut(it, "/url", 2048),
        ),
        webhook(
            "validation.url.shorter",
            "webhook.url.max-length",
            "A url of 2048 characters is refused.",
            |it| refuse(it, "/url", |text| text.chars().count() == 2048),
        ),
        webhook(
            "validation.url.optional",
            "webhook.url.max-length",
            "A webhook without a url is accepted.",
            |it| fill(it, "url", "https://example.com/"),
        ),
        webhook(
            "validation.description.longer",
            "webhook.feature-description.max-length",
            "A description of more than 8000 characters is accepted.",
            |it| cut(it, "/feature_description", 8000),
        ),
        webhook(
            "validation.description.shorter",
            "webhook.feature-description.max-length",
            "A description of more than 4000 characters is refused.",
            |it| {
                refuse(it, "/feature_description", |text| {
                    text.chars().count() > 4000
                })
            },
        ),
        webhook(
            "validation.description.bytes",
            "webhook.feature-description.max-length",
            "A description is counted in bytes.",
            |it| refuse(it, "/feature_description", |text| text.len() > 8000),
        ),
        webhook(
            "validation.description.optional",
            "webhook.feature-description.max-length",
            "A webhook without a description is accepted.",
            |it| fill(it, "feature_description", "The page loads"),
        ),
        webhook(
            "validation.callback-url.longer",
            "webhook.callback-url.max-length",
            "A callback_url of more than 2048 characters is accepted.",
            |it| cut(it, "/callback_url", 2048),
        ),
        webhook(
            "validation.callback-url.optional",
            "webhook.callback-url.max-length",
            "A webhook without a callback_url is accepted.",
            |it| fill(it, "callback_url", "https://example.com/"),
        ),
        webhook(
            "validation.custom-data.larger",
            "webhook.custom-data.echo",
            "custom_data of more than 4096 bytes is accepted.",
            |it| {
                let large = it["custom_data"].to_string().len() > 4096;
                replace(it, "/custom_data", |_| large, json!({}))
            },
        ),
        webhook(
            "validation.custom-data.any-json",
            "webhook.custom-data.echo",
            "custom_data may be other than an object.",
            |it| replace(it, "/custom_data", |data| !data.is_object(), json!({})),
        ),
        webhook(
            "validation.auth.text",
            "webhook.auth",
            "auth may be text.",
            |it| {
                replace(
                    it,
                    "/auth",
                    Value::is_string,
                    json!({
                        "type": "user_login", "username": "u", "password": "p"
                    }),
                )
            },
        ),
        webhook(
            "validation.auth.type",
            "webhook.auth.type",
            "Every type of login is accepted.",
            |it| replace(it, "/auth/type", Value::is_string, json!("user_login")),
        ),
        webhook(
            "validation.auth.username",
            "webhook.auth.username",
            "The user name may be other than text.",
            |it| replace(it, "/auth/username", |it| !it.is_string(), json!("user")),
        ),
        webhook(
            "validation.auth.password",
            "webhook.auth.password",
            "The password may be other than text.",
            |it| replace(it, "/auth/password", |it| !it.is_string(), json!("secret")),
        ),
        webhook(
            "validation.browser.any",
            "webhook.options.browser",
            "Every browser is accepted.",
            |it| replace(it, "/options/browser", Value::is_string, json!("chromium")),
        ),
        webhook(
            "validation.headless.any",
            "webhook.options.headless",
            "headless may be other than a boolean.",
            |it| boolean(it, "/options/headless"),
        ),
        webhook(
            "validation.skip-cookie-consent.any",
            "webhook.options.skip-cookie-consent",
            "skip_cookie_consent may be other than a boolean.",
            |it| boolean(it, "/options/skip_cookie_consent"),
        ),
        webhook(
            "validation.auto-execute.any",
            "webhook.options.auto-execute",
            "auto_execute may be other than a boolean.",
            |it| boolean(it, "/options/auto_execute"),
        ),
        webhook(
            "validation.quality-threshold.above",
            "webhook.options.quality-threshold",
            "A threshold above 100 is accepted.",
            |it| number(it, |threshold| threshold > 100.0),
        ),
        webhook(
            "validation.quality-threshold.below",
            "webhook.options.quality-threshold",
            "A threshold below 0 is accepted.",
            |it| number(it, |threshold| threshold < 0.0),
        ),
        webhook(
            "validation.quality-threshold.fraction",
            "webhook.options.quality-threshold",
            "A threshold may have a fraction.",
            |it| number(it, |threshold| threshold.fract() != 0.0),
        ),
        webhook(
            "validation.quality-threshold.narrow",
            "webhook.options.quality-threshold",
            "A threshold of 100 is refused.",
            |it| match it.pointer("/options/quality_threshold") {
                Some(threshold) if threshold == 100 => Err("quality_threshold: at most 99"),
                _ => Ok(()),
            },
        ),
        webhook(
            "validation.options.text",
            "webhook.options",
            "options may be text.",
            |it| replace(it, "/options", |options| !options.is_object(), json!({})),
        ),
    ]
}

/// Takes what is longer for what is not.
pub(super) fn cut(request: &mut Value, pointer: &str, most: usize) -> Verdict {
    if let Some(Value::String(text)) = request.pointer_mut(pointer) {
        *text = text.chars().take(most).collect();
    }
    Ok(())
}

pub(super) fn refuse(request: &Value, pointer: &str, when: impl Fn(&str) -> bool) -> Verdict {
    match request.pointer(pointer).and_then(Value::as_str) {
        Some(text) if when(text) => Err("the body: invalid"),
        _ => Ok(()),
    }
}

/// Takes a body without the field for one with it.
pub(super) fn fill(request: &mut Value, field: &str, value: impl Into<Value>) -> Verdict {
    if let Some(request) = request.as_object_mut() {
        request.entry(field).or_insert(value.into());
    }
    Ok(())
}

/// Takes one value for another.
pub(super) fn replace(
    request: &mut Value,
    pointer: &str,
    when: impl Fn(&Value) -> bool,
    value: Value,
) -> Verdict {
    if let Some(place) = request.pointer_mut(pointer)
        && when(place)
    {
        *place = value;
    }
    Ok(())
}

fn boolean(request: &mut Value, pointer: &str) -> Verdict {
    replace(request, pointer, |it| !it.is_boolean(), json!(true))
}

fn number(request: &mut Value, when: fn(f64) -> bool) -> Verdict {
    let pointer = "/options/quality_threshold";
    replace(
        request,
        pointer,
        |it| it.as_f64().is_some_and(when),
        json!(45),
    )
}
