//! Who may: missing and wrong credentials, wrong passwords.

use serde_json::Value;

use super::answers::refusal;
use super::{Cases, Kind, Send};
use crate::api_tests::document::Operation;
use crate::api_tests::requests::{Requests, plain};
use crate::api_tests::schema::{Spot, Step};

/// Whether the body is what shows who the caller is.
pub fn takes_login(operation: &Operation) -> bool {
    !operation.needs_credentials() && operation.response(401).is_some() && operation.body.is_some()
}

pub fn wrong_password(cases: &mut Cases<'_>, requests: &Requests<'_>) {
    let operation = cases.operation;
    let (Some(body), Some(planned)) = (&operation.body, &requests.of(cases.index).body) else {
        return;
    };
    let secret = planned.value.as_object().and_then(|object| {
        object.keys().find(|name| {
            let name = plain(name);
            ["password", "passphrase", "secret", "pin", "passcode"]
                .iter()
                .any(|word| name.ends_with(word))
        })
    });
    let (true, Some(name)) = (takes_login(operation), secret) else {
        return;
    };
    let spot = Spot(vec![Step::Property(name.clone())]);
    let wrong = Value::from("Not-The-Password-1");
    let judge = requests.checker.judge(&body.schema);
    if judge.and_then(|judge| judge.accepts(&spot.put(&planned.plain(), Some(&wrong))))
        == Some(true)
    {
        cases.add(
            Kind::Credentials,
            format!("refuses a wrong `{name}`"),
            Send::BodyChange(spot, Some(wrong)),
            refusal(operation, &[401]),
        );
    }
}

pub fn credentials(cases: &mut Cases<'_>, schemes: &[String]) {
    let expected = refusal(cases.operation, &[401, 403]);
    cases.add(
        Kind::Credentials,
        "refuses a request without credentials".to_owned(),
        Send::NoCredentials,
        expected.clone(),
    );
    cases.add(
        Kind::Credentials,
        "refuses wrong credentials".to_owned(),
        Send::WrongCredentials,
        expected.clone(),
    );
    if schemes.len() > 1 {
        for scheme in schemes {
            cases.add(
                Kind::Credentials,
                format!("refuses a request without `{scheme}`"),
                Send::Without(scheme.clone()),
                expected.clone(),
            );
        }
    }
}
