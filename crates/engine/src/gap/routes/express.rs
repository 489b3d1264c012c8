//! Express, Fastify, Koa and Hono: routes are calls on an app or router.

use std::collections::HashMap;

use super::path::join;
use super::{
    Framework, Handler, Methods, Mount, Route, Router, Routing, Target, function_around, guards,
    handler, known, verb,
};
use crate::gap::syntax::{Call, Expr, Module};

const MAKERS: [&str; 7] = [
    "express",
    "Router",
    "fastify",
    "Fastify",
    "Hono",
    "Koa",
    "KoaRouter",
];
const LIBRARIES: [&str; 8] = [
    "express",
    "fastify",
    "koa-router",
    "@koa/router",
    "hono",
    "restify",
    "express-promise-router",
    "polka",
];
/// Names that only servers give to their routers when they are handed in.
const HANDED: [&str; 7] = [
    "app",
    "router",
    "fastify",
    "server",
    "instance",
    "expressApp",
    "route",
];

pub fn read(module: &Module, routing: &mut Routing) {
    let library = module.imports.iter().find_map(|import| {
        LIBRARIES
            .into_iter()
            .find(|library| import.module == *library)
    });
    for (assignment, _) in &module.assignments {
        let Some(call) = assignment.value.call() else {
            continue;
        };
        if let Some(maker) = call
            .chain()
            .find(|call| MAKERS.contains(&call.name.as_str()))
        {
            let prefix = maker
                .named("prefix")
                .and_then(Expr::text)
                .unwrap_or_default();
            routing.routers.push(Router {
                name: assignment.target.clone(),
                parent: None,
                prefix: prefix.to_owned(),
                guarded: false,
            });
        }
    }
    let made = module
        .assignments
        .iter()
        .filter_map(|(assignment, _)| {
            let call = assignment.value.call()?;
            let maker = call
                .chain()
                .any(|call| MAKERS.contains(&call.name.as_str()));
            maker.then_some((call.span.start, assignment.target.as_str()))
        })
        .collect();
    let reader = Reader {
        module,
        made,
        library,
        framework: if library == Some("fastify")
            || module
                .calls
                .iter()
                .any(|call| call.on().is_some_and(|on| on.ends_with("fastify")))
        {
            Framework::Fastify
        } else {
            Framework::Express
        },
    };
    for call in &module.calls {
        reader.call(call, routing);
    }
}

struct Reader<'m> {
    module: &'m Module,
    /// Variables whose value begins at a byte: `const api = Router().use(users)`.
    made: HashMap<u32, &'m str>,
    library: Option<&'static str>,
    framework: Framework,
}

impl Reader<'_> {
    /// The router that a call is made on.
    fn on<'c>(&'c self, call: &'c Call) -> Option<&'c str> {
        call.on()
            .or_else(|| self.made.get(&call.span.start).copied())
    }

    fn call(&self, call: &Call, routing: &mut Routing) {
        match call.name.as_str() {
            "setGlobalPrefix" => {
                routing.global_prefix = call.arg(0).and_then(Expr::text).map(ToOwned::to_owned);
            }
            "use" => self.mount(call, routing),
            "register" => self.register(call, routing),
            "route" => self.route_call(call, routing),
            "all" => self.verb(call, "ANY", routing),
            "del" => self.verb(call, "DELETE", routing),
            name => {
                if let Some(method) = verb(name)
                    && name.chars().all(char::is_lowercase)
                {
                    self.verb(call, method, routing);
                }
            }
        }
    }

    /// `router.get('/x', guard, handler)` and `router.route('/x').get(handler)`.
    fn verb(&self, call: &Call, method: &str, routing: &mut Routing) {
        let base = call
            .chain()
            .skip(1)
            .find(|earlier| earlier.name == "route" && earlier.args.len() == 1);
        let (paths, rest): (Vec<&str>, Vec<&Expr>) = match base {
            Some(base) => (
                base.arg(0).map(Expr::texts).unwrap_or_default(),
                call.positional().collect(),
            ),
            None => (
                call.arg(0).map(Expr::texts).unwrap_or_default(),
                call.positional().skip(1).collect(),
            ),
        };
        let on = self.on(base.unwrap_or(call));
        let (Some(on), Some((last, before))) = (on, rest.split_last()) else {
            return;
        };
        if paths.is_empty()
            || !paths.iter().all(|path| is_path(path))
            || !self.is_router(on, last, routing)
        {
            return;
        }
        let options_guard = before
            .iter()
            .any(|value| matches!(value, Expr::Map(entries) if entries.iter().any(|(key, value)| is_hook(key) && guards(&[value]))));
        for path in paths {
            routing.routes.push(Route {
                methods: known(method),
                path: path.to_owned(),
                router: Some(on.to_owned()),
                function: function_around(self.module, call),
                handler: handler(self.module, last),
                name: None,
                guarded: options_guard || guards(before),
                line: call.line,
                framework: self.framework,
            });
        }
    }

    /// A client's `api.post('/x', data)` looks the same: something has to say
    /// that this is a server's router.
    fn is_router(&self, on: &str, last: &Expr, routing: &Routing) -> bool {
        let root = on.rsplit('.').next().unwrap_or(on);
        if routing.routers.iter().any(|router| router.name == on) {
            return true;
        }
        match last {
            Expr::Function(function) if function.params.len() <= 4 => {
                self.library.is_some() || HANDED.contains(&root)
            }
            Expr::Name(_) | Expr::Call(_) => HANDED.contains(&root),
            _ => false,
        }
    }

    /// `app.use('/users', guard, usersRouter)`
    fn mount(&self, call: &Call, routing: &mut Routing) {
        let Some(on) = self.on(call) else { return };
        let prefix = call.arg(0).and_then(Expr::text);
        let rest: Vec<&Expr> = call
            .positional()
            .skip(usize::from(prefix.is_some()))
            .collect();
        // `app.use(requireAuth)` guards all that is declared on it.
        if prefix.is_none() && rest.len() == 1 && guards(&rest) {
            match routing.routers.iter_mut().find(|router| router.name == on) {
                Some(router) => router.guarded = true,
                None => routing.routers.push(Router {
                    name: on.to_owned(),
                    parent: None,
                    prefix: String::new(),
                    guarded: true,
                }),
            }
        }
        for (at, value) in rest.iter().enumerate() {
            if let Some(target) = target(value) {
                routing.mounts.push(Mount {
                    router: Some(on.to_owned()),
                    function: function_around(self.module, call),
                    prefix: prefix.unwrap_or_default().to_owned(),
                    target,
                    guarded: guards(&rest[..at]),
                    replaces: false,
                });
            }
        }
    }

    /// Fastify: `app.register(users, { prefix: '/users' })`
    fn register(&self, call: &Call, routing: &mut Routing) {
        let (Some(on), Some(target)) = (call.on(), call.arg(0).and_then(target)) else {
            return;
        };
        let prefix = call
            .named("prefix")
            .and_then(Expr::text)
            .unwrap_or_default();
        routing.mounts.push(Mount {
            router: Some(on.to_owned()),
            function: function_around(self.module, call),
            prefix: prefix.to_owned(),
            target,
            guarded: false,
            replaces: false,
        });
    }

    /// Fastify's `route({ method, url, handler })`, Hono's `route('/x', app)`.
    fn route_call(&self, call: &Call, routing: &mut Routing) {
        let Some(on) = call.on() else { return };
        let url = call.named("url").or_else(|| call.named("path"));
        if let Some(url) = url.and_then(Expr::text)
            && let Some(method) = call.named("method")
        {
            let methods: Vec<String> = method.texts().into_iter().map(str::to_uppercase).collect();
            let hooks = call.args.iter().any(|arg| matches!(&arg.value, Expr::Map(entries) if entries.iter().any(|(key, value)| is_hook(key) && guards(&[value]))));
            routing.routes.push(Route {
                methods: Methods::Known(methods),
                path: join("", url),
                router: Some(on.to_owned()),
                function: function_around(self.module, call),
                handler: call
                    .named("handler")
                    .map_or(Handler::Unknown, |value| handler(self.module, value)),
                name: None,
                guarded: hooks,
                line: call.line,
                framework: self.framework,
            });
        } else if let (Some(prefix), Some(Expr::Name(target))) =
            (call.arg(0).and_then(Expr::text), call.arg(1))
        {
            routing.mounts.push(Mount {
                router: Some(on.to_owned()),
                function: function_around(self.module, call),
                prefix: prefix.to_owned(),
                target: Target::Name(target.clone()),
                guarded: false,
                replaces: false,
            });
        }
    }
}

fn is_hook(key: &str) -> bool {
    matches!(key, "preHandler" | "onRequest" | "preValidation")
}

fn is_path(path: &str) -> bool {
    path.is_empty() || path.starts_with(['/', '*', ':'])
}

fn target(value: &Expr) -> Option<Target> {
    match value {
        Expr::Name(name) => Some(Target::Name(name.clone())),
        Expr::Call(call) => match call.name.as_str() {
            "require" | "import" => Some(Target::Module(call.arg(0)?.text()?.to_owned())),
            // `users.routes()`, `makeRouter(deps)`
            "routes" | "middleware" | "allowedMethods" => Some(Target::Name(call.on()?.to_owned())),
            "" => target(call.receiver.as_ref()?),
            _ => Some(Target::Name(call.path())),
        },
        _ => None,
    }
}
