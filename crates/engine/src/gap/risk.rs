//! How much an untested unit matters, by criteria that the report names.

use std::collections::BTreeSet;

use contract::types::GapCategory;

use super::body::{Body, From, Sink};
use super::coverage::Coverage;
use super::index::Index;
use super::link::Endpoint;
use super::routes::is_guard;
use super::units::{Unit, What};

/// What a unit is about, by the words in its name, path and file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    Auth,
    Payment,
    Admin,
    Delete,
    Upload,
    Personal,
}

impl Topic {
    const ALL: [Self; 6] = [
        Self::Auth,
        Self::Payment,
        Self::Admin,
        Self::Delete,
        Self::Upload,
        Self::Personal,
    ];

    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Auth => &[
                "auth",
                "authenticate",
                "authentication",
                "authorize",
                "authorization",
                "login",
                "logout",
                "signin",
                "signup",
                "signout",
                "register",
                "registration",
                "password",
                "passwords",
                "token",
                "tokens",
                "session",
                "sessions",
                "oauth",
                "jwt",
                "mfa",
                "otp",
                "totp",
                "sso",
                "credential",
                "credentials",
                "verify",
            ],
            Self::Payment => &[
                "pay",
                "payment",
                "payments",
                "charge",
                "charges",
                "checkout",
                "billing",
                "invoice",
                "invoices",
                "refund",
                "refunds",
                "card",
                "subscription",
                "subscriptions",
                "transfer",
                "transfers",
                "withdraw",
                "withdrawal",
                "balance",
                "order",
                "orders",
                "price",
                "discount",
                "coupon",
                "wallet",
                "payout",
            ],
            Self::Admin => &[
                "admin",
                "administrator",
                "role",
                "roles",
                "permission",
                "permissions",
                "impersonate",
                "ban",
                "grant",
                "sudo",
                "superuser",
                "policy",
            ],
            Self::Delete => &[
                "delete", "destroy", "remove", "purge", "drop", "wipe", "revoke",
            ],
            Self::Upload => &[
                "upload",
                "uploads",
                "attachment",
                "attachments",
                "avatar",
                "import",
                "file",
                "files",
                "media",
            ],
            Self::Personal => &[
                "user",
                "users",
                "profile",
                "profiles",
                "account",
                "accounts",
                "email",
                "address",
                "customer",
                "customers",
                "secret",
                "secrets",
                "key",
                "keys",
                "webhook",
                "export",
                "patient",
                "member",
                "members",
                "contact",
            ],
        }
    }

    fn weight(self) -> u32 {
        match self {
            Self::Auth | Self::Payment => 30,
            Self::Admin => 25,
            Self::Delete | Self::Upload => 20,
            Self::Personal => 10,
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::Auth => "concerns authentication",
            Self::Payment => "concerns payment",
            Self::Admin => "concerns administration",
            Self::Delete => "deletes",
            Self::Upload => "takes files",
            Self::Personal => "concerns personal data",
        }
    }
}

/// Words that in the name of a file say too little.
const VAGUE: [&str; 12] = [
    "session", "sessions", "file", "files", "key", "keys", "user", "users", "import", "verify",
    "media", "drop",
];

#[derive(Debug)]
pub struct Risk {
    pub score: u32,
    /// The reasons, the weightiest first.
    pub text: String,
    pub topics: BTreeSet<Topic>,
}

impl Risk {
    /// 1 is the most urgent.
    pub fn priority(&self) -> u64 {
        match self.score {
            70.. => 1,
            45.. => 2,
            25.. => 3,
            12.. => 4,
            _ => 5,
        }
    }
}

pub fn assess(
    unit: &Unit<'_>,
    index: &Index<'_>,
    endpoints: &[Endpoint],
    coverage: &Coverage<'_, '_>,
) -> Risk {
    let mut reasons = Reasons::default();
    let mut topics = topics(unit, index, endpoints);
    let empty = Body::default();
    let (body, endpoint) = subject(unit, index, endpoints);
    let body = body.unwrap_or(&empty);
    if let Some(endpoint) = endpoint {
        match endpoint.method.as_str() {
            "DELETE" => {
                topics.insert(Topic::Delete);
                reasons.add(10, "changes state (DELETE)".to_owned());
            }
            "POST" | "PUT" | "PATCH" => {
                reasons.add(15, format!("changes state ({})", endpoint.method));
            }
            _ => {}
        }
    }
    if let What::Flow(_) = unit.what {
        reasons.add(5, "spans several endpoints".to_owned());
    }
    for topic in &topics {
        reasons.add(topic.weight(), topic.says().to_owned());
    }
    inputs(body, &mut reasons);
    if let What::Form { form, .. } = &unit.what {
        let secret = form.fields.iter().any(|field| field.kind == "password");
        if secret {
            reasons.add(20, "takes a password".to_owned());
        }
        let fields = u32::try_from(form.fields.len()).unwrap_or(20);
        if fields > 0 {
            reasons.add(
                (3 * fields).min(15),
                plural(fields, "field to fill in", "fields to fill in"),
            );
        }
    }
    for sink in &body.sinks {
        let where_to = match sink {
            Sink::Sql => "SQL",
            Sink::Shell => "a command line",
            Sink::Path => "a file path",
            Sink::Html => "HTML",
            Sink::Url => "a request of its own",
        };
        if !body.inputs.is_empty() || body.reads_body {
            reasons.add(15, format!("input may reach {where_to}"));
        }
    }
    if let Some(endpoint) = endpoint
        && !endpoint.guarded
        && !topics.contains(&Topic::Auth)
        && endpoint.method != "GET"
    {
        reasons.add(8, "no check of who is asking was found".to_owned());
    }
    let (lines, branches) = size(unit, index, body);
    if lines > 20 || branches > 2 {
        let weight = (lines / 10).min(10) + branches.min(10);
        reasons.add(
            weight,
            format!("{lines} lines, {}", plural(branches, "branch", "branches")),
        );
    }
    if let Some(file) = code_of(unit, endpoints)
        && !coverage.is_touched(file)
    {
        reasons.add(6, format!("no test touches {}", index.files[file].path));
    }
    Risk {
        topics,
        ..reasons.into_risk()
    }
}

/// Whether a missing test of the unit is a matter of security.
pub fn is_security(unit: &Unit<'_>, endpoints: &[Endpoint], risk: &Risk) -> bool {
    match &unit.what {
        What::Endpoint(at) => {
            let endpoint = &endpoints[*at];
            let body = &endpoint.body;
            endpoint.guarded
                || endpoint.method != "GET"
                || !body.inputs.is_empty()
                || risk.topics.contains(&Topic::Admin)
        }
        What::Function(_) | What::Class { .. } => risk.topics.contains(&Topic::Auth),
        What::Page { .. } | What::Form { .. } | What::Flow(_) => false,
    }
}

/// What kind of test is missing: of each unit at most one a category.
pub fn categories(unit: &Unit<'_>, endpoints: &[Endpoint], risk: &Risk) -> Vec<GapCategory> {
    let mut found = match unit.what {
        What::Page { .. } | What::Form { .. } | What::Flow(_) => vec![GapCategory::E2e],
        _ => vec![GapCategory::Integration],
    };
    if is_security(unit, endpoints, risk) {
        found.push(GapCategory::Security);
    }
    found
}

#[derive(Default)]
struct Reasons(Vec<(u32, String)>);

impl Reasons {
    fn add(&mut self, weight: u32, text: String) {
        if weight > 0 {
            self.0.push((weight, text));
        }
    }

    fn into_risk(mut self) -> Risk {
        self.0.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        let texts: Vec<String> = self.0.iter().map(|(_, text)| text.clone()).collect();
        Risk {
            score: self.0.iter().map(|(weight, _)| weight).sum(),
            text: if texts.is_empty() {
                "no test reaches it".to_owned()
            } else {
                texts.join("; ")
            },
            topics: BTreeSet::new(),
        }
    }
}

fn subject<'a>(
    unit: &Unit<'_>,
    index: &'a Index<'_>,
    endpoints: &'a [Endpoint],
) -> (Option<&'a Body>, Option<&'a Endpoint>) {
    match &unit.what {
        What::Endpoint(at) => (Some(&endpoints[*at].body), Some(&endpoints[*at])),
        What::Flow(steps) => {
            let first = steps.first().map(|at| &endpoints[*at]);
            (first.map(|endpoint| &endpoint.body), first)
        }
        What::Form { endpoint, .. } => {
            let endpoint = endpoint.map(|at| &endpoints[at]);
            (None, endpoint)
        }
        What::Function(at) | What::Class { at, .. } => (Some(&index.defined(*at).body), None),
        What::Page { .. } => (None, None),
    }
}

/// The file whose code answers; routes of Rails and markup have none of their own.
fn code_of(unit: &Unit<'_>, endpoints: &[Endpoint]) -> Option<usize> {
    match &unit.what {
        What::Endpoint(at) => Some(endpoints[*at].handler.map_or(unit.file, |at| at.0)),
        What::Function(at) | What::Class { at, .. } => Some(at.0),
        What::Page { .. } | What::Form { .. } | What::Flow(_) => None,
    }
}

fn size(unit: &Unit<'_>, index: &Index<'_>, body: &Body) -> (u32, u32) {
    match &unit.what {
        What::Endpoint(_) => (body.lines, body.branches),
        What::Function(at) | What::Class { at, .. } => {
            (index.defined(*at).definition.lines, body.branches)
        }
        What::Page { .. } | What::Form { .. } | What::Flow(_) => (0, 0),
    }
}

fn inputs(body: &Body, reasons: &mut Reasons) {
    let count = u32::try_from(body.inputs.len()).unwrap_or(20);
    if count == 0 {
        if body.reads_body {
            reasons.add(5, "reads a request body".to_owned());
        }
        return;
    }
    let mut shown: Vec<&str> = body.inputs.keys().map(String::as_str).take(4).collect();
    if count > 4 {
        shown.push("…");
    }
    let file = body.inputs.values().any(|from| *from == From::File);
    reasons.add(
        (4 * count).min(20) + if file { 10 } else { 0 },
        format!("reads input ({})", shown.join(", ")),
    );
}

fn topics(unit: &Unit<'_>, index: &Index<'_>, endpoints: &[Endpoint]) -> BTreeSet<Topic> {
    let file = &index.files[unit.file].path;
    let stem = file.rsplit('/').next().unwrap_or(file);
    let stem = stem.split('.').next().unwrap_or(stem);
    let mut text = unit.name.clone();
    match &unit.what {
        // Of a method only its own name says what it does.
        What::Function(at) => text.clone_from(&index.defined(*at).definition.name),
        What::Endpoint(at) => {
            if let Some(handler) = endpoints[*at].handler {
                text.push(' ');
                text.push_str(&index.defined(handler).definition.name);
            }
        }
        What::Form {
            endpoint: Some(at), ..
        } => {
            text.push(' ');
            text.push_str(&endpoints[*at].path);
        }
        _ => {}
    }
    let guards = matches!(unit.what, What::Function(_)) && is_guard(&text);
    let mut words = words(&text);
    // Functions register all kinds of things.
    let people = ["user", "account", "member", "customer"];
    let of_people = people.iter().any(|word| words.contains(*word));
    if matches!(unit.what, What::Function(_)) && !of_people {
        words.remove("register");
    }
    words.extend(
        self::words(stem)
            .into_iter()
            .filter(|word| !VAGUE.contains(&word.as_str())),
    );
    // A card on the screen is no means of payment, an avatar no upload.
    let component = matches!(unit.what, What::Function(_))
        && unit.name.starts_with(char::is_uppercase)
        && file.ends_with('x');
    Topic::ALL
        .into_iter()
        .filter(|topic| !component || !matches!(topic, Topic::Payment | Topic::Upload))
        .filter(|topic| {
            topic.words().iter().any(|word| words.contains(*word))
                || *topic == Topic::Auth && guards
        })
        .collect()
}

/// The words of a name in any case: `chargeCard`, `charge_card`, `/charge-card`.
fn words(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut word = String::new();
    let mut before_lower = false;
    for c in text.chars() {
        let breaks = !c.is_alphanumeric() || c.is_uppercase() && before_lower;
        if breaks && !word.is_empty() {
            found.insert(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before_lower = c.is_lowercase() || c.is_ascii_digit();
    }
    if !word.is_empty() {
        found.insert(word);
    }
    // `sign_in` is written in two words.
    for pair in [
        ("sign", "in"),
        ("log", "in"),
        ("sign", "up"),
        ("log", "out"),
    ] {
        if found.contains(pair.0) && found.contains(pair.1) {
            found.insert(format!("{}{}", pair.0, pair.1));
        }
    }
    found
}

fn plural(count: u32, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_every_case() {
        for text in [
            "chargeCard",
            "charge_card",
            "POST /charge-card",
            "ChargeCard.js",
        ] {
            assert!(words(text).contains("charge"), "{text}");
        }
        assert!(!words("recharged").contains("charge"));
        assert!(words("sign_in").contains("signin"));
    }
}
