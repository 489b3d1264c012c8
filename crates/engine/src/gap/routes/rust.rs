//! axum and actix-web.

use super::path::join;
use super::{
    Frames, Framework, Handler, Mount, Route, Router, Routing, Target, function_around, handler,
    is_guard, known, verb,
};
use crate::gap::syntax::{Call, Expr, Module};

pub fn read(module: &Module, routing: &mut Routing) {
    attributes(module, routing);
    let frames = frames(module);
    for call in &module.calls {
        match call.name.as_str() {
            "route" => match (call.arg(0), call.arg(1)) {
                (Some(Expr::Text(path)), Some(Expr::Call(methods))) => {
                    route(module, call, path, methods, &frames, routing);
                }
                // actix: `web::resource("/x").route(web::get().to(h))`
                (Some(Expr::Call(methods)), None) => {
                    let resource = call.chain().find(|call| call.name == "resource");
                    if let Some(path) = resource.and_then(|call| call.arg(0)?.text()) {
                        route(module, call, path, methods, &frames, routing);
                    }
                }
                _ => {}
            },
            "nest" | "merge" | "nest_service" => {
                let prefix = call.arg(0).and_then(Expr::text).unwrap_or_default();
                let value = call.positional().last();
                if let Some(target) = value.and_then(Expr::path) {
                    mount(module, call, prefix, &target, &frames, routing);
                }
            }
            // actix
            "service" | "configure" => {
                if let Some(Expr::Name(target)) = call.arg(0) {
                    mount(module, call, "", target, &frames, routing);
                }
            }
            _ => {}
        }
    }
    // `let api = Router::new()...;`
    for (assignment, _) in &module.assignments {
        if let Some(call) = assignment.value.call()
            && is_router(module, call.span.start)
        {
            routing.routers.push(Router {
                name: assignment.target.clone(),
                parent: None,
                prefix: String::new(),
                guarded: is_layered_at(module, call.span.start),
            });
        }
    }
}

/// The calls of a chain all begin where its first one does.
fn chain_at(module: &Module, start: u32) -> impl Iterator<Item = &Call> {
    let from = module.calls.partition_point(|call| call.span.start < start);
    module.calls[from..]
        .iter()
        .take_while(move |call| call.span.start == start)
}

fn is_router(module: &Module, start: u32) -> bool {
    chain_at(module, start)
        .any(|call| call.name == "new" && call.on().is_some_and(|on| on.ends_with("Router")))
}

fn is_layered_at(module: &Module, start: u32) -> bool {
    chain_at(module, start).any(is_layer)
}

/// actix: `#[get("/x")] async fn x()`; the function is mounted by its name.
fn attributes(module: &Module, routing: &mut Routing) {
    for definition in &module.definitions {
        for mark in &definition.marks {
            let method = verb(&mark.name).filter(|_| mark.name.chars().all(char::is_lowercase));
            if let Some(method) = method
                && let Some(path) = mark.arg(0).and_then(Expr::text)
            {
                routing.routes.push(Route {
                    methods: known(method),
                    path: path.to_owned(),
                    router: None,
                    function: Some(definition.name.clone()),
                    handler: Handler::Here(definition.line),
                    name: None,
                    guarded: has_guard_param(definition),
                    line: mark.line,
                    framework: Framework::Actix,
                });
            }
        }
    }
}

/// An extractor named like who is asking: `user: CurrentUser`, `claims: Claims`.
pub fn has_guard_param(definition: &crate::gap::syntax::Definition) -> bool {
    definition.params.iter().any(|param| {
        let extractor = !param.type_name.contains('<')
            || param.type_name.starts_with("Extension<")
            || param.type_name.starts_with("TypedHeader<");
        extractor && (is_guard(&param.type_name) || param.type_name.contains("Claims"))
    })
}

/// Inline scopes: `web::scope("/api")` with all that is chained to it, and the
/// router that is written inside `nest("/api", ...)`.
fn frames(module: &Module) -> Frames {
    let mut frames = Frames::default();
    for call in &module.calls {
        let Some(prefix) = call.arg(0).and_then(Expr::text) else {
            continue;
        };
        let start = call.span.start;
        match (call.name.as_str(), call.arg(1)) {
            ("scope", None) => {
                let ends = chain_at(module, start).map(|call| call.span.end);
                let end = ends.max().unwrap_or(call.span.end);
                frames.push(start..end, prefix, is_layered_at(module, start));
            }
            ("nest", Some(Expr::Call(inner))) if is_router(module, inner.span.start) => {
                let locked = is_layered_at(module, inner.span.start);
                frames.push(inner.span.clone(), prefix, locked);
            }
            _ => {}
        }
    }
    frames
}

/// `.layer(require_auth)`, `.wrap(Auth)`
fn is_layer(call: &Call) -> bool {
    matches!(call.name.as_str(), "layer" | "route_layer" | "wrap")
        && call.positional().any(|value| {
            value.path().is_some_and(|path| is_guard(&path))
                || value.call().is_some_and(|call| {
                    call.positional()
                        .any(|value| value.path().is_some_and(|path| is_guard(&path)))
                })
        })
}

/// `get(list).post(create)`; of actix `web::get().to(list)`.
fn route(
    module: &Module,
    call: &Call,
    path: &str,
    methods: &Call,
    frames: &Frames,
    routing: &mut Routing,
) {
    let actix = methods.chain().any(|call| call.name == "to");
    let (prefix, guarded) = frames.at(&call.span);
    let router = variable(module, call);
    let mut push = |method: &str, value: Option<&Expr>, line| {
        routing.routes.push(Route {
            methods: known(method),
            path: join(&prefix, path),
            router: router.clone(),
            function: function_around(module, call),
            handler: value.map_or(Handler::Unknown, |value| handler(module, value)),
            name: None,
            guarded: guarded || methods.chain().any(is_layer),
            line,
            framework: if actix {
                Framework::Actix
            } else {
                Framework::Axum
            },
        });
    };
    if actix {
        let handler = methods
            .chain()
            .find(|call| call.name == "to")
            .and_then(|call| call.arg(0));
        if let Some(method) = methods.chain().find_map(|call| verb(&call.name)) {
            push(method, handler, methods.line);
        }
        return;
    }
    for one in methods.chain() {
        let method = if one.name == "any" {
            Some("ANY")
        } else {
            verb(&one.name)
        };
        if let Some(method) = method {
            push(method, one.arg(0), one.line);
        }
    }
}

/// The variable that a chain of calls ends up in.
fn variable(module: &Module, call: &Call) -> Option<String> {
    module
        .assignments
        .iter()
        .find(|(assignment, _)| {
            assignment.value.call().is_some_and(|value| {
                value.span.start <= call.span.start && call.span.end <= value.span.end
            })
        })
        .map(|(assignment, _)| assignment.target.clone())
}

fn mount(
    module: &Module,
    call: &Call,
    prefix: &str,
    target: &str,
    frames: &Frames,
    routing: &mut Routing,
) {
    let (around, guarded) = frames.at(&call.span);
    routing.mounts.push(Mount {
        router: variable(module, call),
        function: function_around(module, call),
        prefix: join(&around, prefix),
        target: Target::Name(target.to_owned()),
        guarded,
        replaces: false,
    });
}
