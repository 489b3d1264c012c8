//! Words of a description.

/// A word or a mark, where it stands, and where it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token<'d> {
    /// Lower case.
    pub word: String,
    /// As it was written.
    pub written: &'d str,
    pub start: usize,
    pub end: usize,
}

impl Token<'_> {
    /// Ends a part of a sentence.
    pub fn is_mark(&self) -> bool {
        !self.word.chars().any(char::is_alphanumeric)
    }
}

/// Words and marks; a hyphen parts words, an apostrophe does not.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = None;
    let mut push = |start: usize, end: usize| {
        let written = &text[start..end];
        tokens.push(Token {
            word: written.to_lowercase().replace(['\'', '’'], ""),
            written,
            start,
            end,
        });
    };
    for (at, c) in text.char_indices() {
        let in_word = c.is_alphanumeric() || matches!(c, '\'' | '’' | '_' | '%');
        match (in_word, start) {
            (true, None) => start = Some(at),
            (false, Some(begin)) => {
                push(begin, at);
                start = None;
            }
            _ => {}
        }
        if matches!(
            c,
            ',' | '.' | ';' | ':' | '!' | '?' | '(' | ')' | '\n' | '•' | '*'
        ) {
            push(at, at + c.len_utf8());
        }
    }
    if let Some(begin) = start {
        push(begin, text.len());
    }
    // "e-mail" is one word, however it is written.
    let mut joined: Vec<Token<'_>> = Vec::new();
    for token in tokens {
        match joined.last_mut() {
            Some(before)
                if before.word == "e"
                    && token.word.starts_with("mail")
                    && token.start == before.end + 1 =>
            {
                before.word = format!("e{}", token.word);
                before.written = &text[before.start..token.end];
                before.end = token.end;
            }
            _ => joined.push(token),
        }
    }
    joined
}

/// The words of a phrase, as they are matched.
pub fn of_phrase(phrase: &str) -> Vec<String> {
    tokens(phrase)
        .into_iter()
        .map(|token| singular(&token.word))
        .filter(|word| !is_article(word))
        .collect()
}

/// What a word may be a form of.
pub fn forms(word: &str) -> Vec<String> {
    let mut forms = vec![singular(word)];
    if let Some(stem) = word.strip_suffix("ed").filter(|stem| stem.len() > 2) {
        // "uploaded", "created", "cancelled"
        forms.push(stem.to_owned());
        forms.push(format!("{stem}e"));
        let mut chars = stem.chars().rev();
        if let (Some(last), Some(before)) = (chars.next(), chars.next())
            && last == before
        {
            forms.push(stem[..stem.len() - last.len_utf8()].to_owned());
        }
    }
    forms
}

pub fn singular(word: &str) -> String {
    crate::api_tests::singular(word)
}

pub fn plural(word: &str) -> String {
    if singular(word) != word {
        return word.to_owned();
    }
    let vowel_before_y = |word: &str| {
        word.chars()
            .rev()
            .nth(1)
            .is_some_and(|c| "aeiou".contains(c))
    };
    if word.ends_with('y') && !vowel_before_y(word) {
        return format!("{}ies", &word[..word.len() - 1]);
    }
    if let Some(stem) = word.strip_suffix("sis") {
        return format!("{stem}ses");
    }
    if ["s", "x", "z", "ch", "sh"]
        .iter()
        .any(|end| word.ends_with(end))
    {
        return format!("{word}es");
    }
    format!("{word}s")
}

pub fn is_article(word: &str) -> bool {
    [
        "a", "an", "the", "their", "his", "her", "its", "my", "our", "your", "this", "that",
        "these", "those", "some", "any", "each", "every", "own",
    ]
    .contains(&word)
}

/// Words that begin another part of a sentence.
pub fn is_joint(word: &str) -> bool {
    [
        "and",
        "or",
        "with",
        "by",
        "in",
        "on",
        "from",
        "to",
        "for",
        "of",
        "when",
        "after",
        "before",
        "if",
        "using",
        "can",
        "could",
        "should",
        "must",
        "may",
        "will",
        "including",
        "as",
        "at",
        "into",
        "via",
        "through",
        "while",
        "so",
        "which",
        "who",
        "where",
        "is",
        "are",
        "be",
        "been",
        "was",
        "also",
        "then",
        "only",
        "not",
        "without",
        "within",
        "per",
        "but",
        "than",
        "such",
        "like",
        "between",
        "until",
        "has",
        "have",
        "works",
        "work",
        "up",
        "it",
        "them",
        "they",
    ]
    .contains(&word)
}

/// Words that say nothing about what is to be tested.
pub fn is_filler(word: &str) -> bool {
    is_article(word)
        || is_joint(word)
        || [
            "test",
            "tests",
            "testing",
            "tested",
            "case",
            "cases",
            "generate",
            "write",
            "create",
            "cover",
            "covering",
            "coverage",
            "verify",
            "check",
            "ensure",
            "validate",
            "make",
            "sure",
            "please",
            "user",
            "users",
            "flow",
            "flows",
            "feature",
            "features",
            "functionality",
            "function",
            "page",
            "pages",
            "screen",
            "app",
            "application",
            "site",
            "website",
            "web",
            "system",
            "process",
            "scenario",
            "scenarios",
            "correctly",
            "properly",
            "successfully",
            "expected",
            "behaviour",
            "behavior",
            "all",
            "various",
            "different",
            "end",
            "etc",
            "e",
            "g",
            "i",
            "we",
            "you",
            "want",
            "need",
            "focus",
            "especially",
            "handling",
            "support",
            "valid",
            "invalid",
            "new",
            "existing",
            "multiple",
            "several",
            "whole",
            "complete",
            "full",
            "suite",
            "plan",
            "about",
            "how",
            "what",
            "both",
            "well",
            "related",
            "basic",
            "main",
            "error",
            "errors",
            "messages",
            "field",
            "fields",
            "required",
            "optional",
            "input",
            "inputs",
            "edge",
            "boundary",
            "boundaries",
            "condition",
            "conditions",
            "happy",
            "path",
            "paths",
            "negative",
            "positive",
            "unit",
            "manual",
            "automated",
            "regression",
            "smoke",
            "quality",
            "thorough",
            "thoroughly",
            "detailed",
            "possible",
            "important",
            "critical",
        ]
        .contains(&word)
}

/// Leads a clause that only says how or when.
pub fn is_condition(word: &str) -> bool {
    [
        "when", "if", "after", "before", "while", "so", "because", "with", "without", "by", "in",
        "on", "until", "unless", "where", "even", "using", "at", "from", "to", "within", "via",
        "per", "as",
    ]
    .contains(&word)
}

pub fn is_modal(word: &str) -> bool {
    ["can", "could", "should", "must", "may", "cannot"].contains(&word)
}

/// Where one part of a description ends and the next begins.
pub fn is_mark_or_and(token: &Token<'_>) -> bool {
    token.is_mark() || matches!(token.word.as_str(), "and" | "including" | "plus" | "then")
}
