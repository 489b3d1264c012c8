//! Words that say where or how something is shown, not what.

use std::sync::LazyLock;

use super::super::words::words;

/// As it would stand on a page: "thank-you message" is "thank you".
pub fn plain_words(text: &str) -> String {
    let kept: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c == '-')
        .filter(|word| {
            let stems = words(word);
            stems.is_empty()
                || !stems
                    .iter()
                    .all(|stem| is_message_word(stem) || is_page_word(stem))
        })
        .collect();
    if kept.is_empty() {
        text.to_owned()
    } else {
        kept.join(" ")
    }
}

pub fn without_page_words(asked: &[String]) -> Vec<String> {
    let kept = asked.iter().filter(|word| !is_page_word(word));
    kept.cloned().collect()
}

pub fn is_page_word(word: &String) -> bool {
    static GENERIC: LazyLock<Vec<String>> = LazyLock::new(|| {
        words(
            "page pages site website app application screen view top bottom left right header footer navigation menu nav browser window corner",
        )
    });
    GENERIC.contains(word)
}

pub fn is_message_word(word: &String) -> bool {
    static GENERIC: LazyLock<Vec<String>> = LazyLock::new(|| {
        words(
            "message notice text error warning confirmation notification banner toast alert label information info success",
        )
    });
    GENERIC.contains(word)
}

/// Says what kind of thing something is, and not which.
pub fn is_kind_word(word: &String) -> bool {
    static GENERIC: LazyLock<Vec<String>> = LazyLock::new(|| {
        words("links buttons options fields items tabs sections entries columns headings")
    });
    GENERIC.contains(word)
}

/// "The updated text": what was typed.
pub fn is_typed_word(word: &String) -> bool {
    static GENERIC: LazyLock<Vec<String>> =
        LazyLock::new(|| words("new updated changed edited saved text value name title content"));
    GENERIC.contains(word)
}
