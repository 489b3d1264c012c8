//! Small edits of the real contract, and what must be said of them.

mod renames;
mod unnamed;

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::change::Verdict::{self, Breaking, Compatible, Documentation};
use super::compare;
use crate::document::{self, escape};

const WEBHOOK: &str = "/paths/~1api~1webhooks~1{partner_slug}/post";
const SCHEMAS: &str = "/components/schemas";

static CONTRACT: LazyLock<Value> = LazyLock::new(|| document::contract().unwrap());

/// Verdict and pointer of each change that `edit` makes.
fn changes(edit: impl Fn(&mut Value)) -> Vec<(Verdict, String)> {
    let old = CONTRACT.clone();
    let mut new = old.clone();
    edit(&mut new);
    compare(&old, &new)
        .into_iter()
        .map(|change| (change.verdict, change.pointer))
        .collect()
}

fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent).unwrap() {
        Value::Object(object) => {
            object.insert(key, value);
        }
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        other => panic!("{parent} is {other}"),
    }
}

fn remove(document: &mut Value, pointer: &str) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent).unwrap() {
        Value::Object(object) => {
            object.shift_remove(&key).unwrap();
        }
        Value::Array(items) => {
            items.remove(key.parse::<usize>().unwrap());
        }
        other => panic!("{parent} is {other}"),
    }
}

fn push(document: &mut Value, pointer: &str, value: Value) {
    document
        .pointer_mut(pointer)
        .unwrap()
        .as_array_mut()
        .unwrap()
        .push(value);
}

#[test]
fn a_document_does_not_differ_from_itself() {
    assert_eq!(changes(|_| ()), []);
}

/// (what is set at the pointer, and the one change that must be named there)
#[test]
fn setting_one_thing_is_named_at_its_pointer_with_its_verdict() {
    #[rustfmt::skip] // one case a line
    let table: &[(&str, &str, Value, Verdict)] = &[
        // Requests: what narrows breaks.
        (SCHEMAS, "/WebhookRequest/properties/url/maxLength", json!(1024), Breaking),
        (SCHEMAS, "/WebhookRequest/properties/url/maxLength", json!(4096), Compatible),
        (SCHEMAS, "/WebhookRequest/properties/url/pattern", json!("^https:"), Breaking),
        (SCHEMAS, "/WebhookRequest/properties/custom_data/x-max-bytes", json!(2048), Breaking),
        (SCHEMAS, "/WebhookRequest/properties/custom_data/x-max-bytes", json!(8192), Compatible),
        (SCHEMAS, "/WebhookRequest/properties/custom_data/additionalProperties", json!(false), Breaking),
        (SCHEMAS, "/WebhookRequest/properties/feature_description/minLength", json!(10), Breaking),
        (SCHEMAS, "/WebhookRequest/properties/feature_description/type", json!("object"), Breaking),
        (SCHEMAS, "/WebhookOptions/properties/quality_threshold/default", json!(50), Breaking),
        (SCHEMAS, "/WebhookOptions/properties/quality_threshold/maximum", json!(90), Breaking),
        (SCHEMAS, "/WebhookOptions/properties/quality_threshold/type", json!("number"), Compatible),
        (SCHEMAS, "/WebhookRequest/properties/auth/default", json!({}), Compatible),
        (SCHEMAS, "/GapAnalysisRequest/properties/categories/uniqueItems", json!(false), Compatible),
        (SCHEMAS, "/WebhookRequest/properties/branch", json!({ "type": "string" }), Compatible),
        (SCHEMAS, "/TestCaseRequest/properties/priority/multipleOf", json!(2), Breaking),
        // Answers and callbacks: what widens breaks.
        (SCHEMAS, "/JobSummary/properties/quality_score/maximum", json!(1000), Breaking),
        (SCHEMAS, "/JobSummary/properties/quality_score/maximum", json!(99), Compatible),
        (SCHEMAS, "/JobSummary/properties/url/nullable", json!(true), Breaking),
        (SCHEMAS, "/JobSummary/properties/quality_score/nullable", json!(false), Compatible),
        (SCHEMAS, "/JobSummary/properties/tests_generated/type", json!("number"), Breaking),
        (SCHEMAS, "/JobSummary/properties/tests_generated/type", json!("string"), Breaking),
        (SCHEMAS, "/CallbackTest/properties/execution_id/pattern", json!("^run_"), Breaking),
        (SCHEMAS, "/CallbackTest/properties/retries", json!({ "type": "integer" }), Compatible),
        (SCHEMAS, "/JobReport/properties/scripts/items", json!({ "type": "string" }), Breaking),
        // Operations.
        (WEBHOOK, "/operationId", json!("send_webhook"), Breaking),
        (WEBHOOK, "/deprecated", json!(true), Compatible),
        (WEBHOOK, "/x-rate-limit/requests", json!(5), Breaking),
        (WEBHOOK, "/x-rate-limit/requests", json!(20), Compatible),
        (WEBHOOK, "/x-rate-limit/window_seconds", json!(120), Breaking),
        (WEBHOOK, "/x-max-body-bytes", json!(1024), Breaking),
        (WEBHOOK, "/x-max-body-bytes", json!(1_048_576), Compatible),
        (WEBHOOK, "/requestBody/required", json!(false), Compatible),
        (WEBHOOK, "/requestBody/content/application~1xml", json!({}), Compatible),
        (WEBHOOK, "/responses/202", json!({ "description": "" }), Breaking),
        (WEBHOOK, "/responses/402", json!({ "description": "" }), Compatible),
        (WEBHOOK, "/responses/200/headers/X-New", json!({}), Compatible),
        (WEBHOOK, "/responses/200/headers/RateLimit/$ref", json!("#/components/headers/Allow"), Breaking),
        (WEBHOOK, "/responses/401/$ref", json!("#/components/responses/Forbidden"), Breaking),
        (WEBHOOK, "/security", json!([{ "apiKey": [] }]), Compatible),
        ("/paths/~1api~1v1~1partner~1test-cases/post", "/security", json!([{ "apiKey": [], "partnerSignature": [] }]), Breaking),
        ("/paths/~1api~1v1~1partner~1test-cases", "/get", json!({}), Compatible),
        ("", "/security", json!([]), Compatible),
        ("/components/securitySchemes", "/apiKey/name", json!("Authorization"), Breaking),
        ("/components/securitySchemes", "/apiKey/in", json!("query"), Breaking),
        // Prose.
        ("/info", "/title", json!("Another"), Documentation),
        ("/info", "/version", json!("1.0.1"), Documentation),
        ("/servers/1", "/description", json!("Another"), Documentation),
        (WEBHOOK, "/summary", json!("Another"), Documentation),
        (WEBHOOK, "/responses/200/description", json!("Another"), Documentation),
        (WEBHOOK, "/x-clause/0/says", json!("Another"), Documentation),
        (WEBHOOK, "/x-rate-limit/class", json!("free"), Documentation),
        (WEBHOOK, "/requestBody/content/application~1json/examples/minimal/value/url", json!("https://a.b"), Documentation),
        (SCHEMAS, "/WebhookRequest/properties/url/description", json!("Another"), Documentation),
        (SCHEMAS, "/WebhookAuth/properties/password/format", json!("secret"), Documentation),
    ];
    for (base, at, value, verdict) in table {
        let pointer = format!("{base}{at}");
        let found = changes(|document| set(document, &pointer, value.clone()));
        assert_eq!(found, [(*verdict, pointer.clone())], "{pointer} = {value}");
    }
}

#[test]
fn removing_one_thing_is_named_at_its_pointer_with_its_verdict() {
    #[rustfmt::skip] // one case a line
    let table: &[(&str, &str, Verdict)] = &[
        (SCHEMAS, "/WebhookRequest/properties/url/maxLength", Compatible),
        (SCHEMAS, "/WebhookRequest/required/2", Compatible),
        (SCHEMAS, "/WebhookRequest/properties/custom_data", Breaking),
        (SCHEMAS, "/WebhookOptions/properties/headless/default", Breaking),
        (SCHEMAS, "/Browser/enum/2", Breaking),
        (SCHEMAS, "/JobReport/required/3", Breaking),
        (SCHEMAS, "/JobReport/properties/crawl", Breaking),
        (SCHEMAS, "/JobStatus/enum/3", Compatible),
        (SCHEMAS, "/CallbackTest/properties/video_url", Breaking),
        (SCHEMAS, "/CallbackTest/properties/execution_id/pattern", Breaking),
        (SCHEMAS, "/ApiTestsRequest/x-exactly-one-of", Compatible),
        (WEBHOOK, "/requestBody", Breaking),
        (WEBHOOK, "/callbacks/testResults/{$request.body#~1callback_url}/post", Breaking),
        (WEBHOOK, "/callbacks/testResults/{$request.body#~1callback_url}/post/parameters/0", Breaking),
        (WEBHOOK, "/callbacks/testResults/{$request.body#~1callback_url}/post/responses/410", Breaking),
        (WEBHOOK, "/responses/200", Breaking),
        (WEBHOOK, "/responses/403", Compatible),
        (WEBHOOK, "/responses/200/headers/RateLimit", Breaking),
        (WEBHOOK, "/responses/200/content/application~1json", Breaking),
        (WEBHOOK, "/parameters/0", Breaking),
        (WEBHOOK, "/x-max-body-bytes", Compatible),
        (WEBHOOK, "/security", Compatible),
        ("/components/responses", "/TooManyRequests/headers/Retry-After", Breaking),
        ("/components/securitySchemes", "/apiKey/x-key-prefixes/1", Breaking),
        ("/paths/~1api~1v1~1partner~1test-cases", "/post", Breaking),
        ("/servers", "/0", Breaking),
        (WEBHOOK, "/description", Documentation),
        (WEBHOOK, "/responses/200/content/application~1json/example", Documentation),
    ];
    for (base, at, verdict) in table {
        let pointer = format!("{base}{at}");
        let found = changes(|document| remove(document, &pointer));
        assert_eq!(found, [(*verdict, pointer)]);
    }
}

#[test]
fn a_new_required_field_is_one_breaking_change_in_a_request_and_none_in_an_answer() {
    let add = |schema: &str| {
        let at = format!("{SCHEMAS}/{schema}");
        let changes = changes(|document| {
            set(
                document,
                &format!("{at}/properties/team"),
                json!({ "type": "string" }),
            );
            push(document, &format!("{at}/required"), json!("team"));
        });
        (changes, format!("{at}/properties/team"))
    };
    let (changes, pointer) = add("WebhookRequest");
    assert_eq!(changes, [(Breaking, pointer)]);
    let (changes, pointer) = add("JobReport");
    assert_eq!(changes, [(Compatible, pointer)]);
}

#[test]
fn one_more_enum_value_breaks_who_receives_it_and_nobody_who_sends_it() {
    let add = |schema: &str| {
        changes(|document| push(document, &format!("{SCHEMAS}/{schema}/enum"), json!("more")))
    };
    assert_eq!(
        add("SastEngine"),
        [(Compatible, format!("{SCHEMAS}/SastEngine/enum/2"))]
    );
    assert_eq!(
        add("ResultStatus"),
        [(Breaking, format!("{SCHEMAS}/ResultStatus/enum/5"))]
    );
    // Both sent (options) and received (report).
    assert_eq!(
        add("Browser"),
        [(Breaking, format!("{SCHEMAS}/Browser/enum/3"))]
    );
}

#[test]
fn what_a_field_refers_to_is_compared_and_not_its_name() {
    let pointer = format!("{SCHEMAS}/JobReport/properties/crawl/allOf/0/$ref");
    let renamed = |also: fn(&mut Value)| {
        changes(|document| {
            let mut schema = document
                .pointer(&format!("{SCHEMAS}/CrawlSummary"))
                .unwrap()
                .clone();
            also(&mut schema);
            set(document, &format!("{SCHEMAS}/Crawl"), schema);
            remove(document, &format!("{SCHEMAS}/CrawlSummary"));
            set(document, &pointer, json!("#/components/schemas/Crawl"));
        })
    };
    let with_components = |verdict| {
        [
            (verdict, pointer.clone()),
            (Compatible, format!("{SCHEMAS}/CrawlSummary")),
            (Compatible, format!("{SCHEMAS}/Crawl")),
        ]
    };
    let sorted = |mut changes: Vec<_>| {
        changes.sort();
        changes
    };
    let same = renamed(|_| ());
    assert_eq!(sorted(same), sorted(with_components(Compatible).into()));
    let less = renamed(|schema| remove(schema, "/properties/pages_crawled"));
    assert_eq!(sorted(less), sorted(with_components(Breaking).into()));
}

#[test]
fn the_name_of_a_path_parameter_is_not_on_the_wire() {
    let path = |name: &str| escape(&format!("/api/v1/partner/jobs/{{{name}}}/report"));
    let found = changes(|document| {
        let mut item = document["paths"][path("job_id").replace("~1", "/")].clone();
        item["get"]["parameters"][0]["name"] = json!("id");
        remove(document, &format!("/paths/{}", path("job_id")));
        set(document, &format!("/paths/{}", path("id")), item);
    });
    let pointer = format!("/paths/{}", path("id"));
    let name = format!("{pointer}/get/parameters/0/name");
    assert_eq!(found, [(Compatible, pointer), (Documentation, name)]);
}

#[test]
fn a_new_parameter_breaks_where_it_is_required() {
    let add = |required: bool| {
        let parameter = json!({ "name": "dry_run", "in": "query", "required": required, "schema": { "type": "boolean" } });
        changes(|document| {
            push(
                document,
                &format!("{WEBHOOK}/parameters"),
                parameter.clone(),
            )
        })
    };
    let pointer = format!("{WEBHOOK}/parameters/1");
    assert_eq!(add(true), [(Breaking, pointer.clone())]);
    assert_eq!(add(false), [(Compatible, pointer)]);
}

#[test]
fn the_reason_names_who_is_let_down() {
    let old = CONTRACT.clone();
    let mut new = old.clone();
    set(
        &mut new,
        &format!("{SCHEMAS}/WebhookRequest/properties/url/maxLength"),
        json!(1024),
    );
    remove(&mut new, &format!("{SCHEMAS}/JobReport/properties/crawl"));
    set(&mut new, "/info/title", json!("Another"));
    insta::assert_snapshot!(super::as_text(&compare(&old, &new)).unwrap(), @r"
    Breaking
      /components/schemas/WebhookRequest/properties/url/maxLength
          maxLength was 2048 and is 1024: requests that were valid are refused now
      /components/schemas/JobReport/properties/crawl (in the old document)
          `crawl` removed: who reads it is let down
    Documentation
      /info/title
          changed: nothing on the wire changes
    2 breaking, 0 compatible, 1 documentation
    ");
}
