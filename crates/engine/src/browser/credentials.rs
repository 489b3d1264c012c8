//! A partner's login for the target, and how much of a secret its words are.

/// Words of login pages and of the plan's own vocabulary. Taken out of what a
/// page shows, they would take its labels, its paths and its field types along.
const EVERYDAY: &str = "\
    account admin administrator button changeme check click combobox count css demo \
    editor email example expect fill filter first form frame goto group guest \
    heading hello hidden home img input key label link list listitem llm login \
    logout mail main manager member name owner pass passcode passphrase password \
    passwort paragraph path placeholder planner press qa radio region rehearsed role \
    root row search searchbox secret select sign staff status submit superuser \
    support test tester text textbox title url user username value visible visitor \
    welcome within";

/// A login that the partner gave for the target. Never printed: `Debug` shows
/// none of it.
#[derive(Clone)]
pub struct Credentials {
    pub username: String,
    pub password: String,
    /// Whether the user name is a word that stands on pages anyway.
    pub username_is_a_word: bool,
    /// Whether the password is one, or the user name once more: then it stays in
    /// facts, plans and scripts, where nothing says that it is the password.
    pub password_is_a_word: bool,
}

impl Credentials {
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        let (username, password) = (username.into(), password.into());
        let everyday = |word: &str| {
            let mut words = EVERYDAY.split(' ');
            words.any(|known| known.eq_ignore_ascii_case(word))
        };
        Self {
            username_is_a_word: everyday(&username),
            password_is_a_word: everyday(&password) || password == username,
            username,
            password,
        }
    }

    /// A word is none the less one for standing in the description that the
    /// partner sent in the clear; what has digits or signs in it is a password
    /// there, too.
    #[must_use]
    pub fn described_in(mut self, description: &str) -> Self {
        let is_a_word = self.password.chars().all(char::is_alphabetic);
        let mut words = description.split(|it: char| !it.is_alphanumeric());
        self.password_is_a_word |= is_a_word && words.any(|word| word == self.password);
        self
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Credentials")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_word_is_a_secret_wherever_it_stands() {
        for (password, description) in [
            ("testpass123", "Log in with testpass123"),
            ("Tr0ub4dor", ""),
            ("correcthorse", "Users can login"),
            ("Bonjour", "Users say Bonjours"),
        ] {
            let login = Credentials::new("test@example.com", password).described_in(description);
            assert!(!login.password_is_a_word, "{password}");
        }
    }

    #[test]
    fn a_word_of_pages_or_of_the_description_is_none() {
        for (password, description) in [
            ("password", ""),
            ("Password", ""),
            ("test@example.com", ""),
            ("Bonjour", "The page shows \"Bonjour\""),
        ] {
            let login = Credentials::new("test@example.com", password).described_in(description);
            assert!(login.password_is_a_word, "{password}");
        }
        assert!(Credentials::new("admin", "x").username_is_a_word);
        assert!(!Credentials::new("ada", "x").username_is_a_word);
    }
}
