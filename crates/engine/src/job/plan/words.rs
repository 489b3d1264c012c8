//! Words as they are compared: without case, endings, filler, and the many
//! names of one thing.

use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

/// Different words for one thing, longest first; the left side is what they
/// are compared as.
const SAME: &[(&str, &[&str])] = &[
    (
        "login",
        &[
            "log into",
            "log in",
            "log on",
            "sign into",
            "sign in",
            "logging in",
            "signing in",
            "signin",
            "logon",
        ],
    ),
    (
        "logout",
        &[
            "log out",
            "log off",
            "sign out",
            "signed out",
            "logged out",
            "signout",
            "logging out",
            "signing out",
        ],
    ),
    (
        "signup",
        &[
            "sign up",
            "signing up",
            "register",
            "registration",
            "create an account",
            "create account",
        ],
    ),
    // Their stems differ.
    ("add", &["adding", "added"]),
    ("cart", &["basket", "shopping bag", "trolley"]),
    ("remove", &["delete", "discard"]),
    ("thankyou", &["thank you", "thanks"]),
    ("email", &["e mail", "mail address"]),
    ("todo", &["to do"]),
    ("faq", &["frequently asked questions", "faqs"]),
];

const FILLER: &[&str] = &[
    "a", "an", "the", "this", "that", "these", "those", "their", "his", "her", "its", "your", "my",
    "our", "own", "of", "in", "on", "at", "to", "for", "from", "with", "into", "onto", "under",
    "by", "and", "or", "is", "are", "be", "it", "they", "them", "he", "she", "i", "we", "s", "as",
    "some", "any", "all", "there", "which", "who",
];

static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// What `text` speaks of: stems in order, without filler.
pub fn words(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len() + 2);
    plain.push(' ');
    for character in text.chars() {
        if character.is_alphanumeric() {
            plain.extend(character.to_lowercase());
        } else if !plain.ends_with(' ') && !matches!(character, '\'' | '’') {
            plain.push(' ');
        }
    }
    plain.push(' ');
    for (one, others) in SAME {
        for other in *others {
            plain = plain.replace(&format!(" {other} "), &format!(" {one} "));
        }
    }
    plain
        .split_whitespace()
        .filter(|word| !FILLER.contains(word))
        .map(|word| STEMMER.stem(word).into_owned())
        .collect()
}

/// How much of `asked` stands in `found`, and of `found` in `asked`: 0 to 1.
/// Numbers in `found` are state (a counter in a name), not meaning.
pub fn likeness(asked: &[String], found: &[String]) -> f64 {
    let meant: Vec<_> = found
        .iter()
        .filter(|word| asked.contains(word) || !is_number(word))
        .collect();
    let shared = asked.iter().filter(|word| meant.contains(word)).count();
    if asked.is_empty() || meant.is_empty() || shared == 0 {
        return 0.0;
    }
    2.0 * shared as f64 / (asked.len() + meant.len()) as f64
}

/// Whether every word of `asked` stands in `found`.
pub fn covers(found: &[String], asked: &[String]) -> bool {
    !asked.is_empty() && asked.iter().all(|word| found.contains(word))
}

/// White space folded, so that texts of different line breaks are one.
pub fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Case-blind `contains`, as Playwright compares texts.
pub fn contains_text(text: &str, part: &str) -> bool {
    folded(text)
        .to_lowercase()
        .contains(&folded(part).to_lowercase())
}

fn is_number(word: &str) -> bool {
    word.chars().all(|character| character.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_words_for_one_thing_are_one() {
        assert_eq!(words("Sign-in page"), words("the login pages"));
        assert_eq!(words("Thank you!"), words("a thank-you"));
        assert_eq!(words("Shopping basket"), ["shop", "cart"]);
        assert!(likeness(&words("the cart"), &words("Cart (3)")) > 0.99);
        assert!(covers(
            &words("Sort by price, low to high"),
            &words("sorting prices")
        ));
    }
}
