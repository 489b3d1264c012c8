//! What a person would type into a field, by what the field asks for. Always
//! the same, so that two runs of one plan are alike.

use super::words::words;
use crate::browser::facts::Element;

pub const NAME: &str = "Ada Lovelace";
pub const EMAIL: &str = "ada.lovelace@example.com";
/// No account has it.
pub const WRONG_PASSWORD: &str = "not-the-right-password";
const SENTENCE: &str = "Please tell me more about how this works for a small team.";

/// A valid value for a text field.
pub fn valid(field: &Element) -> String {
    let asks = words(&format!(
        "{} {} {}",
        field.name, field.placeholder, field.hints
    ));
    let about = |any: &[&str]| any.iter().any(|word| asks.contains(&words(word).concat()));
    let value = match field.input_type.as_str() {
        "email" => EMAIL,
        "tel" => "+1 202 555 0143",
        "url" => "https://example.com",
        "date" => "2030-06-15",
        "time" => "10:30",
        "datetime-local" => "2030-06-15T10:30",
        "month" => "2030-06",
        "week" => "2030-W24",
        "color" => "#336699",
        "number" | "range" => "1",
        "password" => "Correct-Horse-42",
        _ if field.role == "spinbutton" => "1",
        _ if about(&["card", "cc-number"]) && !about(&["expiry", "cvc", "name", "holder"]) => {
            "4242 4242 4242 4242"
        }
        _ if about(&["expiry", "expiration"]) => "12/34",
        _ if about(&["cvc", "cvv"]) => "123",
        _ if about(&["email"]) => EMAIL,
        _ if about(&["phone", "telephone", "mobile"]) => "+1 202 555 0143",
        _ if about(&["first", "given"]) => "Ada",
        _ if about(&["last", "surname", "family"]) => "Lovelace",
        _ if about(&["company", "organisation", "organization"]) => "Analytical Engines Ltd",
        _ if about(&["zip", "postcode", "postal"]) => "90210",
        _ if about(&["city", "town"]) => "London",
        _ if about(&["country"]) => "United Kingdom",
        _ if about(&["street", "address"]) => "12 St James's Square",
        _ if about(&["subject", "title", "topic"]) => "A question",
        _ if about(&["website", "url", "homepage"]) => "https://example.com",
        _ if about(&["age", "quantity", "number", "amount"]) => "1",
        _ if field.tag == "textarea"
            || about(&["message", "comment", "description", "question"]) =>
        {
            SENTENCE
        }
        _ if about(&["name"]) => NAME,
        _ => "Example",
    };
    value.to_owned()
}

/// The first option that is a choice, not an invitation to choose.
pub fn option(field: &Element) -> Option<&str> {
    let mut options = field.options.iter();
    options.find(|option| !invites(option)).map(String::as_str)
}

/// Whether an option only invites to choose one.
pub fn invites(option: &str) -> bool {
    let option = option.trim().to_lowercase();
    option.is_empty()
        || option.starts_with(['-', '–', '—'])
        || ["choose", "select", "please", "pick", "none"]
            .iter()
            .any(|word| option.starts_with(word))
}
