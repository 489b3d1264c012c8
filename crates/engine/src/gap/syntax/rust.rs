//! Rust.

use tree_sitter::Node;

use super::lower::{
    Builder, Cx, arg, child, children, children_in, function, inner, list, member, param, pieces,
};
use super::{Call, Expr, HOLE, Import, Kind, Param};

pub fn lower(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Expr {
    let Some(depth) = depth.checked_sub(1) else {
        return Expr::Other;
    };
    let field = |name| {
        node.child_by_field_name(name)
            .map_or(Expr::Other, |child| lower(child, cx, depth))
    };
    match node.kind() {
        "string_literal" | "raw_string_literal" => pieces(node, cx, &["string_content"]),
        "identifier" | "self" | "crate" | "super" | "field_identifier" | "type_identifier" => {
            Expr::Name(cx.text(node).to_owned())
        }
        "scoped_identifier" => match node.child_by_field_name("path") {
            Some(path) => member(&lower(path, cx, depth), cx.field(node, "name")),
            None => Expr::Name(cx.field(node, "name").to_owned()),
        },
        "field_expression" => member(&field("value"), cx.field(node, "field")),
        "call_expression" => call(node, cx, depth),
        "generic_function" => field("function"),
        "reference_expression" => field("value"),
        "try_expression" | "await_expression" | "parenthesized_expression" => {
            inner(node, cx, depth, lower)
        }
        "array_expression" | "tuple_expression" => list(node, cx, depth, lower),
        "closure_expression" => function(node, Vec::new()),
        "macro_invocation" if cx.field(node, "macro") == "format" => child(node, "token_tree")
            .and_then(|tokens| children(tokens).first().copied())
            .map_or(Expr::Other, |first| match lower(first, cx, depth) {
                Expr::Text(format) => Expr::Text(without_placeholders(&format)),
                _ => Expr::Other,
            }),
        _ => Expr::Other,
    }
}

fn without_placeholders(format: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in format.chars() {
        match c {
            '{' => inside = true,
            '}' if inside => {
                inside = false;
                text.push(HOLE);
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text
}

fn call(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Expr {
    let Some(mut callee) = node.child_by_field_name("function") else {
        return Expr::Other;
    };
    if callee.kind() == "generic_function"
        && let Some(inner) = callee.child_by_field_name("function")
    {
        callee = inner;
    }
    let (receiver, name) = match callee.kind() {
        "field_expression" => (
            callee
                .child_by_field_name("value")
                .map(|value| lower(value, cx, depth)),
            cx.field(callee, "field"),
        ),
        "scoped_identifier" => (
            callee
                .child_by_field_name("path")
                .map(|path| lower(path, cx, depth)),
            cx.field(callee, "name"),
        ),
        _ => (None, cx.text(callee)),
    };
    let args = children_in(node, "arguments")
        .into_iter()
        .map(|argument| arg(lower(argument, cx, depth)))
        .collect();
    Expr::Call(Box::new(cx.call(node, receiver, name, args)))
}

fn params(node: Node<'_>, cx: &Cx<'_>) -> Vec<Param> {
    children_in(node, "parameters")
        .into_iter()
        .filter(|parameter| parameter.kind() == "parameter")
        .map(|parameter| {
            // `Json(input): Json<Input>` is called `input`.
            let pattern = cx.field(parameter, "pattern");
            let name = pattern
                .rsplit_once('(')
                .map_or(pattern, |(_, inner)| inner.trim_end_matches(')'));
            param(
                name.trim_start_matches("mut "),
                cx.field(parameter, "type"),
                Vec::new(),
            )
        })
        .collect()
}

/// `#[get("/x")]`: the name, and the strings in its arguments.
fn attribute(node: Node<'_>, cx: &Cx<'_>) -> Option<Call> {
    let attribute = child(node, "attribute")?;
    let path = *children(attribute).first()?;
    let args = children_in(attribute, "arguments")
        .into_iter()
        .map(|token| arg(lower(token, cx, 4)))
        .collect();
    let name = cx.text(path).rsplit("::").next()?;
    Some(cx.call(node, None, name, args))
}

pub fn visit(node: Node<'_>, b: &mut Builder<'_>) {
    match node.kind() {
        "use_declaration" => {
            if let Some(argument) = node.child_by_field_name("argument") {
                let mut found = Vec::new();
                uses(argument, "", &b.cx, 8, &mut found);
                found.into_iter().for_each(|import| b.import(import));
            }
        }
        "attribute_item" => {
            if let Some(mark) = attribute(node, &b.cx) {
                b.mark(node, mark);
            }
        }
        "mod_item" => {
            let marks = b.take_marks();
            let tests = marks
                .iter()
                .any(|mark| mark.name == "cfg" && mark.arg(0).and_then(Expr::name) == Some("test"));
            if tests {
                b.test_span(node);
            }
        }
        "function_item" => {
            let name = b.cx.field(node, "name").to_owned();
            let nested = b.in_function(node);
            let owned = b.owner(node).is_some();
            let kind = if owned { Kind::Method } else { Kind::Function };
            let public = child(node, "visibility_modifier").is_some();
            let tests = b.in_test(node);
            let mut definition = b.definition(node, kind, &name);
            definition.params = params(node, &b.cx);
            let test = definition.marks.iter().any(|mark| mark.name == "test");
            definition.exported = public && !nested && !tests && !test;
            if test {
                b.test_span(node);
            }
            b.define(definition);
        }
        "struct_item" => {
            let name = b.cx.field(node, "name").to_owned();
            let mut definition = b.definition(node, Kind::Type, &name);
            definition.fields = children_in(node, "body")
                .into_iter()
                .filter(|field| field.kind() == "field_declaration")
                .map(|field| b.cx.field(field, "name").to_owned())
                .collect();
            b.define(definition);
        }
        "enum_item" | "trait_item" | "const_item" | "static_item" | "type_item" => {
            b.take_marks();
        }
        "impl_item" => {
            b.take_marks();
            let name = b.cx.field(node, "type");
            let name = name.split('<').next().unwrap_or(name).to_owned();
            if node.child_by_field_name("trait").is_none() {
                b.own(node, &name);
            }
        }
        "let_declaration" => {
            let (Some(pattern), Some(value)) = (
                node.child_by_field_name("pattern"),
                node.child_by_field_name("value"),
            ) else {
                return;
            };
            let target = b.cx.text(pattern).trim_start_matches("mut ").to_owned();
            if target.len() < 100 {
                let value = b.value(value, lower);
                b.assign(node, &target, value);
            }
        }
        "call_expression" => b.call(node, lower),
        // In a macro there are only tokens: `get("/x")` is a name before a
        // token tree that begins with a string.
        "token_tree" => token_calls(node, b),
        "field_expression" | "scoped_identifier" => b.name(node, lower),
        "if_expression" | "match_arm" | "for_expression" | "while_expression" => b.branch(node),
        "identifier" | "field_identifier" | "type_identifier" => b.identifier(node),
        "string_literal" | "raw_string_literal" => b.string(node, lower),
        _ => {}
    }
}

fn token_calls(node: Node<'_>, b: &mut Builder<'_>) {
    let tokens = children(node);
    for pair in tokens.windows(2) {
        if let [name, arguments] = pair
            && name.kind() == "identifier"
            && arguments.kind() == "token_tree"
            && let Some(first) = children(*arguments).first()
            && let Expr::Text(text) = b.value(*first, lower)
        {
            let name = b.cx.text(*name).to_owned();
            let receiver = Some(Expr::Name("macro".to_owned()));
            let call =
                b.cx.call(node, receiver, &name, vec![arg(Expr::Text(text))]);
            b.push_call(call);
        }
    }
}

/// What a `use` brings in; recursion ends at `depth`.
fn uses(node: Node<'_>, prefix: &str, cx: &Cx<'_>, depth: u32, found: &mut Vec<Import>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    let full = |path: &str| {
        let path = path.replace("::", ".");
        if prefix.is_empty() {
            path
        } else {
            format!("{prefix}.{path}")
        }
    };
    match node.kind() {
        "scoped_use_list" => {
            let prefix = full(cx.field(node, "path"));
            if let Some(list) = node.child_by_field_name("list") {
                for item in children(list) {
                    uses(item, &prefix, cx, depth, found);
                }
            }
        }
        "use_list" => {
            for item in children(node) {
                uses(item, prefix, cx, depth, found);
            }
        }
        "use_as_clause" => push(
            &full(cx.field(node, "path")),
            Some(cx.field(node, "alias")),
            found,
        ),
        "use_wildcard" => {
            let path = children(node)
                .first()
                .map(|path| full(cx.text(*path)))
                .unwrap_or_default();
            found.push(Import {
                module: path,
                ..Import::default()
            });
        }
        "self" => push(prefix, None, found),
        _ => push(&full(cx.text(node)), None, found),
    }
}

fn push(path: &str, alias: Option<&str>, found: &mut Vec<Import>) {
    let (module, name) = path.rsplit_once('.').unwrap_or(("", path));
    found.push(Import {
        module: module.to_owned(),
        names: vec![(name.to_owned(), alias.unwrap_or(name).to_owned())],
        alias: None,
    });
}
