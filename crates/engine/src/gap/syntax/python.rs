//! Python.

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
        "string" => pieces(node, cx, &["string_content"]),
        "concatenated_string" => children(node)
            .into_iter()
            .map(|part| lower(part, cx, depth))
            .reduce(|left, right| joined(&left, &right))
            .unwrap_or(Expr::Other),
        "identifier" => Expr::Name(cx.text(node).to_owned()),
        "attribute" => member(&field("object"), cx.field(node, "attribute")),
        "subscript" => match field("subscript") {
            Expr::Text(key) => member(&field("value"), &key),
            _ => Expr::Other,
        },
        "call" => call(node, cx, depth),
        // `[*first, *second]` is both, one after the other.
        "await" | "parenthesized_expression" | "list_splat" => inner(node, cx, depth, lower),
        "list" | "tuple" | "set" | "expression_list" => list(node, cx, depth, lower),
        "dictionary" => Expr::Map(
            children(node)
                .into_iter()
                .filter(|pair| pair.kind() == "pair")
                .filter_map(|pair| {
                    let key = lower(pair.child_by_field_name("key")?, cx, depth);
                    let value = lower(pair.child_by_field_name("value")?, cx, depth);
                    Some((key.text()?.to_owned(), value))
                })
                .collect(),
        ),
        "lambda" => function(node, Vec::new()),
        "binary_operator" => joined(&field("left"), &field("right")),
        _ => Expr::Other,
    }
}

fn call(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Expr {
    let Some(callee) = node.child_by_field_name("function") else {
        return Expr::Other;
    };
    let (receiver, name) = if callee.kind() == "attribute" {
        (
            callee
                .child_by_field_name("object")
                .map(|object| lower(object, cx, depth)),
            cx.field(callee, "attribute"),
        )
    } else {
        (None, cx.text(callee))
    };
    let args = children_in(node, "arguments")
        .into_iter()
        .filter(|argument| argument.kind() != "comment")
        .map(|argument| match argument.child_by_field_name("value") {
            Some(value) if argument.kind() == "keyword_argument" => {
                named_arg(cx.field(argument, "name"), lower(value, cx, depth))
            }
            _ => arg(lower(argument, cx, depth)),
        })
        .collect();
    Expr::Call(Box::new(cx.call(node, receiver, name, args)))
}

pub fn visit(node: Node<'_>, b: &mut Builder<'_>) {
    match node.kind() {
        "import_statement" | "import_from_statement" => import(node, b),
        "decorator" => {
            let Some(inner) = children(node).first().copied() else {
                return;
            };
            match b.value(inner, lower) {
                Expr::Call(call) => b.mark(node, *call),
                Expr::Name(name) => {
                    let mut mark: Call = b.cx.mark(node, name.rsplit('.').next().unwrap_or(&name));
                    mark.receiver = name
                        .rsplit_once('.')
                        .map(|(receiver, _)| Expr::Name(receiver.to_owned()));
                    b.mark(node, mark);
                }
                _ => {}
            }
        }
        "function_definition" => {
            let name = b.cx.field(node, "name").to_owned();
            let nested = b.in_function(node);
            let owned = b.owner(node).is_some();
            let kind = if owned { Kind::Method } else { Kind::Function };
            let mut definition = b.definition(node, kind, &name);
            definition.params = params(node, &b.cx);
            definition.exported = !nested && !name.starts_with('_');
            if nested && owned {
                definition.kind = Kind::Function;
            }
            b.define(definition);
        }
        "class_definition" => {
            let name = b.cx.field(node, "name").to_owned();
            let nested = b.in_function(node);
            let mut definition = b.definition(node, Kind::Class, &name);
            definition.exported = !nested && !name.starts_with('_');
            definition.bases = children_in(node, "superclasses")
                .into_iter()
                .map(|base| b.cx.text(base))
                .filter_map(|base| base.split('[').next()?.rsplit('.').next())
                .map(ToOwned::to_owned)
                .collect();
            definition.fields = children_in(node, "body")
                .into_iter()
                .filter_map(|statement| child(statement, "assignment"))
                .filter_map(|assignment| assignment.child_by_field_name("left"))
                .map(|left| b.cx.text(left).to_owned())
                .filter(|name| !name.starts_with('_'))
                .collect();
            b.define(definition);
            b.own(node, &name);
        }
        "assignment" => {
            let (Some(left), Some(right)) = (
                node.child_by_field_name("left"),
                node.child_by_field_name("right"),
            ) else {
                return;
            };
            let target = b.cx.text(left).to_owned();
            if target.len() < 100 {
                let value = b.value(right, lower);
                b.assign(node, &target, value);
            }
        }
        "call" => b.call(node, lower),
        "attribute" | "subscript" => b.name(node, lower),
        "if_statement"
        | "elif_clause"
        | "for_statement"
        | "while_statement"
        | "except_clause"
        | "conditional_expression"
        | "case_clause" => b.branch(node),
        "identifier" => b.identifier(node),
        "string" => b.string(node, lower),
        _ => {}
    }
}

fn import(node: Node<'_>, b: &mut Builder<'_>) {
    let cx = b.cx;
    let mut cursor = node.walk();
    let named: Vec<(String, Option<String>)> = node
        .children_by_field_name("name", &mut cursor)
        .map(|name| match name.child_by_field_name("alias") {
            Some(alias) => (
                cx.field(name, "name").to_owned(),
                Some(cx.text(alias).to_owned()),
            ),
            None => (cx.text(name).to_owned(), None),
        })
        .collect();
    if let Some(module) = node.child_by_field_name("module_name") {
        b.import(Import {
            module: cx.text(module).to_owned(),
            names: named
                .into_iter()
                .map(|(name, alias)| (name.clone(), alias.unwrap_or(name)))
                .collect(),
            alias: None,
        });
    } else {
        for (module, alias) in named {
            b.import(Import {
                alias: Some(alias.unwrap_or_else(|| module.clone())),
                module,
                names: Vec::new(),
            });
        }
    }
}

fn params(node: Node<'_>, cx: &Cx<'_>) -> Vec<Param> {
    children_in(node, "parameters")
        .into_iter()
        .filter_map(|parameter| {
            let name = match parameter.kind() {
                "identifier" => cx.text(parameter),
                "typed_parameter" => cx.text(*children(parameter).first()?),
                "default_parameter" | "typed_default_parameter" => cx.field(parameter, "name"),
                _ => return None,
            };
            let marks = parameter
                .child_by_field_name("value")
                .and_then(|value| match lower(value, cx, 6) {
                    Expr::Call(call) => Some(*call),
                    _ => None,
                })
                .into_iter()
                .collect();
            Some(param(name, cx.field(parameter, "type"), marks))
        })
        .collect()
}
