//! What a gate waits for: "until a name is given and the terms are accepted",
//! "while the form is empty".

use super::grammar::in_fragment;
use super::inflection::form_of;
use super::lexicon::{MODALS, NEGATIONS, PEOPLE};
use super::phrase::Phrase;
use super::tokens::{Kind, Token};
use super::verbs::verbs;
use super::{Clause, Verb, trimmed};

pub struct Opening {
    /// What opens the gate.
    pub acts: Vec<Clause>,
    /// Whether it is said by what lacks: "while nothing is typed".
    pub lacks: bool,
    /// Whether something is set or typed, as opposed to anything else that
    /// people do.
    pub sets: bool,
}

/// Verbs by which a form is set, in all their forms.
const SETS: &[(&str, Verb)] = &[
    ("change", Verb::Change),
    ("edit", Verb::Change),
    ("modify", Verb::Change),
    ("alter", Verb::Change),
    ("adjust", Verb::Change),
    ("accept", Verb::Tick),
    ("agree", Verb::Tick),
    ("tick", Verb::Tick),
    ("check", Verb::Tick),
    ("consent", Verb::Tick),
    ("choose", Verb::Choose),
    ("select", Verb::Choose),
    ("pick", Verb::Choose),
    ("enter", Verb::Fill),
    ("fill", Verb::Fill),
    ("type", Verb::Fill),
    ("give", Verb::Fill),
    ("provide", Verb::Fill),
    ("supply", Verb::Fill),
    ("write", Verb::Fill),
    ("complete", Verb::Fill),
    ("input", Verb::Fill),
    ("match", Verb::Fill),
];
/// What something is before it is set.
const LACKS: &[(&[&str], Verb)] = &[
    (&["unchanged", "untouched"], Verb::Change),
    (&["unchecked", "unticked"], Verb::Tick),
    (&["unselected"], Verb::Choose),
    (
        &[
            "empty",
            "blank",
            "missing",
            "unfilled",
            "incomplete",
            "invalid",
        ],
        Verb::Fill,
    ),
];
/// What a field holds, or a form is, once it is filled in.
const HOLDS: &[&str] = &["text", "valid", "content"];

fn set_by(token: &Token) -> Option<Verb> {
    let word = token.lower();
    let of = |(base, verb): &(&str, Verb)| form_of(&word, base).map(|_| *verb);
    SETS.iter().find_map(of)
}

fn lacking(token: &Token) -> Option<Verb> {
    let known = LACKS.iter().find(|(words, _)| token.is(words));
    known.map(|(_, verb)| *verb)
}

/// What `tokens` begin with, and how many of them say it.
pub fn opening(description: &str, tokens: &[Token]) -> (Opening, usize) {
    let ends = |token: &Token| {
        token.kind == Kind::Colon || token.is(&["then", "which", "but", "so", "while", "when"])
    };
    let most = tokens.iter().position(ends).unwrap_or(tokens.len());
    let mut opening = Opening {
        acts: Vec::new(),
        lacks: false,
        sets: true,
    };
    let (mut taken, mut waiting, mut behind_comma) = (0, Vec::new(), false);
    let joins = |token: &Token| token.kind == Kind::Comma || token.is(&["and", "or"]);
    for piece in tokens[..most].split_inclusive(joins) {
        let joined = piece.last().is_some_and(joins);
        let said = &piece[..piece.len() - usize::from(joined)];
        if said.is_empty() {
            waiting.push(piece);
            continue;
        }
        // "…, entering one enables it" says something else.
        // "Entering a name, choosing a voice": one after the other.
        let in_row = || is_gerund(tokens.first()) && is_gerund(said.first());
        let is_more = || in_row() || said.iter().any(|it| it.is(&["is", "are", "been"]));
        if behind_comma && !opening.acts.is_empty() && !is_more() {
            break;
        }
        behind_comma = piece.last().is_some_and(|it| it.kind == Kind::Comma);
        let verb = said.iter().rev().find_map(set_by);
        let verb = verb.or_else(|| said.iter().find_map(lacking));
        let holds = || said.iter().any(|it| it.is(HOLDS)).then_some(Verb::Fill);
        let Some(verb) = verb.or_else(holds) else {
            // "And pressing it sends the form" is no part of it.
            if !opening.acts.is_empty() && !verbs(said, tokens).is_empty() {
                break;
            }
            waiting.push(piece);
            continue;
        };
        opening.lacks |= said
            .iter()
            .any(|it| lacking(it).is_some() || it.is(NEGATIONS));
        // "A name and an email are given": one by one.
        let others = waiting
            .drain(..)
            .map(|piece: &[Token]| (piece.len(), piece));
        for (length, other) in others.chain([(piece.len(), said)]) {
            taken += length;
            if other.iter().all(joins) {
                continue;
            }
            let act = Clause {
                word: verb_word(verb).to_owned(),
                ..Clause::bare(says(description, other), verb, thing(other))
            };
            opening.acts.push(act);
        }
    }
    if opening.acts.is_empty() {
        let comma = |token: &Token| token.kind == Kind::Comma;
        let most = tokens[..most].iter().position(comma).unwrap_or(most);
        let said = &tokens[..most];
        opening.sets = false;
        opening.lacks = said.iter().any(|it| it.is(NEGATIONS));
        opening.acts = in_fragment(description, said, tokens);
        opening.acts.retain(|clause| clause.verb.is_act());
        if opening.acts.is_empty() && !said.is_empty() {
            let whole = Phrase::parse(said);
            opening
                .acts
                .push(Clause::bare(says(description, said), Verb::Use, whole));
        }
        taken = most;
    }
    // "A name or an email": either will do.
    if tokens[..taken].iter().any(|it| it.is(&["or"])) {
        opening.acts.truncate(1);
    }
    // What joins it to the rest is neither's.
    let joined = tokens[..taken].last().is_some_and(joins);
    (opening, taken - usize::from(joined))
}

fn is_gerund(token: Option<&Token>) -> bool {
    token.is_some_and(|token| token.lower().ends_with("ing"))
}

fn verb_word(verb: Verb) -> &'static str {
    match verb {
        Verb::Tick => "tick",
        Verb::Choose => "choose",
        Verb::Change => "change",
        _ => "fill",
    }
}

fn says(description: &str, tokens: &[Token]) -> String {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => trimmed(&description[first.start..last.end]),
        _ => String::new(),
    }
}

/// What is set, without what is said of it.
fn thing(tokens: &[Token]) -> Phrase {
    const ASIDE: &[&str] = &[
        "there",
        "least",
        "both",
        "all",
        "each",
        "valid",
        "made",
        "been",
        "being",
        "something",
        "anything",
        "isn't",
        "hasn't",
        "haven't",
        "aren't",
        "yet",
        "any",
        "up",
        "some",
    ];
    let follows = |at: usize, bases: &[&str]| {
        let before = at.checked_sub(1).map(|before| tokens[before].lower());
        before.is_some_and(|word| bases.iter().any(|base| form_of(&word, base).is_some()))
    };
    let is_kept = |(at, token): &(usize, &Token)| {
        // "Filled in", "agreed to", "at least" are one verb, or none.
        let particle = token.is(&["in", "out"]) && follows(*at, &["fill", "type"])
            || token.is(&["to"]) && follows(*at, &["agree", "consent"])
            || token.is(&["at"]) && tokens.get(at + 1).is_some_and(|it| it.is(&["least"]));
        let said = set_by(token).is_some() || lacking(token).is_some();
        let known = [NEGATIONS, PEOPLE, ASIDE, &["and", "or"]];
        let aside =
            known.iter().any(|words| token.is(words)) || token.is(MODALS) && !token.is(&["to"]);
        !(particle || said || aside)
    };
    let kept = tokens.iter().enumerate().filter(is_kept);
    let kept: Vec<Token> = kept.map(|(_, token)| token.clone()).collect();
    Phrase::parse(&kept)
}
