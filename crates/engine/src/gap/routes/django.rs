//! Django: `urlpatterns` and the routers of its REST framework.

use super::python::class_or_function;
use super::{
    Framework, Handler, Methods, Mount, Route, Router, Routing, Target, function_around, is_guard,
};
use crate::gap::syntax::{Call, Expr, Module};

/// The router that a module's `urlpatterns` are.
pub const PATTERNS: &str = "urlpatterns";

/// Longer paths are no person's.
const LONGEST: usize = 500;

pub fn read(module: &Module, routing: &mut Routing) {
    let django = module.imports.iter().any(|import| {
        import.module.starts_with("django.urls")
            || import.module.starts_with("django.conf.urls")
            || import.module.starts_with("rest_framework")
    });
    if !django {
        return;
    }
    for (assignment, _) in &module.assignments {
        if let Some(call) = assignment.value.call()
            && matches!(call.name.as_str(), "DefaultRouter" | "SimpleRouter")
        {
            routing.routers.push(Router {
                name: assignment.target.clone(),
                parent: None,
                prefix: String::new(),
                guarded: false,
            });
        }
    }
    // Calls come in the order in which they begin: whose list a pattern stands in
    // was seen before.
    let mut open: Vec<(u32, String)> = Vec::new();
    for call in &module.calls {
        match call.name.as_str() {
            "path" | "re_path" | "url" if call.receiver.is_none() => {
                while open.last().is_some_and(|(end, _)| *end <= call.span.start) {
                    open.pop();
                }
                let prefix = open.last().map_or("", |(_, prefix)| prefix);
                if let Some(prefix) = pattern(module, call, prefix, routing) {
                    open.push((call.span.end, prefix));
                }
            }
            "register" => view_set(module, call, routing),
            _ => {}
        }
    }
}

/// Returns what stands before the patterns that this one includes.
fn pattern(module: &Module, call: &Call, prefix: &str, routing: &mut Routing) -> Option<String> {
    let (path, view) = (call.arg(0).and_then(Expr::text)?, call.arg(1)?);
    let path = if call.name == "path" {
        format!("{prefix}{path}")
    } else {
        format!("{prefix}{}", plain(path))
    };
    if path.len() > LONGEST {
        return None;
    }
    if let Some(include) = view.call().filter(|call| call.name == "include") {
        let mut targets = Vec::new();
        included(include.arg(0)?, &mut targets);
        for target in targets {
            routing.mounts.push(Mount {
                router: Some(PATTERNS.to_owned()),
                function: None,
                prefix: path.clone(),
                target,
                guarded: false,
                replaces: false,
            });
        }
        return Some(path);
    }
    // `admin.site.urls` is Django's own.
    if view.name().is_some_and(|name| name.ends_with(".urls")) {
        return None;
    }
    let guarded = view
        .call()
        .is_some_and(|call| call.name != "as_view" && is_guard(&call.path()));
    routing.routes.push(Route {
        methods: view_methods(view).unwrap_or(Methods::OfHandler),
        path,
        router: Some(PATTERNS.to_owned()),
        function: function_around(module, call),
        handler: class_or_function(view),
        name: call
            .named("name")
            .and_then(Expr::text)
            .map(ToOwned::to_owned),
        guarded,
        line: call.line,
        framework: Framework::Django,
    });
    None
}

/// `'app.urls'`, `router.urls`, `[path(...), *router.urls]`, and each of them with
/// a namespace behind it. Patterns in place are calls, which are read as such.
fn included(what: &Expr, found: &mut Vec<Target>) {
    match what {
        Expr::Text(module) => found.push(Target::Module(module.clone())),
        Expr::Name(name) => found.push(Target::Name(name.trim_end_matches(".urls").to_owned())),
        Expr::List(parts) => {
            for (index, part) in parts.iter().enumerate() {
                if index == 0 || !matches!(part, Expr::Text(_)) {
                    included(part, found);
                }
            }
        }
        _ => {}
    }
}

/// `as_view({'get': 'list'})` of a view set says itself what it answers.
fn view_methods(view: &Expr) -> Option<Methods> {
    match view.call()?.arg(0)? {
        Expr::Map(entries) => Some(Methods::Known(
            entries.iter().map(|(key, _)| key.to_uppercase()).collect(),
        )),
        _ => None,
    }
}

/// `router.register('users', UserViewSet, basename='user')`
fn view_set(module: &Module, call: &Call, routing: &mut Routing) {
    let (Some(on), Some(path), Some(class)) = (
        call.on(),
        call.arg(0).and_then(Expr::text),
        call.arg(1).and_then(Expr::name),
    ) else {
        return;
    };
    if !routing.routers.iter().any(|router| router.name == on) {
        return;
    }
    routing.routes.push(Route {
        methods: Methods::OfViewSet,
        path: plain(path),
        router: Some(on.to_owned()),
        function: function_around(module, call),
        handler: Handler::Named(class.to_owned()),
        name: call
            .named("basename")
            .and_then(Expr::text)
            .map(ToOwned::to_owned),
        guarded: false,
        line: call.line,
        framework: Framework::Django,
    });
}

/// `users/(?P<id>[0-9]+)/` of `^users/(?P<id>[0-9]+)/$`, so that no slash is
/// left inside a group.
fn plain(pattern: &str) -> String {
    let mut text = String::new();
    let mut rest = pattern.trim_start_matches('^').trim_end_matches('$');
    while let Some(at) = rest.find("(?P<") {
        text.push_str(&rest[..at]);
        let inside = &rest[at + 4..];
        let (name, after) = inside.split_once('>').unwrap_or((inside, ""));
        text.push_str(&format!("<{name}>"));
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    text.replace("/?", "/")
}
