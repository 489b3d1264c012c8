//! The HTTP routes that a file declares, before its place among the others is
//! known. One file a framework family.

mod annotated;
mod django;
mod express;
mod go;
mod laravel;
pub mod path;
mod python;
mod rails;
mod rust;

use std::ops::Range;

use super::body::Body;
use super::syntax::{Call, Expr, Language, Module};

pub use python::is_guarded as python_guard;
pub use rust::has_guard_param as rust_guard;

/// What a file says of routes.
#[derive(Debug, Default)]
pub struct Routing {
    pub routes: Vec<Route>,
    pub routers: Vec<Router>,
    pub mounts: Vec<Mount>,
    /// A prefix for the whole application: `app.setGlobalPrefix('api')`.
    pub global_prefix: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Route {
    pub methods: Methods,
    /// As declared; joined with the prefixes of its router later.
    pub path: String,
    /// The variable it is declared on; see [`Router`].
    pub router: Option<String>,
    /// The function it is declared in, where its router may be a parameter.
    pub function: Option<String>,
    pub handler: Handler,
    /// Names by which tests may call it: Django and Laravel route names.
    pub name: Option<String>,
    /// Something named like a check of who is asking stands before it.
    pub guarded: bool,
    pub line: u32,
    pub framework: Framework,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Methods {
    Known(Vec<String>),
    /// Whatever the handler, a function or class, turns out to answer.
    OfHandler,
    /// A REST view set: list and create here, the rest one segment deeper.
    OfViewSet,
}

#[derive(Clone, Debug)]
pub enum Handler {
    /// A definition of the same file, by its line.
    Here(u32),
    /// `users.create`, `UsersController.create`
    Named(String),
    Inline(Box<Body>),
    Unknown,
}

/// A variable that routes are declared on.
#[derive(Clone, Debug)]
pub struct Router {
    pub name: String,
    /// The router it was made from: `v1` of `v1.Group("/users")`.
    pub parent: Option<String>,
    pub prefix: String,
    pub guarded: bool,
}

/// Where a router, a file or a function full of routes is hung up.
#[derive(Clone, Debug)]
pub struct Mount {
    pub router: Option<String>,
    pub function: Option<String>,
    pub prefix: String,
    pub target: Target,
    pub guarded: bool,
    /// Flask: the prefix given here stands for the blueprint's own.
    pub replaces: bool,
}

#[derive(Clone, Debug)]
pub enum Target {
    /// A name as the file knows it: a variable, an import, a function.
    Name(String),
    /// A module: `polls.urls`, `./routes/users`.
    Module(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    Express,
    Fastify,
    Nest,
    Next,
    Flask,
    FastApi,
    Django,
    Spring,
    Rails,
    Laravel,
    Symfony,
    Go,
    Axum,
    Actix,
}

pub fn read(path: &str, language: Language, module: &Module) -> Routing {
    let mut routing = Routing::default();
    match language {
        Language::JavaScript | Language::TypeScript => {
            express::read(module, &mut routing);
            annotated::read(language, module, &mut routing);
        }
        Language::Python => {
            python::read(module, &mut routing);
            django::read(module, &mut routing);
        }
        Language::Java => annotated::read(language, module, &mut routing),
        Language::Go => go::read(module, &mut routing),
        Language::Ruby => rails::read(path, module, &mut routing),
        Language::Php => {
            laravel::read(path, module, &mut routing);
            annotated::read(language, module, &mut routing);
        }
        Language::Rust => rust::read(module, &mut routing),
        Language::Html | Language::Erb | Language::Component => {}
    }
    routing
}

pub const VERBS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// `GET` of `get`, `Get`, `GET`.
pub fn verb(name: &str) -> Option<&'static str> {
    VERBS
        .into_iter()
        .find(|verb| verb.eq_ignore_ascii_case(name))
}

fn known(method: &str) -> Methods {
    Methods::Known(vec![method.to_owned()])
}

/// Whether a name says that it checks who is asking.
pub fn is_guard(name: &str) -> bool {
    const WORDS: [&str; 21] = [
        "auth",
        "login",
        "logged",
        "jwt",
        "permission",
        "role",
        "guard",
        "protect",
        "secured",
        "ensure",
        "session",
        "current_user",
        "currentuser",
        "isadmin",
        "adminonly",
        "admin_only",
        "requireadmin",
        "require_admin",
        "is_admin",
        "requireuser",
        "require_user",
    ];
    // An author is nobody who is checked.
    let name = name
        .to_lowercase()
        .replace("authori", "authi")
        .replace("author", "");
    // The words that open a door are no lock.
    !name.contains("optional")
        && !name.contains("maybe")
        && !name.contains("anonymous")
        && WORDS.iter().any(|word| name.contains(word))
}

fn guards(values: &[&Expr]) -> bool {
    values.iter().any(|value| match value {
        Expr::List(items) => guards(&items.iter().collect::<Vec<_>>()),
        Expr::Text(text) => is_guard(text),
        value => value.path().is_some_and(|path| is_guard(&path)),
    })
}

/// What a handler argument names, the innermost of wrappers: `asyncHandler(f)`.
fn handler(module: &Module, value: &Expr) -> Handler {
    match value {
        Expr::Name(name) => Handler::Named(name.trim_start_matches("this.").to_owned()),
        Expr::Function(function) => {
            Handler::Inline(Box::new(Body::of_span(module, &function.span)))
        }
        Expr::Call(call) => match call.positional().last() {
            Some(value @ (Expr::Function(_) | Expr::Name(_) | Expr::Call(_))) => {
                handler(module, value)
            }
            // `controller.create()` makes the handler.
            _ => Handler::Named(call.path()),
        },
        _ => Handler::Unknown,
    }
}

/// Stretches of a file in which routes have a prefix.
#[derive(Default)]
struct Frames(Vec<Frame>);

struct Frame {
    span: Range<u32>,
    prefix: String,
    guarded: bool,
}

impl Frames {
    fn push(&mut self, span: Range<u32>, prefix: &str, guarded: bool) {
        // More than any router has; each costs a look for each call.
        if self.0.len() < 1000 {
            self.0.push(Frame {
                span,
                prefix: prefix.to_owned(),
                guarded,
            });
        }
    }

    fn around(&self, span: &Range<u32>) -> impl Iterator<Item = &Frame> {
        let mut frames: Vec<_> = self
            .0
            .iter()
            .filter(|frame| frame.span.start <= span.start && span.end <= frame.span.end)
            .collect();
        // The widest is the outermost.
        frames.sort_by_key(|frame| std::cmp::Reverse(frame.span.len()));
        frames.into_iter()
    }

    /// The prefixes around a call and whether one of them is guarded.
    fn at(&self, span: &Range<u32>) -> (String, bool) {
        let mut prefix = String::new();
        let mut guarded = false;
        for frame in self.around(span) {
            prefix = path::join(&prefix, &frame.prefix);
            guarded |= frame.guarded;
        }
        (prefix, guarded)
    }
}

fn function_around(module: &Module, call: &Call) -> Option<String> {
    module
        .enclosing(call.span.start)
        .map(|definition| definition.name.clone())
}
