//! PHP.

use tree_sitter::Node;

use super::lower::{
    Builder, Cx, arg, child, children, children_in, function, inner, joined, member, named_arg,
    param, pieces,
};
use super::{Arg, Call, Expr, Import, Kind, Param};

pub fn lower(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Expr {
    let Some(depth) = depth.checked_sub(1) else {
        return Expr::Other;
    };
    let field = |name| {
        node.child_by_field_name(name)
            .map_or(Expr::Other, |child| lower(child, cx, depth))
    };
    match node.kind() {
        "string" | "encapsed_string" => pieces(node, cx, &["string_content", "string_value"]),
        "name" => Expr::Name(cx.text(node).to_owned()),
        "qualified_name" => Expr::Name(last_segment(cx.text(node)).to_owned()),
        "variable_name" => Expr::Name(cx.text(node).trim_start_matches('$').to_owned()),
        "member_access_expression" | "nullsafe_member_access_expression" => {
            member(&field("object"), cx.field(node, "name"))
        }
        // `Users::class` is the class.
        "class_constant_access_expression" => inner(node, cx, depth, lower),
        "subscript_expression" => match children(node).as_slice() {
            [of, key] => match lower(*key, cx, depth) {
                Expr::Text(key) => member(&lower(*of, cx, depth), &key),
                _ => Expr::Other,
            },
            _ => Expr::Other,
        },
        "member_call_expression" | "nullsafe_member_call_expression" => {
            method_call(node, "object", cx, depth)
        }
        "scoped_call_expression" => method_call(node, "scope", cx, depth),
        "function_call_expression" => {
            let name = last_segment(cx.field(node, "function"));
            Expr::Call(Box::new(cx.call(
                node,
                None,
                name,
                arguments(node, cx, depth),
            )))
        }
        "object_creation_expression" => {
            let parts = children(node);
            let name = parts
                .first()
                .map(|class| cx.text(*class))
                .unwrap_or_default();
            let args =
                child(node, "arguments").map_or_else(Vec::new, |list| list_args(list, cx, depth));
            Expr::Call(Box::new(cx.call(node, None, last_segment(name), args)))
        }
        "array_creation_expression" => array(node, cx, depth),
        "anonymous_function" | "arrow_function" => {
            function(node, params(node, cx).into_iter().map(|p| p.name).collect())
        }
        "binary_expression" if cx.field(node, "operator") == "." => {
            joined(&field("left"), &field("right"))
        }
        "parenthesized_expression" | "argument" => children(node)
            .last()
            .map_or(Expr::Other, |inner| lower(*inner, cx, depth)),
        _ => Expr::Other,
    }
}

fn last_segment(name: &str) -> &str {
    name.rsplit('\\').next().unwrap_or(name)
}

fn method_call(node: Node<'_>, receiver: &str, cx: &Cx<'_>, depth: u32) -> Expr {
    let receiver = node
        .child_by_field_name(receiver)
        .map(|receiver| lower(receiver, cx, depth));
    let args = arguments(node, cx, depth);
    Expr::Call(Box::new(cx.call(
        node,
        receiver,
        cx.field(node, "name"),
        args,
    )))
}

fn arguments(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Vec<Arg> {
    node.child_by_field_name("arguments")
        .map_or_else(Vec::new, |list| list_args(list, cx, depth))
}

fn list_args(list: Node<'_>, cx: &Cx<'_>, depth: u32) -> Vec<Arg> {
    children(list)
        .into_iter()
        .filter(|argument| argument.kind() == "argument")
        .map(|argument| match argument.child_by_field_name("name") {
            Some(name) => named_arg(cx.text(name), lower(argument, cx, depth)),
            None => arg(lower(argument, cx, depth)),
        })
        .collect()
}

fn array(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Expr {
    let mut list = Vec::new();
    let mut map = Vec::new();
    for item in children(node) {
        match children(item).as_slice() {
            [value] => list.push(lower(*value, cx, depth)),
            [key, value] => {
                if let Expr::Text(key) = lower(*key, cx, depth) {
                    map.push((key, lower(*value, cx, depth)));
                }
            }
            _ => {}
        }
    }
    if map.is_empty() {
        Expr::List(list)
    } else {
        Expr::Map(map)
    }
}

fn params(node: Node<'_>, cx: &Cx<'_>) -> Vec<Param> {
    children_in(node, "parameters")
        .into_iter()
        .filter(|parameter| parameter.kind().ends_with("parameter"))
        .map(|parameter| {
            let name = cx.field(parameter, "name").trim_start_matches('$');
            param(name, last_segment(cx.field(parameter, "type")), Vec::new())
        })
        .collect()
}

/// Attributes: `#[Route('/x')]`.
fn marks(node: Node<'_>, cx: &Cx<'_>) -> Vec<Call> {
    child(node, "attribute_list")
        .map(children)
        .unwrap_or_default()
        .into_iter()
        .flat_map(children)
        .filter_map(|attribute| {
            let name = cx.text(*children(attribute).first()?);
            let args = attribute
                .child_by_field_name("parameters")
                .map_or_else(Vec::new, |list| list_args(list, cx, 6));
            Some(cx.call(attribute, None, last_segment(name), args))
        })
        .collect()
}

pub fn visit(node: Node<'_>, b: &mut Builder<'_>) {
    match node.kind() {
        "namespace_use_declaration" => import(node, b),
        "class_declaration" | "trait_declaration" | "interface_declaration" => {
            let name = b.cx.field(node, "name").to_owned();
            let kind = if node.kind() == "interface_declaration" {
                Kind::Type
            } else {
                Kind::Class
            };
            let mut definition = b.definition(node, kind, &name);
            definition.marks = marks(node, &b.cx);
            definition.exported = true;
            definition.bases = child(node, "base_clause")
                .map(children)
                .unwrap_or_default()
                .into_iter()
                .map(|base| last_segment(b.cx.text(base)).to_owned())
                .collect();
            b.define(definition);
            b.own(node, &name);
        }
        "method_declaration" => {
            let name = b.cx.field(node, "name").to_owned();
            let mut definition = b.definition(node, Kind::Method, &name);
            definition.marks = marks(node, &b.cx);
            definition.params = params(node, &b.cx);
            let public = child(node, "visibility_modifier")
                .is_none_or(|visibility| b.cx.text(visibility) == "public");
            definition.exported = public && !name.starts_with("__");
            b.define(definition);
        }
        "function_definition" => {
            let name = b.cx.field(node, "name").to_owned();
            let nested = b.in_function(node);
            let mut definition = b.definition(node, Kind::Function, &name);
            definition.params = params(node, &b.cx);
            definition.exported = !nested;
            b.define(definition);
        }
        "assignment_expression" => {
            let (Some(left), Some(right)) = (
                node.child_by_field_name("left"),
                node.child_by_field_name("right"),
            ) else {
                return;
            };
            if let Expr::Name(target) = b.value(left, lower) {
                let value = b.value(right, lower);
                b.assign(node, &target, value);
            }
        }
        "member_call_expression"
        | "nullsafe_member_call_expression"
        | "scoped_call_expression"
        | "function_call_expression"
        | "object_creation_expression" => b.call(node, lower),
        // `require __DIR__.'/auth.php'`
        "require_expression" | "require_once_expression" | "include_expression" => {
            let value = children(node).first().map(|value| b.value(*value, lower));
            if let Some(Expr::Text(path)) = value {
                let module = path.trim_start_matches([super::HOLE, '/']).to_owned();
                b.import(Import {
                    module,
                    ..Import::default()
                });
            }
        }
        "member_access_expression" | "subscript_expression" => b.name(node, lower),
        "if_statement"
        | "else_if_clause"
        | "for_statement"
        | "foreach_statement"
        | "while_statement"
        | "case_statement"
        | "catch_clause"
        | "conditional_expression"
        | "match_conditional_expression" => b.branch(node),
        "name" => b.identifier(node),
        "string" | "encapsed_string" => b.string(node, lower),
        _ => {}
    }
}

fn import(node: Node<'_>, b: &mut Builder<'_>) {
    let prefix = child(node, "namespace_name")
        .map(|prefix| format!("{}\\", b.cx.text(prefix)))
        .unwrap_or_default();
    let clauses = match node.child_by_field_name("body") {
        Some(group) => children(group),
        None => children(node),
    };
    for clause in clauses {
        if clause.kind() != "namespace_use_clause" {
            continue;
        }
        let path = children(clause)
            .first()
            .map(|path| format!("{prefix}{}", b.cx.text(*path)))
            .unwrap_or_default();
        let there = last_segment(&path).to_owned();
        let here = match b.cx.field(clause, "alias") {
            "" => there.clone(),
            alias => alias.to_owned(),
        };
        b.import(Import {
            module: path.replace('\\', "."),
            names: vec![(there, here)],
            alias: None,
        });
    }
}
