//! What a description asks for: the features that it names, in its order, each
//! with what they are done to and by whom.

use super::knowledge::{Feature, Knowledge, Meaning};
use super::words::{
    Token, is_article, is_condition, is_filler, is_joint, is_mark_or_and, is_modal, plural,
    singular, tokens,
};

/// A feature that a description names.
#[derive(Clone, Debug)]
pub struct Mention {
    pub feature: &'static Feature,
    pub names: Names,
    /// Where in the description.
    at: usize,
}

/// What stands for `{thing}`, `{actor}` and the like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Singular.
    pub thing: String,
    pub things: String,
    /// With article: "a user", "an admin".
    pub actor: String,
    /// What somebody can do: "earn stars by walking".
    pub action: String,
}

impl Names {
    fn of_thing(thing: &str) -> Self {
        let (before, last) = thing.rsplit_once(' ').map_or(("", thing), |(a, b)| (a, b));
        let with = |last: String| match before {
            "" => last,
            before => format!("{before} {last}"),
        };
        Self {
            thing: with(singular(last)),
            things: with(plural(last)),
            actor: "a user".to_owned(),
            action: String::new(),
        }
    }
}

/// Features in the description's order, each once.
pub fn read(description: &str) -> Vec<Mention> {
    let knowledge = Knowledge::get();
    let tokens = tokens(description);
    let mut reader = Reader {
        knowledge,
        description,
        tokens: &tokens,
        taken: vec![false; tokens.len()],
        found: Vec::new(),
    };
    reader.known();
    reader.unknown();
    let mut mentions: Vec<Mention> = Vec::new();
    reader.found.sort_by_key(|mention| mention.at);
    for mention in reader.found {
        let is_known = mentions
            .iter()
            .any(|it| std::ptr::eq(it.feature, mention.feature) && it.names == mention.names);
        if !is_known {
            mentions.push(mention);
        }
    }
    mentions
}

struct Reader<'d> {
    knowledge: &'static Knowledge,
    description: &'d str,
    tokens: &'d [Token<'d>],
    /// Belongs to a feature that was found.
    taken: Vec<bool>,
    found: Vec<Mention>,
}

/// A phrase that means something, before it is known what it is done to.
struct Match {
    meaning: Meaning,
    at: usize,
    /// Index behind its last word.
    behind: usize,
    object: Option<String>,
    /// "delete them": what was named before.
    is_pronoun: bool,
}

impl Reader<'_> {
    /// Words from `at` on, without articles, up to a mark; with their indices.
    fn words(&self, at: usize) -> (Vec<&str>, Vec<usize>) {
        let mut words = Vec::new();
        let mut indices = Vec::new();
        for (index, token) in self.tokens.iter().enumerate().skip(at) {
            if token.is_mark() || words.len() == 8 {
                break;
            }
            if !is_article(&token.word) {
                words.push(token.word.as_str());
                indices.push(index);
            }
        }
        (words, indices)
    }

    fn known(&mut self) {
        let mut matches = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            if self.tokens[at].is_mark() || is_article(&self.tokens[at].word) {
                at += 1;
                continue;
            }
            let (words, indices) = self.words(at);
            let Some((length, meaning)) = self.knowledge.phrase_at(&words) else {
                at += 1;
                continue;
            };
            let behind = indices[length - 1] + 1;
            let alone =
                matches!(meaning, Meaning::Feature(index) if self.knowledge.features[index].alone);
            if alone && length == 1 && self.is_qualified(at) {
                at = behind;
                continue;
            }
            matches.push(Match {
                meaning,
                at,
                behind,
                object: None,
                is_pronoun: false,
            });
            at = behind;
        }
        // "generate", "write" and "create tests" ask for tests, not for a form
        // to create them with.
        matches.retain(|it| {
            let next = self.words(it.behind).0;
            !next
                .iter()
                .take(3)
                .any(|word| matches!(*word, "test" | "tests" | "scenario" | "scenarios"))
                || !matches!(it.meaning, Meaning::Feature(index) if self.knowledge.features[index].object)
        });
        self.give_objects(&mut matches);
        let named: Vec<usize> = matches
            .iter()
            .filter_map(|it| match it.meaning {
                Meaning::Feature(index) => Some(index),
                Meaning::Umbrella(_) => None,
            })
            .collect();
        for found in matches {
            for token in &mut self.taken[found.at..found.behind] {
                *token = true;
            }
            self.take(found, &named);
        }
    }

    /// What each is done to: what stands behind or before it; in a list of
    /// verbs, what the last of them is done to.
    fn give_objects(&self, matches: &mut Vec<Match>) {
        let has_object = |meaning: Meaning| match meaning {
            Meaning::Feature(index) => self.knowledge.features[index].object,
            Meaning::Umbrella(index) => self.knowledge.umbrellas[index].object,
        };
        let starts: Vec<usize> = matches.iter().map(|it| it.at).collect();
        let mut dropped = Vec::new();
        for (number, found) in matches.iter_mut().enumerate() {
            if !has_object(found.meaning) {
                continue;
            }
            let next = starts.get(number + 1).copied();
            let object = self.object_behind(found.behind, next);
            found.is_pronoun = self
                .tokens
                .get(found.behind)
                .is_some_and(|token| matches!(token.word.as_str(), "them" | "it" | "those"));
            // "see their dashboard": the dashboard is what it is about.
            let weak = match found.meaning {
                Meaning::Feature(index) => self.knowledge.features[index].weak,
                Meaning::Umbrella(_) => true,
            };
            if weak
                && object.is_none()
                && next.is_some_and(|next| self.only_articles(found.behind, next))
            {
                dropped.push(number);
            }
            if !found.is_pronoun {
                found.object = object.or_else(|| self.object_before(found.at));
            }
        }
        for number in (0..matches.len()).rev() {
            if dropped.contains(&number) {
                matches.remove(number);
            }
        }
        for number in (0..matches.len()).rev() {
            if matches[number].object.is_none() && has_object(matches[number].meaning) {
                let near = |it: &&Match| it.object.is_some();
                let (before, behind) = (&matches[..number], &matches[number + 1..]);
                let mut known = before.iter().rev().find(near);
                if !matches[number].is_pronoun || known.is_none() {
                    known = behind.iter().find(near).or(known);
                }
                matches[number].object = known.and_then(|it| it.object.clone());
            }
        }
    }

    fn only_articles(&self, from: usize, to: usize) -> bool {
        self.tokens[from..to.max(from)]
            .iter()
            .all(|token| is_article(&token.word))
    }

    fn object_behind(&self, from: usize, end: Option<usize>) -> Option<String> {
        let mut words = Vec::new();
        for (index, token) in self.tokens.iter().enumerate().skip(from) {
            let word = token.word.as_str();
            if token.is_mark() || Some(index) == end || words.len() == 3 {
                break;
            }
            // "search for products", "list of all orders"
            let leads = words.is_empty()
                && (is_article(word)
                    || matches!(
                        word,
                        "for"
                            | "of"
                            | "all"
                            | "new"
                            | "existing"
                            | "multiple"
                            | "through"
                            | "several"
                    ));
            if leads {
                continue;
            }
            if is_joint(word) || is_modal(word) || word.chars().all(|c| c.is_ascii_digit()) {
                break;
            }
            if is_filler(word)
                && words.is_empty()
                && !matches!(word, "user" | "users" | "page" | "pages")
            {
                break;
            }
            words.push(as_said(token));
        }
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// "invoice creation", "GPX track import"
    fn object_before(&self, at: usize) -> Option<String> {
        let mut words: Vec<String> = self.tokens[..at]
            .iter()
            .rev()
            .take(3)
            .take_while(|token| self.is_noun(token))
            .map(as_said)
            .collect();
        words.reverse();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// A noun stands before it that makes it something else.
    fn is_qualified(&self, at: usize) -> bool {
        self.tokens[..at]
            .last()
            .is_some_and(|before| self.is_noun(before))
    }

    /// As far as can be told: a word of its own that leads nowhere.
    fn is_noun(&self, token: &Token<'_>) -> bool {
        let word = token.word.as_str();
        !token.is_mark()
            && !is_filler(word)
            && !is_modal(word)
            && word.chars().any(char::is_alphabetic)
            && self.knowledge.phrase_at(&[word]).is_none()
    }

    fn take(&mut self, found: Match, named: &[usize]) {
        let actor = self.actor(found.at);
        let at = self.tokens[found.at].start;
        let mut add = |feature: &'static Feature, default: Option<&str>, object: Option<&str>| {
            let thing = object
                .or(feature.thing.as_deref())
                .or(default)
                .unwrap_or("entry");
            let mut names = if feature.object {
                Names::of_thing(thing)
            } else {
                Names::default()
            };
            names.actor.clone_from(&actor);
            if !feature.object {
                names.thing = String::new();
            }
            self.found.push(Mention { feature, names, at });
        };
        match found.meaning {
            Meaning::Feature(index) => {
                add(
                    &self.knowledge.features[index],
                    None,
                    found.object.as_deref(),
                );
            }
            Meaning::Umbrella(index) => {
                let umbrella = &self.knowledge.umbrellas[index];
                let meant: Vec<usize> = umbrella
                    .features
                    .iter()
                    .filter_map(|name| self.knowledge.index_of(name))
                    .collect();
                if meant.iter().any(|index| named.contains(index)) && !umbrella.object {
                    return;
                }
                for index in meant {
                    add(
                        &self.knowledge.features[index],
                        umbrella.thing.as_deref(),
                        found.object.as_deref(),
                    );
                }
            }
        }
    }

    /// Who does it: the noun before a "can" in the same sentence.
    fn actor(&self, at: usize) -> String {
        let sentence = self.tokens[..at]
            .iter()
            .rposition(|token| matches!(token.word.as_str(), "." | ";" | "\n" | "!" | "?"))
            .map_or(0, |mark| mark + 1);
        let modal = (sentence..at)
            .rev()
            .find(|index| is_modal(&self.tokens[*index].word));
        let noun = modal
            .filter(|modal| *modal > sentence)
            .map(|modal| singular(&self.tokens[modal - 1].word));
        with_article(noun.as_deref().unwrap_or("user"))
    }

    /// Parts of the description that no feature answers to.
    fn unknown(&mut self) {
        let mut start = 0;
        let mut parts = Vec::new();
        for index in 0..=self.tokens.len() {
            let ends = self
                .tokens
                .get(index)
                .is_none_or(|token| is_mark_or_and(token));
            if ends {
                if start < index {
                    parts.push(start..index);
                }
                start = index + 1;
            }
        }
        for part in parts {
            if self.taken[part.clone()].contains(&true) {
                continue;
            }
            if let Some(mention) = self.mention_of(part) {
                self.found.push(mention);
            }
        }
        if self.found.is_empty()
            && let Some(mention) = self.mention_of(0..self.tokens.len())
        {
            self.found.push(mention);
        }
    }

    fn mention_of(&self, mut part: std::ops::Range<usize>) -> Option<Mention> {
        let tokens = self.tokens;
        let at = tokens[part.clone()].first()?.start;
        let modal = part.clone().find(|index| is_modal(&tokens[*index].word));
        if let Some(modal) = modal {
            let mut action = modal + 1..part.end;
            while let Some(token) = tokens[action.clone()].first()
                && matches!(token.word.as_str(), "be" | "able" | "to" | "also")
            {
                action.start += 1;
            }
            let is_passive = tokens.get(modal + 1).is_some_and(|it| it.word == "be")
                && tokens.get(modal + 2).is_none_or(|it| it.word != "able");
            let noun = (modal > part.start).then(|| singular(&tokens[modal - 1].word));
            let has_content = tokens[action.clone()]
                .iter()
                .any(|token| !is_filler(&token.word) && !token.is_mark());
            if has_content && !is_passive {
                return Some(Mention {
                    feature: &self.knowledge.action,
                    names: Names {
                        actor: with_article(noun.as_deref().unwrap_or("user")),
                        action: self.slice(&action)?,
                        ..Names::default()
                    },
                    at,
                });
            }
        }
        if is_condition(&tokens[part.start].word) {
            return None;
        }
        while let Some(token) = tokens[part.clone()].first()
            && (is_filler(&token.word) || token.is_mark())
        {
            part.start += 1;
        }
        while let Some(token) = tokens[part.clone()].last()
            && (token.is_mark()
                || matches!(
                    token.word.as_str(),
                    "feature"
                        | "functionality"
                        | "flow"
                        | "page"
                        | "correctly"
                        | "properly"
                        | "works"
                        | "work"
                ))
        {
            part.end -= 1;
        }
        let is_telling = tokens[part.clone()]
            .iter()
            .any(|token| token.word.chars().filter(|c| c.is_alphabetic()).count() > 2);
        if !is_telling {
            return None;
        }
        // "stars expire after 30 days" states a rule.
        let is_rule = tokens[part.clone()].iter().skip(2).any(|token| {
            is_condition(&token.word)
                || matches!(
                    token.word.as_str(),
                    "is" | "are" | "must" | "should" | "never" | "always"
                )
        });
        let thing = self.slice(&part)?;
        Some(Mention {
            feature: if is_rule {
                &self.knowledge.rule
            } else {
                &self.knowledge.thing
            },
            names: Names {
                things: thing.clone(),
                thing,
                actor: "a user".to_owned(),
                action: String::new(),
            },
            at,
        })
    }

    /// As it was written, white space folded, at most twelve words.
    fn slice(&self, part: &std::ops::Range<usize>) -> Option<String> {
        let first = self.tokens.get(part.start)?;
        let last = &self.tokens[(part.end - 1).min(part.start + 11)];
        let text = self.description.get(first.start..last.end)?;
        Some(crate::test_cases::one_line(text))
    }
}

/// Lower case, unless it is an abbreviation.
fn as_said(token: &Token<'_>) -> String {
    let capitals = token.written.chars().filter(|c| c.is_uppercase()).count();
    if capitals > 1 {
        token.written.to_owned()
    } else {
        token.word.clone()
    }
}

fn with_article(noun: &str) -> String {
    match noun {
        "user" | "i" | "we" | "they" | "people" | "person" | "someone" | "it" | "that" => {
            "a user".to_owned()
        }
        "" => "a user".to_owned(),
        noun if super::starts_with_vowel(noun) => format!("an {noun}"),
        noun => format!("a {noun}"),
    }
}
