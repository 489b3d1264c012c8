//! A rename is told as one, and only where it can be nothing else.

use serde_json::{Value, json};

use super::Verdict::{Breaking, Compatible, Documentation};
use super::{CONTRACT, SCHEMAS, WEBHOOK, changes, push, remove, set};
use crate::diff::compare;
use crate::document::escape;

const CASES: &str = "/paths/~1api~1v1~1partner~1test-cases";

fn rename(document: &mut Value, parent: &str, old: &str, new: &str) {
    let value = document
        .pointer(&format!("{parent}/{old}"))
        .unwrap()
        .clone();
    remove(document, &format!("{parent}/{old}"));
    set(document, &format!("{parent}/{new}"), value);
}

/// What is said of each change.
fn told(edit: impl Fn(&mut Value)) -> Vec<String> {
    let mut new = CONTRACT.clone();
    edit(&mut new);
    let changes = compare(&CONTRACT, &new);
    changes.into_iter().map(|change| change.what).collect()
}

/// With its entry in `required`, where it has one.
fn rename_property(document: &mut Value, schema: &str, old: &str, new: &str) {
    let schema = format!("{SCHEMAS}/{schema}");
    rename(document, &format!("{schema}/properties"), old, new);
    let required = document.pointer_mut(&format!("{schema}/required"));
    for name in required.and_then(Value::as_array_mut).into_iter().flatten() {
        if name == old {
            *name = json!(new);
        }
    }
}

#[test]
fn a_renamed_property_is_one_breaking_change() {
    for (schema, old) in [
        ("JobReport", "crawl"),
        ("WebhookRequest", "custom_data"),
        ("WebhookRequest", "url"),
    ] {
        let edit = |document: &mut Value| rename_property(document, schema, old, "renamed");
        let pointer = format!("{SCHEMAS}/{schema}/properties/renamed");
        assert_eq!(changes(edit), [(Breaking, pointer)]);
        assert_eq!(told(edit), [format!("`{old}` renamed to `renamed`")]);
    }
}

#[test]
fn what_is_reworded_with_the_new_name_is_told_beside_it() {
    let visit = format!("{SCHEMAS}/JobReport/properties/visit");
    let description = format!("{visit}/description");
    let found = changes(|document| {
        rename_property(document, "JobReport", "crawl", "visit");
        set(document, &description, json!("Another"));
    });
    assert_eq!(found, [(Breaking, visit), (Documentation, description)]);
}

#[test]
fn without_clear_evidence_one_thing_went_and_another_came() {
    let properties = format!("{SCHEMAS}/WebhookRequest/properties");
    let (old, new) = (
        (Breaking, format!("{properties}/custom_data")),
        (Compatible, format!("{properties}/renamed")),
    );
    let elsewise = changes(|document| {
        rename(document, &properties, "custom_data", "renamed");
        set(
            document,
            &format!("{properties}/renamed/x-max-bytes"),
            json!(8192),
        );
    });
    assert_eq!(elsewise, [old.clone(), new.clone()]);
    let required = changes(|document| {
        rename(document, &properties, "custom_data", "renamed");
        push(
            document,
            &format!("{SCHEMAS}/WebhookRequest/required"),
            json!("renamed"),
        );
    });
    assert_eq!(required, [old.clone(), (Breaking, new.1.clone())]);
    let two_candidates = changes(|document| {
        rename(document, &properties, "custom_data", "renamed");
        let twin = document.pointer(&new.1).unwrap().clone();
        set(document, &format!("{properties}/twin"), twin);
    });
    let twin = (Compatible, format!("{properties}/twin"));
    assert_eq!(two_candidates, [old, new, twin]);
}

#[test]
fn a_renamed_path_is_one_breaking_change() {
    let old = "/api/v1/partner/test-cases";
    let new = "/api/v1/partner/cases";
    let edit = |document: &mut Value| rename(document, "/paths", &escape(old), &escape(new));
    assert_eq!(
        changes(edit),
        [(Breaking, format!("/paths/{}", escape(new)))]
    );
    assert_eq!(told(edit), [format!("{old} renamed to {new}")]);

    // Another operation took its place.
    let found = changes(|document| {
        edit(document);
        let at = format!("/paths/{}/post/operationId", escape(new));
        set(document, &at, json!("create_case"));
    });
    let added = format!("/paths/{}/post", escape(new));
    assert_eq!(
        found,
        [(Breaking, format!("{CASES}/post")), (Compatible, added)]
    );
}

#[test]
fn a_renamed_parameter_is_one_breaking_change() {
    let parameter = |name: &str, place: &str| json!({ "name": name, "in": place, "schema": { "type": "boolean" } });
    let compared = |is: Value| {
        let with = |parameter: Value| {
            let mut document = CONTRACT.clone();
            push(&mut document, &format!("{WEBHOOK}/parameters"), parameter);
            document
        };
        let changes = compare(&with(parameter("dry_run", "query")), &with(is));
        let told = |change: &crate::diff::Change| (change.verdict, change.what.clone());
        changes.iter().map(told).collect::<Vec<_>>()
    };
    let renamed = "parameter \"dry_run\" renamed to \"rehearse\"".to_owned();
    assert_eq!(
        compared(parameter("rehearse", "query")),
        [(Breaking, renamed)]
    );
    let elsewhere = [
        (Breaking, "parameter \"dry_run\" removed".to_owned()),
        (
            Compatible,
            "optional parameter \"rehearse\" added".to_owned(),
        ),
    ];
    assert_eq!(compared(parameter("rehearse", "header")), elsewhere);
}
