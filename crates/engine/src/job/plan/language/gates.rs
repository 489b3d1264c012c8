//! "Disabled until a name is given": a control, and what it waits for. Both
//! halves are one clause, as each alone would hold on a page that has no gate.

use super::lexicon::{MODALS, NEGATIONS, PEOPLE, WRAPPERS};
use super::opening::{Opening, opening};
use super::phrase::Phrase;
use super::tokens::{Kind, Token};
use super::verbs::verb_at;
use super::{Clause, Verb, trimmed};

/// A sentence in which a control waits: what stands before and behind that is
/// said in the ordinary way.
pub struct Gate<'a> {
    pub before: &'a [Token],
    pub clause: Clause,
    pub behind: &'a [Token],
}

/// What joins the control to what it waits for.
#[derive(Clone, Copy, PartialEq)]
enum Joint {
    /// It is locked up to then.
    Until,
    /// It is so as long as this holds.
    While,
    /// It is so from then on.
    Once,
}

const JOINTS: &[(&[&str], Joint)] = &[
    (&["as", "long", "as"], Joint::While),
    (&["so", "long", "as"], Joint::While),
    (&["as", "soon", "as"], Joint::Once),
    (&["until"], Joint::Until),
    (&["till"], Joint::Until),
    (&["unless"], Joint::Until),
    (&["before"], Joint::Until),
    (&["while"], Joint::While),
    (&["when"], Joint::Once),
    (&["whenever"], Joint::Once),
    (&["once"], Joint::Once),
    (&["after"], Joint::Once),
    (&["if"], Joint::Once),
];

/// Finds the first control of `sentence` that waits for something.
pub fn gate<'a>(description: &str, sentence: &'a [Token]) -> Option<Gate<'a>> {
    (0..sentence.len())
        .find_map(|at| {
            let (length, joint) = joint_at(sentence, at)?;
            behind_control(description, sentence, at, length, joint)
                .or_else(|| before_control(description, sentence, at, length, joint))
        })
        .or_else(|| enabled_by(description, sentence))
}

/// "Accepting the terms enables the Join button".
fn enabled_by<'a>(description: &str, sentence: &'a [Token]) -> Option<Gate<'a>> {
    let at = sentence
        .iter()
        .position(|it| it.is(&["enables", "unlocks"]))?;
    let (opening, rest) = opening(description, &sentence[..at]);
    let end = end_of_control(sentence, at);
    let waiting = Waiting {
        control: Phrase::parse(&sentence[at + 1..end]),
        locked: false,
        only: true,
        by_effect: false,
    };
    let is_whole = opening.sets && rest == at && !waiting.control.is_empty();
    let clause = waiting.clause(Joint::Once, opening).filter(|_| is_whole)?;
    Some(Gate {
        before: &[],
        clause: spanned(description, &sentence[..end], clause),
        behind: &sentence[end..],
    })
}

/// Where what is said from `from` on of a control ends.
fn end_of_control(sentence: &[Token], from: usize) -> usize {
    let more = sentence[from..].iter().position(ends_control);
    more.map_or(sentence.len(), |more| from + more)
}

fn joint_at(tokens: &[Token], at: usize) -> Option<(usize, Joint)> {
    JOINTS.iter().find_map(|(words, joint)| {
        let here = tokens.get(at..at + words.len())?;
        let says = here
            .iter()
            .zip(*words)
            .all(|(token, word)| token.is(&[word]));
        says.then_some((words.len(), *joint))
    })
}

/// "Save is disabled until something changes".
fn behind_control<'a>(
    description: &str,
    sentence: &'a [Token],
    at: usize,
    length: usize,
    joint: Joint,
) -> Option<Gate<'a>> {
    let start = sentence[..at].iter().rposition(ends_control);
    let start = start.map_or(0, |before| before + 1);
    let (opening, rest) = opening(description, &sentence[at + length..]);
    let behind = &sentence[at + length + rest..];
    let waiting = Waiting::read(&sentence[start..at])?;
    let clause = waiting.clause(joint, opening)?;
    let end = at + length + rest;
    Some(Gate {
        before: &sentence[..start],
        clause: spanned(description, &sentence[start..end], clause),
        behind,
    })
}

/// "Until something changes, Save is disabled".
fn before_control<'a>(
    description: &str,
    sentence: &'a [Token],
    at: usize,
    length: usize,
    joint: Joint,
) -> Option<Gate<'a>> {
    let comma = sentence[at..]
        .iter()
        .position(|it| it.kind == Kind::Comma)?
        + at;
    let from = comma + 1;
    let end = end_of_control(sentence, from);
    let (opening, rest) = opening(description, sentence.get(at + length..comma)?);
    if rest < comma - at - length {
        return None;
    }
    // "Only after the terms are accepted, the button is enabled"
    let only = at > 0 && sentence[at - 1].is(&["only"]);
    let mut waiting = Waiting::read(&sentence[from..end])?;
    waiting.only |= only;
    let start = at - usize::from(only);
    let clause = waiting.clause(joint, opening)?;
    Some(Gate {
        before: &sentence[..start],
        clause: spanned(description, &sentence[start..end], clause),
        behind: &sentence[end..],
    })
}

fn spanned(description: &str, tokens: &[Token], mut clause: Clause) -> Clause {
    let ends = tokens.first().zip(tokens.last());
    let (start, end) = ends.map_or((0, 0), |(first, last)| (first.start, last.end));
    clause.span = (start, end);
    clause.says = trimmed(&description[start..end]);
    clause
}

fn ends_control(token: &Token) -> bool {
    matches!(token.kind, Kind::Comma | Kind::Colon)
        || token.is(&["and", "then", "that", "but", "so", "which"])
}

/// A control that is said to be locked, or open.
struct Waiting {
    control: Phrase,
    locked: bool,
    /// "Only": that it is locked before is said with it.
    only: bool,
    /// "Can't be posted": said by what it does, as anything that people can't do.
    by_effect: bool,
}

const LOCKED: &[&str] = &[
    "disabled",
    "inactive",
    "unclickable",
    "greyed",
    "grayed",
    "locked",
    "unavailable",
];
const OPEN: &[&str] = &["enabled", "clickable", "active", "unlocked", "available"];
const IS: &[&str] = &[
    "is", "are", "be", "stays", "stay", "remains", "remain", "becomes", "become", "gets", "get",
    "isn't", "aren't", "was",
];
const CAN: &[&str] = &["can", "can't", "cannot", "could", "couldn't"];
/// What is done to any control: which one it is, its name says.
const PRESSED: &[&str] = &["press", "click", "tap", "hit", "use", "push"];

impl Waiting {
    fn read(tokens: &[Token]) -> Option<Self> {
        let only = tokens.iter().any(|token| token.is(&["only"]));
        let denied = tokens.iter().any(|token| token.is(NEGATIONS));
        let kept = |tokens: &[Token]| -> Vec<Token> {
            let aside = [WRAPPERS, PEOPLE, &["only", "still", "initially", "nobody"]];
            let is_kept = |token: &&Token| !aside.iter().any(|words| token.is(words));
            tokens.iter().filter(is_kept).cloned().collect()
        };
        let is = tokens.iter().position(|token| token.is(IS));
        let state = tokens.iter().rposition(|it| it.is(LOCKED) || it.is(OPEN));
        if let (Some(is), Some(state)) = (is, state)
            && is < state
        {
            let control = Phrase::parse(&kept(&tokens[..is]));
            // A page may be active, and a thing available, in other ways.
            let vague = tokens[state].is(&["active", "available", "unavailable", "inactive"]);
            return (!control.is_empty() && (!vague || control.says(&["button", "link"]))).then(
                || Self {
                    control,
                    locked: tokens[state].is(LOCKED) != denied,
                    only,
                    by_effect: false,
                },
            );
        }
        let can = tokens.iter().position(|token| token.is(CAN))?;
        let auxiliary = |token: &&Token| {
            let known = [MODALS, NEGATIONS, &["only"]];
            known.iter().any(|words| token.is(words))
        };
        let aside = tokens[can..].iter().take_while(auxiliary).count();
        let (verb, object) = tokens[can + aside..].split_first()?;
        let pressed = PRESSED.iter().any(|word| verb.lower().starts_with(word));
        let acts = verb_at(tokens, can + aside).is_none_or(|(verb, ..)| {
            verb.is_act() && !matches!(verb, Verb::LogIn | Verb::Visit | Verb::Reload)
        });
        let mut named = kept(&tokens[..can]);
        named.extend(object.iter().cloned());
        if !pressed {
            named.insert(0, verb.clone());
        }
        let control = Phrase::parse(&named);
        let denied = denied || tokens.iter().any(|token| token.is(&["couldn't", "nobody"]));
        (verb.is_word() && acts && !control.is_empty()).then_some(Self {
            control,
            locked: denied,
            only,
            by_effect: !pressed,
        })
    }

    /// The whole, where the joint and what is waited for make a gate of it.
    fn clause(self, joint: Joint, opening: Opening) -> Option<Clause> {
        let sets = opening.sets;
        let is_gate = match (joint, self.locked) {
            _ if self.by_effect && !(sets && (self.locked || self.only)) => false,
            (Joint::Until, true) => !opening.lacks,
            // "Disabled when it was sent" closes it.
            (Joint::While | Joint::Once, true) => opening.lacks,
            // "Enabled after logging in": where it was before, nobody says.
            (Joint::Once, false) => !opening.lacks && (self.only || sets),
            (Joint::While, false) => self.only && !opening.lacks,
            (Joint::Until, false) => false,
        };
        is_gate.then(|| Clause {
            // "Can't be sent", which need not be a lock.
            negated: self.by_effect && self.locked,
            condition: opening.acts,
            ..Clause::bare(String::new(), Verb::Gate, self.control)
        })
    }
}
