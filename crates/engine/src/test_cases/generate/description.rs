//! What a description asks for: the features that it names, in its order, each
//! with what they are done to and by whom.

mod object;
mod rest;

use super::knowledge::{Feature, Knowledge, Meaning};
use super::words::{Token, is_article, is_modal, plural, singular, tokens};

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
