//! Forms of HTML, of JSX, and of Rails' helpers.

use super::{Action, Field, Form};
use crate::gap::syntax::{Call, Element, Expr, Module};

pub(super) fn read(root: &Element, module: &Module, found: &mut Vec<Form>) {
    for element in root.all() {
        if !element.tag.eq_ignore_ascii_case("form") {
            continue;
        }
        // A component around the element itself says nothing more.
        let inner = element
            .all()
            .into_iter()
            .skip(1)
            .any(|inner| inner.tag.eq_ignore_ascii_case("form"));
        if inner {
            continue;
        }
        let fields = fields(element);
        let submit = submit(element);
        if fields.is_empty() && submit.is_none() {
            continue;
        }
        let component = module
            .definitions
            .iter()
            .rev()
            .find(|definition| {
                definition.line <= element.line
                    && element.line < definition.line + definition.lines
                    && definition.name.starts_with(char::is_uppercase)
            })
            .map(|definition| definition.name.clone());
        let written = element.attribute("action").and_then(action);
        let sent = match &written {
            None => sent_by_script(module, component.as_deref()),
            Some(_) => None,
        };
        found.push(Form {
            action: written.or_else(|| sent.as_ref().map(|(_, path)| Action::Path(path.clone()))),
            method: element
                .attribute("method")
                .filter(|method| method.chars().all(char::is_alphabetic) && !method.is_empty())
                .map_or_else(
                    || {
                        // Without an action a script submits it.
                        match sent {
                            Some((method, _)) => method,
                            None if element.attribute("action").is_some() => "GET".to_owned(),
                            None => "POST".to_owned(),
                        }
                    },
                    str::to_uppercase,
                ),
            fields,
            submit,
            name: ["aria-label", "id", "name", "data-testid"]
                .iter()
                .find_map(|key| element.attribute(key))
                .filter(|name| !name.is_empty() && !name.contains(['{', '(']))
                .map(ToOwned::to_owned),
            line: element.line,
            component,
        });
    }
}

/// Where a component's code sends what was filled in: its first request that
/// changes something.
fn sent_by_script(module: &Module, component: Option<&str>) -> Option<(String, String)> {
    let span = component.and_then(|name| {
        module
            .definitions
            .iter()
            .find(|definition| definition.name == name)
            .map(|definition| definition.span.clone())
    });
    module.calls.iter().find_map(|call| {
        if span
            .as_ref()
            .is_some_and(|span| !span.contains(&call.span.start))
        {
            return None;
        }
        let path = call.arg(0)?.text().filter(|path| path.starts_with('/'))?;
        let method = match call.name.as_str() {
            "fetch" | "$fetch" | "axios" => call.named("method")?.text()?.to_uppercase(),
            "post" | "put" | "patch" => call.name.to_uppercase(),
            _ => return None,
        };
        (method != "GET").then(|| (method, path.to_owned()))
    })
}

/// `/login`, `{{ url_for('auth.login') }}`, `{% url 'login' %}`.
fn action(value: &str) -> Option<Action> {
    for function in ["url_for(", "route(", "url ", "path(", "reverse("] {
        if let Some((_, rest)) = value.split_once(function)
            && let Some(name) = rest.split(['"', '\'']).nth(1)
        {
            return Some(Action::Named(name.to_owned()));
        }
    }
    if let Some(inside) = value.split_once("{{").map(|(_, rest)| rest.trim()) {
        let name: String = inside
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        return name
            .strip_suffix("_path")
            .or_else(|| name.strip_suffix("_url"))
            .map(|name| Action::Named(name.to_owned()));
    }
    let path = match value.split_once("://") {
        Some((_, rest)) => &rest[rest.find('/')?..],
        None => value,
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    path.starts_with('/').then(|| Action::Path(path.to_owned()))
}

const NOT_FIELDS: [&str; 5] = ["hidden", "submit", "button", "image", "reset"];

fn is_field(element: &Element) -> bool {
    match element.tag.as_str() {
        "input" | "Input" => !element
            .attribute("type")
            .is_some_and(|kind| NOT_FIELDS.contains(&kind)),
        "select" | "textarea" => true,
        tag => {
            tag.starts_with(char::is_uppercase)
                && [
                    "Input", "Field", "Select", "Textarea", "TextArea", "Checkbox",
                ]
                .iter()
                .any(|word| tag.ends_with(word))
        }
    }
}

fn fields(form: &Element) -> Vec<Field> {
    let all = form.all();
    let mut found: Vec<Field> = Vec::new();
    for element in &all {
        if !is_field(element) {
            continue;
        }
        let plain = |key: &str| {
            element
                .attribute(key)
                .map(str::trim)
                .filter(|value| !value.is_empty() && !value.contains(['{', '<']))
                .map(ToOwned::to_owned)
        };
        let id = plain("id");
        let label = all
            .iter()
            .filter(|label| label.tag.eq_ignore_ascii_case("label"))
            .find(|label| {
                let named = label
                    .attribute("for")
                    .or_else(|| label.attribute("htmlFor"));
                named.is_some() && named == id.as_deref()
                    || label
                        .all()
                        .iter()
                        .any(|inner| std::ptr::eq(*inner, *element))
            })
            .map(|label| label.full_text())
            .or_else(|| plain("label"))
            .or_else(|| plain("aria-label"))
            .or_else(|| plain("placeholder"))
            .map(|label| label.trim_end_matches([':', '*', ' ']).to_owned())
            .filter(|label| !label.is_empty() && !label.contains(['{', '%']));
        let name = plain("name")
            .or_else(|| plain("v-model"))
            .or_else(|| plain("formControlName"))
            .or_else(|| id.clone())
            .or_else(|| label.clone());
        let Some(name) = name else { continue };
        // Radio buttons are one field.
        if found.iter().any(|field| field.name == name) {
            continue;
        }
        let handles = [
            "name",
            "id",
            "placeholder",
            "aria-label",
            "data-testid",
            "data-cy",
        ]
        .iter()
        .filter_map(|key| plain(key))
        .chain(label.clone())
        .collect();
        found.push(Field {
            kind: match element.tag.as_str() {
                "select" => "select".to_owned(),
                "textarea" => "textarea".to_owned(),
                _ => plain("type").unwrap_or_else(|| "text".to_owned()),
            },
            required: element.attribute("required").is_some(),
            name,
            label,
            handles,
        });
    }
    found
}

fn submit(form: &Element) -> Option<String> {
    let all = form.all();
    let is_button = |element: &&&Element| match element.tag.as_str() {
        "input" => element.attribute("type") == Some("submit"),
        tag => {
            (tag == "button" || tag.ends_with("Button"))
                && element.attribute("type") != Some("button")
        }
    };
    let button = all
        .iter()
        .filter(is_button)
        .find(|element| element.attribute("type") == Some("submit"))
        .or_else(|| all.iter().find(is_button))?;
    let text = match button.attribute("value") {
        Some(value) if !value.is_empty() && button.tag == "input" => value.to_owned(),
        _ => button.full_text(),
    };
    (!text.is_empty() && !text.contains(['{', '%'])).then_some(text)
}

/// Rails: `form_with(...) do |f| f.email_field :email ... end`.
pub(super) fn read_helpers(module: &Module, found: &mut Vec<Form>) {
    for call in &module.calls {
        if !matches!(
            call.name.as_str(),
            "form_with" | "form_for" | "form_tag" | "simple_form_for"
        ) {
            continue;
        }
        let mut form = Form {
            action: helper_action(call),
            method: call
                .named("method")
                .and_then(Expr::text)
                .map_or_else(|| "POST".to_owned(), str::to_uppercase),
            fields: Vec::new(),
            submit: None,
            name: None,
            line: call.line,
            component: None,
        };
        for inner in &module.calls {
            if inner.span.start <= call.span.start || inner.span.start >= call.span.end {
                continue;
            }
            if inner.name == "submit" {
                form.submit = inner.arg(0).and_then(Expr::text).map(ToOwned::to_owned);
                continue;
            }
            let kind = ["_field", "_area", "_box", "select", "input"]
                .iter()
                .find(|end| inner.name.ends_with(**end));
            if kind.is_some()
                && let Some(name) = inner.arg(0).and_then(Expr::text)
            {
                form.fields.push(Field {
                    name: name.to_owned(),
                    label: Some(humanized(name)),
                    kind: inner
                        .name
                        .trim_end_matches("_field")
                        .replace("check_box", "checkbox"),
                    required: inner.named("required").is_some(),
                    handles: vec![name.to_owned(), humanized(name)],
                });
            }
        }
        found.push(form);
    }
}

fn helper_action(call: &Call) -> Option<Action> {
    let value = call
        .named("url")
        .or_else(|| call.arg(0).filter(|_| call.name == "form_tag"))?;
    match value {
        Expr::Text(path) => Some(Action::Path(path.clone())),
        value => {
            let name = value.path()?;
            name.strip_suffix("_path")
                .or_else(|| name.strip_suffix("_url"))
                .map(|name| Action::Named(name.to_owned()))
        }
    }
}

/// `First name` of `first_name`.
fn humanized(name: &str) -> String {
    let mut text = name.replace('_', " ");
    if let Some(first) = text.get(..1) {
        text.replace_range(..1, &first.to_uppercase());
    }
    text
}
