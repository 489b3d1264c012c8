//! Who is let in.

use http::HeaderValue;
use http::request::Parts;

use super::{Mutant, mutant};
use crate::mutants::effect::{Effect, Keys};
use crate::mutants::hooks::API_KEY;

pub(super) fn mutants() -> Vec<Mutant> {
    let arrival = |id, clause, fault, edit| mutant(id, clause, fault, Effect::Arrival(edit));
    vec![
        arrival(
            "auth.logs-without-key",
            "auth.key-required",
            "Logs are served to whoever asks, without a key.",
            |head, keys| {
                if head.uri.path().ends_with("/logs") && !head.headers.contains_key(API_KEY) {
                    take(head, &keys.own[0]);
                }
            },
        ),
        arrival(
            "auth.import-without-key",
            "auth.key-required",
            "Importing needs no key.",
            |head, keys| {
                if head.uri.path().ends_with("/import") && !head.headers.contains_key(API_KEY) {
                    take(head, &keys.own[0]);
                }
            },
        ),
        arrival(
            "auth.any-key",
            "auth.key-required",
            "Any key of the right form is let in.",
            |head, keys| {
                let given = key(head);
                let well_formed = given.len() > 10 && given.starts_with("qm");
                if well_formed && !keys.own.contains(&given) && !keys.others.contains(&given) {
                    take(head, &keys.own[0]);
                }
            },
        ),
        arrival(
            "auth.empty-key",
            "auth.key-required",
            "An empty key is let in.",
            |head, keys| {
                if head.headers.contains_key(API_KEY) && key(head).is_empty() {
                    take(head, &keys.own[0]);
                }
            },
        ),
        arrival(
            "auth.bearer",
            "auth.key-required",
            "The key is taken from Authorization where its own header is missing.",
            |head, _| {
                let bearer = head.headers.get("authorization");
                let bearer = bearer.and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
                if let (Some(bearer), true) = (bearer.map(str::to_owned), key(head).is_empty()) {
                    take(head, &bearer);
                }
            },
        ),
        arrival(
            "auth.key-in-query",
            "auth.key-required",
            "The key is taken from the query where its header is missing.",
            |head, _| {
                let query = head.uri.query().unwrap_or_default();
                if let Some(given) = query.strip_prefix("api_key=").map(str::to_owned) {
                    take(head, &given);
                }
            },
        ),
        arrival(
            "auth.no-actions-keys",
            "auth.key-formats",
            "GitHub Actions keys, qm_..., are refused.",
            |head, _| {
                if key(head).starts_with("qm_") {
                    take(head, "qm_");
                }
            },
        ),
        arrival(
            "auth.no-api-tokens",
            "auth.key-formats",
            "API tokens, qm-..., are refused.",
            |head, _| {
                if key(head).starts_with("qm-") {
                    take(head, "qm-");
                }
            },
        ),
        arrival(
            "auth.any-partners-webhook",
            "errors.403",
            "A partner's key sends every partner's webhook.",
            |head, keys| of_all(head, keys, |path| path.starts_with("/api/webhooks/")),
        ),
        arrival(
            "auth.any-partners-report",
            "errors.403",
            "Job reports are served to every partner.",
            |head, keys| of_all(head, keys, |path| path.ends_with("/report")),
        ),
        arrival(
            "auth.any-partners-logs",
            "errors.403",
            "Logs are served to every partner.",
            |head, keys| of_all(head, keys, |path| path.ends_with("/logs")),
        ),
        arrival(
            "auth.any-partners-screenshot",
            "errors.403",
            "Screenshots are served to every partner.",
            |head, keys| of_all(head, keys, |path| path.ends_with("/screenshot")),
        ),
        arrival(
            "auth.any-partners-scan",
            "errors.403",
            "The results of scans are served to every partner.",
            |head, keys| of_all(head, keys, |path| path.contains("/sast/scan/")),
        ),
        arrival(
            "auth.any-partners-analysis",
            "errors.403",
            "The results of gap analyses are served to every partner.",
            |head, keys| of_all(head, keys, |path| path.contains("/gap-analysis/")),
        ),
        arrival(
            "auth.any-partners-repository",
            "errors.403",
            "Every partner scans every repository.",
            |head, keys| of_all(head, keys, |path| path.ends_with("/sast/scan")),
        ),
        arrival(
            "auth.any-partners-gaps",
            "errors.403",
            "Every partner has every repository analysed.",
            |head, keys| of_all(head, keys, |path| path.ends_with("/gap-analysis")),
        ),
        arrival(
            "auth.any-partners-project",
            "errors.403",
            "Test cases go into every partner's projects.",
            |head, keys| of_all(head, keys, |path| path.ends_with("/test-cases")),
        ),
        arrival(
            "auth.any-partners-project.generated",
            "errors.403",
            "Generated test cases go into every partner's projects.",
            |head, keys| of_all(head, keys, |path| path.ends_with("/generate")),
        ),
    ]
}

fn key(head: &Parts) -> String {
    let key = head.headers.get(API_KEY).and_then(|it| it.to_str().ok());
    key.unwrap_or_default().to_owned()
}

fn take(head: &mut Parts, key: &str) {
    if let Ok(key) = HeaderValue::from_str(key) {
        head.headers.insert(API_KEY, key);
    }
}

/// At such a path everything is answered as if its owner had asked.
fn of_all(head: &mut Parts, keys: &Keys, at: fn(&str) -> bool) {
    if at(head.uri.path()) && keys.others.contains(&key(head)) {
        take(head, &keys.own[0]);
    }
}
