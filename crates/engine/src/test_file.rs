//! Which files are there to test others, by the conventions of test runners. What
//! else makes a test of a file (its directory, what it imports) depends on what
//! follows from it, so each room that asks adds its own.

/// Whether a file has a name by which its language's runners know a test, or what
/// they load beside it.
pub(crate) fn has_test_name(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let ends = |ends: &[&str]| ends.iter().any(|end| stem.ends_with(end));
    match extension {
        "py" => {
            stem.starts_with("test_") || ends(&["_test"]) || matches!(stem, "conftest" | "tests")
        }
        "go" => ends(&["_test"]),
        "rb" => ends(&["_spec", "_test"]),
        "php" => ends(&["Test", "Tests"]),
        "java" => ends(&["Test", "Tests", "IT"]),
        _ => ends(&[".test", ".spec", ".cy", ".e2e", ".e2e-spec"]),
    }
}

/// Whether the file lies below a directory of one of these names, in whatever case.
pub(crate) fn is_below(path: &str, directories: &[&str]) -> bool {
    let mut parts = path.split('/').rev().skip(1);
    parts.any(|part| directories.iter().any(|it| part.eq_ignore_ascii_case(it)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_files_are_known_by_their_languages_names() {
        for path in [
            "shop/test_cart.py",
            "conftest.py",
            "shop/tests.py",
            "pkg/cart_test.go",
            "models/user_spec.rb",
            "com/shop/CartTest.java",
            "com/shop/CartIT.java",
            "app/CartTest.php",
            "src/cart.spec.ts",
            "src/login.cy.js",
        ] {
            assert!(has_test_name(path), "{path}");
        }
        for path in [
            "src/latest.py",
            "test.py",
            "attestation.go",
            "spec.rb",
            "src/Testament.java",
            "com/shop/Audit.java",
            "app/latest.php",
            "contest/app.js",
        ] {
            assert!(!has_test_name(path), "{path}");
        }
    }

    #[test]
    fn a_directory_counts_and_a_file_called_like_one_does_not() {
        assert!(is_below("app/Tests/Unit/cart.php", &["tests"]));
        assert!(!is_below("app/tests", &["tests"]));
        assert!(!is_below("contests/app.js", &["tests"]));
    }
}
