//! Go: net/http, gorilla/mux, gin, echo, fiber and chi.

use std::collections::HashMap;

use super::{
    Frames, Framework, Methods, Mount, Route, Router, Routing, Target, function_around, guards,
    handler, known, verb,
};
use crate::gap::syntax::{Call, Expr, Module};

const LIBRARIES: [&str; 7] = [
    "net/http",
    "gin-gonic/gin",
    "labstack/echo",
    "gofiber/fiber",
    "go-chi/chi",
    "gorilla/mux",
    "julienschmidt/httprouter",
];

pub fn read(module: &Module, routing: &mut Routing) {
    let serves = module.imports.iter().any(|import| {
        LIBRARIES
            .iter()
            .any(|library| import.module.contains(library))
    });
    if !serves {
        return;
    }
    let mut frames = Frames::default();
    // gorilla: `.Methods("GET")` after the route it belongs to.
    let mut methods: HashMap<u32, Vec<String>> = HashMap::new();
    // Guards count from where they are put on a router.
    let mut uses = Uses::default();
    for call in &module.calls {
        match call.name.as_str() {
            "Route" | "Group" => {
                if let Some(Expr::Function(function)) = call.positional().last() {
                    let prefix = call.arg(0).and_then(Expr::text).unwrap_or_default();
                    let locked = module.calls.iter().any(|inner| {
                        inner.name == "Use"
                            && function.span.contains(&inner.span.start)
                            && guards(&inner.positional().collect::<Vec<_>>())
                    });
                    frames.push(function.span.clone(), prefix, locked);
                }
            }
            "Methods" => {
                let named = call.positional().filter_map(|value| match value {
                    Expr::Text(text) => Some(text.to_uppercase()),
                    Expr::Name(name) => Some(name.rsplit("Method").next()?.to_uppercase()),
                    _ => None,
                });
                methods.insert(call.span.start, named.collect());
            }
            "Use" => {
                if let Some(on) = call.on()
                    && guards(&call.positional().collect::<Vec<_>>())
                {
                    uses.0.push((on, call.span.start));
                }
            }
            _ => {}
        }
    }
    for (assignment, at) in &module.assignments {
        let Some(call) = assignment.value.call() else {
            continue;
        };
        let group = call
            .chain()
            .find(|call| matches!(call.name.as_str(), "Group" | "PathPrefix" | "Party"));
        let router = match group {
            Some(group) => Router {
                name: assignment.target.clone(),
                parent: group.on().map(ToOwned::to_owned),
                prefix: group
                    .arg(0)
                    .and_then(Expr::text)
                    .unwrap_or_default()
                    .to_owned(),
                guarded: guards(&group.positional().skip(1).collect::<Vec<_>>())
                    || group.on().is_some_and(|on| uses.before(on, *at)),
            },
            None if makes_router(call) => Router {
                name: assignment.target.clone(),
                parent: None,
                prefix: String::new(),
                guarded: false,
            },
            None => continue,
        };
        routing.routers.push(router);
    }
    for call in &module.calls {
        if let Some((method, path, last)) = declared(call, &methods) {
            let (prefix, locked) = frames.at(&call.span);
            let middle: Vec<&Expr> = call.positional().skip(1).collect();
            let before = middle.len().saturating_sub(1);
            // echo puts the handler first, the middleware after it.
            let wrapped = last
                .call()
                .is_some_and(|call| guards(&[&Expr::Name(call.path())]));
            routing.routes.push(Route {
                methods: method,
                path: super::path::join(&prefix, path),
                router: call.on().map(ToOwned::to_owned),
                function: function_around(module, call),
                handler: handler(module, last),
                name: None,
                guarded: locked
                    || wrapped
                    || guards(&middle[..before])
                    || call.on().is_some_and(|on| uses.before(on, call.span.start)),
                line: call.line,
                framework: Framework::Go,
            });
            continue;
        }
        mount(module, call, &frames, &uses, routing);
    }
}

/// `r.Use(auth)`: routers with the byte at which each was guarded.
#[derive(Default)]
struct Uses<'m>(Vec<(&'m str, u32)>);

impl Uses<'_> {
    fn before(&self, router: &str, at: u32) -> bool {
        self.0
            .iter()
            .any(|(known, from)| *known == router && *from < at)
    }
}

fn makes_router(call: &Call) -> bool {
    matches!(
        call.path().as_str(),
        "http.NewServeMux"
            | "mux.NewRouter"
            | "gin.Default"
            | "gin.New"
            | "echo.New"
            | "fiber.New"
            | "chi.NewRouter"
            | "chi.NewMux"
            | "httprouter.New"
    )
}

/// What a call declares: methods, path, handler.
fn declared<'c>(
    call: &'c Call,
    after: &HashMap<u32, Vec<String>>,
) -> Option<(Methods, &'c str, &'c Expr)> {
    let on = call.on()?;
    if on.to_lowercase().contains("client") {
        return None;
    }
    let name = call.name.as_str();
    let positional: Vec<&Expr> = call.positional().collect();
    match name {
        "HandleFunc" | "Handle" if positional.len() >= 2 => {
            // gin: `Handle("GET", "/x", h)`
            if let (Some(method), Some(path)) = (positional[0].text(), positional[1].text()) {
                return Some((known(verb(method)?), path, *positional.last()?));
            }
            let pattern = positional[0].text()?;
            let (method, path) = match pattern.split_once(' ') {
                Some((method, path)) => (known(verb(method)?), path.trim()),
                None => (
                    after
                        .get(&call.span.start)
                        .map_or_else(|| known("ANY"), |methods| Methods::Known(methods.clone())),
                    pattern,
                ),
            };
            // `example.com/x` is a host's path.
            let path = &path[path.find('/')?..];
            Some((method, path.trim_end_matches("{$}"), positional[1]))
        }
        "Method" | "MethodFunc" if positional.len() == 3 => Some((
            known(verb(positional[0].text()?)?),
            positional[1].text()?,
            positional[2],
        )),
        "Any" | "All" if positional.len() >= 2 => {
            Some((known("ANY"), path_arg(positional[0])?, *positional.last()?))
        }
        _ => {
            let method = verb(name).filter(|_| name.starts_with(char::is_uppercase))?;
            if positional.len() < 2 {
                return None;
            }
            let path = path_arg(positional[0])?;
            // echo: `GET("/x", h, mw)`; the others: `GET("/x", mw, h)`.
            let last = *positional.last()?;
            let first = positional[1];
            let echo = positional.len() > 2 && guards(&[last]) && !guards(&[first]);
            Some((known(method), path, if echo { first } else { last }))
        }
    }
}

fn path_arg(value: &Expr) -> Option<&str> {
    value
        .text()
        .filter(|path| path.is_empty() || path.starts_with('/'))
}

/// `r.Mount("/admin", adminRouter())`, and routers that are handed to functions:
/// `users.Register(v1)`, `users.Register(v1.Group("/users"))`.
fn mount(module: &Module, call: &Call, frames: &Frames, uses: &Uses<'_>, routing: &mut Routing) {
    let (around, guarded) = frames.at(&call.span);
    let mut push = |router: Option<&str>, prefix: &str, target: String, locked: bool| {
        routing.mounts.push(Mount {
            guarded: guarded
                || locked
                || router.is_some_and(|router| uses.before(router, call.span.start)),
            router: router.map(ToOwned::to_owned),
            function: function_around(module, call),
            prefix: super::path::join(&around, prefix),
            target: Target::Name(target),
            replaces: false,
        });
    };
    if call.name == "Mount" {
        if let (Some(own), Some(target)) = (
            call.arg(0).and_then(Expr::text),
            call.arg(1).and_then(Expr::path),
        ) {
            push(call.on(), own, target, false);
        }
        return;
    }
    // Only what is called like a function of the project's own.
    if matches!(
        call.name.as_str(),
        "Use" | "Group" | "ListenAndServe" | "Handle"
    ) {
        return;
    }
    for value in call.positional() {
        match value {
            Expr::Call(group) if group.name == "Group" => {
                if let Some(own) = group.arg(0).and_then(Expr::text) {
                    let locked = guards(&group.positional().skip(1).collect::<Vec<_>>());
                    push(group.on(), own, call.path(), locked);
                }
            }
            Expr::Name(name) if is_known_router(module, call, name, &routing.routers) => {
                push(Some(name), "", call.path(), false);
            }
            _ => {}
        }
    }
}

fn is_known_router(module: &Module, call: &Call, name: &str, routers: &[Router]) -> bool {
    routers.iter().any(|router| router.name == name)
        || module.enclosing(call.span.start).is_some_and(|definition| {
            definition
                .params
                .iter()
                .any(|param| param.name == name && is_router_type(&param.type_name))
        })
}

fn is_router_type(type_name: &str) -> bool {
    [
        "gin.RouterGroup",
        "gin.Engine",
        "gin.IRouter",
        "gin.IRoutes",
        "echo.Group",
        "echo.Echo",
        "chi.Router",
        "chi.Mux",
        "mux.Router",
        "http.ServeMux",
        "fiber.Router",
        "fiber.App",
    ]
    .iter()
    .any(|known| type_name.ends_with(known))
}
