//! A sentence cut where one clause may end and the next begin.

use super::tokens::{Kind, Token};
use super::verbs::verbs;

/// Where a fragment of a sentence begins, and what joins it to the one before.
pub struct Fragment<'a> {
    pub tokens: &'a [Token],
    /// `when`, `after`, `if`: it happens before what the sentence says first.
    pub earlier: bool,
    pub after_colon: bool,
    /// "On the Contacts page", before what is done there.
    pub is_page: bool,
}

const JOINS: &[&str] = &[
    "and", "then", "which", "that", "who", "but", "so", "where", "or", "until",
];

pub const EARLIER: &[&str] = &["when", "after", "once", "if", "upon", "whenever", "while"];

/// What a visitor goes to before the rest.
pub const PAGES: &[&str] = &["page", "screen", "tab", "view"];

/// More words are no name of a page.
const LONGEST_NAME: usize = 6;

/// How many of `tokens` say where the rest is done: "on the Contacts page".
fn leading_page(tokens: &[Token]) -> Option<usize> {
    let first = tokens.first()?;
    let leads = ["on", "in", "at", "from", "under"].contains(&first.lower().as_str());
    let page = tokens
        .iter()
        .take(LONGEST_NAME)
        .position(|it| it.is(PAGES))?;
    let is_name = |it: &Token| matches!(it.kind, Kind::Word | Kind::Quote) && !it.is(JOINS);
    (leads && page > 1 && tokens[..page].iter().all(is_name)).then_some(page + 1)
}

/// Whether what ends at `at` is the beginning of what a verb further on is about.
fn is_subject(sentence: &[Token], start: usize, at: usize) -> bool {
    let begins = match start.checked_sub(1) {
        None => true,
        // Behind "when it is sent", the sentence begins anew.
        Some(before) => {
            let is_led = sentence[..before].iter().any(|it| it.is(EARLIER));
            is_led && sentence[before].kind == Kind::Comma
        }
    };
    let rest = sentence[at + 1..].split(|it| it.kind == Kind::Comma);
    let names = |tokens: &[Token]| {
        tokens
            .iter()
            .any(|it| it.is_word() || it.kind == Kind::Quote)
            && verbs(tokens, sentence).is_empty()
    };
    begins
        && names(&sentence[start..at])
        && rest.take(1).any(|rest| {
            let verb = verbs(rest, sentence).first().map(|verb| verb.at);
            verb.is_some_and(|verb| {
                verb > 0 && rest[verb].is(&["are", "appear", "shown", "displayed", "listed"])
            })
        })
}

/// The sentence cut where one clause may end and the next begin.
pub fn fragments(sentence: &[Token]) -> Vec<Fragment<'_>> {
    let mut fragments = Vec::new();
    let (mut start, mut earlier, mut after_colon) = (0, false, false);
    for (at, token) in sentence.iter().enumerate() {
        if let Some(length) = (at == start)
            .then(|| leading_page(&sentence[at..]))
            .flatten()
        {
            fragments.push(Fragment {
                tokens: &sentence[at..at + length],
                earlier: false,
                after_colon,
                is_page: true,
            });
            start = at + length;
            earlier = false;
            continue;
        }
        if at < start {
            continue;
        }
        // "When it is sent, the errors 'A' and 'B' are shown": both are.
        if token.is(&["and"]) && is_subject(sentence, start, at) {
            continue;
        }
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
                is_page: false,
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
        is_page: false,
    });
    fragments.retain(|fragment| !fragment.tokens.is_empty());
    fragments
}
