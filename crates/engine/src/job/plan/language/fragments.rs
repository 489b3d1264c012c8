//! A sentence cut where one clause may end and the next begin.

use super::tokens::{Kind, Token};
use super::verbs::verbs;

/// Where a fragment of a sentence begins, and what joins it to the one before.
pub struct Fragment<'a> {
    pub tokens: &'a [Token],
    /// `when`, `after`, `if`: it happens before what the sentence says first.
    pub earlier: bool,
    pub after_colon: bool,
}

const JOINS: &[&str] = &[
    "and", "then", "which", "that", "who", "but", "so", "where", "while", "or", "until",
];

const EARLIER: &[&str] = &["when", "after", "once", "if", "upon", "whenever"];

/// The sentence cut where one clause may end and the next begin.
pub fn fragments(sentence: &[Token]) -> Vec<Fragment<'_>> {
    let mut fragments = Vec::new();
    let (mut start, mut earlier, mut after_colon) = (0, false, false);
    for (at, token) in sentence.iter().enumerate() {
        let joins = matches!(token.kind, Kind::Comma | Kind::Colon)
            || (token.is_word() && !token.is_capital() && token.is(JOINS))
                // "The page then says" is one.
                && !(token.is(&["then"]) && verbs(&sentence[start..at], sentence).is_empty())
            || token.is(EARLIER);
        if joins {
            fragments.push(Fragment {
                tokens: &sentence[start..at],
                earlier,
                after_colon,
            });
            start = at + 1;
            earlier = token.is(EARLIER);
            after_colon |= token.kind == Kind::Colon && token.text == ":";
        }
    }
    fragments.push(Fragment {
        tokens: &sentence[start..],
        earlier,
        after_colon,
    });
    fragments.retain(|fragment| !fragment.tokens.is_empty());
    fragments
}
