//! Routes as they are reached: prefixes of all routers they hang on, and the
//! handlers that answer them.

use std::collections::HashMap;

use super::body::{Body, From};
use super::index::{At, Index};
use super::routes::path::{self, full, join};
use super::routes::{Framework, Handler, Methods, Mount, Target, is_guard};
use super::syntax::{Definition, HOLE, Kind, Language};

/// One method of one route.
#[derive(Debug)]
pub struct Endpoint {
    pub method: String,
    pub path: String,
    /// Something unknown stands before the path.
    pub open: bool,
    pub file: usize,
    pub line: u32,
    pub handler: Option<At>,
    pub body: Body,
    pub guarded: bool,
    pub name: Option<String>,
    pub framework: Framework,
}

impl Endpoint {
    pub fn title(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Routers deeper than this are a circle.
const DEPTH: u32 = 12;
/// A tree with more routes than this is not a service.
const MOST: usize = 20_000;

/// Where a mount may lead.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Node {
    Variable(usize, String),
    Function(usize, String),
    File(usize),
}

pub fn endpoints(index: &Index<'_>) -> Vec<Endpoint> {
    let linker = Linker::new(index);
    let mut found = Vec::new();
    for (file, facts) in index.files.iter().enumerate() {
        for route in &facts.routing.routes {
            if found.len() >= MOST {
                return found;
            }
            let around = linker.around(
                file,
                route.router.as_deref(),
                route.function.as_deref(),
                DEPTH,
            );
            let mut prefix = around.prefix;
            if route.framework == Framework::Nest
                && let Some(global) = &linker.global_prefix
            {
                prefix = join(global, &prefix);
            }
            let path = full(&prefix, &route.path);
            let (open, path) = match path.rfind(HOLE) {
                Some(at) => (true, full("", &path[at + 1..])),
                None => (false, path),
            };
            let handler = match &route.handler {
                Handler::Here(line) => facts
                    .definitions
                    .iter()
                    .position(|defined| defined.definition.line == *line)
                    .map(|place| (file, place)),
                Handler::Named(name) => index.definition(file, name),
                Handler::Inline(_) | Handler::Unknown => None,
            };
            let guarded = route.guarded || around.guarded;
            for answer in linker.answers(&route.methods, handler, &path) {
                let (mut body, locked) = match (&route.handler, answer.handler) {
                    (Handler::Inline(body), _) => (Body::clone(body), false),
                    (_, Some(at)) => (index.defined(at).body.clone(), linker.guards(at)),
                    _ => (Body::default(), false),
                };
                linker.complete(file, route.framework, &answer, &mut body);
                found.push(Endpoint {
                    guarded: guarded || locked || body.guarded,
                    method: answer.method,
                    path: answer.path,
                    open,
                    file,
                    line: route.line,
                    handler: answer.handler,
                    body,
                    name: route.name.clone(),
                    framework: route.framework,
                });
            }
        }
    }
    // One route may be mounted or read twice.
    let mut seen = std::collections::HashSet::new();
    found.retain(|endpoint| {
        seen.insert((
            endpoint.method.clone(),
            endpoint.path.clone(),
            endpoint.file,
        ))
    });
    found
}

#[derive(Default)]
struct Around {
    prefix: String,
    guarded: bool,
}

struct Answer {
    method: String,
    path: String,
    handler: Option<At>,
}

struct Linker<'i, 'f> {
    index: &'i Index<'f>,
    mounts: HashMap<Node, (usize, &'f Mount)>,
    global_prefix: Option<String>,
}

impl<'i, 'f> Linker<'i, 'f> {
    fn new(index: &'i Index<'f>) -> Self {
        let mut linker = Self {
            index,
            mounts: HashMap::new(),
            global_prefix: index
                .files
                .iter()
                .find_map(|file| file.routing.global_prefix.clone()),
        };
        for (file, facts) in index.files.iter().enumerate() {
            for mount in &facts.routing.mounts {
                for node in linker.nodes(file, &mount.target) {
                    linker.mounts.entry(node).or_insert((file, mount));
                }
            }
        }
        linker
    }

    /// What a mount's target may be, in its own file and where it is imported.
    fn nodes(&self, file: usize, target: &Target) -> Vec<Node> {
        match target {
            Target::Module(module) => self
                .index
                .modules(file, module)
                .into_iter()
                .map(Node::File)
                .collect(),
            Target::Name(name) => self.named(file, name, 4),
        }
    }

    fn named(&self, file: usize, name: &str, depth: u32) -> Vec<Node> {
        let Some(depth) = depth.checked_sub(1) else {
            return Vec::new();
        };
        let facts = &self.index.files[file];
        if facts
            .routing
            .routers
            .iter()
            .any(|router| router.name == name)
        {
            return vec![Node::Variable(file, name.to_owned())];
        }
        let (root, last) = match name.rsplit_once('.') {
            Some((front, last)) => (front.split('.').next().unwrap_or(front), last),
            None => (name, name),
        };
        let here = facts
            .definitions
            .iter()
            .any(|defined| defined.definition.name == last);
        if here {
            return vec![Node::Function(file, last.to_owned())];
        }
        let mut found = Vec::new();
        for import in &facts.imports {
            let there = import
                .names
                .iter()
                .find(|(_, here)| here == root)
                .map(|(there, _)| there.as_str());
            let whole = import.names.is_empty()
                && (import.alias.as_deref() == Some(root) || import.alias.is_none());
            if there.is_none() && !whole && import.alias.as_deref() != Some(root) {
                continue;
            }
            let wanted = if root == last {
                there.unwrap_or(last)
            } else {
                last
            };
            for other in self.index.imported(file, import, there) {
                found.extend(self.exported(file, other, wanted, depth));
            }
        }
        if found.is_empty() && root != last {
            // Rust: `users::routes` where `mod users;` stands in the file.
            if facts.language == Language::Rust {
                let module = name.rsplit_once('.').map_or(name, |(module, _)| module);
                for other in self.index.modules(file, module) {
                    found.extend(self.exported(file, other, last, depth));
                }
            }
            // Go: a method of a handler that is made elsewhere.
            if facts.language == Language::Go && found.is_empty() {
                found.extend(
                    self.index
                        .named(last)
                        .filter(|at| !self.index.files[at.0].routing.routes.is_empty())
                        .map(|at| Node::Function(at.0, last.to_owned())),
                );
            }
        }
        if found.is_empty() && facts.language == Language::Go {
            for other in self.index.neighbours(file) {
                let known = &self.index.files[*other].definitions;
                if known.iter().any(|defined| defined.definition.name == last) {
                    found.push(Node::Function(*other, last.to_owned()));
                }
            }
        }
        found
    }

    fn exported(&self, from: usize, file: usize, name: &str, depth: u32) -> Vec<Node> {
        let facts = &self.index.files[file];
        let routing = &facts.routing;
        if routing.routers.iter().any(|router| router.name == name) {
            return vec![Node::Variable(file, name.to_owned())];
        }
        if facts
            .definitions
            .iter()
            .any(|defined| defined.definition.name == name)
        {
            // A function that makes its router: its routes are its own.
            let own = routing
                .routes
                .iter()
                .any(|route| route.function.as_deref() == Some(name));
            return vec![if own || facts.language != Language::JavaScript {
                Node::Function(file, name.to_owned())
            } else {
                Node::File(file)
            }];
        }
        if file != from
            && facts
                .imports
                .iter()
                .any(|import| import.names.iter().any(|(_, here)| here == name))
        {
            let passed = self.named(file, name, depth);
            if !passed.is_empty() {
                return passed;
            }
        }
        let script = matches!(facts.language, Language::JavaScript | Language::TypeScript);
        if script && !(routing.routes.is_empty() && routing.mounts.is_empty()) {
            return vec![Node::File(file)];
        }
        Vec::new()
    }

    /// What all that a router hangs on adds to it.
    fn around(
        &self,
        file: usize,
        router: Option<&str>,
        function: Option<&str>,
        depth: u32,
    ) -> Around {
        let Some(depth) = depth.checked_sub(1) else {
            return Around::default();
        };
        let known = router.and_then(|name| {
            self.index.files[file]
                .routing
                .routers
                .iter()
                .find(|router| router.name == name)
        });
        let own = known.map_or("", |router| router.prefix.as_str());
        let locked = known.is_some_and(|router| router.guarded);
        if let Some(parent) = known
            .and_then(|router| router.parent.as_deref())
            .filter(|parent| Some(*parent) != router)
        {
            let outer = self.around(file, Some(parent), function, depth);
            return Around {
                prefix: join(&outer.prefix, own),
                guarded: outer.guarded || locked,
            };
        }
        let mounted = router
            .and_then(|name| self.mounts.get(&Node::Variable(file, name.to_owned())))
            .or_else(|| {
                function.and_then(|name| self.mounts.get(&Node::Function(file, name.to_owned())))
            })
            .or_else(|| self.mounts.get(&Node::File(file)));
        let Some((other, mount)) = mounted else {
            return Around {
                prefix: own.to_owned(),
                guarded: locked,
            };
        };
        // A router that is mounted on itself is a misreading.
        if *other == file
            && mount.router.as_deref() == router
            && mount.function.as_deref() == function
        {
            return Around {
                prefix: own.to_owned(),
                guarded: locked,
            };
        }
        let outer = self.around(
            *other,
            mount.router.as_deref(),
            mount.function.as_deref(),
            depth,
        );
        let hung = join(&outer.prefix, &mount.prefix);
        Around {
            prefix: if mount.replaces {
                hung
            } else {
                join(&hung, own)
            },
            guarded: outer.guarded || mount.guarded || locked,
        }
    }

    /// The methods that a route answers, each with the path it is at.
    fn answers(&self, methods: &Methods, handler: Option<At>, path: &str) -> Vec<Answer> {
        let answer = |method: &str, path: &str, handler| Answer {
            method: method.to_owned(),
            path: path.to_owned(),
            handler,
        };
        match (methods, handler) {
            (Methods::Known(methods), _) => methods
                .iter()
                .map(|method| answer(method, path, handler))
                .collect(),
            (Methods::OfHandler, Some(at)) => {
                let definition = &self.index.defined(at).definition;
                if definition.kind == Kind::Class {
                    let own = self.methods_of_class(at);
                    if own.is_empty() {
                        base_methods(&definition.bases)
                            .iter()
                            .map(|method| answer(method, path, handler))
                            .collect()
                    } else {
                        own.iter()
                            .map(|(method, at)| answer(method, path, Some(*at)))
                            .collect()
                    }
                } else {
                    let body = &self.index.defined(at).body;
                    function_methods(definition, body)
                        .iter()
                        .map(|method| answer(method, path, handler))
                        .collect()
                }
            }
            (Methods::OfHandler, None) => vec![answer("GET", path, None)],
            (Methods::OfViewSet, _) => self.view_set(handler, path),
        }
    }

    fn methods_of_class(&self, class: At) -> Vec<(String, At)> {
        let name = &self.index.defined(class).definition.name;
        self.index.files[class.0]
            .definitions
            .iter()
            .enumerate()
            .filter(|(_, defined)| defined.definition.owner.as_ref() == Some(name))
            .filter(|(_, defined)| {
                matches!(
                    defined.definition.name.as_str(),
                    "get" | "post" | "put" | "patch" | "delete"
                )
            })
            .map(|(place, defined)| (defined.definition.name.to_uppercase(), (class.0, place)))
            .collect()
    }

    fn view_set(&self, handler: Option<At>, path: &str) -> Vec<Answer> {
        let list = format!("{}/", path.trim_end_matches('/'));
        let detail = format!("{list}{{pk}}/");
        let bases = handler.map(|at| self.index.defined(at).definition.bases.as_slice());
        let reads_only =
            bases.is_some_and(|bases| bases.iter().any(|base| base.contains("ReadOnly")));
        let method_of = |action: &str| {
            let at = handler?;
            let class = &self.index.defined(at).definition.name;
            let place = self.index.files[at.0]
                .definitions
                .iter()
                .position(|defined| {
                    defined.definition.name == action
                        && defined.definition.owner.as_ref() == Some(class)
                })?;
            Some((at.0, place))
        };
        [
            ("GET", &list, "list"),
            ("POST", &list, "create"),
            ("GET", &detail, "retrieve"),
            ("PUT", &detail, "update"),
            ("PATCH", &detail, "partial_update"),
            ("DELETE", &detail, "destroy"),
        ]
        .into_iter()
        .filter(|(method, _, _)| !reads_only || *method == "GET")
        .map(|(method, path, action)| Answer {
            method: method.to_owned(),
            path: path.clone(),
            handler: method_of(action).or(handler),
        })
        .collect()
    }

    /// Whether a handler, or the class it is in, checks who is asking.
    fn guards(&self, at: At) -> bool {
        let file = &self.index.files[at.0];
        let definition = &file.definitions[at.1].definition;
        let class = match definition.kind {
            Kind::Class => Some(definition),
            _ => definition.owner.as_ref().and_then(|owner| {
                file.definitions
                    .iter()
                    .map(|defined| &defined.definition)
                    .find(|class| class.kind == Kind::Class && class.name == *owner)
            }),
        };
        let in_class =
            class.is_some_and(|class| {
                class.bases.iter().any(|base| {
                    base.contains("LoginRequired") || base.contains("PermissionRequired")
                }) || class
                    .fields
                    .iter()
                    .any(|field| field == "permission_classes")
                    || class.marks.iter().any(|mark| is_guard(&mark.name))
            });
        file.guards_all || in_class || self.marks_guard(file.language, definition)
    }

    fn marks_guard(&self, language: Language, definition: &Definition) -> bool {
        match language {
            Language::Python => super::routes::python_guard(definition),
            Language::Rust => super::routes::rust_guard(definition),
            _ => false,
        }
    }

    /// What the request carries: fields of the types that a body is read into,
    /// path parameters, and for a method without a body no fields of one.
    fn complete(&self, file: usize, framework: Framework, answer: &Answer, body: &mut Body) {
        let from = answer.handler.map_or(file, |at| at.0);
        if framework == Framework::Rails
            && let Some(at) = answer.handler
            && matches!(
                self.index.defined(at).definition.name.as_str(),
                "create" | "update"
            )
        {
            self.permitted(at, body);
        }
        for name in std::mem::take(&mut body.types) {
            let plain = name
                .rsplit(['.', ':'])
                .next()
                .unwrap_or(&name)
                .trim_matches(['[', ']', '*', '&', '?']);
            let Some(at) = self.index.definition(from, plain) else {
                continue;
            };
            let definition = &self.index.defined(at).definition;
            if definition.kind != Kind::Type && !is_model(definition) {
                continue;
            }
            body.reads_body = true;
            for field in definition.fields.iter().take(20) {
                body.inputs.entry(field.clone()).or_insert(From::Body);
            }
        }
        if matches!(answer.method.as_str(), "GET" | "HEAD") {
            body.reads_body = false;
            // There one call reads the body or the query, whatever there is.
            let either = matches!(
                framework,
                Framework::Rails | Framework::Laravel | Framework::Go
            );
            for from in body.inputs.values_mut() {
                if *from == From::Body && either {
                    *from = From::Query;
                }
            }
            body.inputs
                .retain(|_, from| !matches!(from, From::Body | From::File));
        }
        // A class has read what its methods read; these take no body.
        let whole_class = answer
            .handler
            .is_some_and(|at| self.index.defined(at).definition.kind == Kind::Class);
        if whole_class && answer.method == "DELETE" {
            body.inputs.retain(|_, from| *from != From::Body);
        }
        let params = path::params(&answer.path);
        for param in &params {
            body.inputs.insert(param.clone(), From::Path);
        }
        // A name read from the path is no field of the body.
        body.inputs
            .retain(|name, from| *from != From::Path || params.contains(name));
    }

    /// Rails: `params.require(:user).permit(...)` in a method of its own.
    fn permitted(&self, at: At, body: &mut Body) {
        let owner = &self.index.defined(at).definition.owner;
        for defined in &self.index.files[at.0].definitions {
            if defined.definition.owner == *owner && defined.definition.name.ends_with("_params") {
                for (name, from) in &defined.body.inputs {
                    body.inputs.entry(name.clone()).or_insert(*from);
                }
            }
        }
    }
}

/// Types that carry a request: pydantic models, DTOs, form requests.
fn is_model(definition: &Definition) -> bool {
    let named = [
        "Dto", "DTO", "Request", "Input", "Form", "Payload", "Create", "Update", "In",
    ]
    .iter()
    .any(|end| definition.name.ends_with(end) || definition.name.starts_with(end));
    let based = definition.bases.iter().any(|base| {
        matches!(
            base.as_str(),
            "BaseModel" | "Schema" | "SQLModel" | "FormRequest"
        )
    });
    based || named && !definition.fields.is_empty()
}

fn base_methods(bases: &[String]) -> &'static [&'static str] {
    let has = |word: &str| bases.iter().any(|base| base.contains(word));
    if has("ListCreate") {
        &["GET", "POST"]
    } else if has("RetrieveUpdateDestroy") {
        &["GET", "PUT", "PATCH", "DELETE"]
    } else if has("RetrieveUpdate") {
        &["GET", "PUT", "PATCH"]
    } else if has("CreateAPIView") {
        &["POST"]
    } else if has("DestroyAPIView") {
        &["DELETE"]
    } else if has("UpdateAPIView") {
        &["PUT", "PATCH"]
    } else if has("CreateView")
        || has("UpdateView")
        || has("FormView")
        || has("DeleteView")
        || has("LoginView")
    {
        &["GET", "POST"]
    } else {
        &["GET"]
    }
}

/// Django: decorators say what a function answers, else what it tells apart.
fn function_methods(definition: &Definition, body: &Body) -> Vec<String> {
    for mark in &definition.marks {
        match mark.name.as_str() {
            "require_POST" => return vec!["POST".to_owned()],
            "require_GET" | "require_safe" => return vec!["GET".to_owned()],
            "require_http_methods" | "api_view" => {
                let methods = mark
                    .arg(0)
                    .map(super::syntax::Expr::texts)
                    .unwrap_or_default();
                if !methods.is_empty() {
                    return methods.into_iter().map(str::to_uppercase).collect();
                }
            }
            _ => {}
        }
    }
    let mut methods = vec!["GET".to_owned()];
    methods.extend(body.methods.iter().cloned());
    methods
}
