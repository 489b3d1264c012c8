//! Ruby.

use tree_sitter::Node;

use super::lower::{
    Builder, Cx, arg, children, children_in, function, inner, joined, list, member, named_arg,
    param, pieces, span, text,
};
use super::{Arg, Expr, Function, Import, Kind, Param};

pub fn lower(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Expr {
    let Some(depth) = depth.checked_sub(1) else {
        return Expr::Other;
    };
    let field = |name| {
        node.child_by_field_name(name)
            .map_or(Expr::Other, |child| lower(child, cx, depth))
    };
    match node.kind() {
        "string" | "bare_string" | "bare_symbol" | "delimited_symbol" => {
            pieces(node, cx, &["string_content"])
        }
        "simple_symbol" => text(cx.text(node).trim_start_matches(':')),
        "hash_key_symbol" => text(cx.text(node)),
        "identifier" | "constant" | "self" | "instance_variable" => {
            Expr::Name(cx.text(node).to_owned())
        }
        "scope_resolution" => match node.child_by_field_name("scope") {
            Some(scope) => member(&lower(scope, cx, depth), cx.field(node, "name")),
            None => Expr::Name(cx.field(node, "name").to_owned()),
        },
        "element_reference" => {
            let key = children(node).get(1).map(|key| lower(*key, cx, depth));
            match key {
                Some(Expr::Text(key)) => member(&field("object"), &key),
                _ => Expr::Other,
            }
        }
        "call" => call(node, cx, depth),
        "array" | "symbol_array" | "string_array" => list(node, cx, depth, lower),
        "hash" => Expr::Map(
            children(node)
                .into_iter()
                .filter_map(|pair| entry(pair, cx, depth))
                .collect(),
        ),
        "lambda" | "do_block" | "block" => function(node, Vec::new()),
        "binary" => joined(&field("left"), &field("right")),
        "parenthesized_statements" => inner(node, cx, depth, lower),
        _ => Expr::Other,
    }
}

fn entry(pair: Node<'_>, cx: &Cx<'_>, depth: u32) -> Option<(String, Expr)> {
    let key = lower(pair.child_by_field_name("key")?, cx, depth);
    let value = pair
        .child_by_field_name("value")
        .map_or(Expr::Other, |value| lower(value, cx, depth));
    Some((key.text().or_else(|| key.name())?.to_owned(), value))
}

fn call(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Expr {
    let receiver = node
        .child_by_field_name("receiver")
        .map(|receiver| lower(receiver, cx, depth));
    let name = cx.field(node, "method");
    let mut args: Vec<Arg> = children_in(node, "arguments")
        .into_iter()
        .filter_map(|argument| match argument.kind() {
            "pair" => {
                let (key, value) = entry(argument, cx, depth)?;
                Some(named_arg(&key, value))
            }
            "block_argument" | "comment" => None,
            _ => Some(arg(lower(argument, cx, depth))),
        })
        .collect();
    if let Some(block) = node.child_by_field_name("block") {
        let params = children_in(block, "parameters")
            .into_iter()
            .map(|parameter| cx.text(parameter).to_owned())
            .collect();
        args.push(arg(Expr::Function(Function {
            span: span(block),
            params,
        })));
    }
    if args.is_empty()
        && node.child_by_field_name("arguments").is_none()
        && let Some(Expr::Name(receiver)) = &receiver
    {
        return Expr::Name(format!("{receiver}.{name}"));
    }
    Expr::Call(Box::new(cx.call(node, receiver, name, args)))
}

fn params(node: Node<'_>, cx: &Cx<'_>) -> Vec<Param> {
    children_in(node, "parameters")
        .into_iter()
        .map(|parameter| match parameter.kind() {
            "identifier" => param(cx.text(parameter), "", Vec::new()),
            _ => param(cx.field(parameter, "name"), "", Vec::new()),
        })
        .collect()
}

pub fn visit(node: Node<'_>, b: &mut Builder<'_>) {
    match node.kind() {
        "class" | "module" => {
            let name = b.cx.field(node, "name").replace("::", ".");
            let mut definition = b.definition(node, Kind::Class, &name);
            if node.kind() == "module" {
                definition.kind = Kind::Type;
            }
            definition.exported = true;
            definition.bases = node
                .child_by_field_name("superclass")
                .map(|base| b.cx.text(base).trim_start_matches(['<', ' ']).to_owned())
                .into_iter()
                .collect();
            let owner = definition.owner.clone();
            b.define(definition);
            let full = owner.map_or(name.clone(), |owner| format!("{owner}.{name}"));
            b.own(node, &full);
        }
        "method" | "singleton_method" => {
            let name = b.cx.field(node, "name").to_owned();
            let owned = b.owner(node).is_some();
            let kind = if owned { Kind::Method } else { Kind::Function };
            let mut definition = b.definition(node, kind, &name);
            definition.params = params(node, &b.cx);
            definition.exported = true;
            b.define(definition);
        }
        "call" => {
            let name = b.cx.field(node, "method").to_owned();
            if matches!(name.as_str(), "require" | "require_relative")
                && let Expr::Call(call) = b.value(node, lower)
                && let Some(path) = call.arg(0).and_then(Expr::text)
            {
                let path = path.to_owned();
                let module = if name == "require_relative" {
                    format!("./{path}")
                } else {
                    path
                };
                b.import(Import {
                    module,
                    ..Import::default()
                });
                return;
            }
            b.call(node, lower);
            b.name(node, lower);
        }
        "element_reference" => b.name(node, lower),
        "identifier" if b.cx.text(node) == "private" => {
            let call = b.cx.call(node, None, "private", Vec::new());
            b.push_call(call);
        }
        "assignment" => {
            let (Some(left), Some(right)) = (
                node.child_by_field_name("left"),
                node.child_by_field_name("right"),
            ) else {
                return;
            };
            let target = b.cx.text(left).to_owned();
            let value = b.value(right, lower);
            b.assign(node, &target, value);
        }
        "if" | "elsif" | "unless" | "while" | "until" | "when" | "rescue" | "if_modifier"
        | "unless_modifier" | "conditional" | "in_clause" => b.branch(node),
        "constant" => b.identifier(node),
        "scope_resolution" => {
            b.name(node, lower);
            b.identifier(node);
        }
        "identifier" => b.identifier(node),
        "string" | "simple_symbol" => b.string(node, lower),
        _ => {}
    }
}
