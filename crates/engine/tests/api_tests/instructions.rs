//! What partners ask for in their own words.

use std::collections::BTreeSet;

use qualitymax_engine::api_tests::Generated;

use crate::bookshop;

fn operations(generated: &Generated) -> BTreeSet<String> {
    generated
        .test_cases
        .iter()
        .map(|case| case.title.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect()
}

fn of_operation<'g>(generated: &'g Generated, name: &str) -> Vec<&'g str> {
    let prefix = format!("{name} ");
    generated
        .test_cases
        .iter()
        .filter_map(|case| case.title.strip_prefix(&prefix))
        .collect()
}

#[test]
fn without_instructions_every_operation_is_covered() {
    let generated = bookshop("");
    assert_eq!(operations(&generated).len(), 13);
    let titles: BTreeSet<_> = generated
        .test_cases
        .iter()
        .map(|case| &case.title)
        .collect();
    assert_eq!(titles.len(), generated.test_cases.len(), "titles repeat");
    let priorities: Vec<_> = generated
        .test_cases
        .iter()
        .map(|case| case.priority)
        .collect();
    assert!(priorities.is_sorted(), "{priorities:?}");
    assert!(
        generated
            .test_cases
            .iter()
            .all(|case| case.category == "api")
    );
}

/// The example of the API's documentation.
#[test]
fn focus_on_authentication_and_payment_endpoints() {
    let generated = bookshop("Focus on authentication and payment endpoints");
    let urgent: Vec<_> = generated
        .test_cases
        .iter()
        .filter(|case| case.priority == 1)
        .collect();
    assert!(!urgent.is_empty());
    for case in &urgent {
        assert!(
            case.title.starts_with("POST /sessions")
                || case.title.contains("/payments")
                || case.tags.contains(&"auth".to_owned()),
            "{}",
            case.title
        );
    }
    assert!(of_operation(&generated, "POST /orders/{orderId}/payments").len() > 20);
    // The rest is there, in short and later.
    assert_eq!(
        of_operation(&generated, "GET /books"),
        ["answers 200 to a valid request"]
    );
    assert_eq!(
        generated,
        bookshop("Focus on authentication and payment endpoints")
    );
}

#[test]
fn only_means_only() {
    let reads = bookshop("only GET");
    assert!(operations(&reads).iter().all(|it| it.starts_with("GET ")));
    assert_eq!(operations(&reads).len(), 7);

    let books = bookshop("Just the catalogue, please");
    assert_eq!(
        Vec::from_iter(operations(&books)),
        ["GET /books", "GET /books/{isbn}"]
    );

    let orders = bookshop("Only test /orders/{orderId}, but not payments.");
    assert_eq!(
        Vec::from_iter(operations(&orders)),
        [
            "DELETE /orders/{orderId}",
            "GET /orders/{orderId}",
            "PATCH /orders/{orderId}"
        ]
    );

    let missing = bookshop("only required fields");
    assert!(
        missing
            .test_cases
            .iter()
            .all(|case| { case.tags.contains(&"required-fields".to_owned()) })
    );
    assert!(!missing.test_cases.is_empty());
}

#[test]
fn what_is_not_wanted_is_left_out() {
    let generated = bookshop("Skip deprecated operations and payments");
    let names = operations(&generated);
    assert!(!names.contains("GET /orders"), "{names:?}");
    assert!(names.iter().all(|it| !it.contains("payments")), "{names:?}");
    assert!(names.contains("POST /orders"));

    let generated = bookshop("Cover customers. Ignore boundaries, at most 12 tests.");
    assert_eq!(generated.test_cases.len(), 12);
    assert!(generated.test_cases[0].title.contains("/customers"));
    assert!(
        generated
            .test_cases
            .iter()
            .all(|case| { !case.tags.contains(&"boundaries".to_owned()) })
    );
}

/// Words that mean nothing here must not leave the partner with nothing.
#[test]
fn instructions_that_fit_nothing_are_reported() {
    let generated = bookshop("Only the warehouse robots");
    assert_eq!(operations(&generated).len(), 13);
    assert_eq!(
        generated.notes[0],
        "no operation answers to \"warehouse, robots\", so nothing was restricted to it"
    );
}
