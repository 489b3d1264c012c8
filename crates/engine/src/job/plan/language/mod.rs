//! A description as clauses: who or what, does what, to what. A small grammar
//! of the English in which people say what to test; it knows no site.

mod lexicon;
mod phrase;
mod tokens;

pub use lexicon::Verb;
pub use phrase::Phrase;

use lexicon::{Form, MODALS, NEGATIONS, PEOPLE, WRAPPERS, verb_at};
use phrase::PREPOSITIONS;
use tokens::{Kind, Token, tokens};

/// One thing that a description asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// The words of the description.
    pub says: String,
    pub verb: Verb,
    pub negated: bool,
    /// Who or what, where it is not simply a user.
    pub subject: Phrase,
    pub object: Phrase,
    /// Where `says` starts and ends in the description.
    span: (usize, usize),
}

impl Clause {
    /// A clause that no grammar has found.
    pub fn bare(says: String, verb: Verb, object: Phrase) -> Self {
        Self {
            says,
            verb,
            negated: false,
            subject: Phrase::default(),
            object,
            span: (0, 0),
        }
    }
}

/// Where a fragment of a sentence begins, and what joins it to the one before.
struct Fragment<'a> {
    tokens: &'a [Token],
    /// `when`, `after`, `if`: it happens before what the sentence says first.
    earlier: bool,
    after_colon: bool,
}

const JOINS: &[&str] = &[
    "and", "then", "which", "that", "who", "but", "so", "where", "while", "or",
];
const EARLIER: &[&str] = &["when", "after", "once", "if", "upon", "whenever"];

/// Takes `description` apart. Empty where it holds no verb that is known.
pub fn clauses(description: &str) -> Vec<Clause> {
    let tokens = tokens(description);
    let mut all = Vec::new();
    let mut places = 0;
    for sentence in tokens.split(|token| token.kind == Kind::Stop) {
        let mut clauses: Vec<Clause> = Vec::new();
        let mut summary = None;
        for fragment in fragments(sentence) {
            if fragment.after_colon && summary.is_none() {
                summary = Some(clauses.len());
            }
            let found = in_fragment(description, fragment.tokens, sentence);
            let place = clauses.is_empty().then(|| page(fragment.tokens)).flatten();
            if let Some(page) = place.filter(|_| found.is_empty()) {
                clauses.push(on_page(description, fragment.tokens, page));
                places += 1;
            } else if found.is_empty() {
                append(description, &mut clauses, &mut all, fragment.tokens);
            } else if fragment.earlier && !clauses.is_empty() {
                let at = clauses.len() - 1;
                clauses.splice(at..at, found);
            } else {
                clauses.extend(found);
            }
        }
        // "Items can be removed: add one, remove it": the details are the test.
        if let Some(at) = summary
            && clauses[at..].iter().any(|clause| clause.verb.is_act())
        {
            clauses.drain(..at);
        }
        all.extend(clauses);
    }
    all.retain(|clause| !(clause.verb == Verb::Be && clause.object.is_empty()));
    // Nothing but names of pages: no verb says what to do there.
    if all.len() == places {
        all.clear();
    }
    all
}

/// "On the pricing page", "check the About page": what follows is said of it.
fn page(tokens: &[Token]) -> Option<Phrase> {
    let said = subject(tokens);
    let page = [&said].into_iter().chain(&said.places);
    let mut pages = page.filter(|it| it.says(&["page", "screen"]) && it.words.len() > 1);
    pages.next().cloned()
}

fn on_page(description: &str, tokens: &[Token], page: Phrase) -> Clause {
    let (start, end) = (tokens[0].start, tokens[tokens.len() - 1].end);
    Clause {
        span: (start, end),
        ..Clause::bare(trimmed(&description[start..end]), Verb::Visit, page)
    }
}

/// The sentence cut where one clause may end and the next begin.
fn fragments(sentence: &[Token]) -> Vec<Fragment<'_>> {
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

/// "shows $89.00 and 'In stock'": what has no verb belongs to the one before.
fn append(description: &str, clauses: &mut [Clause], earlier: &mut [Clause], tokens: &[Token]) {
    let said: Vec<Token> = tokens
        .iter()
        .filter(|token| !token.is(WRAPPERS))
        .cloned()
        .collect();
    let more = Phrase::parse(&said);
    let Some(last) = clauses.last_mut().or(earlier.last_mut()) else {
        return;
    };
    if more.is_empty() && more.count.is_none() {
        return;
    }
    if let Some(end) = tokens
        .last()
        .map(|token| token.end)
        .filter(|end| *end > last.span.1)
    {
        last.span.1 = end;
        last.says = trimmed(&description[last.span.0..end]);
    }
    let object = &mut last.object;
    object.quotes.extend(more.quotes);
    object.amounts.extend(more.amounts);
    object.with.extend(more.with);
    if object.is_empty() || (object.count.is_none() && more.count.is_some()) {
        object.count = more.count;
        object.words.extend(more.words);
        object.text = [object.text.as_str(), more.text.as_str()]
            .join(" ")
            .trim()
            .to_owned();
    } else if !more.words.is_empty() {
        object.with.push(Phrase {
            words: more.words,
            text: more.text,
            ..Phrase::default()
        });
    }
    object.places.extend(more.places);
}

struct Found {
    at: usize,
    verb: Verb,
    length: usize,
    form: Form,
}

fn in_fragment(description: &str, tokens: &[Token], sentence: &[Token]) -> Vec<Clause> {
    let verbs = verbs(tokens, sentence);
    let mut clauses = Vec::new();
    for (index, found) in verbs.iter().enumerate() {
        let from = index
            .checked_sub(1)
            .map_or(0, |before| verbs[before].at + verbs[before].length);
        let to = verbs.get(index + 1).map_or(tokens.len(), |next| next.at);
        // Behind a first verb, what stands before the second is the first one's object,
        // but for a subject of its own.
        let own_subject = |found: &Found, tokens: &[Token]| next_subject(found.verb, tokens);
        let before = match index.checked_sub(1).map(|before| &verbs[before]) {
            None => &tokens[from..found.at],
            Some(before) => &tokens[from + own_subject(before, &tokens[from..found.at])..found.at],
        };
        let between = &tokens[from..found.at];
        // Behind a first verb, only what stands right before: "with no name gives".
        let own = if index == 0 {
            between
        } else {
            &between[without_auxiliaries(between).len()..]
        };
        let negated = own.iter().any(|token| token.is(NEGATIONS));
        let passive = found.form == Form::Past
            && between
                .iter()
                .any(|token| token.is(&["be", "is", "are", "been", "being", "gets", "was"]));
        let after = &tokens[found.at + found.length..to];
        let after = if index + 1 < verbs.len() {
            without_auxiliaries(&after[..own_subject(found, after)])
        } else {
            after
        };
        // "Lists the mug first", "puts it first": what is said is its place.
        let first = !found.verb.is_act() || found.form == Form::Third && index > 0;
        let (after, comes_first) = match after.split_last() {
            Some((last, rest)) if first && !rest.is_empty() && last.is(&["first"]) => (rest, true),
            _ => (after, false),
        };
        let subject = subject(before);
        let object = Phrase::parse(after);
        let by_person = subject.is_empty() || before.iter().any(|token| token.is(PEOPLE));
        let verb = match found.verb {
            // "Clicking it opens the page": nobody opens it.
            Verb::Visit if found.form == Form::Third && (index > 0 || !by_person) => Verb::Land,
            // "Doing it updates the total to $9.00": nobody does that.
            _ if comes_first => Verb::First,
            // "It returns two products" are seen; "returns to the cart" is where one ends.
            Verb::Land if says_what(&object) => Verb::See,
            Verb::Change if found.form == Form::Third && (index > 0 || !by_person) => Verb::See,
            verb => verb,
        };
        let first = tokens.first().map_or(0, |token| token.start);
        let start = if index == 0 {
            first
        } else {
            tokens[found.at].start
        };
        // "must" before the next verb belongs to that one.
        let own = found.at + found.length + after.len() + usize::from(comes_first);
        let end = tokens[..own].last().map_or(start, |token| token.end);
        let (subject, mut object) = arrange(verb, passive, by_person, subject, object);
        if verb == Verb::See && found.verb == Verb::Change {
            object.takes_in_places();
        }
        clauses.push(Clause {
            says: trimmed(&description[start..end]),
            verb,
            negated,
            subject,
            object,
            span: (start, end),
        });
    }
    clauses
}

/// Where, in what stands between two verbs, the subject of the second begins:
/// "after signing out *the text* appears", "clicking Save *the page* shows".
fn next_subject(first: Verb, between: &[Token]) -> usize {
    let takes_nothing = matches!(first, Verb::LogIn | Verb::LogOut);
    let starts = |at: &usize| {
        let leads = at.checked_sub(1).and_then(|before| between.get(before));
        let is_head = leads.map_or(takes_nothing, |before| {
            !before.is(PREPOSITIONS) && !before.is(&["and", "or"]) && before.kind != Kind::Comma
        });
        is_head && between[*at].is(&["the", "a", "an", "their", "his", "her", "its"])
    };
    (0..between.len()).find(starts).unwrap_or(between.len())
}

fn says_what(object: &Phrase) -> bool {
    object.places.is_empty() && (object.count.is_some() || !object.quotes.is_empty())
}

/// Of "the page is shown" the page is what is seen; of "items can be removed"
/// the items are what is removed.
fn arrange(
    verb: Verb,
    passive: bool,
    by_person: bool,
    subject: Phrase,
    object: Phrase,
) -> (Phrase, Phrase) {
    let shown_itself = matches!(verb, Verb::See | Verb::Gone | Verb::First | Verb::Refused)
        && object.words.is_empty()
        && object.quotes.is_empty()
        && object.amounts.is_empty()
        && object.with.is_empty();
    if by_person || !(passive || shown_itself) {
        let subject = if by_person {
            Phrase::default()
        } else {
            subject
        };
        return (subject, object);
    }
    let mut thing = subject;
    thing.quotes.extend(object.quotes);
    thing.with.extend(object.with);
    thing.without.extend(object.without);
    thing.places.splice(0..0, object.places);
    (Phrase::default(), thing)
}

fn verbs(tokens: &[Token], sentence: &[Token]) -> Vec<Found> {
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

fn without_auxiliaries(tokens: &[Token]) -> &[Token] {
    let end = tokens
        .iter()
        .rposition(|token| !token.is(MODALS) && !token.is(NEGATIONS))
        .map_or(0, |last| last + 1);
    &tokens[..end]
}

/// What stands before the verb, without the words that only say "test that".
fn subject(tokens: &[Token]) -> Phrase {
    let kept: Vec<Token> = tokens
        .iter()
        .filter(|token| !token.is(WRAPPERS) && !token.is(MODALS) && !token.is(PEOPLE))
        .filter(|token| !token.is(NEGATIONS) && !token.is(&["it", "there", "how", "whether"]))
        .cloned()
        .collect();
    Phrase::parse(&kept)
}

fn trimmed(text: &str) -> String {
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.matches('(').count() > text.matches(')').count() {
        text.push(')');
    }
    text.chars().take(160).collect()
}

#[cfg(test)]
mod tests;
