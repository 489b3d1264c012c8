//! Laravel: `routes/*.php`.

use std::collections::HashMap;

use super::path::join;
use super::{Frames, Framework, Handler, Methods, Route, Routing, guards, handler, known, verb};
use crate::gap::syntax::{Call, Expr, Module};

pub fn read(path: &str, module: &Module, routing: &mut Routing) {
    let routes = path.starts_with("routes/") || path.contains("/routes/");
    if !routes {
        return;
    }
    let base = if path.ends_with("routes/api.php") {
        "api"
    } else {
        ""
    };
    let mut frames = Frames::default();
    let mut controllers = Vec::new();
    // What stands after a route in its chain, which begins at the same byte.
    let mut names: HashMap<u32, &str> = HashMap::new();
    let mut guarded: HashMap<u32, bool> = HashMap::new();
    for call in &module.calls {
        if !is_route(call) {
            continue;
        }
        match call.name.as_str() {
            "group" => group(call, &mut frames, &mut controllers),
            "name" => {
                if let Some(name) = call.arg(0).and_then(Expr::text) {
                    names.entry(call.span.start).or_insert(name);
                }
            }
            "middleware" | "can" => {
                let locked = call.name == "can" || guards(&call.positional().collect::<Vec<_>>());
                *guarded.entry(call.span.start).or_default() |= locked;
            }
            _ => {}
        }
    }
    for call in &module.calls {
        if !is_route(call) {
            continue;
        }
        let (around, locked) = frames.at(&call.span);
        let mut prefix = join(base, &around);
        for earlier in call.chain().skip(1) {
            if earlier.name == "prefix"
                && let Some(own) = earlier.arg(0).and_then(Expr::text)
            {
                prefix = join(&prefix, own);
            }
        }
        let start = call.span.start;
        let declaration = Declaration {
            module,
            call,
            prefix,
            guarded: locked || guarded.get(&start).copied().unwrap_or_default(),
            name: names.get(&start).map(|name| (*name).to_owned()),
            controller: controllers
                .iter()
                .rev()
                .find(|(span, _): &&(std::ops::Range<u32>, String)| span.contains(&start))
                .map(|(_, controller)| controller.clone()),
        };
        declaration.push(routing);
    }
}

fn is_route(call: &Call) -> bool {
    call.chain()
        .last()
        .is_some_and(|first| first.on() == Some("Route"))
}

/// `Route::prefix('admin')->middleware('auth')->group(function () {...})` and
/// `Route::group(['prefix' => 'admin'], function () {...})`
fn group(call: &Call, frames: &mut Frames, controllers: &mut Vec<(std::ops::Range<u32>, String)>) {
    let Some(Expr::Function(function)) = call.positional().last() else {
        return;
    };
    let mut prefix = call
        .named("prefix")
        .and_then(Expr::text)
        .unwrap_or_default()
        .to_owned();
    let mut locked = call
        .named("middleware")
        .is_some_and(|value| guards(&[value]));
    for earlier in call.chain().skip(1) {
        match earlier.name.as_str() {
            "prefix" => {
                if let Some(text) = earlier.arg(0).and_then(Expr::text) {
                    prefix = join(text, &prefix);
                }
            }
            "middleware" => locked |= guards(&earlier.positional().collect::<Vec<_>>()),
            "controller" => {
                if let Some(name) = earlier.arg(0).and_then(Expr::name) {
                    controllers.push((function.span.clone(), name.to_owned()));
                }
            }
            _ => {}
        }
    }
    frames.push(function.span.clone(), &prefix, locked);
}

struct Declaration<'m> {
    module: &'m Module,
    call: &'m Call,
    prefix: String,
    guarded: bool,
    name: Option<String>,
    controller: Option<String>,
}

impl Declaration<'_> {
    fn push(self, routing: &mut Routing) {
        let call = self.call;
        let first = call.arg(0).and_then(Expr::text);
        match call.name.as_str() {
            "resource" | "apiResource" => self.resource(routing),
            "match" => {
                let methods = call.arg(0).map(Expr::texts).unwrap_or_default();
                let methods = methods.into_iter().map(str::to_uppercase).collect();
                if let Some(path) = call.arg(1).and_then(Expr::text) {
                    let handler = self.handler(call.arg(2));
                    self.route(Methods::Known(methods), path, handler, routing);
                }
            }
            "view" => {
                if let Some(path) = first {
                    self.route(known("GET"), path, Handler::Unknown, routing);
                }
            }
            name => {
                let method = if name == "any" {
                    Some("ANY")
                } else {
                    verb(name)
                };
                if let (Some(method), Some(path)) = (method, first) {
                    let handler = self.handler(call.arg(1));
                    self.route(known(method), path, handler, routing);
                }
            }
        }
    }

    fn handler(&self, value: Option<&Expr>) -> Handler {
        match value {
            Some(Expr::List(parts)) => match parts.as_slice() {
                [Expr::Name(class), Expr::Text(method)] => {
                    Handler::Named(format!("{class}.{method}"))
                }
                _ => Handler::Unknown,
            },
            Some(Expr::Text(text)) => match (text.split_once('@'), &self.controller) {
                (Some((class, method)), _) => Handler::Named(format!("{class}.{method}")),
                (None, Some(class)) => Handler::Named(format!("{class}.{text}")),
                (None, None) => Handler::Unknown,
            },
            Some(Expr::Name(class)) => Handler::Named(format!("{class}.__invoke")),
            Some(value) => handler(self.module, value),
            None => Handler::Unknown,
        }
    }

    fn resource(&self, routing: &mut Routing) {
        let (Some(name), Some(class)) = (
            self.call.arg(0).and_then(Expr::text),
            self.call.arg(1).and_then(Expr::name),
        ) else {
            return;
        };
        let param = name
            .trim_end_matches('s')
            .rsplit('/')
            .next()
            .unwrap_or(name);
        let member = format!("{name}/{{{param}}}");
        let api = self.call.name == "apiResource";
        let actions = [
            ("index", "GET", name.to_owned()),
            ("create", "GET", format!("{name}/create")),
            ("store", "POST", name.to_owned()),
            ("show", "GET", member.clone()),
            ("edit", "GET", format!("{member}/edit")),
            ("update", "PUT", member.clone()),
            ("destroy", "DELETE", member),
        ];
        for (action, method, path) in actions {
            if api && matches!(action, "create" | "edit") {
                continue;
            }
            let handler = Handler::Named(format!("{class}.{action}"));
            let mut route = self.make(known(method), &path, handler);
            route.name = Some(format!("{name}.{action}"));
            routing.routes.push(route);
        }
    }

    fn route(&self, methods: Methods, path: &str, handler: Handler, routing: &mut Routing) {
        routing.routes.push(self.make(methods, path, handler));
    }

    fn make(&self, methods: Methods, path: &str, handler: Handler) -> Route {
        Route {
            methods,
            path: join(&self.prefix, path),
            router: None,
            function: None,
            handler,
            name: self.name.clone(),
            guarded: self.guarded,
            line: self.call.line,
            framework: Framework::Laravel,
        }
    }
}
