//! Java.

use tree_sitter::Node;

use super::lower::{
    Builder, Cx, arg, child, children, children_in, function, inner, joined, list, member,
    named_arg, param, pieces,
};
use super::{Call, Expr, Import, Kind, Param};

pub fn lower(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Expr {
    let Some(depth) = depth.checked_sub(1) else {
        return Expr::Other;
    };
    let field = |name| {
        node.child_by_field_name(name)
            .map_or(Expr::Other, |child| lower(child, cx, depth))
    };
    match node.kind() {
        "string_literal" => pieces(node, cx, &["string_fragment", "multiline_string_fragment"]),
        "identifier" | "this" | "type_identifier" => Expr::Name(cx.text(node).to_owned()),
        "field_access" => member(&field("object"), cx.field(node, "field")),
        "method_invocation" => {
            let receiver = node
                .child_by_field_name("object")
                .map(|object| lower(object, cx, depth));
            let args = arguments(node, cx, depth);
            Expr::Call(Box::new(cx.call(
                node,
                receiver,
                cx.field(node, "name"),
                args,
            )))
        }
        "object_creation_expression" => {
            let args = arguments(node, cx, depth);
            Expr::Call(Box::new(cx.call(node, None, cx.field(node, "type"), args)))
        }
        "annotation" | "marker_annotation" => {
            annotation(node, cx).map_or(Expr::Other, |mark| Expr::Call(Box::new(mark)))
        }
        "element_value_array_initializer" | "array_initializer" => list(node, cx, depth, lower),
        "lambda_expression" => function(node, Vec::new()),
        "binary_expression" => joined(&field("left"), &field("right")),
        "parenthesized_expression" => inner(node, cx, depth, lower),
        _ => Expr::Other,
    }
}

fn arguments(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Vec<super::Arg> {
    children_in(node, "arguments")
        .into_iter()
        .map(|argument| arg(lower(argument, cx, depth)))
        .collect()
}

fn annotation(node: Node<'_>, cx: &Cx<'_>) -> Option<Call> {
    let name = cx.field(node, "name").rsplit('.').next()?;
    let args = children_in(node, "arguments")
        .into_iter()
        .map(|argument| match argument.child_by_field_name("value") {
            Some(value) if argument.kind() == "element_value_pair" => {
                named_arg(cx.field(argument, "key"), lower(value, cx, 6))
            }
            _ => arg(lower(argument, cx, 6)),
        })
        .collect();
    Some(cx.call(node, None, name, args))
}

/// Annotations and whether it is private.
fn modifiers(node: Node<'_>, cx: &Cx<'_>) -> (Vec<Call>, bool) {
    let Some(modifiers) = child(node, "modifiers") else {
        return (Vec::new(), false);
    };
    let marks = children(modifiers)
        .into_iter()
        .filter_map(|modifier| annotation(modifier, cx).filter(|mark| !mark.name.is_empty()))
        .collect();
    let hidden = cx
        .text(modifiers)
        .split_whitespace()
        .any(|word| word == "private" || word == "protected");
    (marks, hidden)
}

fn params(node: Node<'_>, cx: &Cx<'_>) -> Vec<Param> {
    children_in(node, "parameters")
        .into_iter()
        .filter(|parameter| parameter.kind() == "formal_parameter")
        .map(|parameter| {
            let (marks, _) = modifiers(parameter, cx);
            param(
                cx.field(parameter, "name"),
                cx.field(parameter, "type"),
                marks,
            )
        })
        .collect()
}

pub fn visit(node: Node<'_>, b: &mut Builder<'_>) {
    match node.kind() {
        "package_declaration" => {
            let package = children(node)
                .last()
                .map(|name| b.cx.text(*name).to_owned())
                .unwrap_or_default();
            b.assign(node, "package", Expr::Text(package));
        }
        "import_declaration" => {
            let path = child(node, "scoped_identifier")
                .map(|path| b.cx.text(path).to_owned())
                .unwrap_or_default();
            if child(node, "asterisk").is_some() {
                b.import(Import {
                    module: path,
                    ..Import::default()
                });
            } else if let Some((module, name)) = path.rsplit_once('.') {
                b.import(Import {
                    module: module.to_owned(),
                    names: vec![(name.to_owned(), name.to_owned())],
                    alias: None,
                });
            }
        }
        "class_declaration"
        | "record_declaration"
        | "interface_declaration"
        | "enum_declaration" => {
            let name = b.cx.field(node, "name").to_owned();
            let kind = if node.kind() == "class_declaration" {
                Kind::Class
            } else {
                Kind::Type
            };
            let mut definition = b.definition(node, kind, &name);
            let (marks, hidden) = modifiers(node, &b.cx);
            definition.marks = marks;
            definition.exported = !hidden;
            if let Some(base) = node.child_by_field_name("superclass") {
                definition.bases = children(base)
                    .into_iter()
                    .map(|base| b.cx.text(base).to_owned())
                    .collect();
            }
            definition.fields = params(node, &b.cx)
                .into_iter()
                .map(|field| field.name)
                .chain(
                    children_in(node, "body")
                        .into_iter()
                        .filter(|member| member.kind() == "field_declaration")
                        .filter_map(|field| field.child_by_field_name("declarator"))
                        .map(|field| b.cx.field(field, "name").to_owned()),
                )
                .collect();
            b.define(definition);
            b.own(node, &name);
        }
        "method_declaration" => {
            let name = b.cx.field(node, "name").to_owned();
            let mut definition = b.definition(node, Kind::Method, &name);
            let (marks, hidden) = modifiers(node, &b.cx);
            definition.marks = marks;
            definition.exported = !hidden && node.child_by_field_name("body").is_some();
            definition.params = params(node, &b.cx);
            b.define(definition);
        }
        "method_invocation" | "object_creation_expression" => b.call(node, lower),
        "field_access" => b.name(node, lower),
        "return_statement" => {
            if let Some(value) = children(node).first()
                && let Expr::Text(view) = b.value(*value, lower)
            {
                // Spring MVC: the name of a view.
                let call = b.cx.call(node, None, "return", vec![arg(Expr::Text(view))]);
                b.push_call(call);
            }
        }
        "if_statement"
        | "for_statement"
        | "enhanced_for_statement"
        | "while_statement"
        | "do_statement"
        | "switch_label"
        | "catch_clause"
        | "ternary_expression" => b.branch(node),
        "identifier" | "type_identifier" => b.identifier(node),
        "string_literal" => b.string(node, lower),
        _ => {}
    }
}
