//! Cases for pages and forms, as a person at a browser walks them.

use super::{Context, Script, listed, sample};
use crate::gap::link::Endpoint;
use crate::gap::routes::path::example;
use crate::gap::screens::{Field, Form};
use crate::gap::units::What;

pub fn page(context: &Context<'_, '_>) -> (String, Script) {
    let What::Page {
        path,
        page,
        endpoint,
        component,
    } = &context.unit.what
    else {
        return (context.unit.name.clone(), Script::default());
    };
    let url = example(path);
    let endpoint = endpoint.map(|at| &context.endpoints[at]);
    let mut script = Script::default();
    let guarded = endpoint.is_some_and(|endpoint| endpoint.guarded);
    if guarded {
        script.check(
            format!("Open {url} without being signed in"),
            "The login page is shown in its place.",
        );
        script.step("Sign in");
    }
    let heading = page.and_then(|page| page.heading.clone());
    let title = page.and_then(|page| page.title.clone());
    let seen = match (&heading, &title, component) {
        (Some(heading), _, _) => format!("The heading \"{heading}\" is visible"),
        (None, Some(title), _) => format!("The page has the title \"{title}\""),
        (None, None, Some(at)) => format!(
            "What {} shows is visible",
            context.index.defined(*at).definition.name
        ),
        (None, None, None) => "Its main content is visible".to_owned(),
    };
    script.check(
        format!("Open {url}"),
        format!("{seen}; no request fails and the console shows no error."),
    );
    if path != &url {
        script.check(
            format!("Open {path} with a value that does not exist"),
            "A page that says that nothing was found, with status 404.",
        );
    }
    script.check(
        format!("Reload {url}, then go back and forward in the browser"),
        "The same content is shown again.",
    );
    let says = heading.or(title).map_or_else(
        || "opens and shows its content".to_owned(),
        |text| format!("opens and shows \"{text}\""),
    );
    (format!("Page {path} {says}"), script)
}

pub fn form(
    context: &Context<'_, '_>,
    form: &Form,
    path: Option<&str>,
    endpoint: Option<&Endpoint>,
) -> (String, Script) {
    let mut script = Script::default();
    let file = &context.index.files[context.unit.file].path;
    let place = match path {
        Some(path) => format!("Open {}", example(path)),
        None => format!("Open a page that shows the form of {file}"),
    };
    if endpoint.is_some_and(|endpoint| endpoint.guarded) {
        script.step("Sign in");
    }
    script.step(place);
    for field in form.fields.iter().take(12) {
        script.step(fill(field));
    }
    let press = match &form.submit {
        Some(submit) => format!("Press \"{submit}\""),
        None => "Submit the form with the Enter key".to_owned(),
    };
    script.check(&press, outcome(form, endpoint));
    let required: Vec<&Field> = form.fields.iter().filter(|field| field.required).collect();
    let left_out: Vec<&Field> = if required.is_empty() {
        form.fields.iter().take(2).collect()
    } else {
        required.into_iter().take(4).collect()
    };
    for field in left_out {
        let expected = if field.required {
            format!(
                "The form is not sent; \"{}\" is marked as missing and the other values are kept.",
                field.shown()
            )
        } else {
            format!(
                "Either it is accepted without \"{}\", or a message says that it is missing; the other values are kept.",
                field.shown()
            )
        };
        script.check(
            format!("Fill in all but \"{}\" and submit again", field.shown()),
            expected,
        );
    }
    if let Some(field) = form.fields.iter().find(|field| {
        matches!(
            field.kind.as_str(),
            "email" | "number" | "url" | "date" | "tel"
        )
    }) {
        script.check(
            format!(
                "Fill in {} for \"{}\" and submit again",
                sample::wrong(if field.kind == "email" {
                    "email"
                } else {
                    "amount"
                }),
                field.shown()
            ),
            format!("A message at \"{}\" says what is wrong.", field.shown()),
        );
    }
    let shown: Vec<String> = form
        .fields
        .iter()
        .map(|field| field.shown().to_owned())
        .collect();
    let what = if shown.is_empty() {
        "is sent".to_owned()
    } else {
        format!("takes {}", listed(&shown, 4))
    };
    let mut name = context.unit.name.clone();
    name.replace_range(..1, "F");
    (format!("{name} {what}"), script)
}

fn fill(field: &Field) -> String {
    let shown = field.shown();
    match field.kind.as_str() {
        "checkbox" => format!("Tick \"{shown}\""),
        "radio" => format!("Choose an option of \"{shown}\""),
        "select" => format!("Choose an option in \"{shown}\""),
        "file" => format!("Choose a small file for \"{shown}\""),
        _ => {
            // What the field takes says more than what it is called.
            let like = match field.kind.as_str() {
                kind @ ("email" | "password" | "date" | "url") => kind,
                "tel" => "phone",
                "number" => "amount",
                _ => &field.name,
            };
            let value = match sample::value(like) {
                serde_json::Value::String(text) => text,
                value => value.to_string(),
            };
            format!("Fill in \"{value}\" for \"{shown}\"")
        }
    }
}

fn outcome(form: &Form, endpoint: Option<&Endpoint>) -> String {
    match endpoint {
        Some(endpoint) => {
            let after = endpoint.body.redirects.first().map_or_else(
                || "the page confirms it".to_owned(),
                |target| format!("the browser ends up on {target}"),
            );
            format!(
                "{} is called once with these values; {after}.",
                endpoint.title()
            )
        }
        None => format!(
            "The values are sent once ({}), and the page confirms it.",
            form.method
        ),
    }
}
