//! Texts that meet a schema: by its pattern, its format, or what a person
//! would write into a field of that name.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::flat::Flat;

/// Longest text worth writing.
pub const MAX_LENGTH: u64 = 100_000;

/// A text for a field called `name`; `nth` tells apart the members of a list.
pub fn text(flat: &Flat<'_>, name: &str, nth: usize) -> Option<String> {
    if let Some(pattern) = flat.patterns.first() {
        let least = flat.min_length.unwrap_or(0);
        return known(pattern, name)
            .or_else(|| of_pattern(pattern, least))
            .or_else(|| known(pattern, "password"));
    }
    let text = match flat.format {
        Some(format) if of_format(format, name).is_some() => {
            let text = of_format(format, name)?.to_owned();
            return Some(match format {
                "email" if nth > 0 => text.replace('@', &format!("{nth}@")),
                "uuid" if nth > 0 => format!("{}{:02x}", &text[..34], nth % 256),
                _ => text,
            });
        }
        _ => of_name(name),
    };
    let text = match nth {
        0 => text.to_owned(),
        nth => format!("{text} {}", nth + 1),
    };
    Some(fitted(&text, flat.min_length.unwrap_or(0), flat.max_length))
}

/// Cut or filled up to the length asked for.
fn fitted(text: &str, least: u64, most: Option<u64>) -> String {
    let least = usize::try_from(least.min(MAX_LENGTH)).unwrap_or(0);
    let most = most.map_or(usize::MAX, |most| {
        usize::try_from(most).unwrap_or(usize::MAX)
    });
    let mut fitted: String = text.chars().take(most).collect();
    while fitted.chars().count() < least {
        fitted.push('x');
    }
    fitted
}

/// A value for a `format`, where it has a known one.
pub fn of_format(format: &str, name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let birth = name.contains("birth");
    Some(match format {
        "date-time" if birth => "1990-05-17T00:00:00Z",
        "date" if birth => "1990-05-17",
        "date-time" => "2030-01-15T09:30:00Z",
        "date" => "2030-01-15",
        "time" => "09:30:00Z",
        "duration" => "PT30M",
        "email" | "idn-email" => "ada@example.com",
        "hostname" | "idn-hostname" => "www.example.com",
        "ipv4" => "192.0.2.10",
        "ipv6" => "2001:db8::10",
        "uri" | "url" | "iri" | "uri-reference" | "iri-reference" => "https://www.example.com/page",
        "uuid" => "3f2b8c1e-5d47-4a6b-9e0f-7c1d2a3b4c5d",
        "byte" => "aGVsbG8=",
        "password" => "Correct-Horse-7",
        "json-pointer" => "/items/0",
        "regex" => "^[a-z]+$",
        _ => return None,
    })
}

/// Values that break a `format` beyond doubt.
pub fn against_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "date-time" | "date" | "time" => "not a date",
        "email" | "idn-email" => "not-an-email",
        "ipv4" | "ipv6" => "not-an-address",
        "uri" | "url" => "not a url",
        "uuid" => "not-a-uuid",
        _ => return None,
    })
}

fn of_name(name: &str) -> &'static str {
    let name = name
        .to_ascii_lowercase()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "");
    let known: [(&[&str], &str); 24] = [
        (&["email", "mail"], "ada@example.com"),
        (&["firstname", "givenname"], "Ada"),
        (&["lastname", "surname", "familyname"], "Lovelace"),
        (&["username", "login", "handle", "nickname"], "ada"),
        (&["password", "passphrase"], "Correct-Horse-7"),
        (&["phone", "mobile", "telephone"], "+4930123456"),
        (
            &["website", "homepage", "url", "uri", "link"],
            "https://www.example.com/page",
        ),
        (&["street", "addressline1", "line1"], "12 Analytical Way"),
        (&["city", "town"], "London"),
        (&["postalcode", "postcode", "zipcode", "zip"], "10115"),
        (&["countrycode"], "GB"),
        (&["country"], "United Kingdom"),
        (&["currency", "currencycode"], "EUR"),
        (&["language", "locale"], "en"),
        (&["timezone"], "Europe/London"),
        (&["color", "colour"], "blue"),
        (&["title", "subject", "headline"], "A short title"),
        (
            &[
                "description",
                "comment",
                "message",
                "note",
                "text",
                "body",
                "content",
                "reason",
            ],
            "A few words about it",
        ),
        (&["slug"], "a-short-title"),
        (&["sku", "code", "reference", "ref"], "A-100"),
        (&["query", "q", "search", "term"], "blue"),
        (&["date"], "2030-01-15"),
        (&["company", "organisation", "organization"], "Example Ltd"),
        (&["name"], "Ada Lovelace"),
    ];
    // `shipping_city` is a city, `customerEmail` an email.
    known
        .iter()
        .find(|(words, _)| words.iter().any(|word| name == *word))
        .or_else(|| {
            known.iter().find(|(words, _)| {
                words
                    .iter()
                    .any(|word| word.len() > 2 && name.ends_with(word))
            })
        })
        .map_or("example", |(_, value)| value)
}

/// The shortest text of at least `least` characters that a pattern describes,
/// with letters and digits in order: `^[A-Z]{3}-\d{4}$` gives `ABC-1234`.
fn of_pattern(pattern: &str, least: u64) -> Option<String> {
    let hir = regex_syntax::Parser::new().parse(pattern).ok()?;
    let shortest = Writer::write(&hir, 0)?;
    let missing = least.saturating_sub(shortest.chars().count() as u64);
    if missing == 0 {
        return Some(shortest);
    }
    Writer::write(&hir, missing)
}

struct Writer {
    text: String,
    letters: usize,
    digits: usize,
    /// Repetitions to do beyond the least.
    extra: u64,
}

impl Writer {
    fn write(hir: &Hir, extra: u64) -> Option<String> {
        let mut writer = Self {
            text: String::new(),
            letters: 0,
            digits: 0,
            extra,
        };
        writer.hir(hir)?;
        Some(writer.text)
    }

    fn hir(&mut self, hir: &Hir) -> Option<()> {
        if self.text.len() as u64 > MAX_LENGTH {
            return None;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => {
                let next = self.member(class)?;
                self.text.push(next);
            }
            HirKind::Repetition(repetition) => {
                let most = u64::from(repetition.max.unwrap_or(u32::MAX));
                let least = u64::from(repetition.min);
                let more = self.extra.min(most - least);
                self.extra -= more;
                for _ in 0..least + more {
                    self.hir(&repetition.sub)?;
                }
            }
            HirKind::Capture(capture) => self.hir(&capture.sub)?,
            HirKind::Concat(parts) => {
                for part in parts {
                    self.hir(part)?;
                }
            }
            HirKind::Alternation(branches) => self.hir(branches.first()?)?,
        }
        Some(())
    }

    fn member(&mut self, class: &Class) -> Option<char> {
        let contains = |wanted: char| match class {
            Class::Unicode(class) => class
                .ranges()
                .iter()
                .any(|range| (range.start()..=range.end()).contains(&wanted)),
            Class::Bytes(class) => class.ranges().iter().any(|range| {
                u8::try_from(wanted).is_ok_and(|it| (range.start()..=range.end()).contains(&it))
            }),
        };
        let letters: Vec<char> = ('A'..='Z').filter(|it| contains(*it)).collect();
        let small: Vec<char> = ('a'..='z').filter(|it| contains(*it)).collect();
        let letters = if small.is_empty() { letters } else { small };
        if !letters.is_empty() {
            self.letters += 1;
            return Some(letters[(self.letters - 1) % letters.len()]);
        }
        let digits: Vec<char> = "1234567890".chars().filter(|it| contains(*it)).collect();
        if !digits.is_empty() {
            self.digits += 1;
            return Some(digits[(self.digits - 1) % digits.len()]);
        }
        (' '..='~')
            .find(|it| contains(*it))
            .or_else(|| match class {
                Class::Unicode(class) => class.ranges().first().map(|range| range.start()),
                Class::Bytes(_) => None,
            })
    }
}

/// What fields of that name usually hold, where it matches. Patterns that look
/// ahead or behind can't be walked; most of them are about passwords.
fn known(pattern: &str, name: &str) -> Option<String> {
    let candidates: &[&str] = match of_name(name) {
        "United Kingdom" | "GB" => &["United Kingdom", "GB", "GBR"],
        "Correct-Horse-7" => &["Correct-Horse-7", "Abcdef1!", "abcdef12", "123456", "1234"],
        "example" => return None,
        other => &[other],
    };
    let validator = super::options()
        .build(&serde_json::json!({ "pattern": pattern }))
        .ok()?;
    candidates
        .iter()
        .find(|candidate| validator.is_valid(&(**candidate).into()))
        .map(|candidate| (*candidate).to_owned())
}
