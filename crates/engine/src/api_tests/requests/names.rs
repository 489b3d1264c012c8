//! Words out of paths and names.

use heck::{ToLowerCamelCase, ToShoutySnakeCase, ToSnakeCase};

/// Letters and digits only, lower case: `order_id` and `orderId` are alike.
pub fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect::<String>()
        .to_ascii_lowercase()
}

/// The words of a name or path, lower case: `/order-lines/{lineId}` has order,
/// lines, line, id.
pub fn words(name: &str) -> Vec<String> {
    let spaced: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    spaced
        .to_snake_case()
        .split('_')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What a member of the collection at `path` is called: `order line` for
/// `/shops/{id}/order-lines`.
pub fn noun(path: &str) -> String {
    let last = path
        .split('/')
        .rfind(|segment| !segment.is_empty() && !segment.contains('{'))
        .unwrap_or_default();
    let mut words = words(last);
    if let Some(word) = words.last_mut() {
        *word = singular(word);
    }
    if words.is_empty() {
        return "item".to_owned();
    }
    words.join(" ")
}

/// Of one word.
pub fn singular(word: &str) -> String {
    let irregular = [
        ("people", "person"),
        ("children", "child"),
        ("series", "series"),
        ("news", "news"),
        ("media", "medium"),
        ("indices", "index"),
        ("analyses", "analysis"),
    ];
    if let Some((_, singular)) = irregular.iter().find(|(plural, _)| *plural == word) {
        return (*singular).to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    for ending in ["sses", "shes", "ches", "xes", "zes", "uses"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    match word.strip_suffix('s') {
        Some(stem)
            if !["ss", "us", "sis"]
                .iter()
                .any(|ending| word.ends_with(ending))
                && stem.len() > 1 =>
        {
            stem.to_owned()
        }
        _ => word.to_owned(),
    }
}

/// Whose id a field holds: `customer` for `customerId` and `customer_uuid`.
pub fn owner(name: &str) -> Option<String> {
    let mut words = words(name);
    matches!(words.pop()?.as_str(), "id" | "uuid").then_some(())?;
    (!words.is_empty()).then(|| words.join(" "))
}

/// `ORDER_ID`, where a word is not said twice (`order orderId`).
pub fn environment(text: &str) -> String {
    let mut distinct: Vec<String> = Vec::new();
    for word in words(text) {
        if word.is_ascii() && !distinct.contains(&word) {
            distinct.push(word);
        }
    }
    let name = distinct.join("_").to_shouty_snake_case();
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("API_{name}");
    }
    name
}

/// A TypeScript name in lower camel case, never a reserved word.
pub fn identifier(text: &str) -> String {
    const RESERVED: [&str; 56] = [
        "abstract",
        "any",
        "arguments",
        "as",
        "async",
        "await",
        "boolean",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "enum",
        "env",
        "eval",
        "expect",
        "export",
        "extends",
        "false",
        "finally",
        "for",
        "function",
        "if",
        "import",
        "in",
        "instanceof",
        "interface",
        "let",
        "new",
        "null",
        "number",
        "of",
        "package",
        "process",
        "request",
        "response",
        "return",
        "static",
        "string",
        "super",
        "switch",
        "test",
        "this",
        "throw",
        "true",
        "try",
        "typeof",
        "unique",
        "var",
        "void",
    ];
    let ascii: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    let name: String = ascii.to_lower_camel_case().chars().take(60).collect();
    if name.is_empty()
        || name.starts_with(|c: char| c.is_ascii_digit())
        || RESERVED.contains(&name.as_str())
        || ["while", "with", "yield", "body", "unknown", "undefined"].contains(&name.as_str())
    {
        let mut start = name.chars();
        let first = start.next().map(|c| c.to_ascii_uppercase());
        return format!(
            "the{}{}",
            first.map(String::from).unwrap_or_default(),
            start.as_str()
        );
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_names_its_members() {
        let nouns: Vec<_> = [
            "/orders",
            "/v1/categories/",
            "/a/{id}/order-lines",
            "/",
            "/boxes/{x}",
            "/gap-analysis",
            "/analyses/{id}",
        ]
        .map(noun)
        .into();
        assert_eq!(
            nouns,
            [
                "order",
                "category",
                "order line",
                "item",
                "box",
                "gap analysis",
                "analysis"
            ]
        );
    }

    #[test]
    fn names_are_fit_for_code() {
        let names: Vec<_> = ["order line", "delete", "1st", "", "'; alert(1) //"]
            .map(identifier)
            .into();
        assert_eq!(names, ["orderLine", "theDelete", "the1st", "the", "alert1"]);
        assert_eq!(environment("order orderId"), "ORDER_ID");
    }
}
