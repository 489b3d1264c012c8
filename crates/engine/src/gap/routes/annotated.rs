//! NestJS, Spring, JAX-RS and Symfony: controllers are classes with decorators,
//! annotations or attributes.

use super::path::join;
use super::{Framework, Handler, Methods, Route, Routing, is_guard, verb};
use crate::gap::syntax::{Call, Definition, Expr, Kind, Language, Module};

pub fn read(language: Language, module: &Module, routing: &mut Routing) {
    for class in &module.definitions {
        if !matches!(class.kind, Kind::Class | Kind::Type) {
            continue;
        }
        let Some(controller) = controller(language, class) else {
            continue;
        };
        for method in &module.definitions {
            if method.kind != Kind::Method || method.owner.as_deref() != Some(&class.name) {
                continue;
            }
            let guarded = controller.guarded || is_guarded(method);
            for (methods, path, line) in mappings(language, method) {
                routing.routes.push(Route {
                    methods,
                    path: join(&controller.prefix, &path),
                    router: None,
                    function: None,
                    handler: Handler::Here(method.line),
                    name: method
                        .mark("Route")
                        .and_then(|mark| mark.named("name"))
                        .and_then(Expr::text)
                        .map(ToOwned::to_owned),
                    guarded,
                    line,
                    framework: controller.framework,
                });
            }
        }
    }
}

struct Controller {
    prefix: String,
    guarded: bool,
    framework: Framework,
}

fn controller(language: Language, class: &Definition) -> Option<Controller> {
    let (prefix, framework) = match language {
        Language::JavaScript | Language::TypeScript => {
            let mark = class.mark("Controller")?;
            (
                paths(mark).into_iter().next().unwrap_or_default(),
                Framework::Nest,
            )
        }
        Language::Java => {
            let mapping = class.mark("RequestMapping").or_else(|| class.mark("Path"));
            if class.mark("RestController").is_none()
                && class.mark("Controller").is_none()
                && mapping.is_none()
            {
                return None;
            }
            let prefix = mapping.and_then(|mark| paths(mark).into_iter().next());
            (prefix.unwrap_or_default(), Framework::Spring)
        }
        _ => {
            let prefix = class
                .mark("Route")
                .and_then(|mark| paths(mark).into_iter().next());
            (prefix.unwrap_or_default(), Framework::Symfony)
        }
    };
    Some(Controller {
        prefix,
        guarded: is_guarded(class),
        framework,
    })
}

fn is_guarded(definition: &Definition) -> bool {
    definition.marks.iter().any(|mark| {
        matches!(
            mark.name.as_str(),
            "UseGuards" | "PreAuthorize" | "Secured" | "RolesAllowed" | "IsGranted" | "Roles"
        ) || is_guard(&mark.name) && mark.name != "Public"
    })
}

fn paths(mark: &Call) -> Vec<String> {
    mark.arg(0)
        .filter(|value| !matches!(value, Expr::Map(_)))
        .or_else(|| mark.named("value"))
        .or_else(|| mark.named("path"))
        .map(Expr::texts)
        .unwrap_or_default()
        .into_iter()
        .map(ToOwned::to_owned)
        .collect()
}

/// What a method answers: its methods with each of its paths, and where it says so.
fn mappings(language: Language, method: &Definition) -> Vec<(Methods, String, u32)> {
    let mut found = Vec::new();
    for mark in &method.marks {
        let methods = match (language, mark.name.as_str()) {
            (Language::Java, "RequestMapping") => mark
                .named("method")
                .map(names)
                .filter(|methods| !methods.is_empty())
                .unwrap_or_else(|| vec!["ANY".to_owned()]),
            (Language::Java, name) => {
                // `@GetMapping`; of JAX-RS `@GET` beside `@Path`.
                match name.strip_suffix("Mapping").and_then(verb) {
                    Some(method) => vec![method.to_owned()],
                    None if name.chars().all(char::is_uppercase) && verb(name).is_some() => {
                        vec![name.to_owned()]
                    }
                    None => continue,
                }
            }
            (Language::Php, "Route") => mark
                .named("methods")
                .map(|value| value.texts().into_iter().map(str::to_uppercase).collect())
                .unwrap_or_else(|| vec!["GET".to_owned()]),
            (Language::Php, _) => continue,
            (_, "All") => vec!["ANY".to_owned()],
            (_, name) if name.starts_with(char::is_uppercase) => match verb(name) {
                Some(method) if !name.chars().all(char::is_uppercase) => vec![method.to_owned()],
                _ => continue,
            },
            _ => continue,
        };
        let mut paths = paths(mark);
        if paths.is_empty() {
            let beside = method.mark("Path").map(self::paths).unwrap_or_default();
            paths = beside;
        }
        if paths.is_empty() {
            paths.push(String::new());
        }
        for path in paths {
            found.push((Methods::Known(methods.clone()), path, mark.line));
        }
    }
    found
}

/// `POST` of `RequestMethod.POST`.
fn names(value: &Expr) -> Vec<String> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    match value {
        Expr::Name(name) => vec![last(name)],
        Expr::List(items) => items.iter().filter_map(Expr::name).map(last).collect(),
        _ => Vec::new(),
    }
}
