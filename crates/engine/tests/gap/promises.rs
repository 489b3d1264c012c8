//! Coverage and limits, whatever the framework.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

use contract::Validated;
use contract::types::{GapCategory, TestCaseRequest};
use qualitymax_engine::gap::{self, GapOptions};

use crate::{Copy, analyse, fixture};

const REPOSITORIES: [&str; 14] = [
    "actix", "axum", "django", "express", "fastapi", "fastify", "flask", "go", "laravel", "nest",
    "next", "rails", "spring", "web",
];

#[test]
fn removing_the_test_of_a_unit_makes_it_a_gap() {
    for (repository, test, unit) in [
        ("express", "test/users.test.js", "GET /api/v1/users/:id"),
        ("express", "test/users.test.js", "formatAmount"),
        ("fastify", "test/items.spec.ts", "GET /items"),
        ("nest", "test/orders.e2e-spec.ts", "GET /api/orders"),
        ("nest", "src/orders.service.spec.ts", "OrdersService"),
        ("next", "e2e/home.spec.ts", "page /"),
        (
            "web",
            "cypress/e2e/contact.cy.js",
            "form \"Send message\" on /contact.html",
        ),
        ("flask", "tests/test_admin.py", "GET /back-office/report"),
        ("flask", "tests/test_admin.py", "apply_discount"),
        ("fastapi", "tests/test_items.py", "GET /api/items/{item_id}"),
        ("django", "polls/tests.py", "GET /polls/<int:pk>/"),
        ("django", "polls/tests.py", "GET /polls/archive/<year>/"),
        ("django", "books/tests.py", "GET /api/books/"),
        (
            "spring",
            "src/test/java/shop/AccountControllerTest.java",
            "GET /api/accounts/{id}",
        ),
        (
            "spring",
            "src/test/java/shop/IbanFormatterTest.java",
            "IbanFormatter",
        ),
        (
            "rails",
            "spec/requests/articles_spec.rb",
            "GET /articles/:id",
        ),
        (
            "rails",
            "spec/requests/articles_spec.rb",
            "POST /articles/:article_id/comments",
        ),
        ("rails", "spec/system/home_spec.rb", "GET /"),
        (
            "laravel",
            "tests/Feature/InvoiceTest.php",
            "GET /billing/invoices/{invoice}",
        ),
        (
            "laravel",
            "tests/Feature/InvoiceTest.php",
            "GET /api/photos",
        ),
        ("go", "internal/orders/orders_test.go", "GET /v1/orders/:id"),
        ("go", "internal/orders/orders_test.go", "Total"),
        ("go", "internal/web/web_test.go", "GET /articles"),
        ("axum", "tests/notes.rs", "GET /notes/{id}"),
    ] {
        let copy = Copy::of(repository);
        assert!(
            !copy.is_gap(unit),
            "{repository}: {unit} is reached at first"
        );
        copy.remove(test);
        assert!(
            copy.is_gap(unit),
            "{repository}: {unit} is a gap without {test}"
        );
    }
}

#[test]
fn adding_a_test_that_calls_a_unit_removes_the_gap() {
    for (repository, unit, test, text) in [
        (
            "express",
            "POST /api/v1/payments",
            "test/payments.test.js",
            "const request = require('supertest');\ntest('pays', () => request(require('../src/app')).post('/api/v1/payments').send({ amount: 1 }));",
        ),
        (
            "express",
            "chargeCard",
            "test/charge.test.mjs",
            "import { chargeCard } from '../src/payments.js';\ntest('charges', () => chargeCard(1, '4242'));",
        ),
        (
            "next",
            "form \"Sign in\" on /login",
            "e2e/login.spec.ts",
            "import { test } from '@playwright/test';\ntest('login', async ({ page }) => {\n  await page.goto('/login');\n  await page.getByLabel('Email').fill('a@b.c');\n});",
        ),
        (
            "next",
            "POST /api/session",
            "e2e/login.spec.ts",
            "import { test } from '@playwright/test';\ntest('login', async ({ page }) => {\n  await page.goto('/login');\n  await page.getByRole('button', { name: 'Sign in' }).click();\n});",
        ),
        (
            "flask",
            "POST /auth/login",
            "tests/test_login.py",
            "def test_login(client):\n    client.post('/auth/login', data={'email': 'a'})\n",
        ),
        (
            "flask",
            "Basket",
            "tests/test_basket.py",
            "from shop import pricing\n\ndef test_total():\n    assert pricing.Basket().total() == 0\n",
        ),
        (
            "fastapi",
            "DELETE /api/items/{item_id}",
            "tests/test_delete.py",
            "BASE = '/api'\n\ndef test_delete(client):\n    assert client.delete(f'{BASE}/items/{1}').status_code == 204\n",
        ),
        (
            "django",
            "POST /polls/<int:pk>/vote/",
            "polls/test_vote.py",
            "from django.urls import reverse\n\ndef test_vote(client):\n    client.post(reverse('polls:vote', args=[1]), {'choice': 1})\n",
        ),
        (
            "spring",
            "POST /api/accounts/{id}/transfers",
            "src/test/java/shop/TransferTest.java",
            "package shop;\nclass TransferTest { void moves() { restTemplate.postForEntity(\"/api/accounts/7/transfers\", null, Void.class); } }",
        ),
        (
            "rails",
            "POST /admin/users/:id/ban",
            "spec/requests/ban_spec.rb",
            "RSpec.describe 'ban' do\n  it('bans') { post '/admin/users/1/ban' }\nend\n",
        ),
        (
            "laravel",
            "POST /login",
            "tests/Feature/LoginTest.php",
            "<?php\nclass LoginTest extends TestCase { public function test_in() { $this->postJson('/login', []); } }",
        ),
        (
            "go",
            "POST /admin/purge",
            "internal/web/purge_test.go",
            "package web\n\nimport (\n\t\"net/http/httptest\"\n\t\"testing\"\n)\n\nfunc TestPurge(t *testing.T) { httptest.NewRequest(\"POST\", \"/admin/purge\", nil) }\n",
        ),
        (
            "axum",
            "POST /notes",
            "tests/create.rs",
            "#[tokio::test]\nasync fn creates() { app().oneshot(Request::builder().method(\"POST\").uri(\"/notes\").body(()).unwrap()).await.unwrap(); }\n",
        ),
        (
            "actix",
            "DELETE /api/tickets/{id}",
            "tests/tickets.rs",
            "#[actix_web::test]\nasync fn removes() { test::TestRequest::delete().uri(\"/api/tickets/7\").to_request(); }\n",
        ),
    ] {
        let copy = Copy::of(repository);
        assert!(copy.is_gap(unit), "{repository}: {unit} is a gap at first");
        copy.write(test, text);
        assert!(
            !copy.is_gap(unit),
            "{repository}: {unit} is reached by {test}"
        );
    }
}

#[test]
fn a_call_with_another_method_or_of_another_path_reaches_nothing() {
    let copy = Copy::of("express");
    copy.write(
        "test/more.test.js",
        "test('x', () => { request(app).get('/api/v1/payments'); request(app).post('/api/v1/payments/7'); });",
    );
    assert!(copy.is_gap("POST /api/v1/payments"));
}

#[test]
fn a_fixed_path_is_not_taken_for_the_parameter_beside_it() {
    let copy = Copy::empty();
    copy.write(
        "app.js",
        "const app = require('express')();\napp.get('/users/me', (req, res) => res.end());\napp.get('/users/:id', (req, res) => res.end());",
    )
    .write("app.test.js", "test('me', () => request(app).get('/users/me'));");
    assert_eq!(copy.gaps(), ["GET /users/:id"]);
}

#[test]
fn a_module_that_is_mocked_is_not_tested() {
    let copy = Copy::of("express");
    copy.write(
        "test/mocked.test.js",
        "jest.mock('../src/payments');\nconst { chargeCard } = require('../src/payments');\ntest('x', () => chargeCard.mockReturnValue(1));",
    );
    assert!(copy.is_gap("chargeCard"));
}

#[test]
fn a_helper_of_a_test_is_not_the_view_of_the_same_name() {
    // `login` of tests/test_admin.py only fills the session.
    assert!(Copy::of("flask").is_gap("POST /auth/login"));
}

#[test]
fn each_category_has_at_most_what_was_asked_for_and_sums_agree() {
    for repository in REPOSITORIES {
        let options = GapOptions {
            max_tests_per_category: 2,
            ..GapOptions::default()
        };
        let report = gap::analyse(&fixture(repository), &options, |_| {}).unwrap();
        let mut counted: BTreeMap<GapCategory, usize> = BTreeMap::new();
        for gap in &report.gaps {
            *counted.entry(gap.category).or_default() += 1;
            assert_eq!(gap.category, gap.test_case.category);
        }
        assert_eq!(report.categories.len(), 3, "{repository}");
        for (category, count) in &report.categories {
            assert_eq!(counted.get(category).copied().unwrap_or_default(), *count);
            assert_eq!(*count, report.found[category].min(2), "{repository}");
        }
        assert_eq!(report.tests_generated, report.gaps.len(), "{repository}");
    }
}

#[test]
fn the_riskiest_come_first_and_two_runs_agree() {
    for repository in REPOSITORIES {
        let report = analyse(&fixture(repository));
        assert!(
            report
                .gaps
                .is_sorted_by_key(|gap| std::cmp::Reverse(gap.score)),
            "{repository}"
        );
        let again = analyse(&fixture(repository));
        assert_eq!(
            serde_json::to_value(&report).unwrap(),
            serde_json::to_value(&again).unwrap(),
            "{repository}"
        );
    }
}

#[test]
fn only_the_categories_that_were_asked_for_are_looked_for() {
    let options = GapOptions {
        categories: vec![GapCategory::E2e],
        ..GapOptions::default()
    };
    let report = gap::analyse(&fixture("flask"), &options, |_| {}).unwrap();
    assert_eq!(
        report.categories.keys().collect::<Vec<_>>(),
        [&GapCategory::E2e]
    );
    assert!(!report.gaps.is_empty());
    assert!(
        report
            .gaps
            .iter()
            .all(|gap| gap.category == GapCategory::E2e)
    );
}

#[test]
fn each_gap_names_a_line_that_is_there() {
    for repository in REPOSITORIES {
        for gap in analyse(&fixture(repository)).gaps {
            let text = std::fs::read_to_string(fixture(repository).join(&gap.file)).unwrap();
            let lines = u32::try_from(text.lines().count()).unwrap();
            assert!((1..=lines).contains(&gap.line), "{repository}: {gap:?}");
        }
    }
}

#[test]
fn test_cases_are_the_contracts_and_have_titles_of_their_own() {
    for repository in REPOSITORIES {
        let mut titles = HashSet::new();
        for gap in analyse(&fixture(repository)).gaps {
            let request = gap.test_case.into_request(15);
            assert!(titles.insert(request.title.clone()), "{}", request.title);
            assert!(!request.steps.is_empty() && !request.expected_results.is_empty());
            let bytes = serde_json::to_vec(&request).unwrap();
            assert_eq!(TestCaseRequest::from_json(&bytes).unwrap(), request);
        }
    }
}

#[test]
fn progress_goes_from_0_to_1_and_never_backwards() {
    let seen = RefCell::new(Vec::new());
    gap::analyse(&fixture("rails"), &GapOptions::default(), |share| {
        seen.borrow_mut().push(share);
    })
    .unwrap();
    let seen = seen.into_inner();
    assert_eq!(seen.first(), Some(&0.0));
    assert_eq!(seen.last(), Some(&1.0));
    assert!(seen.is_sorted());
    assert!(
        seen.iter()
            .filter(|share| (0.05..0.95).contains(*share))
            .count()
            > 3
    );
}
