//! Cases for exported functions and classes.

use super::{Context, Script, listed, sample};
use crate::gap::body::Sink;
use crate::gap::index::At;
use crate::gap::syntax::{Definition, Language};

/// A parameter as a case shows it.
struct Argument {
    name: String,
    /// A value that it is likely to take.
    value: String,
    /// Values at the edge of what it takes.
    edges: String,
}

fn arguments(definition: &Definition, language: Language) -> Vec<Argument> {
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
            let kind = param.type_name.as_str();
            let value = if is_object(kind) {
                format!("a valid {}", kind.trim_matches(['*', '&']))
            } else if is_number(kind) {
                let likely = sample::value(&name);
                if likely.is_number() {
                    likely.to_string()
                } else {
                    "10".to_owned()
                }
            } else if matches!(kind, "bool" | "boolean" | "Boolean") {
                "true".to_owned()
            } else {
                sample::value(&name).to_string()
            };
            let edges = if value.parse::<f64>().is_ok() {
                if kind.starts_with('u') {
                    "0 and the largest number"
                } else {
                    "0, -1 and the largest number"
                }
            } else if value == "true" {
                "false"
            } else if value.starts_with('"') {
                "an empty text and one of 10,000 characters"
            } else if value.starts_with('[') {
                "an empty list"
            } else {
                "one with nothing in it"
            };
            let edges = match nothing(language) {
                Some(nothing) => format!("{nothing}, {edges}"),
                None => edges.to_owned(),
            };
            Argument { name, value, edges }
        })
        .collect()
}

fn is_number(type_name: &str) -> bool {
    matches!(
        type_name.trim_matches(['*', '&', '?']),
        "int"
            | "long"
            | "short"
            | "byte"
            | "float"
            | "double"
            | "number"
            | "Integer"
            | "Long"
            | "Double"
            | "Float"
            | "usize"
            | "isize"
            | "u8"
            | "u16"
            | "u32"
            | "u64"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "f32"
            | "f64"
            | "int64"
            | "int32"
            | "uint"
            | "uint64"
            | "float64"
            | "Decimal"
            | "BigDecimal"
    )
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

fn called(name: &str, arguments: &[Argument]) -> String {
    let list: Vec<String> = arguments
        .iter()
        .map(|argument| format!("{} = {}", argument.name, argument.value))
        .collect();
    format!("{name}({})", list.join(", "))
}

/// What stands for nothing, where every parameter may be it.
fn nothing(language: Language) -> Option<&'static str> {
    match language {
        Language::Python => Some("None"),
        Language::Ruby => Some("nil"),
        Language::Rust | Language::Go | Language::Java | Language::TypeScript => None,
        _ => Some("null"),
    }
}

/// What is put into an argument that reaches something dangerous.
fn attack(sink: Sink) -> (&'static str, &'static str) {
    match sink {
        Sink::Sql => (
            "\"' OR '1'='1\"",
            "No other rows than those of that text are read or changed.",
        ),
        Sink::Shell => ("\"; sleep 5\"", "No command but the intended one runs."),
        Sink::Path => (
            "\"../../etc/passwd\"",
            "Refused: nothing outside its directory is opened.",
        ),
        Sink::Html => ("\"<img src=x onerror=alert(1)>\"", "It comes out escaped."),
        Sink::Url => (
            "\"http://169.254.169.254/\"",
            "Refused: no internal address is requested.",
        ),
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
    let arguments = arguments(definition, file.language);
    let mut script = Script::default();
    script.check(
        format!("Call {} of {}", called(name, &arguments), file.path),
        "The result is the one worked out by hand for these values.",
    );
    for argument in arguments.iter().take(3) {
        script.check(
            format!(
                "Call {name} with {} for `{}`",
                argument.edges, argument.name
            ),
            format!(
                "A result that is right for it, or an error that names `{}`.",
                argument.name
            ),
        );
    }
    for sink in &defined.body.sinks {
        if let Some(argument) = arguments.first() {
            let (value, expected) = attack(*sink);
            script.check(
                format!("Call {name} with {value} for `{}`", argument.name),
                expected,
            );
        }
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
        .map(|argument| format!("`{}`", argument.name))
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
    let arguments = arguments(definition, file.language);
    let mut script = Script::default();
    let (first, edges) = arguments.first().map_or_else(
        || ("its input".to_owned(), "nothing".to_owned()),
        |argument| (format!("`{}`", argument.name), argument.edges.clone()),
    );
    script.check(
        format!("Call {} of {}", called(name, &arguments), file.path),
        "It accepts what is valid.",
    );
    script.check(
        format!("Call {name} with {edges} for {first}"),
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
        "Create {name} of {} with its dependencies",
        file.path
    ));
    let mut names = Vec::new();
    for method in methods.iter().take(8) {
        let definition = &context.index.defined(*method).definition;
        let arguments = arguments(definition, file.language);
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
            let body = &context.index.defined(*method).body;
            let expected = match body.branches {
                0 => "The result is the one worked out by hand for these values.".to_owned(),
                1 => format!(
                    "The result worked out by hand; with other values so that each side of the branch of {} is taken once.",
                    definition.name
                ),
                branches => format!(
                    "The result worked out by hand; with other values so that each side of the {branches} branches of {} is taken once.",
                    definition.name
                ),
            };
            script.check(
                format!("Call {}", called(&definition.name, &arguments)),
                expected,
            );
            for sink in &body.sinks {
                if let Some(argument) = arguments.first() {
                    let (value, expected) = attack(*sink);
                    script.check(
                        format!(
                            "Call {} with {value} for `{}`",
                            definition.name, argument.name
                        ),
                        expected,
                    );
                }
            }
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
