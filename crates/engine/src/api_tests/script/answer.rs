//! What an answer is held against: status, media type, and the shape that the
//! specification requires.

use serde_json::Value;

use super::typescript::{key, list, list_behind, member, text};
use crate::api_tests::cases::{Expected, Kind, Statuses};
use crate::api_tests::document::{Method, Operation};
use crate::api_tests::schema::{Flat, Fuel, Schemas};

/// Objects inside of objects.
const MAX_DEPTH: usize = 3;
const MAX_PROPERTIES: usize = 30;

/// Lines of code, without indentation.
pub fn checks(
    schemas: &Schemas,
    operation: &Operation,
    kind: Kind,
    expected: &Expected,
) -> Vec<String> {
    let mut lines = statuses(&expected.statuses);
    let response = expected
        .response
        .map(|index| &operation.responses[index])
        .filter(|_| operation.method != Method::Head);
    let Some(response) = response else {
        return lines;
    };
    if matches!(kind, Kind::Succeeds | Kind::Optional) {
        for name in &response.headers {
            lines.push(format!(
                "expect(response.headers()).toHaveProperty([{}]);",
                text(&name.to_ascii_lowercase())
            ));
        }
    }
    if !response.is_json || !matches!(kind, Kind::Succeeds) && response.schema.is_none() {
        return lines;
    }
    if kind == Kind::Succeeds {
        lines.push("expect(response.headers()['content-type']).toContain('json');".to_owned());
    }
    if let Some(schema) = &response.schema {
        lines.extend(body(schemas, schema));
    }
    lines
}

fn statuses(statuses: &Statuses) -> Vec<String> {
    match statuses {
        Statuses::Codes(codes) => match codes.as_slice() {
            [only] => vec![format!("expect(response.status()).toBe({only});")],
            _ => {
                let codes = codes.iter().map(u16::to_string);
                vec![format!(
                    "expect({}).toContain(response.status());",
                    list('[', codes, ']', 0)
                )]
            }
        },
        Statuses::Class(class) => vec![
            format!("expect(response.status()).toBeGreaterThanOrEqual({class}00);"),
            format!("expect(response.status()).toBeLessThan({}00);", class + 1),
        ],
    }
}

fn body(schemas: &Schemas, schema: &Value) -> Vec<String> {
    let mut fuel = Fuel(5_000);
    let Some(flat) = Flat::of(schemas, &[schema], None, &mut fuel) else {
        return Vec::new();
    };
    if flat.types.as_ref().is_some_and(|types| types.len() > 1) {
        return Vec::new();
    }
    let mut matcher = Matcher { schemas, fuel };
    match flat.kind() {
        "array" => {
            let mut lines = vec![
                "const body = await response.json();".to_owned(),
                "expect(body).toEqual(expect.any(Array));".to_owned(),
            ];
            lines.extend(matcher.members(&flat, "body"));
            lines
        }
        "object" => {
            let shape = matcher.object(&flat, 0, 0);
            // Lists right inside of the answer are looked into.
            let members: Vec<_> = flat
                .properties
                .iter()
                .filter(|(name, _)| flat.required.contains(name))
                .filter_map(|(name, schemas)| {
                    let property = Flat::of(matcher.schemas, schemas, None, &mut matcher.fuel)?;
                    (property.kind() == "array" && property.allows("array"))
                        .then(|| (member("body", name), property))
                })
                .collect();
            let members: Vec<_> = members
                .iter()
                .flat_map(|(list, property)| matcher.members(property, list))
                .collect();
            let check = match shape {
                Some(shape) => format!("toMatchObject({shape})"),
                None if flat.is_open => return Vec::new(),
                None => "toEqual(expect.any(Object))".to_owned(),
            };
            if members.is_empty() {
                return vec![format!("expect(await response.json()).{check};")];
            }
            let mut lines = vec![
                "const body = await response.json();".to_owned(),
                format!("expect(body).{check};"),
            ];
            lines.extend(members);
            lines
        }
        _ => match matcher.value(&flat, 0, 0) {
            Some(matcher) => vec![format!("expect(await response.json()).toEqual({matcher});")],
            None => Vec::new(),
        },
    }
}

struct Matcher<'s> {
    schemas: &'s Schemas,
    fuel: Fuel,
}

impl<'s> Matcher<'s> {
    /// A loop over the list, where its items have a shape.
    fn members(&mut self, list: &Flat<'s>, expression: &str) -> Vec<String> {
        if list.items.is_empty() {
            return Vec::new();
        }
        let Some(item) = Flat::of(self.schemas, &list.items, None, &mut self.fuel) else {
            return Vec::new();
        };
        if item.kind() != "object" || !item.allows("object") || item.allows_null() {
            return Vec::new();
        }
        let Some(shape) = self.object(&item, 2, 0) else {
            return Vec::new();
        };
        vec![
            format!("for (const item of {expression}) {{"),
            format!("  expect(item).toMatchObject({shape});"),
            "}".to_owned(),
        ]
    }

    /// What the required properties have to be, if anything can be said.
    fn object(&mut self, flat: &Flat<'s>, indent: usize, depth: usize) -> Option<String> {
        let mut parts = Vec::new();
        for (name, schemas) in flat.properties.iter() {
            if !flat.required.contains(&name) || parts.len() == MAX_PROPERTIES {
                continue;
            }
            let property = Flat::of(self.schemas, schemas, None, &mut self.fuel)?;
            if let Some(matcher) = self.value(&property, indent + 2, depth + 1) {
                parts.push(format!("{}: {matcher}", key(name)));
            }
        }
        (!parts.is_empty()).then(|| list_behind(55, '{', parts.into_iter(), '}', indent))
    }

    fn value(&mut self, flat: &Flat<'s>, indent: usize, depth: usize) -> Option<String> {
        if flat.allows_null() {
            // `null` would be right too.
            return None;
        }
        if let Some(options) = &flat.options {
            return one_of(options);
        }
        Some(
            match flat.kind() {
                "string" => "expect.any(String)",
                "integer" | "number" => "expect.any(Number)",
                "boolean" => "expect.any(Boolean)",
                "array" => "expect.any(Array)",
                "object" if depth < MAX_DEPTH => {
                    return Some(
                        self.object(flat, indent, depth)
                            .unwrap_or_else(|| "expect.any(Object)".to_owned()),
                    );
                }
                "object" => "expect.any(Object)",
                _ => return None,
            }
            .to_owned(),
        )
    }
}

fn one_of(options: &[&Value]) -> Option<String> {
    if let [only] = options {
        return match only {
            Value::String(it) => Some(text(it)),
            Value::Number(_) | Value::Bool(_) => Some(only.to_string()),
            _ => None,
        };
    }
    let words: Option<Vec<&str>> = options.iter().map(|it| it.as_str()).collect();
    let Some(words) = words else {
        return options
            .iter()
            .all(|it| it.is_number())
            .then(|| "expect.any(Number)".to_owned());
    };
    // Words need no escaping in a regular expression.
    let plain = |word: &&str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    };
    if words.len() <= 12 && words.iter().all(plain) {
        return Some(format!("expect.stringMatching(/^({})$/)", words.join("|")));
    }
    Some("expect.any(String)".to_owned())
}
