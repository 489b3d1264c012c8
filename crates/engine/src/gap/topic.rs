//! What a unit is about, by the words in its names.

use std::collections::BTreeSet;

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

    pub fn weight(self) -> u32 {
        match self {
            Self::Auth | Self::Payment => 30,
            Self::Admin => 25,
            Self::Delete | Self::Upload => 20,
            Self::Personal => 10,
        }
    }

    pub fn says(self) -> &'static str {
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

pub fn topics(unit: &Unit<'_>, index: &Index<'_>, endpoints: &[Endpoint]) -> BTreeSet<Topic> {
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
