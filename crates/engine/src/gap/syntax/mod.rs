//! A source file as the readers see it: definitions, calls, names, imports and
//! assignments, alike for every language. Trees come from tree-sitter; what is
//! kept of them is small and owned.

mod go;
mod java;
mod javascript;
mod lower;
mod markup;
mod parse;
mod php;
mod python;
mod ruby;
mod rust;

pub use markup::Element;
pub use parse::{Parsers, Unparsed};

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

/// Stands for an interpolated part in a [`Expr::Text`].
pub const HOLE: char = '\u{0}';

/// What a file is written in, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// With JSX; plain JavaScript too.
    JavaScript,
    TypeScript,
    Python,
    Java,
    Go,
    Ruby,
    Php,
    Rust,
    /// HTML and the template languages that look like it.
    Html,
    /// HTML with Ruby in `<% %>`.
    Erb,
    /// HTML with a `<script>` that is the component.
    Component,
}

impl Language {
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        if name == "Rakefile" || name == "Gemfile" || name.ends_with(".d.ts") {
            return None;
        }
        Some(match name.rsplit_once('.')?.1 {
            "js" | "jsx" | "mjs" | "cjs" | "tsx" => Self::JavaScript,
            "ts" | "mts" | "cts" => Self::TypeScript,
            "py" => Self::Python,
            "java" => Self::Java,
            "go" => Self::Go,
            "rb" => Self::Ruby,
            "php" => Self::Php,
            "rs" => Self::Rust,
            "html" | "htm" | "twig" | "jinja" | "jinja2" | "j2" | "njk" | "hbs" | "ejs"
            | "tmpl" | "gohtml" | "mustache" => Self::Html,
            "erb" => Self::Erb,
            "vue" | "svelte" => Self::Component,
            _ => return None,
        })
    }

    /// Whether a name in a file of one may be that of a definition in the other.
    pub fn is_kin_of(self, other: Self) -> bool {
        self == other || self.is_script() && other.is_script()
    }

    /// What runs in a browser, however it is written down.
    pub fn is_script(self) -> bool {
        matches!(self, Self::JavaScript | Self::TypeScript | Self::Component)
    }

    pub fn is_markup(self) -> bool {
        matches!(self, Self::Html | Self::Erb | Self::Component)
    }
}

/// A value in source code, as far as it can be read without running it.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A string or symbol; [`HOLE`] where something is interpolated.
    Text(String),
    /// A dotted path: `req.body.email`, `users.routes`, `this.service`.
    Name(String),
    Call(Box<Call>),
    List(Vec<Expr>),
    Map(Vec<(String, Expr)>),
    /// An anonymous function, by its bytes.
    Function(Function),
    Other,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    pub span: Range<u32>,
    pub params: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub receiver: Option<Expr>,
    pub name: String,
    pub args: Vec<Arg>,
    /// From 1.
    pub line: u32,
    pub span: Range<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    pub name: Option<String>,
    pub value: Expr,
}

impl Expr {
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The name, or that of the function called: `a.b` of `a.b` and of `a.b()`.
    pub fn path(&self) -> Option<String> {
        match self {
            Self::Name(name) => Some(name.clone()),
            Self::Call(call) => Some(call.path()),
            _ => None,
        }
    }

    /// Its texts: itself, or the items of a list.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => vec![text],
            Self::List(items) => items.iter().filter_map(Self::text).collect(),
            _ => Vec::new(),
        }
    }

    pub fn entry(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    pub fn call(&self) -> Option<&Call> {
        match self {
            Self::Call(call) => Some(call),
            _ => None,
        }
    }
}

impl Call {
    /// The `n`th argument without a name.
    pub fn arg(&self, n: usize) -> Option<&Expr> {
        self.positional().nth(n)
    }

    pub fn positional(&self) -> impl DoubleEndedIterator<Item = &Expr> {
        self.args
            .iter()
            .filter(|arg| arg.name.is_none())
            .map(|arg| &arg.value)
    }

    /// An argument by its name, also as an entry of a map that is passed.
    pub fn named(&self, name: &str) -> Option<&Expr> {
        self.args
            .iter()
            .find(|arg| arg.name.as_deref() == Some(name))
            .map(|arg| &arg.value)
            .or_else(|| self.positional().find_map(|value| value.entry(name)))
    }

    /// `a.b.c` of `a.b.c(...)`; a call in the middle counts by its name.
    pub fn path(&self) -> String {
        match self.receiver.as_ref().and_then(Expr::path) {
            Some(receiver) => format!("{receiver}.{}", self.name),
            None => self.name.clone(),
        }
    }

    /// The receiver, where it is a plain name.
    pub fn on(&self) -> Option<&str> {
        self.receiver.as_ref().and_then(Expr::name)
    }

    /// This call and those it is chained to, the last one first:
    /// `a.b().c()` gives `c`, then `b`.
    pub fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |call| {
            call.receiver.as_ref().and_then(Expr::call)
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Function,
    Method,
    Class,
    /// An interface, record or struct: only its fields matter.
    Type,
}

#[derive(Clone, Debug)]
pub struct Definition {
    pub kind: Kind,
    pub name: String,
    /// The class, type or `impl` it stands in.
    pub owner: Option<String>,
    pub exported: bool,
    pub line: u32,
    pub span: Range<u32>,
    pub lines: u32,
    pub params: Vec<Param>,
    /// Decorators, annotations and attributes.
    pub marks: Vec<Call>,
    pub bases: Vec<String>,
    pub fields: Vec<String>,
}

impl Definition {
    pub fn mark(&self, name: &str) -> Option<&Call> {
        self.marks.iter().find(|mark| mark.name == name)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Param {
    pub name: String,
    /// The type as written, without white space.
    pub type_name: String,
    pub marks: Vec<Call>,
}

/// `names` of `module`; the whole module under `alias` where there are none.
#[derive(Clone, Debug, Default)]
pub struct Import {
    pub module: String,
    /// (name there, name here)
    pub names: Vec<(String, String)>,
    pub alias: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Assignment {
    pub target: String,
    pub value: Expr,
}

/// One file, read.
#[derive(Debug, Default)]
pub struct Module {
    pub language: Option<Language>,
    pub imports: Vec<Import>,
    pub definitions: Vec<Definition>,
    pub calls: Vec<Call>,
    /// Dotted names with a dot in them, with the byte they begin at.
    pub names: Vec<(String, u32)>,
    pub assignments: Vec<(Assignment, u32)>,
    /// Names that leave the file: `module.exports = { a }`, `export { a }`.
    pub exports: HashSet<String>,
    /// Bytes at which the flow forks.
    pub branches: Vec<u32>,
    /// Every identifier.
    pub identifiers: HashSet<String>,
    /// Every short string.
    pub strings: HashSet<String>,
    /// Bytes of code that is only built for tests.
    pub test_spans: Vec<Range<u32>>,
    pub elements: Vec<Element>,
}

impl Module {
    /// The innermost function or method around a byte. Definitions stand in the
    /// order in which they begin; a search back that finds nothing near gives up.
    pub fn enclosing(&self, at: u32) -> Option<&Definition> {
        let after = self.definitions.partition_point(|d| d.span.start <= at);
        self.definitions[..after]
            .iter()
            .rev()
            .take(500)
            .filter(|definition| matches!(definition.kind, Kind::Function | Kind::Method))
            .find(|definition| definition.span.contains(&at))
    }
}
