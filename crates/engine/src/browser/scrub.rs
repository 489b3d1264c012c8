//! Takes a partner's credentials out of whatever comes back from browser and
//! runner.

use super::Credentials;

const USERNAME: &str = "‹username›";
const PASSWORD: &str = "‹password›";

/// A shorter password is only meant where it stands as a word: `a` is in every
/// text.
const SHORT: usize = 4;

impl Credentials {
    /// The text with `‹username›` and `‹password›` in place of what they stand
    /// for: as it is, URL-encoded, form-encoded, or escaped as in JSON.
    pub fn scrub(&self, text: &str) -> String {
        let short = self.password.chars().count() < SHORT;
        let text = replace(text, &self.password, PASSWORD, short);
        replace(&text, &self.username, USERNAME, true)
    }
}

fn replace(text: &str, secret: &str, mask: &str, word: bool) -> String {
    let mut text = text.to_owned();
    for form in forms(secret) {
        let mut scrubbed = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(at) = rest.find(&form) {
            let (before, found) = rest.split_at(at);
            let after = &found[form.len()..];
            let inside = before
                .chars()
                .next_back()
                .is_some_and(char::is_alphanumeric)
                || after.chars().next().is_some_and(char::is_alphanumeric);
            scrubbed.push_str(before);
            scrubbed.push_str(if word && inside { &form } else { mask });
            rest = after;
        }
        scrubbed.push_str(rest);
        text = scrubbed;
    }
    text
}

fn forms(secret: &str) -> Vec<String> {
    if secret.is_empty() {
        return Vec::new();
    }
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let json = serde_json::Value::from(secret).to_string();
    let mut forms = vec![
        secret.to_owned(),
        form.replace('+', "%20"),
        json[1..json.len() - 1].to_owned(),
        form,
    ];
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.dedup();
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrub(username: &str, password: &str, text: &str) -> String {
        Credentials {
            username: username.to_owned(),
            password: password.to_owned(),
        }
        .scrub(text)
    }

    #[test]
    fn credentials_are_masked_in_every_form() {
        let text = "fill(\"p \\\"w+1\") /login?email=jo%40x.org&password=p+%22w%2B1 p%20%22w%2B1 for jo@x.org";
        insta::assert_snapshot!(scrub("jo@x.org", "p \"w+1", text), @r#"fill("‹password›") /login?email=‹username›&password=‹password› ‹password› for ‹username›"#);
    }

    #[test]
    fn a_short_password_or_a_user_name_is_masked_as_a_word_only() {
        insta::assert_snapshot!(scrub("admin", "ab", "the administrator's cab, admin ab"), @"the administrator's cab, ‹username› ‹password›");
    }
}
