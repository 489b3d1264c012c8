//! What is left when all that is known was found: actions and rules that only
//! this product has.

use super::super::words::{is_condition, is_filler, is_mark_or_and, is_modal, singular};
use super::{Mention, Names, Reader, with_article};

impl Reader<'_> {
    /// Parts of the description that no feature answers to.
    pub(super) fn unknown(&mut self) {
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
