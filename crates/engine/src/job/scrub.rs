//! Takes a login out of whatever came back from a browser or a runner, before
//! it is stored.
//!
//! The password goes from everything, in each spelling in which it may come
//! back. The user name goes from what is for people (logs, errors), but stays
//! in facts and plans: pages greet people by it, and a test may have to look
//! for it. A password that is an everyday word stays there, too: without it no
//! page would have a label "Password".

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use contract::types;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::StageError;
use super::execute::Run;
use crate::Refused;
use crate::browser::Credentials;

const PASSWORD: &str = "[password]";
const USERNAME: &str = "[username]";

/// Shorter words than this are taken out only where they stand alone: every
/// text has an "a" in it.
const ANYWHERE_FROM: usize = 4;

#[derive(Clone, Default)]
pub(super) struct Scrubber {
    password: Vec<String>,
    password_is_a_word: bool,
    username: Vec<String>,
}

impl Scrubber {
    pub fn new(credentials: Option<&Credentials>) -> Self {
        let Some(credentials) = credentials else {
            return Self::default();
        };
        let Credentials {
            username, password, ..
        } = credentials;
        let mut passwords = spellings(password);
        // HTTP Basic authentication.
        passwords.extend(in_base64(&format!("{username}:{password}")));
        Self {
            password: longest_first(passwords),
            password_is_a_word: credentials.password_is_a_word,
            username: longest_first(spellings(username)),
        }
    }

    /// Of what is for people.
    pub fn text(&self, text: &str) -> String {
        let text = replace_all(text, &self.password, PASSWORD);
        replace_all(&text, &self.username, USERNAME)
    }

    /// Of what a model is asked: a word of the description stays one.
    pub fn prompt(&self, text: &str) -> String {
        let text = replace_all(text, self.password_in_values(), PASSWORD);
        replace_all(&text, &self.username, USERNAME)
    }

    /// Of what the next stage works on: each string in it, the password alone.
    pub fn value<T: Serialize + DeserializeOwned>(&self, value: T) -> Result<T, Refused> {
        if self.password_in_values().is_empty() {
            return Ok(value);
        }
        let fault = |error: serde_json::Error| Refused::Fault(format!("a stage's output: {error}"));
        let mut json = serde_json::to_value(value).map_err(fault)?;
        self.strings(&mut json);
        serde_json::from_value(json).map_err(fault)
    }

    pub fn error(&self, error: StageError) -> StageError {
        match error {
            StageError::Final(text) => StageError::Final(self.text(&text)),
            StageError::Transient(text) => StageError::Transient(self.text(&text)),
        }
    }

    pub fn run(&self, run: Run) -> Run {
        Run {
            console_logs: run
                .console_logs
                .iter()
                .map(|log| types::ConsoleLog {
                    message: self.text(&log.message),
                    type_: log.type_.clone(),
                })
                .collect(),
            test_output: self.text(&run.test_output),
            error_message: run.error_message.as_deref().map(|text| self.text(text)),
            ..run
        }
    }

    /// An everyday word is left in what a test is made of.
    fn password_in_values(&self) -> &[String] {
        match self.password_is_a_word {
            true => &[],
            false => &self.password,
        }
    }

    fn strings(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = replace_all(text, self.password_in_values(), PASSWORD),
            Value::Array(items) => items.iter_mut().for_each(|item| self.strings(item)),
            Value::Object(object) => object.values_mut().for_each(|item| self.strings(item)),
            _ => {}
        }
    }
}

/// The ways in which a secret is likely to come back.
fn spellings(secret: &str) -> Vec<String> {
    let json = Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let html = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;");
    let mut all = vec![
        secret.to_owned(),
        // Within a string within JSON.
        json.replace('\\', "\\\\").replace('"', "\\\""),
        json,
        percent_encoded(secret, b"-_.!~*'()"),
        percent_encoded(secret, b"-_.~"),
        form.replace('+', "%20"),
        form,
        html,
        hex::encode(secret),
    ];
    all.extend(in_base64(secret));
    all
}

/// `encodeURIComponent`, and RFC 3986's unreserved characters, by `unescaped`.
fn percent_encoded(text: &str, unescaped: &[u8]) -> String {
    use std::fmt::Write;
    let mut encoded = String::new();
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || unescaped.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn in_base64(text: &str) -> [String; 3] {
    [
        BASE64_STANDARD.encode(text),
        BASE64_STANDARD_NO_PAD.encode(text),
        BASE64_URL_SAFE_NO_PAD.encode(text),
    ]
}

/// So that no shorter spelling leaves the rest of a longer one behind.
fn longest_first(mut words: Vec<String>) -> Vec<String> {
    words.retain(|word| !word.is_empty());
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words
}

fn replace_all(text: &str, words: &[String], with: &str) -> String {
    let mut text = text.to_owned();
    for word in words {
        if !text.contains(word.as_str()) {
            continue;
        }
        if word.chars().count() >= ANYWHERE_FROM {
            text = text.replace(word.as_str(), with);
        } else {
            text = replace_alone(&text, word, with);
        }
    }
    text
}

fn replace_alone(text: &str, word: &str, with: &str) -> String {
    let part_of_a_word = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    let mut replaced = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, _) in text.match_indices(word) {
        let end = at + word.len();
        if part_of_a_word(text[..at].chars().next_back())
            || part_of_a_word(text[end..].chars().next())
        {
            continue;
        }
        replaced.push_str(&text[copied..at]);
        replaced.push_str(with);
        copied = end;
    }
    replaced.push_str(&text[copied..]);
    replaced
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn scrubber(username: &str, password: &str) -> Scrubber {
        Scrubber::new(Some(&Credentials::new(username, password)))
    }

    #[test]
    fn a_password_goes_in_each_spelling() {
        let password = r#"p&s "w<rd'/ü"#;
        let scrubber = scrubber("test@example.com", password);
        for spelling in [
            password,
            r#"p&s \"w<rd'/ü"#,
            r#"p&s \\\"w<rd'/ü"#,
            "p%26s%20%22w%3Crd'%2F%C3%BC",
            "p%26s%20%22w%3Crd%27%2F%C3%BC",
            "p%26s+%22w%3Crd%27%2F%C3%BC",
            "p&amp;s &quot;w&lt;rd&#39;/ü",
            &BASE64_STANDARD.encode(password),
            &BASE64_STANDARD.encode(format!("test@example.com:{password}")),
        ] {
            let text = format!("before {spelling} after");
            assert_eq!(
                scrubber.text(&text),
                "before [password] after",
                "{spelling}"
            );
        }
    }

    #[test]
    fn a_user_name_goes_from_texts_and_stays_in_facts() {
        let scrubber = scrubber("test@example.com", "testpass123");
        assert_eq!(
            scrubber.text("user=test%40example.com for test@example.com"),
            "user=[username] for [username]"
        );
        let facts = json!({ "text": "Signed in as test@example.com", "leak": ["testpass123!"] });
        assert_eq!(
            scrubber.value(facts).unwrap(),
            json!({ "text": "Signed in as test@example.com", "leak": ["[password]!"] })
        );
    }

    #[test]
    fn a_short_password_goes_where_it_stands_alone() {
        let scrubber = scrubber("bob", "a1");
        assert_eq!(
            scrubber.text("a1, a12, ba1 and \"a1\""),
            "[password], a12, ba1 and \"[password]\""
        );
        assert_eq!(scrubber.text("bob bobs"), "[username] bobs");
    }

    #[test]
    fn a_password_that_is_an_everyday_word_goes_from_texts_and_stays_in_facts() {
        let scrubber = scrubber("test@example.com", "password");
        assert_eq!(scrubber.text("typed password"), "typed [password]");
        let facts = json!({ "input_type": "password", "name": "Your password" });
        assert_eq!(scrubber.value(facts.clone()).unwrap(), facts);
    }

    #[test]
    fn without_a_login_nothing_changes() {
        assert_eq!(Scrubber::new(None).text("as it was"), "as it was");
    }

    proptest! {
        #[test]
        fn no_text_keeps_a_password(before: String, after: String, password in ".{4,40}") {
            let text = format!("{before}{password}{after}");
            let scrubbed = scrubber("test@example.com", &password).text(&text);
            // Unless what stood around it spells it, too.
            let around = format!("{before}{PASSWORD}{after}");
            prop_assert!(!scrubbed.contains(&password) || around.contains(&password));
        }
    }
}
