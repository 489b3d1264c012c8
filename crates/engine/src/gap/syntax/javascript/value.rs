//! Values of JavaScript and TypeScript.

use tree_sitter::Node;

use crate::gap::syntax::lower::{
    Cx, arg, children, function, inner, joined, list, member, named_arg, param, pieces, text,
};
use crate::gap::syntax::{Arg, Call, Expr, Param};

pub fn lower(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Expr {
    let Some(depth) = depth.checked_sub(1) else {
        return Expr::Other;
    };
    let field = |name| {
        node.child_by_field_name(name)
            .map_or(Expr::Other, |child| lower(child, cx, depth))
    };
    match node.kind() {
        "string" => pieces(node, cx, &["string_fragment"]),
        "template_string" => pieces(node, cx, &["string_fragment"]),
        "identifier"
        | "this"
        | "property_identifier"
        | "shorthand_property_identifier"
        | "type_identifier" => Expr::Name(cx.text(node).to_owned()),
        "member_expression" => member(&field("object"), cx.field(node, "property")),
        "subscript_expression" => match field("index") {
            Expr::Text(key) => member(&field("object"), &key),
            _ => Expr::Other,
        },
        "call_expression" | "new_expression" => call(node, cx, depth),
        "await_expression"
        | "parenthesized_expression"
        | "non_null_expression"
        | "as_expression"
        | "satisfies_expression"
        | "jsx_expression" => inner(node, cx, depth, lower),
        "array" => list(node, cx, depth, lower),
        "object" => Expr::Map(
            children(node)
                .into_iter()
                .filter_map(|e| entry(e, cx, depth))
                .collect(),
        ),
        "arrow_function" | "function_expression" | "generator_function" | "method_definition" => {
            function(node, param_names(node, cx))
        }
        "binary_expression" if cx.field(node, "operator") == "+" => {
            joined(&field("left"), &field("right"))
        }
        "jsx_self_closing_element" | "jsx_opening_element" => {
            let args = children(node)
                .into_iter()
                .filter(|child| child.kind() == "jsx_attribute")
                .filter_map(|attribute| attribute_arg(attribute, cx, depth))
                .collect();
            let name = cx.field(node, "name");
            Expr::Call(Box::new(cx.call(node, None, name, args)))
        }
        "jsx_element" => field("open_tag"),
        _ => Expr::Other,
    }
}

fn attribute_arg(attribute: Node<'_>, cx: &Cx<'_>, depth: u32) -> Option<Arg> {
    let parts = children(attribute);
    let name = cx.text(*parts.first()?);
    let value = parts
        .get(1)
        .map_or(text("true"), |value| lower(*value, cx, depth));
    Some(named_arg(name, value))
}

fn entry(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Option<(String, Expr)> {
    match node.kind() {
        "pair" => {
            let key = node.child_by_field_name("key")?;
            let key = match lower(key, cx, depth) {
                Expr::Text(key) | Expr::Name(key) => key,
                _ => return None,
            };
            let value = node.child_by_field_name("value")?;
            Some((key, lower(value, cx, depth)))
        }
        "shorthand_property_identifier" => {
            let name = cx.text(node).to_owned();
            Some((name.clone(), Expr::Name(name)))
        }
        "method_definition" => Some((
            cx.field(node, "name").to_owned(),
            function(node, param_names(node, cx)),
        )),
        _ => None,
    }
}

fn call(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Expr {
    let callee = node
        .child_by_field_name("function")
        .or_else(|| node.child_by_field_name("constructor"));
    let Some(callee) = callee else {
        return Expr::Other;
    };
    let (receiver, name) = match callee.kind() {
        "member_expression" => (
            callee
                .child_by_field_name("object")
                .map(|object| lower(object, cx, depth)),
            cx.field(callee, "property").to_owned(),
        ),
        _ => match lower(callee, cx, depth) {
            Expr::Name(name) => match name.rsplit_once('.') {
                Some((receiver, name)) => (Some(Expr::Name(receiver.to_owned())), name.to_owned()),
                None => (None, name),
            },
            // `require('./x')(app)`
            Expr::Call(inner) => (Some(Expr::Call(inner)), String::new()),
            _ => (None, String::new()),
        },
    };
    let args = node
        .child_by_field_name("arguments")
        .filter(|arguments| arguments.kind() == "arguments")
        .map(children)
        .unwrap_or_default()
        .into_iter()
        .filter(|argument| argument.kind() != "comment")
        .map(|argument| arg(lower(argument, cx, depth)))
        .collect();
    Expr::Call(Box::new(cx.call(node, receiver, &name, args)))
}

fn param_names(node: Node<'_>, cx: &Cx<'_>) -> Vec<String> {
    params(node, cx)
        .into_iter()
        .map(|param| param.name)
        .collect()
}

pub(super) fn params(node: Node<'_>, cx: &Cx<'_>) -> Vec<Param> {
    if let Some(single) = node.child_by_field_name("parameter") {
        return vec![param(cx.text(single), "", Vec::new())];
    }
    let Some(list) = node.child_by_field_name("parameters") else {
        return Vec::new();
    };
    children(list)
        .into_iter()
        .filter(|child| child.kind().ends_with("_parameter"))
        .map(|child| {
            let marks = children(child)
                .into_iter()
                .filter(|child| child.kind() == "decorator")
                .filter_map(|decorator| mark(decorator, cx))
                .collect();
            let type_name = cx.field(child, "type").trim_start_matches(':');
            param(cx.field(child, "pattern"), type_name, marks)
        })
        .collect()
}

pub(super) fn mark(decorator: Node<'_>, cx: &Cx<'_>) -> Option<Call> {
    let inner = *children(decorator).first()?;
    match lower(inner, cx, 8) {
        Expr::Call(call) => Some(*call),
        Expr::Name(name) => Some(cx.mark(decorator, name.rsplit('.').next()?)),
        _ => None,
    }
}
