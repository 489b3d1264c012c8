//! JavaScript and TypeScript, with and without JSX.

mod value;

use tree_sitter::Node;

use super::lower::{Builder, Cx, child, children};
use super::{Call, Definition, Expr, Import, Kind, markup};
use value::{lower, mark, params};

pub fn visit(node: Node<'_>, b: &mut Builder<'_>) {
    match node.kind() {
        "import_statement" => import(node, b),
        "export_statement" => export(node, b),
        "decorator" => {
            if let Some(mark) = mark(node, &b.cx) {
                b.mark(node, mark);
            }
        }
        "function_declaration" | "generator_function_declaration" => {
            let name = b.cx.field(node, "name").to_owned();
            define_function(node, node, &name, b.is_exported_at(node), b);
        }
        "class_declaration" | "abstract_class_declaration" | "class" => {
            let name = b.cx.field(node, "name").to_owned();
            let exported = b.is_exported_at(node);
            define_class(node, &name, exported, b);
        }
        "interface_declaration" | "type_alias_declaration" => {
            let name = b.cx.field(node, "name").to_owned();
            let mut definition = b.definition(node, Kind::Type, &name);
            let body = node
                .child_by_field_name("body")
                .or_else(|| node.child_by_field_name("value"));
            definition.fields = fields(body, "property_signature", &b.cx);
            b.define(definition);
        }
        "method_definition" => {
            let name = b.cx.field(node, "name").to_owned();
            let mut definition = b.definition(node, Kind::Method, &name);
            definition.params = params(node, &b.cx);
            let hidden = child(node, "accessibility_modifier")
                .is_some_and(|modifier| b.cx.text(modifier) != "public");
            definition.exported = !hidden && !name.starts_with(['#', '_']) && name != "constructor";
            if let Some(parameters) = node.child_by_field_name("parameters") {
                b.no_marks_in(parameters);
            }
            // Methods of an object are no members of a class.
            if definition.owner.is_some() {
                b.define(definition);
            }
        }
        "public_field_definition" => {
            b.take_marks();
            if let Some(value) = node.child_by_field_name("value")
                && value.kind() == "arrow_function"
            {
                let name = b.cx.field(node, "name").to_owned();
                let mut definition = b.definition(value, Kind::Method, &name);
                definition.params = params(value, &b.cx);
                definition.exported = true;
                b.define(definition);
            }
            b.no_marks_in(node);
        }
        "variable_declarator" => declarator(node, b),
        "assignment_expression" => assignment(node, b),
        "call_expression" | "new_expression" => b.call(node, lower),
        "jsx_self_closing_element" | "jsx_opening_element" => {
            b.call(node, lower);
            if node.kind() == "jsx_self_closing_element" {
                b.element(node, markup::jsx);
            }
        }
        "jsx_element" => b.element(node, markup::jsx),
        "member_expression" | "subscript_expression" => b.name(node, lower),
        "if_statement" | "for_statement" | "for_in_statement" | "while_statement"
        | "do_statement" | "switch_case" | "catch_clause" | "ternary_expression" => b.branch(node),
        "identifier"
        | "property_identifier"
        | "type_identifier"
        | "shorthand_property_identifier" => b.identifier(node),
        "string" | "template_string" => b.string(node, lower),
        _ => {}
    }
}

fn import(node: Node<'_>, b: &mut Builder<'_>) {
    let Some(Expr::Text(module)) = node
        .child_by_field_name("source")
        .map(|source| b.value(source, lower))
    else {
        return;
    };
    let mut import = Import {
        module,
        ..Import::default()
    };
    let clause = child(node, "import_clause")
        .map(children)
        .unwrap_or_default();
    for part in clause {
        match part.kind() {
            "identifier" => import
                .names
                .push(("default".to_owned(), b.cx.text(part).to_owned())),
            "namespace_import" => {
                import.alias = children(part)
                    .first()
                    .map(|name| b.cx.text(*name).to_owned());
            }
            "named_imports" => import.names.extend(specifiers(part, &b.cx)),
            _ => {}
        }
    }
    b.import(import);
}

/// (name there, name here) of `{ a as b, c }`.
fn specifiers(node: Node<'_>, cx: &Cx<'_>) -> Vec<(String, String)> {
    children(node)
        .into_iter()
        .map(|specifier| {
            let there = cx.field(specifier, "name").to_owned();
            let here = specifier
                .child_by_field_name("alias")
                .map_or(there.clone(), |alias| cx.text(alias).to_owned());
            (there, here)
        })
        .collect()
}

fn export(node: Node<'_>, b: &mut Builder<'_>) {
    if let Some(declaration) = node.child_by_field_name("declaration") {
        b.export_at(declaration);
        for declarator in children(declaration) {
            if declarator.kind() == "variable_declarator" {
                b.export_at(declarator);
            }
        }
    }
    if let Some(value) = node.child_by_field_name("value") {
        match value.kind() {
            "identifier" => {
                let name = b.cx.text(value).to_owned();
                b.export(&name);
                b.assign(node, "export default", Expr::Name(name));
            }
            "arrow_function" | "function_expression" => {
                let name = b.cx.field(value, "name").to_owned();
                let name = if name.is_empty() { "default" } else { &name };
                define_function(node, value, name, true, b);
            }
            "class" => b.export_at(value),
            _ => {
                let value = b.value(value, lower);
                b.assign(node, "export default", value);
            }
        }
    }
    if let Some(clause) = child(node, "export_clause") {
        let names = specifiers(clause, &b.cx);
        if let Some(Expr::Text(module)) = node
            .child_by_field_name("source")
            .map(|source| b.value(source, lower))
        {
            b.import(Import {
                module,
                names,
                alias: None,
            });
        } else {
            for (here, _) in names {
                b.export(&here);
            }
        }
    }
}

fn define_function(at: Node<'_>, node: Node<'_>, name: &str, exported: bool, b: &mut Builder<'_>) {
    let nested = b.in_function(at);
    let mut definition = b.definition(at, Kind::Function, name);
    definition.params = params(node, &b.cx);
    definition.exported = exported && !nested;
    b.define(definition);
}

fn define_class(node: Node<'_>, name: &str, exported: bool, b: &mut Builder<'_>) {
    let mut definition: Definition = b.definition(node, Kind::Class, name);
    definition.exported = exported;
    if let Some(heritage) = child(node, "class_heritage") {
        definition.bases =
            b.cx.text(heritage)
                .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
                .filter(|word| !word.is_empty() && *word != "extends" && *word != "implements")
                .map(ToOwned::to_owned)
                .collect();
    }
    definition.fields = fields(
        node.child_by_field_name("body"),
        "public_field_definition",
        &b.cx,
    );
    // Decorators of the declaration itself were not seen yet.
    for decorator in children(node) {
        if decorator.kind() == "decorator" {
            definition.marks.extend(mark(decorator, &b.cx));
            b.no_marks_in(decorator);
        }
    }
    b.define(definition);
    b.own(node, name);
}

fn fields(body: Option<Node<'_>>, kind: &str, cx: &Cx<'_>) -> Vec<String> {
    body.map(children)
        .unwrap_or_default()
        .into_iter()
        .filter(|field| field.kind() == kind)
        .map(|field| cx.field(field, "name").to_owned())
        .collect()
}

fn declarator(node: Node<'_>, b: &mut Builder<'_>) {
    let (Some(name), Some(value)) = (
        node.child_by_field_name("name"),
        node.child_by_field_name("value"),
    ) else {
        return;
    };
    let exported = b.is_exported_at(node);
    let target = b.cx.text(name).to_owned();
    match value.kind() {
        "arrow_function" | "function_expression" | "generator_function" => {
            define_function(node, value, &target, exported, b);
            return;
        }
        "class" => {
            define_class(value, &target, exported, b);
            return;
        }
        _ => {}
    }
    let lowered = b.value(value, lower);
    if name.kind() == "object_pattern" {
        let keys = pattern_keys(name, &b.cx);
        match &lowered {
            Expr::Name(of) => {
                for (key, _) in &keys {
                    b.push_name(format!("{of}.{key}"), node);
                }
            }
            Expr::Call(call) => {
                if let Some(module) = required(call) {
                    b.import(Import {
                        module,
                        names: keys,
                        alias: None,
                    });
                } else {
                    // `const { a } = await request.json()`
                    let of = call.path();
                    for (key, _) in &keys {
                        b.push_name(format!("{of}.{key}"), node);
                    }
                }
            }
            _ => {}
        }
        return;
    }
    if let Expr::Call(call) = &lowered
        && let Some(module) = required(call)
    {
        b.import(Import {
            module,
            names: vec![("default".to_owned(), target.clone())],
            alias: Some(target),
        });
        return;
    }
    // `const x = require('./y').z`
    if value.kind() == "member_expression"
        && let Some(object) = value.child_by_field_name("object")
        && let Expr::Call(call) = b.value(object, lower)
        && let Some(module) = required(&call)
    {
        let there = b.cx.field(value, "property").to_owned();
        b.import(Import {
            module,
            names: vec![(there, target)],
            alias: None,
        });
        return;
    }
    if exported {
        b.export(&target);
    }
    b.assign(node, &target, lowered);
}

fn required(call: &Call) -> Option<String> {
    (matches!(call.name.as_str(), "require" | "import") && call.receiver.is_none())
        .then(|| call.arg(0)?.text().map(ToOwned::to_owned))
        .flatten()
}

fn pattern_keys(pattern: Node<'_>, cx: &Cx<'_>) -> Vec<(String, String)> {
    children(pattern)
        .into_iter()
        .filter_map(|part| match part.kind() {
            "shorthand_property_identifier_pattern" => {
                let name = cx.text(part).to_owned();
                Some((name.clone(), name))
            }
            "pair_pattern" => Some((
                cx.field(part, "key").to_owned(),
                cx.field(part, "value").to_owned(),
            )),
            "object_assignment_pattern" => {
                let name = cx.field(part, "left").to_owned();
                Some((name.clone(), name))
            }
            _ => None,
        })
        .collect()
}

fn assignment(node: Node<'_>, b: &mut Builder<'_>) {
    let (Some(left), Some(right)) = (
        node.child_by_field_name("left"),
        node.child_by_field_name("right"),
    ) else {
        return;
    };
    let Expr::Name(target) = b.value(left, lower) else {
        return;
    };
    let exported = target
        .strip_prefix("module.exports")
        .or_else(|| target.strip_prefix("exports"));
    if let Some(name) = exported {
        let name = name.trim_start_matches('.');
        match right.kind() {
            "arrow_function" | "function_expression" => {
                let own = b.cx.field(right, "name").to_owned();
                let name = match (name, own.as_str()) {
                    ("", "") => "default",
                    ("", own) => own,
                    (name, _) => name,
                };
                define_function(node, right, name, true, b);
                return;
            }
            "class" => {
                let own = b.cx.field(right, "name").to_owned();
                define_class(right, if name.is_empty() { &own } else { name }, true, b);
                return;
            }
            "identifier" => {
                let value = b.cx.text(right).to_owned();
                b.export(&value);
            }
            "object" => {
                if let Expr::Map(entries) = b.value(right, lower) {
                    for (key, value) in entries {
                        b.export(value.name().unwrap_or(&key));
                    }
                }
            }
            _ => {}
        }
    }
    let value = b.value(right, lower);
    b.assign(node, &target, value);
}
