//! What a verb is about: a thing, its particulars, and where it is.

use super::super::words::words;
use super::tokens::{Kind, Token};

/// "a thank-you message with the sender's name under Contact", taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Phrase {
    /// As it stands in the description, without determiners and quotations.
    pub text: String,
    /// What the text speaks of, see [`words`].
    pub words: Vec<String>,
    pub quotes: Vec<String>,
    /// `$39.00`
    pub amounts: Vec<String>,
    /// Of "4 task sections".
    pub count: Option<usize>,
    /// Behind `with`, `containing`, `called`.
    pub with: Vec<Phrase>,
    /// Behind `without`.
    pub without: Vec<Phrase>,
    /// Behind `in`, `on`, `under`, `to`: places, the nearest first.
    pub places: Vec<Phrase>,
}

const WITH: &[&str] = &[
    "with",
    "using",
    "containing",
    "including",
    "called",
    "named",
    "titled",
    "saying",
    "reading",
    "entitled",
    "labelled",
    "showing",
    "like",
    "such as",
];
const WITHOUT: &[&str] = &["without"];
const PLACE: &[&str] = &[
    "in", "on", "under", "below", "at", "within", "inside", "into", "onto", "to", "from", "above",
    "beneath", "via", "through", "by", "for", "about", "as",
];
const LEFT_OUT: &[&str] = &[
    "the",
    "a",
    "an",
    "their",
    "his",
    "her",
    "its",
    "your",
    "my",
    "our",
    "this",
    "that",
    "these",
    "and",
    "then",
    "again",
    "also",
    "correctly",
    "successfully",
    "up",
    "just",
    "only",
    "exactly",
    "still",
    "now",
    "any more",
    "anymore",
];

/// What may stand before a determiner without a new subject beginning there.
pub fn is_preposition(token: &Token) -> bool {
    [WITH, WITHOUT, PLACE, &["of"]]
        .iter()
        .any(|words| token.is(words))
}

impl Phrase {
    pub fn parse(tokens: &[Token]) -> Self {
        let begins = |words: &'static [&str]| move |token: &Token| token.is(words);
        let (is_with, is_place, is_without) = (begins(WITH), begins(PLACE), begins(WITHOUT));
        let mut phrase = Self::default();
        let mut rest = tokens;
        // "To do" is a name, "to do" hardly is: a capital makes a preposition part of one.
        let starts = |token: &Token| {
            !token.is_capital() && (is_with(token) || is_place(token) || is_without(token))
        };
        let head_end = rest.iter().position(starts).unwrap_or(rest.len());
        phrase.take_head(&rest[..head_end]);
        rest = &rest[head_end..];
        while let Some((preposition, after)) = rest.split_first() {
            let end = after.iter().position(starts).unwrap_or(after.len());
            let mut part = Self::default();
            part.take_head(&after[..end]);
            rest = &after[end..];
            if part == Self::default() {
                continue;
            }
            let none = after.first().is_some_and(|token| token.is(&["no"]));
            if none && is_with(preposition) {
                part.words.retain(|word| word != "no");
                part.text = part.text.trim_start_matches("no ").to_owned();
                phrase.without.push(part);
            } else if preposition.is(&["such as"]) && !part.quotes.is_empty() {
                // An example stands for its kind.
                phrase.quotes.append(&mut part.quotes);
            } else if is_with(preposition) {
                phrase.with.push(part);
            } else if is_without(preposition) {
                phrase.without.push(part);
            } else {
                phrase.places.push(part);
            }
        }
        phrase
    }

    fn take_head(&mut self, tokens: &[Token]) {
        let mut said = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::Quote => self.quotes.push(token.text.clone()),
                Kind::Amount => self.amounts.push(token.text.clone()),
                Kind::Word => {
                    // "Page 2 of 3" counts nothing.
                    let ordinal =
                        at > 0 && tokens[at - 1].is(&["page", "step", "part", "question"]);
                    let followed = !ordinal
                        && tokens
                            .get(at + 1)
                            .is_some_and(|next| next.is_word() && !next.is(&["and", "or"]));
                    match token.number() {
                        Some(number)
                            if self.count.is_none()
                                && followed
                                && is_counted(token, &tokens[..at]) =>
                        {
                            self.count = Some(number)
                        }
                        _ if token.is(LEFT_OUT) => {}
                        _ => said.push(token.text.as_str()),
                    }
                }
                Kind::Comma | Kind::Colon | Kind::Stop => {}
            }
        }
        self.text = said.join(" ");
        self.words = words(&self.text);
    }

    /// The same, but for a word that says how, and not what.
    pub fn without(mut self, word: &str) -> Self {
        if self.says(&[word]) {
            let kept = self.text.split(' ').filter(|it| *it != word);
            let text = kept.collect::<Vec<_>>().join(" ");
            self.rename(&text);
        }
        let places = self.places.into_iter();
        self.places = places.map(|place| place.without(word)).collect();
        self
    }

    /// Calls it otherwise; what else is said about it stays.
    pub fn rename(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.words = words(text);
    }

    /// "At the top", but not of the page: of what else is there.
    pub fn is_top(&self) -> bool {
        let is_place = |it: &Self| it.words == words("top") || it.words == words("top list");
        self.words.is_empty()
            && self.quotes.is_empty()
            && !self.places.is_empty()
            && self.places.iter().all(is_place)
    }

    /// A thing of that name, and nothing else about it.
    pub fn named(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            words: words(text),
            ..Self::default()
        }
    }

    /// "The total to $9.00", "the label to 'Sent'": what it says is at the place.
    pub fn takes_in_places(&mut self) {
        for place in &mut self.places {
            self.quotes.append(&mut place.quotes);
            self.amounts.append(&mut place.amounts);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
            && self.quotes.is_empty()
            && self.amounts.is_empty()
            && self.with.is_empty()
            && self.without.is_empty()
            && self.places.is_empty()
    }

    /// "It", or nothing at all.
    pub fn is_vague(&self) -> bool {
        let own = self.words.is_empty() || (self.words.len() == 1 && self.says(&["it", "them"]));
        own && self.quotes.is_empty() && self.with.is_empty()
    }

    /// Words of this phrase and all its parts.
    pub fn all_words(&self) -> Vec<String> {
        let parts = self.with.iter().chain(&self.places);
        let mut all = self.words.clone();
        all.extend(parts.flat_map(Self::all_words));
        all.extend(self.quotes.iter().flat_map(|quote| words(quote)));
        all
    }

    /// Text with whatever was quoted in it, in the order quotation, words.
    pub fn name(&self) -> &str {
        self.quotes.first().map_or(&self.text, |quote| quote)
    }

    pub fn says(&self, any: &[&str]) -> bool {
        let text = format!(" {} ", self.text.to_lowercase());
        any.iter().any(|word| text.contains(&format!(" {word} ")))
    }

    pub fn says_anywhere(&self, word: &str) -> bool {
        self.says(&[word]) || self.places.iter().any(|place| place.says(&[word]))
    }

    /// The first quotation in it or in what it is with.
    pub fn quote(&self) -> Option<&str> {
        let parts = self.with.iter().chain(&self.places);
        let own = self.quotes.first().map(String::as_str);
        own.or_else(|| {
            parts
                .flat_map(|part| &part.quotes)
                .next()
                .map(String::as_str)
        })
    }
}

/// "One product" only where it is "exactly one": else it may be any.
fn is_counted(number: &Token, before: &[Token]) -> bool {
    let exactly = ["exactly", "only", "just"];
    !number.is(&["one"]) || before.last().is_some_and(|token| token.is(&exactly))
}
