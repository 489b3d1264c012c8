//! Which files are there to test others.

use super::syntax::Language;

/// Whether a file is there to test others, by where it is and by what it uses.
pub fn is_test(path: &str, language: Language, text: &str) -> bool {
    let lower = path.to_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let in_directory = |directories: &[&str]| {
        lower
            .split('/')
            .rev()
            .skip(1)
            .any(|part| directories.contains(&part))
    };
    let stem = name.split('.').next().unwrap_or(name);
    let by_place = match language {
        Language::JavaScript | Language::TypeScript | Language::Component => {
            [".test.", ".spec.", ".cy.", ".e2e.", ".e2e-spec."]
                .iter()
                .any(|mark| name.contains(mark))
                || in_directory(&[
                    "__tests__",
                    "__mocks__",
                    "tests",
                    "test",
                    "e2e",
                    "cypress",
                    "spec",
                ])
        }
        Language::Python => {
            stem.starts_with("test_")
                || stem.ends_with("_test")
                || matches!(stem, "conftest" | "tests")
                || in_directory(&["tests", "test"])
        }
        Language::Java => {
            lower.contains("src/test/")
                || ["test", "tests", "it"].iter().any(|end| {
                    stem.ends_with(end)
                        && path.contains(&format!("{}{}", end[..1].to_uppercase(), &end[1..]))
                })
        }
        Language::Go => stem.ends_with("_test"),
        Language::Ruby => {
            stem.ends_with("_spec")
                || stem.ends_with("_test")
                || in_directory(&["spec", "test", "features"])
        }
        Language::Php => stem.ends_with("test") || in_directory(&["tests", "test"]),
        Language::Rust => in_directory(&["tests", "benches"]),
        Language::Html | Language::Erb => in_directory(&["tests", "test", "__tests__"]),
    };
    by_place || !language.is_markup() && uses_test_library(language, text)
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
        _ => &[],
    };
    marks.iter().any(|mark| text.contains(mark))
}
