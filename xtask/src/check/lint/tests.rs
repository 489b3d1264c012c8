use serde_json::{Value, json};

use super::lint;
use crate::document;

const WEBHOOK: &str = "/paths/~1api~1webhooks~1{partner_slug}/post";
const REQUEST: &str = "/components/schemas/WebhookRequest";

fn problems(edit: impl Fn(&mut Value)) -> Vec<String> {
    let mut document = document::contract().unwrap();
    edit(&mut document);
    lint(&document)
        .into_iter()
        .map(|problem| format!("{} {}", problem.at, problem.says))
        .collect()
}

#[test]
fn the_contract_is_clean() {
    assert_eq!(problems(|_| ()), Vec::<String>::new());
}

#[test]
fn whatever_an_operation_or_a_clause_lacks_is_named() {
    let removed: [(&str, &str, &str); 18] = [
        (WEBHOOK, "summary", " has no summary"),
        (WEBHOOK, "description", " has no description"),
        (WEBHOOK, "operationId", " has no operationId"),
        (WEBHOOK, "tags", "/tags is not one tag"),
        (WEBHOOK, "x-rate-limit", "/x-rate-limit does not give"),
        (WEBHOOK, "x-max-body-bytes", "/x-max-body-bytes is missing"),
        (WEBHOOK, "x-provenance", " has no x-provenance"),
        (WEBHOOK, "x-clause", " is documented, and has no x-clause"),
        (
            &format!("{WEBHOOK}/requestBody/content/application~1json"),
            "examples",
            "/requestBody has no example",
        ),
        (
            &format!("{WEBHOOK}/responses/200/content/application~1json"),
            "example",
            "/responses/200 has no example",
        ),
        (
            &format!("{WEBHOOK}/responses"),
            "429",
            "/responses has no 429",
        ),
        (
            &format!("{WEBHOOK}/responses"),
            "413",
            "/responses has no 413",
        ),
        (
            "/components/responses/Unauthorized/headers",
            "WWW-Authenticate",
            "/responses/401 has no WWW-Authenticate header",
        ),
        (
            "/components/responses/TooManyRequests/headers",
            "Retry-After",
            "/responses/429 has no Retry-After header",
        ),
        (
            &format!("{REQUEST}/properties/url"),
            "x-provenance",
            "/properties/url has no x-provenance",
        ),
        (
            &format!("{REQUEST}/properties/url"),
            "x-clause",
            "/properties/url is documented, and has no x-clause",
        ),
        (
            &format!("{REQUEST}/properties/url"),
            "description",
            "/properties/url has no description",
        ),
        (
            "/components/schemas",
            "Browser",
            "refers to #/components/schemas/Browser, which does not exist",
        ),
    ];
    for (parent, key, says) in removed {
        let found = problems(|document| {
            let parent = document
                .pointer_mut(parent)
                .unwrap()
                .as_object_mut()
                .unwrap();
            parent.shift_remove(key).unwrap();
        });
        assert!(
            found.iter().any(|problem| problem.contains(says)),
            "{parent}/{key}: {found:#?}"
        );
    }
}

#[test]
fn whatever_contradicts_is_named() {
    let set: [(&str, &str, Value, &str); 12] = [
        (
            WEBHOOK,
            "x-max-body-bytes",
            json!(131_072),
            "is 131072, and a valid body can take",
        ),
        (
            WEBHOOK,
            "operationId",
            json!("get_job_report"),
            "is also the id of",
        ),
        (
            WEBHOOK,
            "operationId",
            json!("trigger-test-generation"),
            "can be no function's name",
        ),
        (
            &format!("{REQUEST}/properties/url"),
            "type",
            json!("text"),
            "/properties/url/type is \"text\"",
        ),
        (
            &format!("{REQUEST}/properties/url"),
            "type",
            json!(["string", "null"]),
            "/properties/url/type is [",
        ),
        (
            "/components/schemas/JobSummary/properties/id",
            "pattern",
            json!("^pwj_[A-"),
            "/properties/id/pattern is no regular expression",
        ),
        (
            REQUEST,
            "required",
            json!(["url", "address"]),
            "/required/1 requires \"address\", which is no property here",
        ),
        (WEBHOOK, "tags", json!(["webhooks"]), "is not one tag"),
        (
            WEBHOOK,
            "security",
            json!([{ "oauth": [] }]),
            "asks for oauth",
        ),
        (
            "/components/schemas",
            "Unused",
            json!({ "x-provenance": "inferred" }),
            "/components/schemas/Unused is not used",
        ),
        (
            &format!("{REQUEST}/properties/url"),
            "x-inferred",
            json!(["minLength"]),
            "names `minLength`",
        ),
        (
            &format!("{REQUEST}/properties/url/x-clause"),
            "id",
            json!("webhook.auth"),
            "the id `webhook.auth` is also",
        ),
    ];
    for (parent, key, value, says) in set {
        let found = problems(|document| document.pointer_mut(parent).unwrap()[key] = value.clone());
        assert!(
            found.iter().any(|problem| problem.contains(says)),
            "{parent}/{key}: {found:#?}"
        );
    }
}
