//! Go.

use tree_sitter::Node;

use super::lower::{
    Builder, Cx, arg, child, children, children_in, function, inner, joined, member, param, pieces,
};
use super::{Expr, Import, Kind, Param};

pub fn lower(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Expr {
    let Some(depth) = depth.checked_sub(1) else {
        return Expr::Other;
    };
    let field = |name| {
        node.child_by_field_name(name)
            .map_or(Expr::Other, |child| lower(child, cx, depth))
    };
    match node.kind() {
        "interpreted_string_literal" => pieces(node, cx, &["interpreted_string_literal_content"]),
        "raw_string_literal" => pieces(node, cx, &["raw_string_literal_content"]),
        "identifier" | "field_identifier" | "type_identifier" | "package_identifier" => {
            Expr::Name(cx.text(node).to_owned())
        }
        "selector_expression" => member(&field("operand"), cx.field(node, "field")),
        "call_expression" => {
            let Some(callee) = node.child_by_field_name("function") else {
                return Expr::Other;
            };
            let (receiver, name) = if callee.kind() == "selector_expression" {
                (
                    callee
                        .child_by_field_name("operand")
                        .map(|operand| lower(operand, cx, depth)),
                    cx.field(callee, "field"),
                )
            } else {
                (None, cx.text(callee))
            };
            let args = children_in(node, "arguments")
                .into_iter()
                .map(|argument| arg(lower(argument, cx, depth)))
                .collect();
            Expr::Call(Box::new(cx.call(node, receiver, name, args)))
        }
        "unary_expression" => field("operand"),
        "parenthesized_expression" | "literal_element" | "expression_list" => {
            inner(node, cx, depth, lower)
        }
        "composite_literal" => {
            let items = children_in(node, "body");
            if items.iter().any(|item| item.kind() == "keyed_element") {
                Expr::Map(
                    items
                        .into_iter()
                        .filter_map(|item| {
                            let key = lower(item.child_by_field_name("key")?, cx, depth);
                            let value = lower(item.child_by_field_name("value")?, cx, depth);
                            let key = key.text().or_else(|| key.name())?.to_owned();
                            Some((key, value))
                        })
                        .collect(),
                )
            } else {
                Expr::List(
                    items
                        .into_iter()
                        .map(|item| lower(item, cx, depth))
                        .collect(),
                )
            }
        }
        "func_literal" => function(node, params(node, cx).into_iter().map(|p| p.name).collect()),
        "binary_expression" => joined(&field("left"), &field("right")),
        _ => Expr::Other,
    }
}

fn params(node: Node<'_>, cx: &Cx<'_>) -> Vec<Param> {
    children_in(node, "parameters")
        .into_iter()
        .flat_map(|parameter| {
            let mut cursor = parameter.walk();
            parameter
                .children_by_field_name("name", &mut cursor)
                .map(|name| param(cx.text(name), cx.field(parameter, "type"), Vec::new()))
                .collect::<Vec<_>>()
        })
        .collect()
}

pub fn visit(node: Node<'_>, b: &mut Builder<'_>) {
    match node.kind() {
        "package_clause" => {
            let package = children(node)
                .first()
                .map(|name| b.cx.text(*name).to_owned())
                .unwrap_or_default();
            b.assign(node, "package", Expr::Text(package));
        }
        "import_spec" => {
            let Some(Expr::Text(module)) = node
                .child_by_field_name("path")
                .map(|path| b.value(path, lower))
            else {
                return;
            };
            let last = module.rsplit('/').next().unwrap_or_default().to_owned();
            let alias = match b.cx.field(node, "name") {
                "" => last,
                name => name.to_owned(),
            };
            b.import(Import {
                module,
                names: Vec::new(),
                alias: Some(alias),
            });
        }
        "function_declaration" | "method_declaration" => {
            let name = b.cx.field(node, "name").to_owned();
            let mut definition = b.definition(node, Kind::Function, &name);
            definition.exported = name.starts_with(char::is_uppercase);
            definition.params = params(node, &b.cx);
            if let Some(receiver) = node.child_by_field_name("receiver") {
                definition.kind = Kind::Method;
                definition.owner = children(receiver)
                    .first()
                    .map(|parameter| b.cx.field(*parameter, "type"))
                    .map(|owner| owner.trim_start_matches('*'))
                    .and_then(|owner| owner.split('[').next())
                    .map(ToOwned::to_owned);
            }
            b.define(definition);
        }
        "type_spec" => {
            let name = b.cx.field(node, "name").to_owned();
            let mut definition = b.definition(node, Kind::Type, &name);
            let body =
                child(node, "struct_type").and_then(|body| child(body, "field_declaration_list"));
            definition.fields = body
                .map(children)
                .unwrap_or_default()
                .into_iter()
                .filter_map(|field| {
                    let name = b.cx.field(field, "name");
                    let tag = field
                        .child_by_field_name("tag")
                        .map(|tag| b.cx.text(tag))
                        .and_then(json_name);
                    tag.or((!name.is_empty()).then_some(name))
                        .map(ToOwned::to_owned)
                })
                .collect();
            b.define(definition);
        }
        "short_var_declaration" | "assignment_statement" | "var_spec" => {
            let left = node
                .child_by_field_name("left")
                .or_else(|| node.child_by_field_name("name"));
            let right = node
                .child_by_field_name("right")
                .or_else(|| node.child_by_field_name("value"));
            let Some(left) = left else { return };
            let target =
                b.cx.text(left)
                    .split(',')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_owned();
            if let Some(right) = right {
                let first = children(right).first().copied().unwrap_or(right);
                let literal = if first.kind() == "unary_expression" {
                    first.child_by_field_name("operand").unwrap_or(first)
                } else {
                    first
                };
                // `input := LoginRequest{}`: what a body is decoded into.
                let value = if literal.kind() == "composite_literal" {
                    Expr::Name(b.cx.field(literal, "type").to_owned())
                } else {
                    b.value(right, lower)
                };
                b.assign(node, &target, value);
            } else if node.kind() == "var_spec" {
                // `var input LoginRequest`: what a body is decoded into.
                let type_name = b.cx.field(node, "type").to_owned();
                b.assign(node, &target, Expr::Name(type_name));
            }
        }
        "call_expression" => b.call(node, lower),
        "selector_expression" => b.name(node, lower),
        "if_statement" | "for_statement" | "expression_case" | "type_case"
        | "communication_case" => b.branch(node),
        "identifier" | "field_identifier" | "type_identifier" => b.identifier(node),
        "interpreted_string_literal" | "raw_string_literal" => b.string(node, lower),
        _ => {}
    }
}

/// `email` of `` `json:"email,omitempty"` ``.
fn json_name(tag: &str) -> Option<&str> {
    ["json:\"", "form:\""].iter().find_map(|key| {
        let rest = tag.split_once(key)?.1;
        let name = rest.split(['"', ',']).next()?;
        (!name.is_empty() && name != "-").then_some(name)
    })
}
