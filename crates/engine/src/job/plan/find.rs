//! Which element of a page a phrase means.

use super::words::{covers, likeness, words};
use crate::browser::facts::{Collection, Element, PageFacts};
use crate::browser::locator::Locator;

/// Roles that a person activates.
pub const CONTROLS: &[&str] = &["link", "button", "tab", "menuitem", "switch", "option"];
/// Roles that a person types into.
pub const FIELDS: &[&str] = &["textbox", "searchbox", "spinbutton", "combobox"];

/// Roles that a person sets.
pub const CHOICES: &[&str] = &[
    "radio",
    "checkbox",
    "switch",
    "menuitemcheckbox",
    "menuitemradio",
];

/// From here on a name is taken for what was asked; a second attempt is content
/// with less.
pub fn threshold(loose: bool) -> f64 {
    if loose { 0.34 } else { 0.5 }
}

/// The element of one of `roles` whose name is most like `asked`; of equals the
/// first.
pub fn element<'f>(
    facts: &'f PageFacts,
    roles: &[&str],
    asked: &[String],
    loose: bool,
) -> Option<&'f Element> {
    let fits = |element: &&Element| roles.contains(&element.role.as_str()) && !element.disabled;
    best(
        facts.elements.iter().filter(fits),
        |element| {
            let name = words(&element.name);
            // "Continue to delivery" leads on, and is not the delivery.
            let leads =
                leads_on(element) && !name.iter().any(|it| is_lead(it) && asked.contains(it));
            likeness(asked, &name) * if leads { 0.6 } else { 1.0 }
        },
        threshold(loose),
    )
}

/// Whether a control leads to the next step of what was begun.
pub fn leads_on(element: &Element) -> bool {
    element.role == "button" && words(&element.name).first().is_some_and(is_lead)
}

fn is_lead(word: &String) -> bool {
    words("continue next proceed review").contains(word)
}

/// What is ticked, switched or chosen: the page's headings say part of what
/// `asked` does, the rest of it is the choice's own.
pub fn choice<'f>(facts: &'f PageFacts, asked: &[String]) -> Option<&'f Element> {
    if let Some(found) = element(facts, CHOICES, asked, false) {
        return Some(found);
    }
    let headings = facts.texts.iter().filter(|block| block.role == "heading");
    let said: Vec<String> = headings.flat_map(|block| words(&block.text)).collect();
    let own: Vec<String> = asked
        .iter()
        .filter(|word| !said.contains(word))
        .cloned()
        .collect();
    facts.elements.iter().find(|element| {
        CHOICES.contains(&element.role.as_str())
            && !element.disabled
            && covers(&words(&element.name), &own)
    })
}

/// The field that `asked` names by label, placeholder or attribute.
pub fn field<'f>(facts: &'f PageFacts, asked: &[String]) -> Option<&'f Element> {
    let about = |element: &&Element| {
        let label = likeness(asked, &words(&element.name));
        let hint = likeness(
            asked,
            &words(&format!("{} {}", element.placeholder, element.hints)),
        );
        label.max(hint * 0.9)
    };
    best(
        facts.elements.iter().filter(|field| is_text_field(field)),
        about,
        0.3,
    )
}

/// The best by `score`, if it reaches `least`.
pub fn best<T>(all: impl Iterator<Item = T>, score: impl Fn(&T) -> f64, least: f64) -> Option<T> {
    let mut found: Option<(f64, T)> = None;
    for candidate in all {
        let score = score(&candidate);
        if score >= least && found.as_ref().is_none_or(|(best, _)| score > *best) {
            found = Some((score, candidate));
        }
    }
    found.map(|(_, candidate)| candidate)
}

/// A control of which the words `verb` are part of the name, in the item of a
/// collection that `item` names: "Add to cart" in the card of the lamp.
pub fn control_of_item<'f>(
    facts: &'f PageFacts,
    verb: &[String],
    item: &[String],
) -> Option<&'f Element> {
    let does = |element: &&Element| {
        CONTROLS.contains(&element.role.as_str())
            && words(&element.name).iter().any(|word| verb.contains(word))
    };
    let names_item = |element: &Element| {
        let own = words(&element.name);
        if covers(&own, item) {
            return 1.0;
        }
        let Some((collection, index)) = element.item else {
            return 0.0;
        };
        let Some(collection) = facts.collections.get(collection) else {
            return 0.0;
        };
        let title = collection.titles.get(index).and_then(Option::as_deref);
        let title = title.map_or(0.0, |title| likeness(item, &words(title)));
        let text = collection.texts.get(index).map_or("", String::as_str);
        title.max(if covers(&words(text), item) { 0.6 } else { 0.0 })
    };
    best(
        facts.elements.iter().filter(does),
        |element| names_item(element),
        0.5,
    )
}

/// A sign-in form: whom, the password, and what sends it.
pub struct LoginForm<'f> {
    pub username: Option<&'f Element>,
    pub password: Option<&'f Element>,
    pub submit: Option<&'f Element>,
}

/// The form that asks for a password, but for one only (a second would be a
/// registration).
pub fn login_form(facts: &PageFacts) -> Option<LoginForm<'_>> {
    let passwords: Vec<_> = facts
        .elements
        .iter()
        .filter(|element| element.input_type == "password")
        .collect();
    let [password] = passwords[..] else {
        return None;
    };
    let at = facts
        .elements
        .iter()
        .position(|element| std::ptr::eq(element, password))?;
    let same_form = |element: &&Element| element.form == password.form;
    let username = facts.elements[..at]
        .iter()
        .rev()
        .filter(same_form)
        .find(|element| element.role == "textbox");
    let submit = submit_of(facts, password.form);
    Some(LoginForm {
        username,
        password: Some(password),
        submit,
    })
}

/// The button that sends a form: the last that does not say otherwise.
pub fn submit_of(facts: &PageFacts, form: Option<usize>) -> Option<&Element> {
    sends(facts, form, |button| !button.disabled)
}

/// The same, of those that are as `fits` says.
pub fn sends(
    facts: &PageFacts,
    form: Option<usize>,
    fits: impl Fn(&Element) -> bool,
) -> Option<&Element> {
    let other = |element: &Element| {
        let name = element.name.to_lowercase();
        ["cancel", "reset", "clear", "show password", "back"]
            .iter()
            .any(|word| name.contains(word))
    };
    let buttons = facts
        .elements
        .iter()
        .filter(|element| element.role == "button" && element.form == form && fits(element));
    let mut fitting: Vec<_> = buttons.filter(|element| !other(element)).collect();
    fitting.pop()
}

/// The form with something to fill in that `asked` describes best; the one with
/// the most fields where nothing tells them apart.
pub fn form(facts: &PageFacts, asked: &[String]) -> Option<usize> {
    let last = facts
        .elements
        .iter()
        .filter_map(|element| element.form)
        .max()?;
    let fields_of = |form: usize| {
        facts
            .elements
            .iter()
            .filter(move |element| element.form == Some(form))
    };
    best(
        0..=last,
        |form| {
            let fields = fields_of(*form)
                .filter(|element| is_text_field(element) && element.role != "searchbox")
                .count();
            if fields == 0 {
                return 0.0;
            }
            let named = fields_of(*form)
                .filter(|element| likeness(asked, &words(&element.name)) > 0.0)
                .count();
            // A form without a label of its own: one more field weighs less than a name.
            1.0 + fields as f64 + 4.0 * named as f64
        },
        1.0,
    )
}

pub fn is_text_field(element: &Element) -> bool {
    FIELDS.contains(&element.role.as_str()) && !element.disabled
}

/// The group whose items are called `asked`; of several the one with `count`
/// items, else the one that says most of `asked`.
pub fn collection<'f>(
    facts: &'f PageFacts,
    asked: &[String],
    count: Option<usize>,
) -> Option<&'f Collection> {
    // "items", "results": whatever there is.
    let anything = words(ANYTHING);
    let meant: Vec<String> = asked
        .iter()
        .filter(|word| !anything.contains(word))
        .cloned()
        .collect();
    best(
        facts.collections.iter(),
        |collection| {
            let kind = words(&collection.kind);
            let label = words(&collection.label);
            let said = meant
                .iter()
                .filter(|word| kind.contains(word) || label.contains(word))
                .count();
            let like = if meant.is_empty() {
                0.5
            } else {
                said as f64 / meant.len() as f64
            };
            // The last word is the noun: "task sections" are sections.
            let noun = meant
                .last()
                .is_none_or(|noun| kind.contains(noun) || label.contains(noun));
            if like == 0.0 || !noun {
                return 0.0;
            }
            let counted = count.is_some_and(|count| count == collection.count);
            // Items with titles are things; a plain selector is the last choice.
            let named = collection.titles.iter().flatten().count() > 0;
            let plain = matches!(collection.items, Locator::Css { .. });
            like + if counted { 1.0 } else { 0.0 } + if named { 0.1 } else { 0.0 }
                - if plain { 0.05 } else { 0.0 }
        },
        0.1,
    )
}

/// The one group of `count` things, but for what leads elsewhere.
pub fn only_group_of(facts: &PageFacts, count: usize) -> Option<&Collection> {
    let is_thing = |group: &&Collection| {
        let kind = words(&group.kind);
        let leads = words("nav navigation menu menuitem tab tablist breadcrumb footer");
        group.count == count && !leads.iter().any(|word| kind.contains(word))
    };
    let mut groups = facts.collections.iter().filter(is_thing);
    groups.next().filter(|_| groups.next().is_none())
}

const ANYTHING: &str = "items results entries things options records elements";

/// The group or region that `asked` names: a list under a heading.
pub fn place<'f>(facts: &'f PageFacts, asked: &[String]) -> Option<&'f Collection> {
    let by_label = |collection: &&Collection| likeness(asked, &words(&collection.label));
    best(facts.collections.iter(), by_label, 0.6)
}

/// Whether the page itself is what `asked` names: by heading, title or path.
pub fn is_page(facts: &PageFacts, asked: &[String]) -> bool {
    let heading = facts
        .texts
        .iter()
        .any(|block| block.role == "heading" && covers(&words(&block.text), asked));
    heading || covers(&words(&facts.title), asked) || covers(&words(&path_of(&facts.url)), asked)
}

/// The same, where one of many headings is not enough.
pub fn is_all_about(facts: &PageFacts, asked: &[String]) -> bool {
    let mut headings = facts.texts.iter().filter(|block| block.role == "heading");
    let first = headings.next();
    first.is_some_and(|block| covers(&words(&block.text), asked))
        || covers(&words(&facts.title), asked)
        || covers(&words(&path_of(&facts.url)), asked)
}

/// Path and query of a URL of the target.
pub fn path_of(url: &str) -> String {
    let Ok(url) = url::Url::parse(url) else {
        return String::new();
    };
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}
