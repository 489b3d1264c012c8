//! Flask and FastAPI: functions under `@app.route`, `@router.get`.

use super::{
    Framework, Handler, Methods, Mount, Route, Router, Routing, Target, function_around, is_guard,
    known, verb,
};
use crate::gap::syntax::{Call, Definition, Expr, HOLE, Module};

pub fn read(module: &Module, routing: &mut Routing) {
    let fast = module.imports.iter().any(|import| {
        import.module.starts_with("fastapi") || import.module.starts_with("starlette")
    });
    let framework = if fast {
        Framework::FastApi
    } else {
        Framework::Flask
    };
    for (assignment, _) in &module.assignments {
        let Some(call) = assignment.value.call() else {
            continue;
        };
        if matches!(
            call.name.as_str(),
            "Flask" | "FastAPI" | "Blueprint" | "APIRouter" | "Sanic" | "Starlette" | "Quart"
        ) {
            let prefix = call
                .named("url_prefix")
                .or_else(|| call.named("prefix"))
                .and_then(Expr::text)
                .unwrap_or_default();
            routing.routers.push(Router {
                name: assignment.target.clone(),
                parent: None,
                prefix: prefix.to_owned(),
                guarded: call.named("dependencies").is_some_and(depends_on_guard),
            });
        }
    }
    for definition in &module.definitions {
        for mark in &definition.marks {
            if let Some(on) = mark.on()
                && let Some(path) = mark
                    .arg(0)
                    .or_else(|| mark.named("rule"))
                    .or_else(|| mark.named("path"))
                    .and_then(Expr::text)
                && let Some(methods) = methods(mark)
                && (path.is_empty() || path.starts_with('/'))
            {
                routing.routes.push(Route {
                    methods,
                    path: path.to_owned(),
                    router: Some(on.to_owned()),
                    function: None,
                    handler: Handler::Here(definition.line),
                    name: mark
                        .named("endpoint")
                        .and_then(Expr::text)
                        .or(Some(&definition.name))
                        .map(ToOwned::to_owned),
                    guarded: is_guarded(definition)
                        || mark.named("dependencies").is_some_and(depends_on_guard),
                    line: mark.line,
                    framework,
                });
            }
        }
    }
    for call in &module.calls {
        match call.name.as_str() {
            "register_blueprint" | "include_router" => mount(module, call, routing),
            "add_url_rule" => {
                let Some(path) = call.arg(0).and_then(Expr::text) else {
                    continue;
                };
                let view = call.named("view_func").or_else(|| call.arg(2));
                routing.routes.push(Route {
                    methods: call.named("methods").map_or(Methods::OfHandler, listed),
                    path: path.to_owned(),
                    router: call.on().map(ToOwned::to_owned),
                    function: function_around(module, call),
                    handler: view.map_or(Handler::Unknown, class_or_function),
                    name: None,
                    guarded: false,
                    line: call.line,
                    framework,
                });
            }
            // Flask-RESTful
            "add_resource" => {
                let Some(class) = call.arg(0).and_then(Expr::name) else {
                    continue;
                };
                for path in call.positional().skip(1).filter_map(Expr::text) {
                    routing.routes.push(Route {
                        methods: Methods::OfHandler,
                        path: path.to_owned(),
                        router: call.on().map(ToOwned::to_owned),
                        function: function_around(module, call),
                        handler: Handler::Named(class.to_owned()),
                        name: None,
                        guarded: false,
                        line: call.line,
                        framework,
                    });
                }
            }
            _ => {}
        }
    }
}

fn methods(mark: &Call) -> Option<Methods> {
    match mark.name.as_str() {
        "route" | "api_route" => Some(mark.named("methods").map_or_else(|| known("GET"), listed)),
        name => verb(name)
            .filter(|_| name.chars().all(char::is_lowercase))
            .map(known),
    }
}

fn listed(value: &Expr) -> Methods {
    Methods::Known(value.texts().into_iter().map(str::to_uppercase).collect())
}

fn mount(module: &Module, call: &Call, routing: &mut Routing) {
    let Some(Expr::Name(target)) = call.arg(0) else {
        return;
    };
    // A prefix that is computed leaves the beginning of the path open.
    let computed = HOLE.to_string();
    let prefix = |name| {
        call.named(name)
            .map(|value| value.text().unwrap_or(&computed))
    };
    let own = prefix("url_prefix");
    let added = prefix("prefix");
    routing.mounts.push(Mount {
        router: call.on().map(ToOwned::to_owned),
        function: function_around(module, call),
        prefix: own.or(added).unwrap_or_default().to_owned(),
        target: Target::Name(target.clone()),
        guarded: call.named("dependencies").is_some_and(depends_on_guard),
        replaces: own.is_some(),
    });
}

/// `[Depends(get_current_user)]`
fn depends_on_guard(value: &Expr) -> bool {
    match value {
        Expr::List(items) => items.iter().any(depends_on_guard),
        Expr::Call(call) => call
            .positional()
            .any(|value| value.path().is_some_and(|path| is_guard(&path))),
        _ => false,
    }
}

/// A decorator, or a parameter that depends on who is logged in.
pub fn is_guarded(definition: &Definition) -> bool {
    let by_mark = definition.marks.iter().any(|mark| {
        verb(&mark.name).is_none() && mark.name != "route" && is_guard(&mark.name)
            || mark.name == "permission_classes"
    });
    let by_parameter = definition.params.iter().any(|param| {
        param.marks.iter().any(|mark| {
            matches!(mark.name.as_str(), "Depends" | "Security")
                && mark
                    .positional()
                    .any(|value| value.path().is_some_and(|path| is_guard(&path)))
        }) || param.type_name.contains("Depends(") && is_guard(&param.type_name)
    });
    by_mark || by_parameter
}

/// `views.index`, `views.Detail.as_view()`, `login_required(views.index)`.
pub fn class_or_function(value: &Expr) -> Handler {
    match value {
        Expr::Name(name) => Handler::Named(name.clone()),
        Expr::Call(call) if call.name == "as_view" => call
            .on()
            .map_or(Handler::Unknown, |class| Handler::Named(class.to_owned())),
        Expr::Call(call) => call.arg(0).map_or(Handler::Unknown, class_or_function),
        _ => Handler::Unknown,
    }
}
