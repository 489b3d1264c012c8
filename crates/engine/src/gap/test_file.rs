//! Which files are there to test others.

use super::syntax::Language;
use crate::test_file::{has_test_name, is_below};

/// Whether a file tests others, by name, place or what it uses. What is taken for a
/// test has no units of its own and covers those of others.
pub fn is_test(path: &str, language: Language, text: &str) -> bool {
    has_test_name(path)
        || is_below(path, directories(language))
        // Maven's layout: a package may be called `test` without being one.
        || language == Language::Java && path.to_lowercase().contains("src/test/")
        || uses_test_library(language, text)
}

/// Where the projects of a language keep their tests, and nothing else.
fn directories(language: Language) -> &'static [&'static str] {
    match language {
        Language::JavaScript | Language::TypeScript | Language::Component => &[
            "__tests__",
            "__mocks__",
            "tests",
            "test",
            "e2e",
            "cypress",
            "spec",
        ],
        Language::Python | Language::Php => &["tests", "test"],
        Language::Ruby => &["spec", "test", "features"],
        Language::Rust => &["tests", "benches"],
        Language::Html | Language::Erb => &["tests", "test", "__tests__"],
        Language::Go | Language::Java => &[],
    }
}

fn uses_test_library(language: Language, text: &str) -> bool {
    let marks: &[&str] = match language {
        Language::JavaScript | Language::TypeScript => &[
            "@playwright/test",
            "from 'vitest'",
            "from \"vitest\"",
            "@jest/globals",
            "from 'cypress'",
            "node:test",
            "require('supertest')",
            "from 'supertest'",
            "from \"supertest\"",
        ],
        Language::Python => &[
            "import pytest",
            "import unittest",
            "from unittest",
            "from django.test",
        ],
        Language::Java => &["import org.junit", "import org.testng"],
        Language::Ruby => &[
            "RSpec.describe",
            "Minitest::Test",
            "ActiveSupport::TestCase",
        ],
        Language::Php => &["PHPUnit\\Framework"],
        Language::Component | Language::Go | Language::Rust | Language::Html | Language::Erb => &[],
    };
    marks.iter().any(|mark| text.contains(mark))
}
