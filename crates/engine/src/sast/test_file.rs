//! Files that are there to test others. What they do is done to themselves, and
//! nobody ships it: made-up passwords and asserts are no findings there, and of
//! flaws there is only a note. A key that its issuer would take is one anywhere.

use contract::types::Severity;

use super::Engine;
use super::finding::Found;
use super::rules;
use crate::test_file::{has_test_name, is_below};

/// As it counts where it was found; `None` where it does not.
pub(super) fn weigh(mut found: Found) -> Option<Found> {
    if !is_test(&found.path) {
        return Some(found);
    }
    match found.engine {
        Engine::Bandit if found.severity >= Severity::Low || is_habit(&found.rule_id) => {
            return None;
        }
        Engine::Semgrep if !rules::are_ours(&found.rule_id) || is_issued(&found.rule_id) => {}
        _ => found.severity = Severity::Info,
    }
    Some(found)
}

/// What tests do all the time: requests without a timeout, files in /tmp.
fn is_habit(test: &str) -> bool {
    matches!(test, "B108" | "B113")
}

fn is_issued(rule: &str) -> bool {
    rule.starts_with("secret-") && !matches!(rule, "secret-private-key" | "secret-url-password")
}

/// Wherever it lies, what a directory of tests holds is not shipped.
fn is_test(path: &str) -> bool {
    const DIRECTORIES: [&str; 7] = [
        "test",
        "tests",
        "spec",
        "__tests__",
        "testdata",
        "e2e",
        "cypress",
    ];
    has_test_name(path) || is_below(path, &DIRECTORIES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_files_are_known_by_place_and_name() {
        for path in [
            "./tests/app.py",
            "shop/test_cart.py",
            "spec/models/user.rb",
            "module/src/test/java/com/shop/Cart.java",
            "web/__tests__/cart.js",
            "pkg/testdata/key.pem",
        ] {
            assert!(is_test(path), "{path}");
        }
        for path in ["app.py", "contest/app.js", "test.py"] {
            assert!(!is_test(path), "{path}");
        }
    }
}
