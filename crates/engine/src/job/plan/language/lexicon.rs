//! The verbs in which people describe what to test.

use super::tokens::Token;

/// What a verb asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    LogIn,
    LogOut,
    Visit,
    Click,
    /// A control that does what the verb says: "dismiss the notice".
    Use,
    Choose,
    Tick,
    Fill,
    Submit,
    /// A form is sent, but for a field that stays empty.
    Leave,
    Search,
    Add,
    Remove,
    /// A field, or what is chosen, gets another value.
    Change,
    Sort,
    /// Something is shown, said, contained.
    See,
    /// Somebody ends up on a page.
    Land,
    /// Something comes first.
    First,
    /// Something is no longer shown.
    Gone,
    /// What was tried is turned down, with a message.
    Refused,
    /// `is`, `has`: what is said follows.
    Be,
}

impl Verb {
    /// Done by a person, rather than looked at.
    pub fn is_act(self) -> bool {
        !matches!(
            self,
            Self::See | Self::Land | Self::First | Self::Gone | Self::Refused | Self::Be
        )
    }
}

/// How a verb stands in its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `open`
    Base,
    /// `opens`
    Third,
    /// `opening`
    Gerund,
    /// `opened`
    Past,
}

/// Verbs of several words come before their first word alone.
const VERBS: &[(&str, Verb)] = &[
    ("log in", Verb::LogIn),
    ("log into", Verb::LogIn),
    ("sign in", Verb::LogIn),
    ("sign into", Verb::LogIn),
    ("login", Verb::LogIn),
    ("signin", Verb::LogIn),
    ("authenticate", Verb::LogIn),
    ("log out", Verb::LogOut),
    ("log off", Verb::LogOut),
    ("sign out", Verb::LogOut),
    ("logout", Verb::LogOut),
    ("go to", Verb::Visit),
    ("go back to", Verb::Visit),
    ("navigate to", Verb::Visit),
    ("navigate", Verb::Visit),
    ("browse to", Verb::Visit),
    ("head to", Verb::Visit),
    ("open", Verb::Visit),
    ("visit", Verb::Visit),
    ("access", Verb::Visit),
    ("click on", Verb::Click),
    ("click", Verb::Click),
    ("press", Verb::Click),
    ("tap on", Verb::Click),
    ("tap", Verb::Click),
    ("hit", Verb::Click),
    ("follow", Verb::Click),
    ("expand", Verb::Use),
    ("unfold", Verb::Use),
    ("collapse", Verb::Use),
    ("close", Verb::Use),
    ("dismiss", Verb::Use),
    ("cancel", Verb::Use),
    ("choose", Verb::Choose),
    ("select", Verb::Choose),
    ("pick", Verb::Choose),
    ("tick", Verb::Tick),
    ("toggle", Verb::Tick),
    ("accept", Verb::Tick),
    ("fill in", Verb::Fill),
    ("fill out", Verb::Fill),
    ("fill", Verb::Fill),
    ("type in", Verb::Fill),
    ("type", Verb::Fill),
    ("enter", Verb::Fill),
    ("complete", Verb::Fill),
    ("input", Verb::Fill),
    ("leave", Verb::Leave),
    ("submit", Verb::Submit),
    ("send", Verb::Submit),
    ("save", Verb::Submit),
    ("subscribe", Verb::Submit),
    ("search for", Verb::Search),
    ("search", Verb::Search),
    ("look for", Verb::Search),
    ("look up", Verb::Search),
    ("filter by", Verb::Choose),
    ("filter", Verb::Choose),
    ("add", Verb::Add),
    ("put", Verb::Add),
    ("create", Verb::Add),
    ("post", Verb::Add),
    ("change", Verb::Change),
    ("update", Verb::Change),
    ("edit", Verb::Change),
    ("set", Verb::Change),
    ("rename", Verb::Change),
    ("replace", Verb::Change),
    ("switch", Verb::Change),
    ("remove", Verb::Remove),
    ("delete", Verb::Remove),
    ("sort", Verb::Sort),
    ("order by", Verb::Sort),
    ("come first", Verb::First),
    ("be first", Verb::First),
    ("is first", Verb::First),
    ("come up first", Verb::First),
    ("appear first", Verb::First),
    ("reject", Verb::Refused),
    ("refuse", Verb::Refused),
    ("deny", Verb::Refused),
    ("disappear", Verb::Gone),
    ("vanish", Verb::Gone),
    ("go away", Verb::Gone),
    ("hide", Verb::Gone),
    ("land on", Verb::Land),
    ("land", Verb::Land),
    ("arrive", Verb::Land),
    ("end up", Verb::Land),
    ("redirect", Verb::Land),
    ("return", Verb::Land),
    ("take", Verb::Land),
    ("lead", Verb::Land),
    ("bring", Verb::Land),
    ("get to", Verb::Land),
    ("reach", Verb::Land),
    ("see", Verb::See),
    ("view", Verb::See),
    ("show", Verb::See),
    ("display", Verb::See),
    ("appear", Verb::See),
    ("contain", Verb::See),
    ("say", Verb::See),
    ("read", Verb::See),
    ("greet", Verb::See),
    ("welcome", Verb::See),
    ("list", Verb::See),
    ("find", Verb::See),
    ("get", Verb::See),
    ("give", Verb::See),
    ("produce", Verb::See),
    ("yield", Verb::See),
    ("receive", Verb::See),
    ("compare", Verb::See),
    ("include", Verb::See),
    ("state", Verb::See),
    ("present", Verb::See),
    ("mention", Verb::See),
    ("offer", Verb::See),
    ("expect", Verb::See),
    ("be", Verb::Be),
    ("have", Verb::Be),
];

/// Words that ask for a proof of what follows, and are none themselves.
pub const WRAPPERS: &[&str] = &[
    "test",
    "tests",
    "verify",
    "verifies",
    "ensure",
    "ensures",
    "confirm",
    "validate",
    "assert",
    "check",
    "checks",
    "make",
    "sure",
    "testing",
    "checking",
    "verifying",
    "please",
];

pub const PEOPLE: &[&str] = &[
    "user",
    "users",
    "visitor",
    "visitors",
    "customer",
    "customers",
    "you",
    "they",
    "he",
    "she",
    "we",
    "i",
    "people",
    "person",
    "member",
    "members",
    "admin",
    "anyone",
    "someone",
    "shopper",
    "shoppers",
    "one",
    "everyone",
    "client",
    "reader",
    "readers",
];

pub const MODALS: &[&str] = &[
    "can",
    "could",
    "should",
    "must",
    "will",
    "would",
    "may",
    "shall",
    "able",
    "to",
    "needs",
    "need",
    "does",
    "do",
    "did",
    "is",
    "are",
    "be",
    "been",
    "gets",
    "get",
    "has",
    "have",
    "then",
    "also",
    "still",
    "now",
    "again",
    "always",
    "successfully",
    "correctly",
    "properly",
    "allowed",
    "possible",
    "let",
    "lets",
    "allows",
];

pub const NEGATIONS: &[&str] = &[
    "not",
    "can't",
    "cannot",
    "won't",
    "doesn't",
    "don't",
    "never",
    "isn't",
    "aren't",
    "shouldn't",
    "mustn't",
    "no",
    "no longer",
    "nothing",
    "fails",
    "unable",
];

const DETERMINERS: &[&str] = &[
    "the", "a", "an", "their", "his", "her", "its", "your", "my", "our", "this", "that", "each",
    "every", "no", "new", "of", "s", "any",
];

/// What follows a verb's word when it is a noun there: "search results".
const NOUNS: &[&str] = &[
    "page",
    "pages",
    "form",
    "forms",
    "button",
    "buttons",
    "link",
    "links",
    "screen",
    "flow",
    "flows",
    "results",
    "result",
    "box",
    "field",
    "bar",
    "functionality",
    "feature",
    "process",
    "dialog",
    "icon",
    "tab",
    "section",
    "works",
    "working",
    "credentials",
    "error",
];

/// The verb that begins at `at`, how many tokens it takes, and its form.
pub fn verb_at(tokens: &[Token], at: usize) -> Option<(Verb, usize, Form)> {
    let token = tokens.get(at)?;
    if !token.is_word() || token.text.contains('-') || is_noun(tokens, at) {
        return None;
    }
    let word = token.lower();
    VERBS.iter().find_map(|(phrase, verb)| {
        let mut parts = phrase.split(' ');
        let form = form_of(&word, parts.next()?)?;
        let mut length = 1;
        for part in parts {
            if tokens.get(at + length)?.lower() != part {
                return None;
            }
            length += 1;
        }
        Some((*verb, length, form))
    })
}

fn is_noun(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let after = tokens.get(at + 1);
    // In "the user logs in" the noun comes between.
    before.is_some_and(|token| token.is(DETERMINERS) && !token.is(&["that"]))
        || (after.is_some_and(|token| token.is(NOUNS))
            && !before.is_some_and(|token| {
                token.is(PEOPLE) || token.is(&["to", "can", "should", "must"])
            }))
}

/// The form of `base` that `word` is.
fn form_of(word: &str, base: &str) -> Option<Form> {
    let irregular = |forms: &[(&str, &str, Form)]| {
        forms
            .iter()
            .find(|(form, of, _)| *form == word && *of == base)
            .map(|(_, _, form)| *form)
    };
    if word == base {
        return Some(Form::Base);
    }
    if let Some(form) = irregular(&[
        ("is", "be", Form::Third),
        ("are", "be", Form::Third),
        ("was", "be", Form::Third),
        ("has", "have", Form::Third),
        ("goes", "go", Form::Third),
        ("shown", "show", Form::Past),
        ("hidden", "hide", Form::Past),
        ("set", "set", Form::Base),
        ("seen", "see", Form::Past),
        ("saw", "see", Form::Past),
        ("left", "leave", Form::Past),
        ("denied", "deny", Form::Past),
        ("given", "give", Form::Past),
        ("got", "get", Form::Past),
        ("found", "find", Form::Past),
        ("sent", "send", Form::Past),
        ("taken", "take", Form::Past),
        ("brought", "bring", Form::Past),
        ("led", "lead", Form::Past),
        ("chosen", "choose", Form::Past),
        ("said", "say", Form::Past),
        ("put", "put", Form::Base),
        ("read", "read", Form::Base),
    ]) {
        return Some(form);
    }
    let stem = base.strip_suffix('e').unwrap_or(base);
    let doubled = base.chars().last().map(|last| format!("{base}{last}"));
    let is = |suffix: &str| {
        word.strip_suffix(suffix).is_some_and(|start| {
            start == base || start == stem || doubled.as_deref() == Some(start)
        })
    };
    let third = word == format!("{base}s") || word == format!("{base}es");
    if third {
        Some(Form::Third)
    } else if base.len() > 2 && is("ing") || word == format!("{base}ing") {
        Some(Form::Gerund)
    } else if is("ed") || (base.ends_with('y') && word == format!("{}ied", &base[..base.len() - 1]))
    {
        Some(Form::Past)
    } else {
        None
    }
}
