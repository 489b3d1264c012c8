//! A description as clauses: who or what, does what, to what. A small grammar
//! of the English in which people say what to test; it knows no site.

mod fragments;
mod gates;
mod grammar;
mod inflection;
mod lexicon;
mod opening;
mod phrase;
mod tokens;
mod verbs;

pub use lexicon::Verb;
pub use phrase::Phrase;

use fragments::{PAGES, fragments};
use grammar::{in_fragment, subject};
use lexicon::WRAPPERS;
use tokens::{Kind, Token, tokens};

/// One thing that a description asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// The words of the description.
    pub says: String,
    pub verb: Verb,
    /// The verb as it stands in the description; empty where none does.
    pub word: String,
    pub negated: bool,
    /// Who or what, where it is not simply a user.
    pub subject: Phrase,
    pub object: Phrase,
    /// Of a [`Verb::Gate`], what opens it.
    pub condition: Vec<Clause>,
    /// Nothing else is seen: "only the Wool Blanket".
    pub only: bool,
    /// "If the email is invalid": so it is made, to see what comes of it.
    pub supposed: bool,
    /// Where `says` starts and ends in the description.
    span: (usize, usize),
}

impl Clause {
    /// A clause that no grammar has found.
    pub fn bare(says: String, verb: Verb, object: Phrase) -> Self {
        Self {
            says,
            verb,
            word: String::new(),
            negated: false,
            subject: Phrase::default(),
            object,
            condition: Vec::new(),
            only: false,
            supposed: false,
            span: (0, 0),
        }
    }
}

/// Takes `description` apart. Empty where it holds no verb that is known.
pub fn clauses(description: &str) -> Vec<Clause> {
    let tokens = tokens(description);
    let mut all = Vec::new();
    let mut places = 0;
    for mut sentence in tokens.split(|token| token.kind == Kind::Stop) {
        while let Some(gate) = gates::gate(description, sentence) {
            places += in_sentence(description, gate.before, &mut all);
            all.push(gate.clause);
            sentence = gate.behind;
        }
        places += in_sentence(description, sentence, &mut all);
    }
    all.retain(|clause| !(clause.verb == Verb::Be && clause.object.is_empty()));
    // Nothing but names of pages: no verb says what to do there.
    if all.len() == places {
        all.clear();
    }
    all
}

/// Adds the clauses of a sentence to `all`; tells how many of them only name a
/// page.
fn in_sentence(description: &str, sentence: &[Token], all: &mut Vec<Clause>) -> usize {
    let mut places = 0;
    let mut clauses: Vec<Clause> = Vec::new();
    let mut summary = None;
    for fragment in fragments(sentence) {
        if fragment.after_colon && summary.is_none() {
            summary = Some(clauses.len());
        }
        let mut found = in_fragment(description, fragment.tokens, sentence);
        if let ([verb], Some(last)) = (&found[..], clauses.last_mut())
            && last.verb.is_act()
            && says_impossible(verb)
        {
            // "Signing in with … and the password 'x' is not possible"
            last.negated = true;
            let said = fragment
                .tokens
                .iter()
                .position(|it| it.is(&["is", "isn't"]));
            let said = &fragment.tokens[..said.unwrap_or(0)];
            append(description, &mut clauses, all, said);
            continue;
        }
        // What follows is what the opposite of the acts leads to.
        if fragment.tokens.iter().any(|it| it.is(&["otherwise"])) {
            let opposite = Clause::bare("otherwise".to_owned(), Verb::Use, Phrase::default());
            clauses.push(Clause {
                word: "otherwise".to_owned(),
                ..opposite
            });
        }
        for clause in found.iter_mut().filter(|_| fragment.earlier) {
            clause.supposed = is_slip(&clause.object) && clause.verb == Verb::Be;
        }
        let leads = clauses.is_empty() || fragment.is_page;
        let place = leads.then(|| page(fragment.tokens)).flatten();
        if let Some(page) = place.filter(|_| found.is_empty()) {
            clauses.push(on_page(description, fragment.tokens, page));
            places += 1;
        } else if found.is_empty() {
            append(description, &mut clauses, all, fragment.tokens);
        } else if fragment.earlier && !clauses.is_empty() {
            let at = clauses.len() - 1;
            let mut earlier = found;
            // "The notice goes away when it is dismissed"
            let main = &clauses[at];
            let thing = if main.subject.is_empty() {
                &main.object
            } else {
                &main.subject
            };
            let thing = Phrase {
                quotes: thing.quotes.clone(),
                ..Phrase::named(&thing.text)
            };
            let is_it = |act: &&mut Clause| act.verb == Verb::Use && act.object.is_vague();
            for act in earlier.iter_mut().filter(is_it) {
                act.object = thing.clone();
            }
            // "Choosing it after filling in the form shows …": what both lead to.
            let acts = earlier.iter().rposition(|clause| clause.verb.is_act());
            let later = match acts {
                Some(last) if clauses[at].verb.is_act() => earlier.split_off(last + 1),
                _ => Vec::new(),
            };
            clauses.splice(at..at, earlier);
            clauses.extend(later);
        } else {
            clauses.extend(found);
        }
    }
    // "Items can be removed: add one, remove it": the details are the test.
    if let Some(at) = summary
        && clauses[at..].iter().any(|clause| clause.verb.is_act())
    {
        // What it says word for word has to be seen in the end.
        let promised = |clause: &Clause| !clause.verb.is_act() && clause.object.quote().is_some();
        let summary: Vec<Clause> = clauses.drain(..at).filter(promised).collect();
        clauses.extend(summary);
    }
    all.extend(clauses);
    places
}

/// "Is not possible": of what was done before.
fn says_impossible(clause: &Clause) -> bool {
    let denied = clause.negated && clause.object.says(&["possible", "allowed"]);
    clause.verb == Verb::Be && (denied || clause.object.says(&["impossible"]))
}

/// "Is invalid", "is empty": what may be wrong with a field.
fn is_slip(object: &Phrase) -> bool {
    object.words.len() == 1
        && object.says(&[
            "invalid",
            "malformed",
            "incorrect",
            "wrong",
            "empty",
            "blank",
            "missing",
        ])
}

/// "On the pricing page", "check the About page": what follows is said of it.
fn page(tokens: &[Token]) -> Option<Phrase> {
    let said = subject(tokens);
    let page = [&said].into_iter().chain(&said.places);
    let is_named = |it: &&Phrase| it.words.len() > 1 || !it.quotes.is_empty();
    let mut pages = page.filter(|it| it.says(PAGES) && is_named(it));
    pages.next().cloned()
}

fn on_page(description: &str, tokens: &[Token], page: Phrase) -> Clause {
    let (start, end) = (tokens[0].start, tokens[tokens.len() - 1].end);
    Clause {
        span: (start, end),
        ..Clause::bare(trimmed(&description[start..end]), Verb::Visit, page)
    }
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
    // "With the name 'Ada' and the email 'ada@…'": one more particular.
    let particulars = object
        .with
        .iter()
        .any(|with| !with.quotes.is_empty() && !with.words.is_empty());
    if last.verb.is_act() && particulars && !more.quotes.is_empty() && !more.words.is_empty() {
        object.with.push(more);
        return;
    }
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
        // "The plans Starter, Team and Business": what they are called.
        if object.with.is_empty() && is_name(&more.text) {
            let kept = object.text.split(' ').skip_while(|word| !is_name(word));
            let name = kept.collect::<Vec<_>>().join(" ");
            if is_name(&name) {
                object.rename(&name);
            }
        }
        object.with.push(Phrase {
            words: more.words,
            text: more.text,
            ..Phrase::default()
        });
    }
    object.places.extend(more.places);
}

fn is_name(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_uppercase)
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
