//! What the languages share in being lowered to a [`Module`].

use std::collections::HashSet;
use std::ops::Range;

use tree_sitter::Node;

use super::{
    Arg, Assignment, Call, Definition, Element, Expr, Function, HOLE, Import, Kind, Module, Param,
};

/// Deeper than this a value is [`Expr::Other`].
const DEPTH: u32 = 12;
/// Longer strings say nothing about routes.
const TEXT: usize = 400;
/// More arguments or items are not looked at.
const WIDTH: usize = 256;

/// How a language lowers a value; the number is the depth that is left.
pub type Lower = fn(Node<'_>, &Cx<'_>, u32) -> Expr;

/// The source, to look nodes up in.
#[derive(Clone, Copy)]
pub struct Cx<'s> {
    pub source: &'s str,
    /// Lines before the source in its file.
    pub line: u32,
}

impl<'s> Cx<'s> {
    pub fn text(&self, node: Node<'_>) -> &'s str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    pub fn field(&self, node: Node<'_>, name: &str) -> &'s str {
        node.child_by_field_name(name)
            .map(|child| self.text(child))
            .unwrap_or_default()
    }

    /// From 1.
    pub fn line(&self, node: Node<'_>) -> u32 {
        to_u32(node.start_position().row) + 1 + self.line
    }

    pub fn call(&self, node: Node<'_>, receiver: Option<Expr>, name: &str, args: Vec<Arg>) -> Call {
        Call {
            receiver,
            name: name.to_owned(),
            args,
            line: self.line(node),
            span: span(node),
        }
    }

    /// A mark without arguments.
    pub fn mark(&self, node: Node<'_>, name: &str) -> Call {
        self.call(node, None, name, Vec::new())
    }
}

pub fn span(node: Node<'_>) -> Range<u32> {
    to_u32(node.start_byte())..to_u32(node.end_byte())
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).take(WIDTH).collect()
}

/// The children of what stands in a field; none where nothing does.
pub fn children_in<'t>(node: Node<'t>, field: &str) -> Vec<Node<'t>> {
    node.child_by_field_name(field)
        .map(children)
        .unwrap_or_default()
}

/// A list of all children, lowered.
pub fn list(node: Node<'_>, cx: &Cx<'_>, depth: u32, lower: Lower) -> Expr {
    let items = children(node).into_iter();
    Expr::List(items.map(|item| lower(item, cx, depth)).collect())
}

/// What parentheses, `await` and the like stand around.
pub fn inner(node: Node<'_>, cx: &Cx<'_>, depth: u32, lower: Lower) -> Expr {
    children(node)
        .first()
        .map_or(Expr::Other, |inner| lower(*inner, cx, depth))
}

pub fn child<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .take(WIDTH)
        .find(|child| child.kind() == kind)
}

pub fn text(value: impl Into<String>) -> Expr {
    let value = value.into();
    if value.len() > TEXT {
        Expr::Other
    } else {
        Expr::Text(value)
    }
}

/// A string literal whose `literal` children are its text and whose other
/// children are interpolated.
pub fn pieces(node: Node<'_>, cx: &Cx<'_>, literal: &[&str]) -> Expr {
    let mut value = String::new();
    for piece in children(node) {
        let kind = piece.kind();
        if literal.contains(&kind) {
            value.push_str(cx.text(piece));
        } else if !matches!(
            kind,
            "string_start" | "string_end" | "escape_sequence" | "comment"
        ) {
            value.push(HOLE);
        }
    }
    text(value)
}

/// `a + b`, where at least one side is a text.
pub fn joined(left: &Expr, right: &Expr) -> Expr {
    if left.text().is_none() && right.text().is_none() {
        return Expr::Other;
    }
    let side = |expr: &Expr| {
        expr.text()
            .map_or_else(|| HOLE.to_string(), ToOwned::to_owned)
    };
    text(side(left) + &side(right))
}

/// `of.name`, where `of` is a name.
pub fn member(of: &Expr, name: &str) -> Expr {
    match of.name() {
        Some(of) if of.len() < TEXT => Expr::Name(format!("{of}.{name}")),
        _ => Expr::Other,
    }
}

pub fn function(node: Node<'_>, params: Vec<String>) -> Expr {
    Expr::Function(Function {
        span: span(node),
        params,
    })
}

/// Fills a [`Module`] while its tree is walked.
pub struct Builder<'m> {
    pub cx: Cx<'m>,
    module: &'m mut Module,
    /// Classes around the node at hand, with the byte they end at.
    owners: Vec<(u32, String)>,
    /// Where the functions around the node at hand end.
    functions: Vec<u32>,
    /// Decorators that wait for their definition.
    marks: Vec<Call>,
    /// Whether identifiers and strings are kept outside of tests.
    names: bool,
    /// Up to these bytes decorators, names, elements are already dealt with.
    marks_done: u32,
    names_done: u32,
    elements_done: u32,
    /// Bytes at which exported declarations begin.
    exported: HashSet<u32>,
}

impl<'m> Builder<'m> {
    pub fn new(source: &'m str, module: &'m mut Module, line: u32, names: bool) -> Self {
        Self {
            cx: Cx { source, line },
            module,
            owners: Vec::new(),
            functions: Vec::new(),
            marks: Vec::new(),
            names,
            marks_done: 0,
            names_done: 0,
            elements_done: 0,
            exported: HashSet::new(),
        }
    }

    pub fn value(&self, node: Node<'_>, lower: Lower) -> Expr {
        lower(node, &self.cx, DEPTH)
    }

    pub fn call(&mut self, node: Node<'_>, lower: Lower) {
        if let Expr::Call(call) = self.value(node, lower) {
            self.module.calls.push(*call);
        }
    }

    pub fn push_call(&mut self, call: Call) {
        self.module.calls.push(call);
    }

    /// A dotted name, once, at its widest.
    pub fn name(&mut self, node: Node<'_>, lower: Lower) {
        let span = span(node);
        if span.start < self.names_done {
            return;
        }
        if let Expr::Name(name) = self.value(node, lower) {
            self.names_done = span.end;
            self.module.names.push((name, span.start));
        }
    }

    pub fn push_name(&mut self, name: String, node: Node<'_>) {
        self.module.names.push((name, span(node).start));
    }

    pub fn import(&mut self, import: Import) {
        self.module.imports.push(import);
    }

    pub fn assign(&mut self, node: Node<'_>, target: &str, value: Expr) {
        self.module.assignments.push((
            Assignment {
                target: target.to_owned(),
                value,
            },
            span(node).start,
        ));
    }

    fn keeps(&self, node: Node<'_>) -> bool {
        self.names || !self.module.test_spans.is_empty() && self.in_test(node)
    }

    pub fn identifier(&mut self, node: Node<'_>) {
        if !self.keeps(node) {
            return;
        }
        let name = self.cx.text(node);
        if name.len() > 1 && name.len() < TEXT && !self.module.identifiers.contains(name) {
            self.module.identifiers.insert(name.to_owned());
        }
    }

    pub fn string(&mut self, node: Node<'_>, lower: Lower) {
        if !self.keeps(node) {
            return;
        }
        if let Expr::Text(text) = self.value(node, lower)
            && !text.is_empty()
            && text.len() < 200
        {
            self.module.strings.insert(text);
        }
    }

    pub fn branch(&mut self, node: Node<'_>) {
        self.module.branches.push(span(node).start);
    }

    pub fn test_span(&mut self, node: Node<'_>) {
        self.module.test_spans.push(span(node));
    }

    pub fn in_test(&self, node: Node<'_>) -> bool {
        let at = span(node).start;
        self.module.test_spans.iter().any(|span| span.contains(&at))
    }

    pub fn element(&mut self, node: Node<'_>, lower: fn(Node<'_>, &Cx<'_>) -> Option<Element>) {
        let span = span(node);
        if span.start >= self.elements_done {
            self.elements_done = span.end;
            self.module.elements.extend(lower(node, &self.cx));
        }
    }

    // Exports

    pub fn export(&mut self, name: &str) {
        self.module.exports.insert(name.to_owned());
    }

    pub fn export_at(&mut self, node: Node<'_>) {
        self.exported.insert(span(node).start);
    }

    pub fn is_exported_at(&self, node: Node<'_>) -> bool {
        self.exported.contains(&span(node).start)
    }

    // Decorators

    pub fn mark(&mut self, node: Node<'_>, mark: Call) {
        if span(node).start >= self.marks_done {
            self.marks.push(mark);
        }
    }

    /// Decorators inside belong to something else.
    pub fn no_marks_in(&mut self, node: Node<'_>) {
        self.marks_done = self.marks_done.max(span(node).end);
    }

    pub fn take_marks(&mut self) -> Vec<Call> {
        std::mem::take(&mut self.marks)
    }

    // Definitions

    /// The class around a node.
    pub fn owner(&mut self, node: Node<'_>) -> Option<String> {
        let at = span(node).start;
        while self.owners.last().is_some_and(|(end, _)| *end <= at) {
            self.owners.pop();
        }
        self.owners.last().map(|(_, name)| name.clone())
    }

    pub fn own(&mut self, node: Node<'_>, name: &str) {
        self.owners.push((span(node).end, name.to_owned()));
    }

    pub fn in_function(&mut self, node: Node<'_>) -> bool {
        let at = span(node).start;
        while self.functions.last().is_some_and(|end| *end <= at) {
            self.functions.pop();
        }
        !self.functions.is_empty()
    }

    /// A definition with what every language says alike; the rest is filled in.
    pub fn definition(&mut self, node: Node<'_>, kind: Kind, name: &str) -> Definition {
        let owner = self.owner(node);
        let rows = node.end_position().row - node.start_position().row;
        Definition {
            kind,
            name: name.to_owned(),
            owner,
            exported: false,
            line: self.cx.line(node),
            span: span(node),
            lines: to_u32(rows) + 1,
            params: Vec::new(),
            marks: self.take_marks(),
            bases: Vec::new(),
            fields: Vec::new(),
        }
    }

    pub fn define(&mut self, definition: Definition) {
        if matches!(definition.kind, Kind::Function | Kind::Method) {
            self.functions.push(definition.span.end);
        }
        if !definition.name.is_empty() && definition.name.len() < TEXT {
            self.module.definitions.push(definition);
        }
    }
}

pub fn param(name: &str, type_name: &str, marks: Vec<Call>) -> Param {
    Param {
        name: name.to_owned(),
        type_name: type_name.split_whitespace().collect(),
        marks,
    }
}

pub fn arg(value: Expr) -> Arg {
    Arg { name: None, value }
}

pub fn named_arg(name: &str, value: Expr) -> Arg {
    Arg {
        name: Some(name.to_owned()),
        value,
    }
}
