//! Routes as they are reached: prefixes of all routers they hang on, and the
//! handlers that answer them.

use std::collections::{HashMap, HashSet};

use super::answer::Answers;
use super::body::Body;
use super::index::{At, Index};
use super::routes::path::{full, join};
use super::routes::{Framework, Handler, Mount, Target};
use super::syntax::{HOLE, Language};

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
    let answers = Answers { index };
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
            for answer in answers.of(&route.methods, handler, &path) {
                let (mut body, locked) = match (&route.handler, answer.handler) {
                    (Handler::Inline(body), _) => (Body::clone(body), false),
                    (_, Some(at)) => (index.defined(at).body.clone(), answers.guards(at)),
                    _ => (Body::default(), false),
                };
                answers.complete(file, route.framework, &answer, &mut body);
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
    let mut seen = HashSet::new();
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
}
