//! A test case is about the very unit: its method, path, parameters, fields.

use qualitymax_engine::gap::Case;

use crate::{analyse, fixture};

fn case(repository: &str, category: &str, unit: &str) -> Case {
    analyse(&fixture(repository))
        .gaps
        .into_iter()
        .find(|gap| gap.unit == unit && gap.category.to_string() == category)
        .unwrap_or_else(|| panic!("{repository} has no {category} gap {unit}"))
        .test_case
}

fn text(case: &Case) -> String {
    format!(
        "{}\n\n{}\n\n{}\n\n{}\n\npriority {}: {}",
        case.title,
        case.description,
        case.steps,
        case.expected_results,
        case.priority,
        case.tags.join(" ")
    )
}

#[test]
fn express_post_api_v1_payments() {
    insta::assert_snapshot!(text(&case("express", "integration", "POST /api/v1/payments")), @r#"
    POST /api/v1/payments stores `amount` and `card` and refuses what is incomplete

    POST /api/v1/payments (src/routes/payments.js:7) is reached by no test. Why it matters: concerns payment; changes state (POST); reads input (amount, card); no test touches src/routes/payments.js.

    1. Sign in as a user who may call POST /api/v1/payments
    2. Send POST /api/v1/payments with {"amount":10,"card":"4242424242424242"}
    3. Send POST /api/v1/payments without `amount`: {"card":"4242424242424242"}
    4. Send POST /api/v1/payments without `card`: {"amount":10}
    5. Send POST /api/v1/payments with "many" for `amount`

    2. A 2xx answer; reading payments back shows what was sent.
    3. If `amount` is required a 4xx answer that names it, and nothing is stored; never 500.
    4. If `card` is required a 4xx answer that names it, and nothing is stored; never 500.
    5. A 4xx answer, and nothing is stored.

    priority 2: gap integration route payment
    "#);
}

#[test]
fn express_get_api_v1_payments_search() {
    insta::assert_snapshot!(text(&case("express", "security", "GET /api/v1/payments/search")), @r"
    GET /api/v1/payments/search refuses callers who are not signed in and keeps input out of its SQL

    GET /api/v1/payments/search (src/routes/payments.js:15) is reached by no test. Why it matters: concerns payment; input may reach SQL; no test touches src/routes/payments.js; reads input (note).

    1. Send GET /api/v1/payments/search?note=Some+note without credentials
    2. Send GET /api/v1/payments/search?note=Some+note with an expired credential and with one whose signature was changed
    3. Send GET /api/v1/payments/search?note=Some+note with `' OR '1'='1` and then `'; SELECT pg_sleep(5)--` in `note`

    1. Status 401 or 403, or a redirect to the login page; nothing is read or changed.
    2. Status 401 both times.
    3. Refused or treated as text: no other rows, no delay, never 500.

    priority 2: gap security route payment
    ");
}

#[test]
fn flask_post_auth_login() {
    insta::assert_snapshot!(text(&case("flask", "security", "POST /auth/login")), @r#"
    POST /auth/login gives nothing away about accounts and keeps input out of its SQL

    POST /auth/login (shop/auth.py:8) is reached by no test. Why it matters: concerns authentication; changes state (POST); input may reach SQL; reads input (email, password).

    1. Send POST /auth/login with {"email":"user@example.com","password":"Correct-Horse-9"} for an account that does not exist
    2. Send POST /auth/login for an existing account with a wrong password
    3. Repeat the wrong password 20 times against POST /auth/login
    4. Send POST /auth/login with the right password
    5. Send POST /auth/login with `' OR '1'='1` and then `'; SELECT pg_sleep(5)--` in `email` and `password`

    1. Refused.
    2. Status, text and duration are those of the step before.
    3. Status 429 or a locked account before the twentieth.
    4. Accepted; the session has a new id, and its cookie is HttpOnly, Secure and SameSite.
    5. Refused or treated as text: no other rows, no delay, never 500.

    priority 2: gap security route auth
    "#);
}

#[test]
fn flask_form_sign_in_on_auth_login() {
    insta::assert_snapshot!(text(&case("flask", "e2e", "form \"Sign in\" on /auth/login")), @r#"
    Form "Sign in" on /auth/login takes Email and Password

    form "Sign in" on /auth/login (shop/templates/auth/login.html:4) is reached by no test. Why it matters: concerns authentication; takes a password; changes state (POST); 2 fields to fill in.

    1. Open /auth/login
    2. Fill in "user@example.com" for "Email"
    3. Fill in "Correct-Horse-9" for "Password"
    4. Press "Sign in"
    5. Fill in all but "Email" and submit again
    6. Fill in all but "Password" and submit again

    4. POST /auth/login is called once with these values; the browser ends up on /.
    5. The form is not sent; "Email" is marked as missing and the other values are kept.
    6. The form is not sent; "Password" is marked as missing and the other values are kept.

    priority 1: gap e2e form auth
    "#);
}

#[test]
fn next_page_plants_slug() {
    insta::assert_snapshot!(text(&case("next", "e2e", "page /plants/[slug]")), @r"
    Page /plants/[slug] opens and shows its content

    page /plants/[slug] (app/plants/[slug]/page.tsx:1) is reached by no test.

    1. Open /plants/example
    2. Open /plants/[slug] with a value that does not exist
    3. Reload /plants/example, then go back and forward in the browser

    1. Its main content is visible; no request fails and the console shows no error.
    2. A page that says that nothing was found, with status 404.
    3. The same content is shown again.

    priority 5: gap e2e page
    ");
}

#[test]
fn fastapi_post_api_items_item_id_photo() {
    insta::assert_snapshot!(text(&case("fastapi", "security", "POST /api/items/{item_id}/photo")), @r"
    POST /api/items/{item_id}/photo is open only to whom it should be, refuses another user's `item_id` and takes no harmful file

    POST /api/items/{item_id}/photo (app/api/items.py:29) is reached by no test. Why it matters: takes files; reads input (item_id, photo); changes state (POST); no check of who is asking was found.

    1. Send POST /api/items/1/photo as multipart form with a small file in `photo` without credentials
    2. Sign in as user B and send POST /api/items/1/photo with the `item_id` of an entry of user A
    3. Send POST /api/items/1/photo with a file named `../../evil.sh` in `photo`
    4. Send POST /api/items/1/photo with an HTML file that says it is image/png in `photo`
    5. Send POST /api/items/1/photo with a file over the size limit in `photo`

    1. No check of who is asking was found in the code: 401 or 403, unless it is meant to be public.
    2. Status 403 or 404; user A's entry is neither shown nor changed.
    3. Refused, or stored under a name of the server's own inside its upload directory.
    4. Refused, or never served as text/html.
    5. Status 413 or 400; nothing is stored.

    priority 2: gap security route upload
    ");
}

#[test]
fn laravel_lifecycle_of_api_photos() {
    insta::assert_snapshot!(text(&case("laravel", "e2e", "lifecycle of /api/photos")), @r#"
    /api/photos through its whole life: create, read, change and delete

    lifecycle of /api/photos (routes/api.php:5) is reached by no test. Why it matters: changes state (POST); reads input (photo); spans several endpoints.

    1. Sign in as a user who may do all of this
    2. Send POST /api/photos as multipart form with a small file in `photo`
    3. Send GET /api/photos/1 with that id
    4. Send PUT /api/photos/1 with {"caption":"Some caption"} with that id and one value changed
    5. Send DELETE /api/photos/1 with that id
    6. Send GET /api/photos/1 with that id

    2. A 2xx answer with the id of the new entry, which the next steps use.
    3. The entry as it was sent.
    4. A 2xx answer; reading it back shows the change and nothing else changed.
    5. A 2xx answer.
    6. Status 404 or 410.

    priority 3: gap e2e flow
    "#);
}

#[test]
fn go_post_v1_orders() {
    insta::assert_snapshot!(text(&case("go", "integration", "POST /v1/orders")), @r#"
    POST /v1/orders stores `quantity` and `sku` and refuses what is incomplete

    POST /v1/orders (internal/orders/orders.go:16) is reached by no test. Why it matters: concerns payment; changes state (POST); reads input (quantity, sku).

    1. Sign in as a user who may call POST /v1/orders
    2. Send POST /v1/orders with {"quantity":10,"sku":"Some sku"}
    3. Send POST /v1/orders without `quantity`: {"sku":"Some sku"}
    4. Send POST /v1/orders without `sku`: {"quantity":10}
    5. Send POST /v1/orders with "many" for `quantity`

    2. A 2xx answer; reading orders back shows what was sent.
    3. If `quantity` is required a 4xx answer that names it, and nothing is stored; never 500.
    4. If `sku` is required a 4xx answer that names it, and nothing is stored; never 500.
    5. A 4xx answer, and nothing is stored.

    priority 2: gap integration route payment
    "#);
}

#[test]
fn axum_excerpt() {
    insta::assert_snapshot!(text(&case("axum", "integration", "excerpt")), @r#"
    excerpt in src/notes.rs gives its result for `text` and `length`

    excerpt (src/notes.rs:30) is reached by no test.

    1. Call excerpt(text = "Some text", length = 10) of src/notes.rs
    2. Call excerpt with an empty text and one of 10,000 characters for `text`
    3. Call excerpt with 0 and the largest number for `length`
    4. Choose inputs for each side of the branch in lines 30 to 35

    1. The result is the one worked out by hand for these values.
    2. A result that is right for it, or an error that names `text`.
    3. A result that is right for it, or an error that names `length`.
    4. Each side is taken at least once and gives its own result.

    priority 5: gap integration function
    "#);
}

#[test]
fn spring_accountservice() {
    insta::assert_snapshot!(text(&case("spring", "integration", "AccountService")), @r#"
    AccountService in src/main/java/shop/AccountService.java does find, transfer and search as its callers rely on

    AccountService (src/main/java/shop/AccountService.java:6) is reached by no test. Why it matters: concerns personal data; no test touches src/main/java/shop/AccountService.java; 22 lines, 1 branch.

    1. Create AccountService of src/main/java/shop/AccountService.java with its dependencies
    2. Call find(id = 1)
    3. Call transfer(id = 1, request = a valid TransferRequest)
    4. Call search(query = "Some query")
    5. Call search with "' OR '1'='1" for `query`

    2. The result is the one worked out by hand for these values.
    3. The result worked out by hand; with other values so that each side of the branch of transfer is taken once.
    4. The result is the one worked out by hand for these values.
    5. No other rows than those of that text are read or changed.

    priority 4: gap integration class personal
    "#);
}
