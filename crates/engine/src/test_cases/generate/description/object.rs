//! What is done to what: "delete orders", "invoice creation", "add, edit and
//! remove a product".

use super::super::knowledge::Meaning;
use super::super::words::{Token, is_article, is_filler, is_joint, is_modal};
use super::{Match, Reader};

impl Reader<'_> {
    /// What each is done to: what stands behind or before it; in a list of
    /// verbs, what the last of them is done to.
    pub(super) fn give_objects(&self, matches: &mut Vec<Match>) {
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
    pub(super) fn is_qualified(&self, at: usize) -> bool {
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
