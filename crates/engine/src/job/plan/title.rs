//! What a person would call the test.

use super::language::{Clause, Verb};

/// "Login and Dashboard Verification": at most two things, in their order.
pub fn title(clauses: &[Clause]) -> String {
    let mut things: Vec<String> = Vec::new();
    for clause in clauses {
        let thing = thing(clause);
        let known = |other: &String| other.to_lowercase().contains(&thing.to_lowercase());
        if !thing.is_empty() && !things.iter().any(known) {
            things.push(thing);
        }
    }
    things.truncate(2);
    if things.is_empty() {
        return "Page Verification".to_owned();
    }
    format!("{} Verification", things.join(" and "))
}

fn thing(clause: &Clause) -> String {
    let named = |prefix: &str| {
        let name = short(clause.object.name());
        [prefix, &name].join(" ").trim().to_owned()
    };
    match clause.verb {
        Verb::LogIn => "Login".to_owned(),
        Verb::LogOut => "Logout".to_owned(),
        Verb::Search => "Search".to_owned(),
        Verb::Sort => "Sorting".to_owned(),
        Verb::Fill | Verb::Submit
            if clause.object.says(&["form"]) || clause.object.text.contains("form") =>
        {
            named("")
        }
        Verb::Submit => named(""),
        Verb::Leave => {
            let says_so = [" empty", " blank"];
            let field = clause.object.text.as_str();
            let field = says_so
                .iter()
                .fold(field, |field, said| field.trim_end_matches(said));
            format!("Missing {}", short(field))
        }
        Verb::Fill | Verb::Tick => String::new(),
        Verb::Add => named("Add"),
        Verb::Remove => "Removal".to_owned(),
        Verb::Change => named("Change"),
        Verb::Visit | Verb::Click | Verb::Use | Verb::Choose | Verb::Land => named(""),
        Verb::See | Verb::Be
            if clause.object.quotes.is_empty() && clause.object.amounts.is_empty() =>
        {
            named("")
        }
        _ => String::new(),
    }
}

/// Three words, each with a capital, without signs.
fn short(text: &str) -> String {
    let plain = |word: &str| {
        word.chars()
            .filter(|c| c.is_alphanumeric() || *c == '-')
            .collect::<String>()
    };
    text.split_whitespace()
        .map(plain)
        .filter(|word| !word.is_empty() && word != "it" && word != "them")
        .take(3)
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters).collect()
            })
        })
        .collect::<Vec<_>>()
        .join(" ")
}
