//! How an element is found: one value that the crawl proves unique in the live
//! page, that the rehearsal acts on, and that the generated test prints.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// A Playwright locator as data.
///
/// The browser worker turns it into a live locator and [`Locator::to_code`]
/// prints the very same call for the generated test, so what was proven while
/// crawling is what the test uses.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Locator {
    /// `getByRole(role, { name, exact })`, with `level` for headings.
    Role {
        role: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default)]
        exact: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<u8>,
    },
    /// `getByLabel(text, { exact })`
    Label { text: String, exact: bool },
    /// `getByPlaceholder(text, { exact })`
    Placeholder { text: String, exact: bool },
    /// `getByText(text, { exact })`
    Text { text: String, exact: bool },
    /// `getByTestId(id)`
    TestId { id: String },
    /// `locator(selector)`: the last resort; the score says so.
    Css { selector: String },
    /// `parent.child`
    Within {
        parent: Box<Locator>,
        child: Box<Locator>,
    },
    /// `base.filter({ hasText })`
    Filter {
        base: Box<Locator>,
        has_text: String,
    },
    /// `base.first()`
    First { base: Box<Locator> },
    /// `frameLocator(selector).child`: only consent banners are looked for in
    /// frames.
    Frame {
        selector: String,
        child: Box<Locator>,
    },
}

impl Locator {
    /// The calls in TypeScript, to be put behind `page.`:
    /// `getByRole('button', { name: 'Sign in', exact: true })`.
    pub fn to_code(&self) -> String {
        match self {
            Self::Role {
                role,
                name,
                exact,
                level,
            } => {
                let mut options = Vec::new();
                if let Some(name) = name {
                    options.push(format!("name: {}", string_literal(name)));
                    if *exact {
                        options.push("exact: true".to_owned());
                    }
                }
                if let Some(level) = level {
                    options.push(format!("level: {level}"));
                }
                let role = string_literal(role);
                if options.is_empty() {
                    format!("getByRole({role})")
                } else {
                    format!("getByRole({role}, {{ {} }})", options.join(", "))
                }
            }
            Self::Label { text, exact } => by_text("getByLabel", text, *exact),
            Self::Placeholder { text, exact } => by_text("getByPlaceholder", text, *exact),
            Self::Text { text, exact } => by_text("getByText", text, *exact),
            Self::TestId { id } => format!("getByTestId({})", string_literal(id)),
            Self::Css { selector } => format!("locator({})", string_literal(selector)),
            Self::Within { parent, child } => {
                format!("{}.{}", parent.to_code(), child.to_code())
            }
            Self::Filter { base, has_text } => format!(
                "{}.filter({{ hasText: {} }})",
                base.to_code(),
                string_literal(has_text)
            ),
            Self::First { base } => format!("{}.first()", base.to_code()),
            Self::Frame { selector, child } => format!(
                "frameLocator({}).{}",
                string_literal(selector),
                child.to_code()
            ),
        }
    }
}

fn by_text(call: &str, text: &str, exact: bool) -> String {
    let text = string_literal(text);
    if exact {
        format!("{call}({text}, {{ exact: true }})")
    } else {
        format!("{call}({text})")
    }
}

/// A TypeScript string literal in single quotes. Whatever the text holds, the
/// literal ends where it should and stays on its line.
pub fn string_literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for character in text.chars() {
        match character {
            '\'' => literal.push_str("\\'"),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            // Control and format characters also hide what a reader should
            // see: U+202E, for one, turns the rest of the line around.
            hidden if hidden.is_control() || is_format(hidden) => {
                let mut units = [0; 2];
                for unit in hidden.encode_utf16(&mut units) {
                    // Writing to a String can't fail.
                    let _ = write!(literal, "\\u{unit:04x}");
                }
            }
            plain => literal.push(plain),
        }
    }
    literal.push('\'');
    literal
}

/// Zero-width, directional and line-separating characters.
fn is_format(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn role(role: &str, name: Option<&str>) -> Locator {
        Locator::Role {
            role: role.to_owned(),
            name: name.map(str::to_owned),
            exact: name.is_some(),
            level: None,
        }
    }

    #[test]
    fn locators_are_printed_as_a_person_would_write_them() {
        let product = Locator::Within {
            parent: Box::new(Locator::Filter {
                base: Box::new(role("listitem", None)),
                has_text: "Desk Lamp".to_owned(),
            }),
            child: Box::new(role("button", Some("Add to cart"))),
        };
        insta::assert_snapshot!(product.to_code(), @"getByRole('listitem').filter({ hasText: 'Desk Lamp' }).getByRole('button', { name: 'Add to cart', exact: true })");
        let consent = Locator::Frame {
            selector: "iframe[title=\"Consent\"]".to_owned(),
            child: Box::new(Locator::Text {
                text: "J'accepte".to_owned(),
                exact: false,
            }),
        };
        insta::assert_snapshot!(consent.to_code(), @r#"frameLocator('iframe[title="Consent"]').getByText('J\'accepte')"#);
    }

    #[test]
    fn a_hostile_name_stays_inside_its_literal() {
        let hostile = "'); require('child_process').exec('id'); ('\n\u{2028}\u{202e}\\";
        insta::assert_snapshot!(string_literal(hostile), @r"'\'); require(\'child_process\').exec(\'id\'); (\'\n\u2028\u202e\\'");
    }

    proptest! {
        /// Read back by the rules of the language, a literal gives the text it
        /// was made of, and nothing is left over behind it.
        #[test]
        fn a_literal_reads_back_as_its_text(text in any::<String>()) {
            let literal = string_literal(&text);
            let (read, rest) = read_literal(&literal).expect("the literal ends");
            prop_assert_eq!(read, text);
            prop_assert_eq!(rest, "");
        }
    }

    /// As ECMAScript reads a single-quoted string literal.
    fn read_literal(source: &str) -> Option<(String, &str)> {
        let body = source.strip_prefix('\'')?;
        let mut units = Vec::new();
        let mut characters = body.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '\'' => return Some((String::from_utf16(&units).ok()?, &body[at + 1..])),
                '\n' | '\r' => return None,
                '\\' => match characters.next()?.1 {
                    'n' => units.push(u16::from(b'\n')),
                    'r' => units.push(u16::from(b'\r')),
                    't' => units.push(u16::from(b'\t')),
                    'u' => {
                        let digits: String = (0..4)
                            .filter_map(|_| characters.next().map(|(_, c)| c))
                            .collect();
                        units.push(u16::from_str_radix(&digits, 16).ok()?);
                    }
                    other => units.extend(other.encode_utf16(&mut [0; 2]).iter()),
                },
                other => units.extend(other.encode_utf16(&mut [0; 2]).iter()),
            }
        }
        None
    }
}
