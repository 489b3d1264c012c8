//! Files that are there to test others. What they do is done to themselves, and
//! nobody ships it: made-up passwords and asserts are no findings there, and of
//! flaws there is only a note. A key that its issuer would take is one anywhere.

use contract::types::Severity;

use super::Engine;
use super::finding::Found;
use super::rules;

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

fn is_test(path: &str) -> bool {
    let path = path.strip_prefix("./").unwrap_or(path);
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let in_directory = directory.split('/').any(|part| {
        matches!(
            part,
            "test" | "tests" | "spec" | "__tests__" | "testdata" | "e2e" | "cypress"
        )
    });
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let by_name = match extension {
        "py" => stem.starts_with("test_") || stem.ends_with("_test") || stem == "conftest",
        "go" => stem.ends_with("_test"),
        "rb" => stem.ends_with("_spec") || stem.ends_with("_test"),
        "php" | "java" => stem.ends_with("Test") || stem.ends_with("Tests"),
        _ => [".test", ".spec", ".cy"]
            .iter()
            .any(|end| stem.ends_with(end)),
    };
    in_directory || by_name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_files_are_known_by_place_and_name() {
        for path in [
            "./tests/app.py",
            "shop/test_cart.py",
            "conftest.py",
            "pkg/cart_test.go",
            "spec/models/user.rb",
            "module/src/test/java/com/shop/Cart.java",
            "com/shop/CartTest.java",
            "src/cart.spec.ts",
            "web/__tests__/cart.js",
            "pkg/testdata/key.pem",
        ] {
            assert!(is_test(path), "{path}");
        }
        for path in [
            "app.py",
            "src/latest.py",
            "contest/app.js",
            "attestation.go",
            "src/Testament.java",
            "test.py",
            "spec.rb",
        ] {
            assert!(!is_test(path), "{path}");
        }
    }
}
