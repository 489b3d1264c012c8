//! A piece of a sentence as clauses: what stands before a verb and behind it.

use super::fragments::EARLIER;
use super::inflection::Form;
use super::lexicon::{BEFORE_VERBS, MODALS, NEGATIONS, PEOPLE, WRAPPERS};
use super::phrase::is_preposition;
use super::tokens::{Kind, Token};
use super::verbs::{Found, is_negated, verbs, without_auxiliaries};
use super::{Clause, Phrase, Verb, trimmed};

/// The clauses of a piece of `sentence`.
pub fn in_fragment(description: &str, tokens: &[Token], sentence: &[Token]) -> Vec<Clause> {
    let verbs = verbs(tokens, sentence);
    let mut clauses = Vec::new();
    // "When it is dismissed": somebody does it, to see what comes of it.
    let start = tokens.first().map(|token| token.start);
    let before = sentence
        .iter()
        .take_while(|token| Some(token.start) != start);
    let is_led = before.last().is_some_and(|token| token.is(EARLIER));
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
        // "It is no longer in the list": said behind the verb.
        let denied = found.verb == Verb::Be
            && tokens
                .get(found.at + found.length)
                .is_some_and(|next| next.is(NEGATIONS) && !next.is(&["no"]));
        // "The passwords differ": they do not match.
        let differs = tokens[found.at].lower().starts_with("differ");
        let negated = (is_negated(own) || denied) != differs;
        let is_by = |token: &Token| token.is(&["be", "is", "are", "been", "being", "gets", "was"]);
        // "Can be opened and dark mode switched on"
        let elliptic = index == 0
            && found.at > 0
            && found.verb.is_act()
            && found.at + found.length == tokens.len()
            && tokens[0].start > sentence[0].start
            && !by_somebody(between);
        let passive = found.form == Form::Past && (elliptic || between.iter().any(is_by));
        let after = &tokens[found.at + found.length + usize::from(denied)..to];
        let after = if index + 1 < verbs.len() {
            without_auxiliaries(&after[..own_subject(found, after)])
        } else {
            after
        };
        // "Lists the mug first", "puts it first": what is said is its place.
        let first = !found.verb.is_act() || found.form == Form::Third && index > 0;
        let (after, comes_first) = match after.split_last() {
            Some((last, rest))
                if (first && !rest.is_empty() || passive)
                    && last.is(&["first"])
                    && !rest.last().is_some_and(|before| before.is(&["at"])) =>
            {
                (rest, true)
            }
            _ => (after, false),
        };
        let subject = subject(before);
        let mut object = Phrase::parse(after);
        let by_person = subject.is_empty() || before.iter().any(|token| token.is(PEOPLE));
        let verb = match found.verb {
            // "Clicking it opens the page": nobody opens it.
            Verb::Visit if found.form == Form::Third && (index > 0 || !by_person) => Verb::Land,
            // "Doing it updates the total to $9.00": nobody does that.
            _ if comes_first => Verb::First,
            // "It returns two products" are seen; "returns to the cart" is where one ends.
            Verb::Land if says_what(&object) => Verb::See,
            Verb::Change if found.form == Form::Third && (index > 0 || !by_person) => Verb::See,
            // "Raises the total to $9.00", "it moves to Done": what comes of an act.
            Verb::Use if found.form == Form::Third && !by_somebody(before) => {
                outcome_of(&tokens[found.at])
            }
            // "It is moved to Done": nobody says by whom.
            Verb::Use
                if passive && !is_led && !between.iter().any(|token| token.is(BEFORE_VERBS)) =>
            {
                outcome_of(&tokens[found.at])
            }
            // "Clicking Delete removes the row", "adds 'Milk' to the list".
            Verb::Remove if found.form == Form::Third && index > 0 => Verb::Gone,
            Verb::Add if found.form == Form::Third && index > 0 => Verb::See,
            verb => verb,
        };
        let first = tokens.first().map_or(0, |token| token.start);
        let start = if index == 0 {
            first
        } else {
            tokens[found.at].start
        };
        // "must" before the next verb belongs to that one.
        let own =
            found.at + found.length + usize::from(denied) + after.len() + usize::from(comes_first);
        let end = tokens[..own].last().map_or(start, |token| token.end);
        // "Clicking the header sorts the table": how the act works, and no other.
        let effect = matches!(
            verb,
            Verb::Sort | Verb::Search | Verb::Choose | Verb::Submit
        );
        if effect && found.form == Form::Third && index > 0 && !by_somebody(before) {
            continue;
        }
        let verb = match verb {
            // "One can get to Pricing": by going there.
            Verb::Land if by_somebody(before) && between.iter().any(|it| it.is(BEFORE_VERBS)) => {
                Verb::Visit
            }
            verb if !verb.is_act() && object.is_top() => {
                object = Phrase::default();
                Verb::First
            }
            verb => verb,
        };
        let (subject, mut object) = arrange(verb, passive, by_person, subject, object);
        if verb == Verb::See && matches!(found.verb, Verb::Change | Verb::Use) {
            object.takes_in_places();
        }
        let word = tokens[found.at].lower();
        if word.starts_with("thank") {
            // What a page says where it thanks somebody.
            let whom = object.text.split(' ');
            let whom =
                whom.filter(|it| !["them", "him", "her"].contains(it) && !PEOPLE.contains(it));
            let whom: Vec<_> = ["thank", "you"].into_iter().chain(whom).collect();
            let said = whom.join(" ");
            object.rename(said.trim());
        }
        let beside = [found.at.checked_sub(1), Some(found.at + found.length)];
        let mut beside = beside.iter().flatten().filter_map(|at| tokens.get(*at));
        let clause = Clause {
            says: trimmed(&description[start..end]),
            verb,
            word,
            negated,
            only: !verb.is_act() && object.count.is_none() && beside.any(|it| it.is(&["only"])),
            subject,
            span: (start, end),
            ..Clause::bare(String::new(), verb, object.without("only"))
        };
        if verb.is_act() && clause.object.says_anywhere("twice") {
            let once = clause.object.without("twice");
            let clause = Clause {
                object: once,
                ..clause
            };
            clauses.push(clause.clone());
            clauses.push(clause);
            continue;
        }
        clauses.push(clause);
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
            !is_preposition(before) && !before.is(&["and", "or"]) && before.kind != Kind::Comma
        });
        is_head && between[*at].is(&["the", "a", "an", "their", "his", "her", "its"])
    };
    (0..between.len()).find(starts).unwrap_or(between.len())
}

/// What is seen where something does so by itself: "the dialog closes".
fn outcome_of(verb: &Token) -> Verb {
    let ends = ["clos", "collaps", "dismiss", "cancel", "archiv"];
    let word = verb.lower();
    if ends.iter().any(|end| word.starts_with(end)) {
        Verb::Gone
    } else {
        Verb::See
    }
}

fn by_somebody(before: &[Token]) -> bool {
    before.iter().any(|token| token.is(PEOPLE))
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
    // "A password of 3 letters is rejected with 'Too short'": what, and how.
    if verb == Verb::Refused {
        return (subject, object);
    }
    let mut thing = subject;
    // "Products are ordered by price"
    if verb == Verb::Sort && !object.words.is_empty() {
        let by = Phrase::named(&object.text);
        thing.places.push(by);
    }
    thing.quotes.extend(object.quotes);
    thing.with.extend(object.with);
    thing.without.extend(object.without);
    thing.places.splice(0..0, object.places);
    (Phrase::default(), thing)
}

/// What stands before the verb, without the words that only say "test that".
pub fn subject(tokens: &[Token]) -> Phrase {
    let kept: Vec<Token> = tokens
        .iter()
        .filter(|token| !token.is(WRAPPERS) && !token.is(MODALS) && !token.is(PEOPLE))
        .filter(|token| !token.is(NEGATIONS) && !token.is(&["it", "there", "how", "whether"]))
        .cloned()
        .collect();
    Phrase::parse(&kept)
}
