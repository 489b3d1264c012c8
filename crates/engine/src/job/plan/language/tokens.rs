//! A description cut into words, quotations, amounts and stops.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Word,
    /// The text between quotation marks: to be taken literally.
    Quote,
    /// `$39.00`, `50%`
    Amount,
    /// `,`
    Comma,
    /// `;`, `:` and dashes between clauses.
    Colon,
    /// `.`, `!`, `?`
    Stop,
}

/// A token and where it stands in the description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    /// Of a quotation, what is inside.
    pub text: String,
    pub start: usize,
    pub end: usize,
}

impl Token {
    /// The word in lower case; empty for anything else.
    pub fn lower(&self) -> String {
        match self.kind {
            Kind::Word => self.text.to_lowercase().replace('’', "'"),
            _ => String::new(),
        }
    }

    pub fn is(&self, words: &[&str]) -> bool {
        words.contains(&self.lower().as_str())
    }

    pub fn is_word(&self) -> bool {
        self.kind == Kind::Word
    }

    /// Of `4` and `four`.
    pub fn number(&self) -> Option<usize> {
        const NAMES: [&str; 13] = [
            "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve",
        ];
        let word = self.lower();
        NAMES
            .iter()
            .position(|name| *name == word)
            .or_else(|| word.parse().ok())
    }

    /// Begins with a capital: a name, unless it begins the sentence.
    pub fn is_capital(&self) -> bool {
        self.is_word() && self.text.chars().next().is_some_and(char::is_uppercase)
    }
}

const QUOTES: &[(char, char)] = &[
    ('"', '"'),
    ('\'', '\''),
    ('“', '”'),
    ('‘', '’'),
    ('«', '»'),
    ('`', '`'),
    ('„', '“'),
];

/// Cuts `text`; nothing but white space and brackets is left out.
pub fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let end_of = |at: usize| chars.get(at).map_or(text.len(), |(offset, _)| *offset);
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let (start, character) = chars[at];
        let mut push = |kind, from: usize, to: usize, next: usize| {
            found.push(Token {
                kind,
                text: text[end_of(from)..end_of(to)].to_owned(),
                start,
                end: end_of(next),
            });
            next
        };
        at = if let Some(close) = closing(&chars, at) {
            push(Kind::Quote, at + 1, close, close + 1)
        } else if starts_amount(&chars, at) {
            let to = run(&chars, at + 1, |c| {
                c.is_ascii_digit() || matches!(c, '.' | ',' | '%' | '€')
            });
            // A full stop behind an amount ends the sentence.
            let to = if matches!(chars[to - 1].1, '.' | ',') {
                to - 1
            } else {
                to
            };
            push(Kind::Amount, at, to, to)
        } else if is_word(character)
            || (character == '/' && next_is(&chars, at, char::is_alphanumeric))
        {
            let to = word_end(&chars, at);
            push(Kind::Word, at, to, to)
        } else {
            match character {
                ',' => push(Kind::Comma, at, at + 1, at + 1),
                ';' | ':' | '–' | '—' => push(Kind::Colon, at, at + 1, at + 1),
                '.' | '!' | '?' | '\n' => push(Kind::Stop, at, at + 1, at + 1),
                _ => at + 1,
            }
        };
    }
    switched(joined(made_up(found)))
}

/// "It is still on", "keeps it off": how it is set, and no place.
fn switched(mut tokens: Vec<Token>) -> Vec<Token> {
    const IS: &[&str] = &[
        "is", "be", "stays", "stay", "remains", "remain", "still", "it", "them",
    ];
    for at in 1..tokens.len() {
        let ends = tokens.get(at + 1).is_none_or(|next| {
            !next.is_word() && next.kind != Kind::Quote && next.kind != Kind::Amount
                || next.is(&["after", "when", "and", "once", "then", "even"])
        });
        if ends && tokens[at].is(&["on", "off"]) && tokens[at - 1].is(IS) {
            let set = if tokens[at].is(&["on"]) {
                "ticked"
            } else {
                "unticked"
            };
            tokens[at].text = set.to_owned();
        }
    }
    tokens
}

/// "Something that does not exist": what to type that nothing answers to.
fn made_up(mut tokens: Vec<Token>) -> Vec<Token> {
    const FORMS: [&[&[&str]]; 2] = [
        &[
            &["something", "anything"],
            &["that"],
            &["does"],
            &["not"],
            &["exist", "match"],
        ],
        &[
            &["something", "anything"],
            &["that"],
            &["doesn't"],
            &["exist", "match"],
        ],
    ];
    for form in FORMS {
        let is_here = |at: &usize| {
            let here = &tokens[*at..*at + form.len()];
            here.iter().zip(form).all(|(token, words)| token.is(words))
        };
        let starts = 0..(tokens.len() + 1).saturating_sub(form.len());
        let Some(at) = starts.into_iter().find(is_here) else {
            continue;
        };
        let made_up = Token {
            kind: Kind::Quote,
            text: "no-such-thing".to_owned(),
            start: tokens[at].start,
            end: tokens[at + form.len() - 1].end,
        };
        tokens.splice(at..at + form.len(), [made_up]);
    }
    tokens
}

/// Two words that say one thing: neither is to be taken by itself.
const JOINED: &[(&str, &str)] = &[("no", "longer"), ("any", "more"), ("such", "as")];

fn joined(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        match joined.last_mut() {
            Some(last)
                if JOINED
                    .iter()
                    .any(|(one, other)| last.is(&[one]) && token.is(&[other])) =>
            {
                last.text = format!("{} {}", last.text, token.text);
                last.end = token.end;
            }
            _ => joined.push(token),
        }
    }
    joined
}

/// Where the quotation that opens at `at` closes.
fn closing(chars: &[(usize, char)], at: usize) -> Option<usize> {
    let close = QUOTES.iter().find(|(open, _)| *open == chars[at].1)?.1;
    // An apostrophe stands inside or behind a word, a quotation mark before one.
    if at > 0 && is_word(chars[at - 1].1) {
        return None;
    }
    let ends = |to: &usize| chars[*to].1 == close && !next_is(chars, *to, is_word);
    (at + 2..chars.len()).find(ends)
}

fn starts_amount(chars: &[(usize, char)], at: usize) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let currency = matches!(chars[at].1, '$' | '€' | '£' | '¥') && next_is(chars, at, digit);
    let decimal = || {
        let to = run(chars, at, digit);
        to > at
            && (matches!(chars.get(to), Some((_, '%' | '€')))
                || (matches!(chars.get(to), Some((_, '.'))) && next_is(chars, to, digit)))
    };
    currency || decimal()
}

fn word_end(chars: &[(usize, char)], at: usize) -> usize {
    let mut to = at + 1;
    while to < chars.len() {
        let joins = matches!(chars[to].1, '-' | '\'' | '’' | '@' | '.' | '/' | '+')
            && next_is(chars, to, char::is_alphanumeric);
        if !is_word(chars[to].1) && !joins {
            break;
        }
        to += 1;
    }
    to
}

fn run(chars: &[(usize, char)], at: usize, belongs: impl Fn(char) -> bool) -> usize {
    (at..chars.len())
        .find(|to| !belongs(chars[*to].1))
        .unwrap_or(chars.len())
}

fn next_is(chars: &[(usize, char)], at: usize, what: impl Fn(char) -> bool) -> bool {
    chars.get(at + 1).is_some_and(|(_, next)| what(*next))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}
