//! Elements of HTML, of templates that look like it, and of JSX.

use tree_sitter::{Node, Tree};

use super::lower::{Cx, child, children};

/// Deeper elements are left out.
const DEPTH: u32 = 100;

/// An element with what it holds. In JSX an attribute's value is its text as
/// written, without quotes or braces.
#[derive(Clone, Debug, Default)]
pub struct Element {
    pub tag: String,
    pub attributes: Vec<(String, String)>,
    /// The text directly in it, white space joined.
    pub text: String,
    pub children: Vec<Self>,
    pub line: u32,
}

impl Element {
    /// Attributes compare without case.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// It and all in it, in the order of the document.
    pub fn all(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        let mut stack = vec![self];
        while let Some(element) = stack.pop() {
            found.push(element);
            stack.extend(element.children.iter().rev());
        }
        found
    }

    /// All text in it.
    pub fn full_text(&self) -> String {
        let mut text = String::new();
        for element in self.all() {
            if !element.text.is_empty() {
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(&element.text);
            }
        }
        text
    }
}

pub fn elements(tree: &Tree, source: &str, line: u32) -> Vec<Element> {
    let cx = Cx { source, line };
    let mut found = Vec::new();
    for node in children(tree.root_node()) {
        html(node, &cx, DEPTH, &mut found);
    }
    found
}

/// Where the grammar gave up on nesting, what is inside is still looked at.
fn html(node: Node<'_>, cx: &Cx<'_>, depth: u32, found: &mut Vec<Element>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    match node.kind() {
        "element" | "style_element" | "script_element" => {
            let parts = children(node);
            let Some(tag) = parts
                .iter()
                .find(|part| matches!(part.kind(), "start_tag" | "self_closing_tag"))
            else {
                parts
                    .into_iter()
                    .for_each(|part| html(part, cx, depth, found));
                return;
            };
            let mut element = Element {
                tag: child(*tag, "tag_name")
                    .map_or("", |name| cx.text(name))
                    .to_lowercase(),
                line: cx.line(node),
                ..Element::default()
            };
            for attribute in children(*tag) {
                if attribute.kind() == "attribute" {
                    let name = child(attribute, "attribute_name").map_or("", |n| cx.text(n));
                    let value = child(attribute, "quoted_attribute_value")
                        .map(|value| cx.text(value).trim_matches(['"', '\'']))
                        .or_else(|| child(attribute, "attribute_value").map(|v| cx.text(v)))
                        .unwrap_or_default();
                    element.attributes.push((name.to_owned(), value.to_owned()));
                }
            }
            if node.kind() == "element" {
                for part in parts {
                    if part.kind() == "text" {
                        push_text(&mut element.text, cx.text(part));
                    } else {
                        html(part, cx, depth, &mut element.children);
                    }
                }
            }
            found.push(element);
        }
        "ERROR" => children(node)
            .into_iter()
            .for_each(|part| html(part, cx, depth, found)),
        _ => {}
    }
}

fn push_text(to: &mut String, text: &str) {
    for word in text.split_whitespace() {
        if to.len() > 200 {
            return;
        }
        if !to.is_empty() {
            to.push(' ');
        }
        to.push_str(word);
    }
}

pub fn jsx(node: Node<'_>, cx: &Cx<'_>) -> Option<Element> {
    jsx_at(node, cx, DEPTH)
}

fn jsx_at(node: Node<'_>, cx: &Cx<'_>, depth: u32) -> Option<Element> {
    let depth = depth.checked_sub(1)?;
    let tag = match node.kind() {
        "jsx_self_closing_element" => node,
        _ => node.child_by_field_name("open_tag")?,
    };
    let mut element = Element {
        tag: cx.field(tag, "name").to_owned(),
        line: cx.line(node),
        ..Element::default()
    };
    for attribute in children(tag) {
        match attribute.kind() {
            "jsx_attribute" => {
                let parts = children(attribute);
                let name = parts.first().map_or("", |name| cx.text(*name));
                let value = parts.get(1).map_or("", |value| cx.text(*value));
                let value = value
                    .trim_matches(['"', '\''])
                    .trim_start_matches('{')
                    .trim_end_matches('}')
                    .trim_matches(['"', '\'']);
                element.attributes.push((name.to_owned(), value.to_owned()));
            }
            // `{...register("email")}` of react-hook-form names the field.
            "jsx_expression" => {
                if let Some(name) = cx
                    .text(attribute)
                    .split_once("register(")
                    .and_then(|(_, rest)| rest.split(['"', '\'']).nth(1))
                {
                    element
                        .attributes
                        .push(("name".to_owned(), name.to_owned()));
                }
            }
            _ => {}
        }
    }
    if node.kind() == "jsx_element" {
        for part in children(node) {
            match part.kind() {
                "jsx_text" => push_text(&mut element.text, cx.text(part)),
                "jsx_element" | "jsx_self_closing_element" => {
                    element.children.extend(jsx_at(part, cx, depth));
                }
                "jsx_expression" => nested_jsx(part, cx, depth, &mut element.children),
                _ => {}
            }
        }
    }
    Some(element)
}

/// Elements in `{cond && <input/>}` and `{items.map(i => <input/>)}`.
fn nested_jsx(node: Node<'_>, cx: &Cx<'_>, depth: u32, found: &mut Vec<Element>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    for part in children(node) {
        match part.kind() {
            "jsx_element" | "jsx_self_closing_element" => found.extend(jsx_at(part, cx, depth)),
            _ => nested_jsx(part, cx, depth, found),
        }
    }
}

/// The scripts of a component with the lines before each.
pub fn scripts<'s>(tree: &Tree, source: &'s str) -> Vec<(&'s str, u32)> {
    let cx = Cx { source, line: 0 };
    children(tree.root_node())
        .into_iter()
        .filter(|node| node.kind() == "script_element")
        .filter_map(|node| child(node, "raw_text"))
        .map(|text| (cx.text(text), cx.line(text) - 1))
        .collect()
}

/// A template with Ruby in it as HTML and as Ruby, both as long as it was, so
/// that lines stay where they are. `<%= x %>` is `{{  x }}` to the HTML.
pub fn split_erb(source: &str) -> (String, String) {
    let mut html = String::with_capacity(source.len());
    let mut ruby = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(begin) = rest.find("<%") {
        html.push_str(&rest[..begin]);
        blank(&mut ruby, &rest[..begin]);
        let inside = &rest[begin + 2..];
        let end = inside.find("%>").unwrap_or(inside.len());
        let code = &inside[..end];
        let (sign, code) = match code.chars().next() {
            Some(sign @ ('=' | '-' | '#')) => (Some(sign), &code[1..]),
            _ => (None, code),
        };
        let mark = if sign.is_some() { "   " } else { "  " };
        html.push_str(if sign.is_some() { "{{ " } else { "{{" });
        html.extend(code.chars().map(|c| match c {
            '"' | '\'' | '<' | '>' => ' ',
            c => c,
        }));
        ruby.push_str(mark);
        if sign == Some('#') {
            blank(&mut ruby, code);
        } else {
            ruby.push_str(code.strip_suffix('-').unwrap_or(code));
            if code.ends_with('-') {
                ruby.push(' ');
            }
        }
        let closed = end < inside.len();
        rest = if closed { &inside[end + 2..] } else { "" };
        if closed {
            html.push_str("}}");
            ruby.push_str("; ");
        }
    }
    html.push_str(rest);
    blank(&mut ruby, rest);
    (html, ruby)
}

fn blank(to: &mut String, text: &str) {
    for c in text.chars() {
        if c == '\n' {
            to.push('\n');
        } else {
            to.extend(std::iter::repeat_n(' ', c.len_utf8()));
        }
    }
}

/// What a PHP file writes as it stands; its code is blank.
pub fn without_php(source: &str) -> String {
    let mut html = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(begin) = rest.find("<?") {
        html.push_str(&rest[..begin]);
        let end = rest[begin..]
            .find("?>")
            .map_or(rest.len(), |end| begin + end + 2);
        blank(&mut html, &rest[begin..end]);
        rest = &rest[end..];
    }
    html.push_str(rest);
    html
}
