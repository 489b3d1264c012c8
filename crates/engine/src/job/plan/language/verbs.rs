//! The verbs that a piece of a sentence holds.

use super::inflection::{Form, form_of};
use super::lexicon::{
    BEFORE_VERBS, DETERMINERS, MODALS, NEGATIONS, NOUNS, PEOPLE, STATES, VERBS, Verb, WRAPPERS,
};
use super::phrase::is_preposition;
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
        let known = verb_at(tokens, at).or_else(|| unknown_at(tokens, at));
        let Some((verb, length, form)) =
            known.filter(|_| starts_sentence || !tokens[at].is_capital())
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
        // "Registered users": which of them.
        let whose = tokens.get(at + length).is_some_and(|next| next.is(PEOPLE));
        let describes = describes || form == Form::Past && whose && verb != Verb::LogIn;
        // "Without accepting the terms": what is not done.
        let left_out = form == Form::Gerund && at > 0 && tokens[at - 1].is(&["without"]);
        // "In the contacts list": a noun, as nothing follows.
        let list = verb == Verb::See && form == Form::Base && is_last_noun(tokens, at, length);
        if !named && !list && !describes && !left_out && !is_auxiliary(tokens, at, verb) {
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
pub fn verb_at(tokens: &[Token], at: usize) -> Option<(Verb, usize, Form)> {
    let token = tokens.get(at)?;
    if !token.is_word() || token.text.contains('-') {
        return None;
    }
    let word = token.lower();
    // "After a reload"
    let alone =
        at + 1 == tokens.len() && tokens[..at].iter().all(|it| it.is(&["a", "the", "page"]));
    if alone && ["reload", "refresh"].contains(&word.as_str()) {
        return Some((Verb::Reload, 1, Form::Base));
    }
    // "Saving keeps it on"
    let keeps = word == "keeps" && tokens.last().is_some_and(|it| it.is(STATES));
    if keeps {
        return Some((Verb::Be, 1, Form::Third));
    }
    if is_noun(tokens, at) || is_state(tokens, at) {
        return None;
    }
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

fn is_last_noun(tokens: &[Token], at: usize, length: usize) -> bool {
    let asks = [BEFORE_VERBS, PEOPLE, WRAPPERS, MODALS, NEGATIONS];
    at + length == tokens.len()
        && at > 0
        && tokens[at - 1].is_word()
        && !asks.iter().any(|words| tokens[at - 1].is(words))
}

/// A verb that no lexicon holds, known by its place: "users can *export* the
/// report", "a post can be *bookmarked*", "and *place* the order".
fn unknown_at(tokens: &[Token], at: usize) -> Option<(Verb, usize, Form)> {
    let token = &tokens[at];
    let others = [MODALS, NEGATIONS, DETERMINERS, PEOPLE, WRAPPERS, NOUNS];
    if !token.is_word()
        || token.text.chars().count() < 3
        || token.number().is_some()
        || token.text.ends_with("ly")
        || others.iter().any(|words| token.is(words))
    {
        return None;
    }
    let before = |back: usize| at.checked_sub(back).map(|at| &tokens[at]);
    let asks = |token: Option<&Token>| token.is_some_and(|token| token.is(BEFORE_VERBS));
    let is_not = before(1).is_some_and(|token| token.is(&["not", "also", "then", "still"]));
    let able = before(1).is_some_and(|token| token.is(&["to"]))
        && before(2).is_some_and(|token| token.is(&["able", "allowed", "want", "wants", "how"]));
    if asks(before(1)) || able || (is_not && asks(before(2))) {
        return Some((Verb::Use, 1, Form::Base));
    }
    let done = before(1).is_some_and(|token| token.is(&["be"])) && asks(before(2));
    if done && token.text.ends_with("ed") && !token.is(STATES) {
        return Some((Verb::Use, 1, Form::Past));
    }
    // "Joining then shows 'Welcome'"
    let is_done = tokens[1..].iter().find(|token| !token.is(MODALS));
    let is_done = at == 0 && is_done.is_some_and(|next| next.is(&["shows", "opens", "displays"]));
    if is_done && token.text.len() > 5 && token.text.ends_with("ing") {
        return Some((Verb::Use, 1, Form::Gerund));
    }
    let leads = at == 0 && !is_preposition(token) && !token.is(&["both", "all", "plus", "even"]);
    let takes = tokens
        .get(1)
        .is_some_and(|next| next.is(DETERMINERS) && !next.is(&["of", "s", "that", "no", "new"]));
    (leads && takes).then_some((Verb::Use, 1, Form::Base))
}

/// "Is disabled" tells what something is; in "can be disabled" somebody does it.
fn is_state(tokens: &[Token], at: usize) -> bool {
    const BECOMES: &[&str] = &[
        "is", "are", "be", "stays", "remains", "becomes", "become", "not", "it", "still",
    ];
    let before = |back: usize| at.checked_sub(back).map(|at| &tokens[at]);
    tokens[at].is(STATES)
        && before(1).is_some_and(|token| token.is(BECOMES))
        && !before(2).is_some_and(|token| token.is(&["can", "could"]))
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
    next.is_some_and(|next| {
        let behind = at + 1 + next;
        let verb = verb_at(tokens, behind).or_else(|| unknown_at(tokens, behind));
        matches!(verb, Some((_, _, Form::Past)))
    }) || rest
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

/// Whether the verb behind `between` is said not to happen: "does not", "no
/// results"; in "what does not exist shows" another one is.
pub fn is_negated(between: &[Token]) -> bool {
    let all = ["no", "nothing", "none", "fails", "unable"];
    between.iter().any(|token| token.is(&all))
        || between[without_auxiliaries(between).len()..]
            .iter()
            .any(|token| token.is(NEGATIONS))
}

pub fn without_auxiliaries(tokens: &[Token]) -> &[Token] {
    let end = tokens
        .iter()
        .rposition(|token| !token.is(MODALS) && !token.is(NEGATIONS))
        .map_or(0, |last| last + 1);
    &tokens[..end]
}
