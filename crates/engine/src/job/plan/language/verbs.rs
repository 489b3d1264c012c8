//! The verbs that a piece of a sentence holds.

use super::inflection::{Form, form_of};
use super::lexicon::{DETERMINERS, MODALS, NEGATIONS, NOUNS, PEOPLE, VERBS, Verb};
use super::tokens::Token;

/// A verb and where it stands.
pub struct Found {
    pub at: usize,
    pub verb: Verb,
    /// In tokens.
    pub length: usize,
    pub form: Form,
}

/// Those of `tokens`, a piece of `sentence`, that say what happens.
pub fn verbs(tokens: &[Token], sentence: &[Token]) -> Vec<Found> {
    let mut verbs: Vec<Found> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let starts_sentence = sentence
            .first()
            .is_some_and(|first| first.start == tokens[at].start);
        let Some((verb, length, form)) =
            verb_at(tokens, at).filter(|_| starts_sentence || !tokens[at].is_capital())
        else {
            at += 1;
            continue;
        };
        let previous = verbs.last();
        let behind = previous.map(|last| at - last.at - last.length);
        // "click add to cart": what an act is done to. "Saving shows": what it does.
        let outcome = !verb.is_act() && (form == Form::Third || tokens[at].is(&["see"]));
        let named =
            behind == Some(0) && !outcome && previous.is_some_and(|last| last.verb.is_act());
        // "to see" behind "wait", and a participle that describes: "a task added".
        let describes = form == Form::Past && previous.is_some() && !has_auxiliary(tokens, at);
        if !named && !describes && !is_auxiliary(tokens, at, verb) {
            verbs.push(Found {
                at,
                verb,
                length,
                form,
            });
        }
        at += length;
    }
    verbs
}

/// The verb that begins at `at`, how many tokens it takes, and its form.
fn verb_at(tokens: &[Token], at: usize) -> Option<(Verb, usize, Form)> {
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

/// `is` before "shown", "greeted", "redirected".
fn is_auxiliary(tokens: &[Token], at: usize, verb: Verb) -> bool {
    if verb != Verb::Be {
        return false;
    }
    let rest = &tokens[at + 1..];
    let next = rest
        .iter()
        .position(|token| !token.is(MODALS) && !token.is(NEGATIONS));
    next.is_some_and(|next| matches!(verb_at(tokens, at + 1 + next), Some((_, _, Form::Past))))
        || rest
            .first()
            .is_some_and(|token| token.is(&["able", "allowed", "to"]))
}

fn has_auxiliary(tokens: &[Token], at: usize) -> bool {
    tokens[..at]
        .iter()
        .rev()
        .take(3)
        .any(|token| token.is(MODALS))
}

pub fn without_auxiliaries(tokens: &[Token]) -> &[Token] {
    let end = tokens
        .iter()
        .rposition(|token| !token.is(MODALS) && !token.is(NEGATIONS))
        .map_or(0, |last| last + 1);
    &tokens[..end]
}
