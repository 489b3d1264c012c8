//! The script is run by Playwright against the service that the specification
//! describes: it passes where the service is right, and fails where a clause is
//! broken.

use testbed::bookshop::Fault::*;
use testbed::bookshop::{KEY, TOKEN, serve};

use crate::runner::{Target, run};

const CREDENTIALS: [(&str, &str); 2] = [("API_TOKEN", TOKEN), ("API_KEY", KEY)];

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_does_what_it_says_passes() {
    let target = Target {
        service: serve(None).await.unwrap(),
        only: None,
    };
    let outcomes = run(&crate::bookshop("").script, &[target], &CREDENTIALS).await;
    let others: Vec<_> = outcomes[0]
        .iter()
        .filter(|(_, status)| *status != "passed")
        .collect();
    // What can't be brought about from the specification alone is left to a person.
    insta::assert_debug_snapshot!(others, @r#"
    [
        (
            "POST /orders/{orderId}/payments answers 402: The bank declined the payment",
            "skipped",
        ),
    ]
    "#);
    assert!(outcomes[0].len() > 100, "{}", outcomes[0].len());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_broken_clause_is_found() {
    let broken = [
        (
            LetsAnybodyIn,
            "POST /orders refuses a request without credentials",
        ),
        (
            TakesAnyToken,
            "GET /orders/{orderId} refuses wrong credentials",
        ),
        (
            ForgetsPaymentKey,
            "POST /orders/{orderId}/payments refuses a request without `paymentKey`",
        ),
        (
            TakesCustomersWithoutEmail,
            "POST /customers refuses a body where `email` is missing",
        ),
        (
            TakesEmptyOrders,
            "POST /orders refuses a body where `lines` is an empty list",
        ),
        (
            TakesQuantityZero,
            "POST /orders refuses a body where `lines[0].quantity` is below its minimum of 1",
        ),
        (
            RefusesNinetyNineBooks,
            "POST /orders accepts `lines[0].quantity` at its maximum of 99",
        ),
        (
            TakesUnknownFields,
            "PATCH /orders/{orderId} refuses a body that has an unknown property",
        ),
        (
            TakesNumbersForNames,
            "POST /customers refuses a body where `name` is not a string",
        ),
        (
            FindsWhatIsNotThere,
            "GET /books/{isbn} answers 404 where `isbn` does not exist",
        ),
        (
            RegistersTwice,
            "POST /customers answers 409 when the same is sent twice",
        ),
        (
            AnswersOkForCreated,
            "POST /orders answers 201 to a valid request",
        ),
        (
            LeavesOutTheStatus,
            "GET /orders/{orderId} answers 200 to a valid request",
        ),
        (
            InventsAStatus,
            "POST /orders answers 201 to a valid request",
        ),
        (
            DeletesTwice,
            "DELETE /orders/{orderId} answers 404 when it is deleted twice",
        ),
        (
            IgnoresTheLimit,
            "GET /books refuses a request where `limit` is above its maximum of 50",
        ),
        (
            LeavesOutLocation,
            "POST /customers answers 201 to a valid request",
        ),
        (
            FailsOnBrokenJson,
            "POST /orders refuses a body that is no JSON",
        ),
    ];
    let mut targets = Vec::new();
    for (fault, test) in broken {
        targets.push(Target {
            service: serve(Some(fault)).await.unwrap(),
            only: Some(test.to_owned()),
        });
    }
    let outcomes = run(&crate::bookshop("").script, &targets, &CREDENTIALS).await;
    let missed: Vec<_> = broken
        .iter()
        .zip(&outcomes)
        .filter(|((_, test), outcomes)| {
            !outcomes
                .get(*test)
                .is_some_and(|it| it.starts_with("failed"))
        })
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}
