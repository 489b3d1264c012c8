//! What a handler or function does, as far as it bears on testing it: what it
//! reads from outside, where that may end up, what it answers.

mod call;
mod param;

use std::collections::BTreeMap;
use std::ops::Range;

pub use super::sink::Sink;
use super::syntax::{Assignment, Definition, Expr, HOLE, Language, Module};

/// Where a request carries a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum From {
    Body,
    Query,
    Path,
    Header,
    File,
}

#[derive(Clone, Debug, Default)]
pub struct Body {
    pub lines: u32,
    pub branches: u32,
    /// Each name once, with where it comes from.
    pub inputs: BTreeMap<String, From>,
    /// It reads a body whose fields are not known.
    pub reads_body: bool,
    /// Types that a body is read into.
    pub types: Vec<String>,
    /// Variables that a body is decoded into.
    bound: Vec<String>,
    pub sinks: Vec<Sink>,
    /// Templates and views that it names.
    pub renders: Vec<String>,
    pub redirects: Vec<String>,
    /// Django, and handlers for any method: those that it tells apart.
    pub methods: Vec<String>,
    pub guarded: bool,
}

impl Body {
    pub fn of(module: &Module, definition: &Definition) -> Self {
        let mut body = Self::of_span(module, &definition.span);
        for param in &definition.params {
            body.param(param, module.language);
        }
        body
    }

    pub fn of_span(module: &Module, span: &Range<u32>) -> Self {
        let mut body = Self::default();
        let within = |at: &u32| span.contains(at);
        let branches = &module.branches;
        let from = branches.partition_point(|at| *at < span.start);
        body.branches = u32::try_from(branches[from..].iter().take_while(|at| within(at)).count())
            .unwrap_or(u32::MAX);
        let from = module
            .assignments
            .partition_point(|(_, at)| *at < span.start);
        let assigned: Vec<&Assignment> = module.assignments[from..]
            .iter()
            .take_while(|(_, at)| within(at))
            .map(|(assignment, _)| assignment)
            .collect();
        let aliases: Vec<(&str, &str)> = assigned
            .iter()
            .filter_map(|assignment| Some((assignment.target.as_str(), container(assignment)?)))
            .collect();
        body.reads_body |= aliases.iter().any(|(_, of)| *of == "req.body");
        let from = module.names.partition_point(|(_, at)| *at < span.start);
        for (name, _) in module.names[from..].iter().take_while(|(_, at)| within(at)) {
            // In Rust input comes through the parameters' types.
            if module.language != Some(Language::Rust) {
                body.name(&resolved(name, &aliases));
            }
        }
        let from = module
            .calls
            .partition_point(|call| call.span.start < span.start);
        let mut first = None;
        let mut last = 0;
        for call in module.calls[from..]
            .iter()
            .take_while(|call| within(&call.span.start))
        {
            first.get_or_insert(call.line);
            last = last.max(call.line);
            body.call(call, &aliases);
        }
        body.lines = last.saturating_sub(first.unwrap_or(last)) + 1;
        for assignment in assigned {
            if let Expr::Name(name) = &assignment.value
                && body.bound.contains(&assignment.target)
            {
                body.types.push(name.clone());
            }
        }
        body
    }

    fn input(&mut self, name: &str, from: From) {
        let name = name.trim();
        let plain = !name.is_empty()
            && name.len() < 60
            && !name.contains(HOLE)
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']' | '*'));
        if plain {
            self.inputs.entry(name.to_owned()).or_insert(from);
        }
    }

    /// `req.body.email`, `request.form.email`, `params.user.email`.
    fn name(&mut self, name: &str) {
        const WHERE: [(&str, From); 28] = [
            ("req.body.", From::Body),
            ("request.body.", From::Body),
            ("ctx.request.body.", From::Body),
            ("ctx.body.", From::Body),
            ("request.json.", From::Body),
            ("req.json.", From::Body),
            ("c.req.json.", From::Body),
            ("request.form.", From::Body),
            ("request.POST.", From::Body),
            ("request.data.", From::Body),
            ("_POST.", From::Body),
            ("req.query.", From::Query),
            ("request.query.", From::Query),
            ("ctx.query.", From::Query),
            ("request.args.", From::Query),
            ("request.GET.", From::Query),
            ("request.query_params.", From::Query),
            ("_GET.", From::Query),
            ("_REQUEST.", From::Query),
            ("req.params.", From::Path),
            ("request.params.", From::Path),
            ("ctx.params.", From::Path),
            ("req.headers.", From::Header),
            ("request.headers.", From::Header),
            ("request.files.", From::File),
            ("request.FILES.", From::File),
            ("req.files.", From::File),
            ("_FILES.", From::File),
        ];
        if matches!(name, "req.file" | "req.files" | "request.files") {
            self.input("file", From::File);
            return;
        }
        if name == "request.POST" || name == "request.FILES" {
            self.method("POST");
        }
        if matches!(name, "req.body" | "request.body" | "request.data") {
            self.reads_body = true;
        }
        for (prefix, from) in WHERE {
            if let Some(rest) = name.strip_prefix(prefix) {
                let key = rest.split('.').next().unwrap_or(rest);
                // A method of the container, not a key in it.
                if !matches!(
                    key,
                    "get"
                        | "length"
                        | "getlist"
                        | "keys"
                        | "items"
                        | "has"
                        | "entries"
                        | "pop"
                        | "getAll"
                ) {
                    self.input(key, from);
                }
                if prefix.contains("POST") || prefix.contains("FILES") {
                    self.method("POST");
                }
                return;
            }
        }
        // Rails
        if let Some(rest) = name.strip_prefix("params.") {
            let mut keys: Vec<&str> = rest.split('.').collect();
            while keys.last().is_some_and(|key| is_method(key)) {
                keys.pop();
            }
            if let Some(key) = keys.last() {
                let from = if *key == "id" || key.ends_with("_id") {
                    From::Path
                } else {
                    From::Body
                };
                self.input(key, from);
            }
        }
        if name.ends_with(".innerHTML") {
            self.sinks.push(Sink::Html);
        }
    }

    fn method(&mut self, method: &str) {
        if !self.methods.iter().any(|known| known == method) {
            self.methods.push(method.to_owned());
        }
    }
}

/// What a variable stands for: `data = request.get_json()`, `const b = req.body`.
fn container(assignment: &Assignment) -> Option<&'static str> {
    match &assignment.value {
        Expr::Name(name) => match name.as_str() {
            "req.body" | "request.body" | "request.data" | "request.json" | "request.form"
            | "request.POST" | "ctx.request.body" => Some("req.body"),
            "req.query" | "request.query" | "request.args" | "request.GET" => Some("req.query"),
            "req.params" | "ctx.params" => Some("req.params"),
            _ => None,
        },
        Expr::Call(call) => {
            let on = call.on().unwrap_or_default();
            let request = on.ends_with("req") || on.ends_with("request");
            (request
                && matches!(
                    call.name.as_str(),
                    "json"
                        | "formData"
                        | "get_json"
                        | "form"
                        | "parseBody"
                        | "validate"
                        | "validated"
                ))
            .then_some("req.body")
        }
        _ => None,
    }
}

/// Ruby: what is called on a parameter, not a key in it.
fn is_method(name: &str) -> bool {
    name.ends_with(['?', '!'])
        || name.starts_with("to_")
        || matches!(
            name,
            "dup"
                | "require"
                | "permit"
                | "strip"
                | "downcase"
                | "upcase"
                | "fetch"
                | "dig"
                | "slice"
                | "except"
                | "keys"
                | "values"
                | "length"
                | "size"
                | "first"
                | "last"
                | "split"
                | "each"
                | "map"
                | "merge"
                | "delete"
                | "presence"
                | "compact"
                | "count"
        )
}

fn resolved(name: &str, aliases: &[(&str, &str)]) -> String {
    aliases
        .iter()
        .find_map(|(alias, of)| {
            let rest = name.strip_prefix(alias)?;
            rest.starts_with('.').then(|| format!("{of}{rest}"))
        })
        .unwrap_or_else(|| name.to_owned())
}
