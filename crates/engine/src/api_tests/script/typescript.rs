//! TypeScript as text. Whatever comes from a document goes through here, so
//! that it stays inside of a literal, a comment or a name.

use std::collections::HashSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::api_tests::requests::{UNIQUE, identifier};

/// Lines longer than this are broken where they can be.
const WIDTH: usize = 100;

/// `'it\'s'`
pub fn text(text: &str) -> String {
    // `'x'.repeat(256)` says more than 256 x's.
    let mut chars = text.chars();
    if let Some(first) = chars.next()
        && text.len() > 40
        && chars.all(|c| c == first)
    {
        return format!(
            "{}.repeat({})",
            self::text(&first.to_string()),
            text.chars().count()
        );
    }
    format!("'{}'", escaped(text, '\''))
}

/// The inside of a literal that `quote` ends.
pub fn escaped(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            '$' if quote == '`' && rest.peek() == Some(&'{') => out.push_str("\\$"),
            // Line separators end lines in some tools, direction marks make
            // code look like other code.
            c if c.is_control() || is_invisible(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// What may stand behind `//`.
pub fn comment(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A property's name in an object literal.
pub fn key(name: &str) -> String {
    match name {
        // Written plainly it would set the prototype.
        "__proto__" => "['__proto__']".to_owned(),
        name if is_name(name) => name.to_owned(),
        name => text(name),
    }
}

/// `order.id`, `order['first-name']`
pub fn member(of: &str, name: &str) -> String {
    if is_name(name) {
        format!("{of}.{name}")
    } else {
        format!("{of}[{}]", text(name))
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
}

/// A value, broken into lines where it is long; `indent` is that of the line
/// that it begins on.
pub fn value(value: &Value, indent: usize) -> String {
    match value {
        // A mark in a value is filled in at run time.
        Value::String(it) if it.contains(UNIQUE) => {
            format!("`{}`", escaped(it, '`').replace(UNIQUE, "${unique()}"))
        }
        Value::String(it) => text(it),
        Value::Array(items) if items.len() > 3 && items.iter().all(|item| item == &items[0]) => {
            format!(
                "Array({}).fill({})",
                items.len(),
                self::value(&items[0], indent)
            )
        }
        Value::Array(items) => list(
            '[',
            items.iter().map(|item| self::value(item, indent + 2)),
            ']',
            indent,
        ),
        Value::Object(object) => {
            let parts = object
                .iter()
                .map(|(name, value)| format!("{}: {}", key(name), self::value(value, indent + 2)));
            list_behind(20, '{', parts, '}', indent)
        }
        other => other.to_string(),
    }
}

/// `{ a, b }`, on one line where it fits.
pub fn list(open: char, parts: impl Iterator<Item = String>, close: char, indent: usize) -> String {
    list_behind(0, open, parts, close, indent)
}

/// The same behind `taken` characters of its line.
pub fn list_behind(
    taken: usize,
    open: char,
    parts: impl Iterator<Item = String>,
    close: char,
    indent: usize,
) -> String {
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() {
        return format!("{open}{close}");
    }
    let inline = parts.join(", ");
    if !inline.contains('\n') && inline.len() + indent + taken < WIDTH {
        return if open == '{' {
            format!("{open} {inline} {close}")
        } else {
            format!("{open}{inline}{close}")
        };
    }
    let margin = " ".repeat(indent);
    let lines: String = parts
        .iter()
        .map(|part| format!("{margin}  {part},\n"))
        .collect();
    format!("{open}\n{lines}{margin}{close}")
}

/// Names on the top level of a file, each given once.
#[derive(Debug, Default)]
pub struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// A free name made of these words.
    pub fn take(&mut self, words: &str) -> String {
        let name = identifier(words);
        let mut free = name.clone();
        let mut number = 1;
        while !self.taken.insert(free.clone()) {
            number += 1;
            free = format!("{name}{number}");
        }
        free
    }
}
