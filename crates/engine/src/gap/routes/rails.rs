//! Rails: `config/routes.rb`.

use super::path::join;
use super::{Framework, Handler, Methods, Route, Routing, known, verb};
use crate::gap::syntax::{Call, Expr, Module};

pub fn read(path: &str, module: &Module, routing: &mut Routing) {
    if !(path.ends_with("config/routes.rb") || path.contains("config/routes/")) {
        return;
    }
    // A call stands before those in its block.
    let mut around: Vec<Scope> = Vec::new();
    for call in &module.calls {
        while around
            .last()
            .is_some_and(|scope| scope.end <= call.span.start)
        {
            around.pop();
        }
        let outer = around.last().cloned().unwrap_or_default();
        if let Some(inner) = declare(call, &outer, routing) {
            around.push(Scope {
                end: call.span.end,
                ..inner
            });
        }
    }
}

/// What a block adds to the routes in it.
#[derive(Clone, Default)]
struct Scope {
    end: u32,
    path: String,
    /// `Admin.` inside `namespace :admin`.
    module: String,
    /// `users` inside `resources :users`.
    resource: Option<Resource>,
}

#[derive(Clone)]
struct Resource {
    controller: String,
    plural: bool,
    routes: Within,
}

/// What the paths in a resource's block hang on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// `/users/:user_id`
    Nested,
    /// `/users/:id`
    Member,
    /// `/users`
    Collection,
}

/// Adds what a call declares; what its block is in, where it has one.
fn declare(call: &Call, outer: &Scope, routing: &mut Routing) -> Option<Scope> {
    let first = call.arg(0).and_then(Expr::text);
    let option = |name| call.named(name).and_then(Expr::text);
    match call.name.as_str() {
        "namespace" => {
            let name = first?;
            Some(Scope {
                path: join(&nested(outer), option("path").unwrap_or(name)),
                module: format!("{}{}.", outer.module, camel(name)),
                resource: None,
                ..Scope::default()
            })
        }
        "scope" => {
            let path = first.or(option("path")).unwrap_or_default();
            let module = option("module")
                .map(|module| format!("{}.", camel(module)))
                .unwrap_or_default();
            Some(Scope {
                path: join(&nested(outer), path),
                module: format!("{}{module}", outer.module),
                resource: None,
                ..Scope::default()
            })
        }
        "resources" | "resource" => {
            let mut inner = None;
            for name in call.positional().filter_map(Expr::text) {
                inner = Some(resource(call, name, outer, routing));
            }
            inner
        }
        "member" | "collection" => {
            let mut inner = outer.clone();
            if let Some(resource) = &mut inner.resource {
                resource.routes = if call.name == "member" {
                    Within::Member
                } else {
                    Within::Collection
                };
            }
            Some(inner)
        }
        "root" => {
            let action = first.or(option("to")).map(ToOwned::to_owned);
            push(call, "GET", &outer.path, action.as_deref(), outer, routing);
            if let Some(route) = routing.routes.last_mut() {
                route.name = Some("root".to_owned());
            }
            None
        }
        "match" => {
            let methods = call.named("via").map(Expr::texts).unwrap_or_default();
            for method in methods {
                verb_call(call, &method.to_uppercase(), outer, routing);
            }
            None
        }
        name => {
            if call.receiver.is_none()
                && let Some(method) = verb(name)
            {
                verb_call(call, method, outer, routing);
            }
            None
        }
    }
}

/// The path that is nested in a resource's block: `/users/:user_id`.
fn nested(scope: &Scope) -> String {
    match &scope.resource {
        Some(resource) if resource.plural => {
            let singular = singular(&resource.controller);
            join(&scope.path, &format!(":{singular}_id"))
        }
        _ => scope.path.clone(),
    }
}

fn resource(call: &Call, name: &str, outer: &Scope, routing: &mut Routing) -> Scope {
    let plural = call.name == "resources";
    let path = call
        .named("path")
        .and_then(Expr::text)
        .unwrap_or(name)
        .to_owned();
    let path = join(&nested(outer), &path);
    let controller = call
        .named("controller")
        .and_then(Expr::text)
        .map_or_else(|| plural_of(name, plural), ToOwned::to_owned);
    let only = call.named("only").map(Expr::texts);
    let except = call.named("except").map(Expr::texts).unwrap_or_default();
    let member = if plural {
        join(&path, ":id")
    } else {
        path.clone()
    };
    let actions = [
        ("index", "GET", path.clone()),
        ("create", "POST", path.clone()),
        ("new", "GET", join(&path, "new")),
        ("edit", "GET", join(&member, "edit")),
        ("show", "GET", member.clone()),
        ("update", "PATCH", member.clone()),
        ("destroy", "DELETE", member),
    ];
    for (action, method, path) in actions {
        let wanted = only.as_ref().is_none_or(|only| only.contains(&action))
            && !except.contains(&action)
            && (plural || action != "index");
        if wanted {
            let to = format!("{controller}#{action}");
            push(call, method, &path, Some(&to), outer, routing);
        }
    }
    Scope {
        end: 0,
        path,
        module: outer.module.clone(),
        resource: Some(Resource {
            controller,
            plural,
            routes: Within::Nested,
        }),
    }
}

fn verb_call(call: &Call, method: &str, outer: &Scope, routing: &mut Routing) {
    // `get 'a' => 'b#c'` has its path as the name of an argument.
    let arrow = call.args.iter().find_map(|arg| {
        let to = arg.value.text()?;
        (to.contains('#') && arg.name.as_deref() != Some("to")).then(|| (arg.name.clone(), to))
    });
    let paths: Vec<String> = match &arrow {
        Some((Some(path), _)) => vec![path.clone()],
        _ => call
            .positional()
            .filter_map(Expr::text)
            .map(ToOwned::to_owned)
            .collect(),
    };
    for path in paths {
        let within = match call.named("on").and_then(Expr::text) {
            Some("member") => Some(Within::Member),
            Some("collection") => Some(Within::Collection),
            _ => outer.resource.as_ref().map(|resource| resource.routes),
        };
        let plural = outer
            .resource
            .as_ref()
            .is_some_and(|resource| resource.plural);
        let base = match within {
            Some(Within::Member) if plural => join(&outer.path, ":id"),
            Some(Within::Nested) => nested(outer),
            _ => outer.path.clone(),
        };
        let to = call
            .named("to")
            .and_then(Expr::text)
            .or(arrow.as_ref().map(|(_, to)| *to))
            .map(ToOwned::to_owned)
            .or_else(|| match &outer.resource {
                Some(resource) => Some(format!("{}#{path}", resource.controller)),
                None => path
                    .trim_start_matches('/')
                    .rsplit_once('/')
                    .map(|(controller, action)| format!("{controller}#{action}")),
            });
        push(
            call,
            method,
            &join(&base, &path),
            to.as_deref(),
            outer,
            routing,
        );
    }
}

fn push(
    call: &Call,
    method: &str,
    path: &str,
    to: Option<&str>,
    scope: &Scope,
    routing: &mut Routing,
) {
    let handler = to
        .and_then(|to| to.split_once('#'))
        .map(|(controller, action)| {
            Handler::Named(format!(
                "{}{}Controller.{action}",
                scope.module,
                camel(controller)
            ))
        });
    let methods: Methods = known(method);
    routing.routes.push(Route {
        methods,
        path: path.to_owned(),
        router: None,
        function: None,
        handler: handler.unwrap_or(Handler::Unknown),
        name: call
            .named("as")
            .and_then(Expr::text)
            .map(ToOwned::to_owned)
            .or_else(|| Some(helper(path))),
        guarded: false,
        line: call.line,
        framework: Framework::Rails,
    });
}

/// The name of the path helper, near enough for tests: `edit_user` of
/// `/users/:id/edit`, `users` of `/users`.
fn helper(path: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        if segment.starts_with(':') {
            if let Some(last) = words.last_mut() {
                *last = singular(last);
            }
        } else if matches!(segment, "new" | "edit") {
            words.insert(0, segment.to_owned());
            if let Some(last) = words.last_mut()
                && segment == "new"
            {
                *last = singular(last);
            }
        } else {
            words.push(segment.replace('-', "_"));
        }
    }
    words.join("_")
}

fn singular(name: &str) -> String {
    if let Some(stem) = name.strip_suffix("ies") {
        format!("{stem}y")
    } else {
        name.strip_suffix('s').unwrap_or(name).to_owned()
    }
}

fn plural_of(name: &str, plural: bool) -> String {
    if plural || name.ends_with('s') {
        name.to_owned()
    } else {
        format!("{name}s")
    }
}

/// `Admin.UserProfiles` of `admin/user_profiles`.
fn camel(name: &str) -> String {
    name.split('/')
        .map(|part| {
            part.split('_')
                .map(|word| {
                    let mut chars = word.chars();
                    chars
                        .next()
                        .map(|first| first.to_uppercase().collect::<String>() + chars.as_str())
                        .unwrap_or_default()
                })
                .collect::<String>()
        })
        .collect::<Vec<_>>()
        .join(".")
}
