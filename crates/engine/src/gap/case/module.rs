//! Cases for exported functions and classes.

use super::{Context, Script, listed, sample};
use crate::gap::index::At;
use crate::gap::syntax::{Definition, Language};

/// `amount = 10, card = "4242..."`
fn arguments(definition: &Definition) -> Vec<(String, String)> {
    definition
        .params
        .iter()
        .filter(|param| {
            !matches!(param.name.as_str(), "self" | "cls" | "this" | "")
                && !param.name.contains("self")
        })
        .take(6)
        .map(|param| {
            let name = param
                .name
                .trim_start_matches(['.', '*', '&', '$'])
                .to_owned();
            // A pattern is no name.
            let name = if name.contains(['{', '[', '(']) {
                "options".to_owned()
            } else {
                name
            };
            let value = if is_object(&param.type_name) {
                format!("a valid {}", param.type_name.trim_matches(['*', '&']))
            } else {
                sample::value(&name).to_string()
            };
            (name, value)
        })
        .collect()
}

fn is_object(type_name: &str) -> bool {
    let plain = type_name.trim_matches(['*', '&', '?', ' ', '[', ']']);
    let last = plain.rsplit(['.', ':']).next().unwrap_or(plain);
    last.starts_with(char::is_uppercase)
        && !matches!(
            last,
            "String" | "Integer" | "Long" | "Boolean" | "Double" | "Float" | "Number" | "Optional"
        )
}

fn called(name: &str, arguments: &[(String, String)]) -> String {
    let list: Vec<String> = arguments
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    format!("{name}({})", list.join(", "))
}

fn nothing(language: Language) -> &'static str {
    match language {
        Language::Python | Language::Rust => "None",
        Language::Go | Language::Ruby => "nil",
        _ => "null",
    }
}

/// It stands between a request and its handler.
fn is_middleware(definition: &Definition) -> bool {
    let named = |names: &[&str]| {
        definition
            .params
            .iter()
            .any(|param| names.contains(&param.name.as_str()))
    };
    named(&["req", "request", "ctx", "context", "r"])
        && named(&["next", "res", "response", "reply", "w", "done"])
}

/// What a request is let through for, or stopped.
fn middleware(context: &Context<'_, '_>, at: At, security: bool) -> (String, Script) {
    let name = &context.unit.name;
    let path = &context.index.files[at.0].path;
    let carried: Vec<String> = context
        .index
        .defined(at)
        .body
        .inputs
        .keys()
        .map(|name| format!("`{name}`"))
        .collect();
    let carried = if carried.is_empty() {
        "what it asks for".to_owned()
    } else {
        listed(&carried, 4)
    };
    let mut script = Script::default();
    script.check(
        format!("Pass a request with valid {carried} through {name} of {path}"),
        "What comes next is called once, and the answer is left to it.",
    );
    script.check(
        format!("Pass a request without {carried} through {name}"),
        format!("{name} answers with an error itself; what comes next is not called."),
    );
    if security {
        script.check(
            format!("Pass requests with expired, forged and doubled {carried} through {name}"),
            "Each is stopped with 401 or 403; neither answer nor log holds the value.",
        );
        (
            format!("{name} in {path} stops requests without valid {carried}"),
            script,
        )
    } else {
        script.check(
            format!("Let what comes after {name} fail"),
            "The failure is passed on; no second answer is sent.",
        );
        (
            format!("{name} in {path} lets requests with {carried} through"),
            script,
        )
    }
}

pub fn function(context: &Context<'_, '_>, at: At) -> (String, Script) {
    if is_middleware(&context.index.defined(at).definition) {
        return middleware(context, at, false);
    }
    let defined = context.index.defined(at);
    let definition = &defined.definition;
    let file = &context.index.files[at.0];
    let name = &context.unit.name;
    let arguments = arguments(definition);
    let mut script = Script::default();
    script.check(
        format!("Call {} of {}", called(name, &arguments), file.path),
        "It returns, and the result and what it changed are what its callers rely on.",
    );
    for (argument, _) in arguments.iter().take(3) {
        script.check(
            format!(
                "Call {name} with {} and then an empty value for `{argument}`",
                nothing(file.language)
            ),
            format!(
                "The documented default or a clear error that names `{argument}`; no other failure."
            ),
        );
    }
    if arguments.is_empty() {
        script.check(
            format!("Call {name} a second time"),
            "The second result agrees with the first; nothing is done twice that must be done once.",
        );
    }
    let branches = defined.body.branches;
    if branches > 0 {
        script.check(
            format!(
                "Choose inputs for each side of the {} in lines {} to {}",
                if branches == 1 {
                    "branch".to_owned()
                } else {
                    format!("{branches} branches")
                },
                definition.line,
                definition.line + definition.lines - 1
            ),
            "Each side is taken at least once and gives its own result.",
        );
    }
    let over: Vec<String> = arguments
        .iter()
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    let says = if over.is_empty() {
        "gives its result".to_owned()
    } else {
        format!("gives its result for {}", listed(&over, 3))
    };
    (format!("{name} in {} {says}", file.path), script)
}

/// A function that decides who may do what, or handles secrets.
pub fn security(context: &Context<'_, '_>, at: At) -> (String, Script) {
    let definition = &context.index.defined(at).definition;
    if is_middleware(definition) {
        return middleware(context, at, true);
    }
    let file = &context.index.files[at.0];
    let name = &context.unit.name;
    let arguments = arguments(definition);
    let mut script = Script::default();
    let first = arguments
        .first()
        .map_or_else(|| "its input".to_owned(), |(name, _)| format!("`{name}`"));
    script.check(
        format!("Call {} of {}", called(name, &arguments), file.path),
        "It accepts what is valid.",
    );
    script.check(
        format!(
            "Call {name} with {} and with an empty value for {first}",
            nothing(file.language)
        ),
        "It refuses; nothing that is missing passes as valid.",
    );
    script.check(
        format!("Call {name} with a value for {first} that was valid once: expired, revoked or of another user"),
        "It refuses.",
    );
    script.check(
        format!("Call {name} with {first} changed in one character"),
        "It refuses, and neither the error nor the log holds the secret.",
    );
    (
        format!(
            "{name} in {} refuses what is missing, expired or forged",
            file.path
        ),
        script,
    )
}

pub fn class(
    context: &Context<'_, '_>,
    at: At,
    methods: &[At],
    security: bool,
) -> (String, Script) {
    let file = &context.index.files[at.0];
    let name = &context.unit.name;
    let mut script = Script::default();
    script.step(format!(
        "Create a {name} of {} with its dependencies",
        file.path
    ));
    let mut names = Vec::new();
    for method in methods.iter().take(8) {
        let definition = &context.index.defined(*method).definition;
        let arguments = arguments(definition);
        names.push(definition.name.clone());
        if security {
            script.check(
                format!(
                    "Call {} on behalf of a user who may not, and with a value that is forged or expired",
                    called(&definition.name, &arguments)
                ),
                format!("{} refuses, and nothing changed.", definition.name),
            );
        } else {
            let branches = context.index.defined(*method).body.branches;
            let expected = if branches > 0 {
                format!(
                    "{} gives the result for each side of its {}.",
                    definition.name,
                    if branches == 1 {
                        "branch".to_owned()
                    } else {
                        format!("{branches} branches")
                    }
                )
            } else {
                format!("{} does what its name says, once.", definition.name)
            };
            script.check(
                format!("Call {}", called(&definition.name, &arguments)),
                expected,
            );
        }
    }
    let listed = listed(&names, 4);
    let says = if security {
        format!("lets nobody use {listed} who may not")
    } else {
        format!("does {listed} as its callers rely on")
    };
    (format!("{name} in {} {says}", file.path), script)
}
