//! What is found in a small repository of each framework.

use crate::{analyse, fixture, summary};

#[test]
fn express() {
    insta::assert_snapshot!(summary(&analyse(&fixture("express"))), @r"
    POST /api/v1/payments @ src/routes/payments.js:7 [integration, security]
    GET /api/v1/payments/search @ src/routes/payments.js:15 [integration, security]
    DELETE /api/v1/users/:id @ src/routes/users.js:11 [integration, security]
    POST /api/v1/users @ src/routes/users.js:6 [integration, security]
    requireAuth @ src/auth.js:1 [integration, security]
    chargeCard @ src/payments.js:1 [integration]
    saveUser @ src/client.js:6 [integration]
    GET /health @ src/app.js:9 [integration]
    4 of 12 units are reached by 1 test files
    ");
}

#[test]
fn fastify() {
    insta::assert_snapshot!(summary(&analyse(&fixture("fastify"))), @r"
    authenticate @ src/authenticate.ts:3 [integration, security]
    POST /uploads @ src/server.ts:8 [integration, security]
    PUT /items/:id @ src/items.ts:5 [integration, security]
    1 of 4 units are reached by 1 test files
    ");
}

#[test]
fn nest() {
    insta::assert_snapshot!(summary(&analyse(&fixture("nest"))), @r"
    DELETE /api/orders/:id @ src/orders.controller.ts:22 [integration, security]
    POST /api/orders @ src/orders.controller.ts:16 [integration, security]
    JwtAuthGuard @ src/jwt-auth.guard.ts:4 [integration, security]
    2 of 5 units are reached by 2 test files
    ");
}

#[test]
fn next() {
    insta::assert_snapshot!(summary(&analyse(&fixture("next"))), @r#"
    form "Sign in" on /login @ components/LoginForm.tsx:14 [e2e]
    DELETE /api/session @ app/api/session/route.ts:12 [integration, security]
    POST /api/session @ app/api/session/route.ts:3 [integration, security]
    withTax @ lib/price.ts:1 [integration]
    page /login @ app/login/page.tsx:3 [e2e]
    page /plants/[slug] @ app/plants/[slug]/page.tsx:1 [e2e]
    1 of 7 units are reached by 1 test files
    "#);
}

#[test]
fn web() {
    insta::assert_snapshot!(summary(&analyse(&fixture("web"))), @r#"
    form "Subscribe" on / @ public/index.html:6 [e2e]
    form "Save" on /settings @ src/Settings.vue:11 [e2e]
    page / @ public/index.html:1 [e2e]
    page /settings @ src/router.js:4 [e2e]
    2 of 6 units are reached by 1 test files
    "#);
}

#[test]
fn flask() {
    insta::assert_snapshot!(summary(&analyse(&fixture("flask"))), @r#"
    form "Sign in" on /auth/login @ shop/templates/auth/login.html:4 [e2e]
    DELETE /back-office/users/<int:user_id> @ shop/admin.py:8 [integration, security]
    POST /auth/login @ shop/auth.py:8 [integration, security]
    POST /auth/logout @ shop/auth.py:19 [integration, security]
    login_required @ shop/guards.py:6 [integration, security]
    GET /auth/login @ shop/auth.py:8 [integration]
    page /auth/login @ shop/templates/auth/login.html:1 [e2e]
    get_db @ shop/db.py:4 [integration]
    GET / @ shop/__init__.py:12 [integration]
    Basket @ shop/pricing.py:1 [integration]
    3 of 13 units are reached by 1 test files
    "#);
}

#[test]
fn fastapi() {
    insta::assert_snapshot!(summary(&analyse(&fixture("fastapi"))), @r"
    POST /api/items/{item_id}/photo @ app/api/items.py:29 [integration, security]
    get_current_user @ app/security.py:4 [integration, security]
    DELETE /api/items/{item_id} @ app/api/items.py:24 [integration, security]
    GET /api/reports/{name} @ app/api/reports.py:8 [integration, security]
    POST /api/items @ app/api/items.py:14 [integration, security]
    3 of 8 units are reached by 1 test files
    ");
}

#[test]
fn django() {
    insta::assert_snapshot!(summary(&analyse(&fixture("django"))), @r#"
    DELETE /api/books/{pk}/ @ mysite/urls.py:8 [integration, security]
    lifecycle of /api/books @ mysite/urls.py:8 [e2e]
    PATCH /api/books/{pk}/ @ mysite/urls.py:8 [integration, security]
    PUT /api/books/{pk}/ @ mysite/urls.py:8 [integration, security]
    POST /polls/<int:pk>/vote/ @ polls/urls.py:9 [integration, security]
    POST /api/books/ @ mysite/urls.py:8 [integration, security]
    POST /polls/ @ polls/urls.py:7 [integration, security]
    form "Vote" on /polls/<int:pk>/ @ polls/templates/polls/detail.html:2 [e2e]
    GET /api/books/{pk}/ @ mysite/urls.py:8 [integration, security]
    GET /polls/ @ polls/urls.py:7 [integration, security]
    4 of 14 units are reached by 2 test files
    "#);
}

#[test]
fn spring() {
    insta::assert_snapshot!(summary(&analyse(&fixture("spring"))), @r"
    POST /api/accounts/{id}/transfers @ src/main/java/shop/AccountController.java:20 [integration, security]
    AccountService @ src/main/java/shop/AccountService.java:6 [integration]
    GET /api/accounts/search @ src/main/java/shop/AccountController.java:26 [integration, security]
    2 of 5 units are reached by 2 test files
    ");
}

#[test]
fn rails() {
    insta::assert_snapshot!(summary(&analyse(&fixture("rails"))), @r#"
    DELETE /admin/users/:id @ config/routes.rb:7 [integration, security]
    form "Sign in" on /login @ app/views/sessions/new.html.erb:2 [e2e]
    POST /admin/users/:id/ban @ config/routes.rb:8 [integration, security]
    POST /login @ config/routes.rb:4 [integration, security]
    GET /admin/users @ config/routes.rb:7 [integration, security]
    GET /login @ config/routes.rb:3 [integration]
    POST /articles @ config/routes.rb:12 [integration, security]
    page /login @ app/views/sessions/new.html.erb:1 [e2e]
    4 of 12 units are reached by 2 test files
    "#);
}

#[test]
fn laravel() {
    insta::assert_snapshot!(summary(&analyse(&fixture("laravel"))), @r#"
    DELETE /billing/invoices/{invoice} @ routes/web.php:12 [integration, security]
    POST /login @ routes/web.php:8 [integration, security]
    form "Log in" on /login @ resources/views/auth/login.blade.php:3 [e2e]
    GET /login @ routes/web.php:7 [integration]
    DELETE /api/photos/{photo} @ routes/api.php:5 [integration, security]
    lifecycle of /api/photos @ routes/api.php:5 [e2e]
    page /login @ resources/views/auth/login.blade.php:1 [e2e]
    POST /api/photos @ routes/api.php:5 [integration, security]
    PUT /api/photos/{photo} @ routes/api.php:5 [integration, security]
    GET /api/photos/{photo} @ routes/api.php:5 [integration, security]
    GET /api/v2/status @ routes/api.php:8 [integration]
    2 of 13 units are reached by 1 test files
    "#);
}

#[test]
fn go() {
    insta::assert_snapshot!(summary(&analyse(&fixture("go"))), @r"
    DELETE /v1/orders/:id @ internal/orders/orders.go:18 [integration, security]
    RequireAuth @ internal/orders/orders.go:34 [integration, security]
    POST /admin/purge @ internal/web/web.go:25 [integration, security]
    AdminOnly @ internal/web/web.go:36 [integration, security]
    POST /v1/orders @ internal/orders/orders.go:16 [integration, security]
    PUT /articles/{slug} @ internal/web/web.go:15 [integration, security]
    ANY /legacy @ main.go:18 [integration, security]
    GET /healthz @ main.go:17 [integration]
    5 of 13 units are reached by 2 test files
    ");
}

#[test]
fn axum() {
    insta::assert_snapshot!(summary(&analyse(&fixture("axum"))), @r"
    DELETE /notes/{id} @ src/notes.rs:17 [integration, security]
    POST /notes @ src/notes.rs:16 [integration, security]
    GET /internal/metrics @ src/main.rs:13 [integration]
    excerpt @ src/notes.rs:30 [integration]
    4 of 8 units are reached by 3 test files
    ");
}

#[test]
fn actix() {
    insta::assert_snapshot!(summary(&analyse(&fixture("actix"))), @r"
    DELETE /api/tickets/{id} @ src/main.rs:13 [integration, security]
    POST /api/tickets @ src/main.rs:27 [integration, security]
    2 of 4 units are reached by 1 test files
    ");
}
