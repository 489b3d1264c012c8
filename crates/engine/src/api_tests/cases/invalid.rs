//! Requests that break one clause, and requests right at a limit.

use serde_json::{Value, json};

use super::access::takes_login;
use super::answers::{refusal, success};
use super::{Cases, Kind, Send};
use crate::api_tests::document::{Body, Encoding, In, Parameter};
use crate::api_tests::requests::{Requests, example_of};
use crate::api_tests::schema::{Breaks, Checker, Examples, Flaw, Step, Wanted, edges, flaws};

fn kind(breaks: Breaks) -> Kind {
    match breaks {
        Breaks::Required => Kind::Required,
        Breaks::Type => Kind::Type,
        Breaks::Null => Kind::Null,
        Breaks::Enum => Kind::Enum,
        Breaks::Length | Breaks::Range | Breaks::Items => Kind::Limit,
        Breaks::Pattern | Breaks::Format => Kind::Format,
        Breaks::Unknown => Kind::Unknown,
    }
}

/// `value` is valid, and has no marks in it.
pub fn body(cases: &mut Cases<'_>, requests: &Requests<'_>, body: &Body, value: &Value) {
    let as_text = body.encoding != Encoding::Json;
    if as_text && !value.is_object() {
        return;
    }
    for flaw in flaws(requests.checker, &body.schema, value, "body") {
        if as_text && (flaw.spot.0.len() != 1 || !survives_as_text(&flaw)) {
            continue;
        }
        cases.add(
            kind(flaw.breaks),
            // "the body" needs no name.
            match flaw.says.strip_prefix("`body` ") {
                Some(says) => format!("refuses a body that {says}"),
                None => format!("refuses a body where {}", flaw.says),
            },
            Send::BodyChange(flaw.spot, flaw.value),
            refusal(cases.operation, &[400, 422]),
        );
    }
    if takes_login(cases.operation) {
        return;
    }
    for edge in edges(requests.checker, &body.schema, value, "body") {
        if as_text && edge.spot.0.len() != 1 {
            continue;
        }
        cases.add(
            Kind::Edge,
            format!("accepts {}", edge.says),
            Send::BodyChange(edge.spot, Some(edge.value)),
            success(cases.operation),
        );
    }
}

/// Forms and parameters are text on the wire: a number sent for a text is a
/// text, and there is no null.
fn survives_as_text(flaw: &Flaw) -> bool {
    flaw.spot.0.len() <= 1
        && flaw.breaks != Breaks::Null
        && flaw.value.as_ref().is_none_or(|value| {
            value.is_string() || (flaw.breaks != Breaks::Type && !value.is_object())
        })
}

pub fn parameters(cases: &mut Cases<'_>, requests: &Requests<'_>) {
    for parameter in &cases.operation.parameters {
        if parameter.place == In::Path {
            path_parameter(cases, requests, parameter);
            continue;
        }
        let set = |value| Send::Parameter(parameter.place, parameter.name.clone(), value);
        let refused: &[u16] = match parameter.name.to_ascii_lowercase().as_str() {
            // A missing precondition has a status of its own.
            "if-match" => &[428, 400, 412],
            _ => &[400, 422],
        };
        if parameter.required {
            cases.add(
                Kind::Required,
                format!(
                    "refuses a request without the {} `{}`",
                    parameter.place.in_words(),
                    parameter.name
                ),
                set(None),
                refusal(cases.operation, refused),
            );
        }
        let Some(value) = example_of(requests.checker, parameter) else {
            continue;
        };
        for flaw in flaws(requests.checker, &parameter.schema, &value, &parameter.name) {
            let broken = match flaw.spot.0.as_slice() {
                // On the wire a list of nothing is nothing, and whatever is
                // sent is a list of it.
                [] if value.is_array() || value.is_object() => continue,
                [] => flaw.value.clone(),
                [Step::Item(_)] if flaw.value.is_some() => {
                    Some(flaw.spot.put(&value, flaw.value.as_ref()))
                }
                _ => continue,
            };
            if survives_as_text(&flaw) && is_short(parameter, broken.as_ref()) {
                cases.add(
                    kind(flaw.breaks),
                    format!("refuses a request where {}", flaw.says),
                    set(broken),
                    refusal(cases.operation, refused),
                );
            }
        }
        for edge in edges(requests.checker, &parameter.schema, &value, &parameter.name) {
            if edge.spot.0.is_empty() && !edge.value.is_array() {
                cases.add(
                    Kind::Edge,
                    format!("accepts {}", edge.says),
                    set(Some(edge.value)),
                    success(cases.operation),
                );
            }
        }
    }
}

/// Headers and URLs have limits of their own, which are not what is tested; an
/// empty value may be taken for none.
fn is_short(parameter: &Parameter, value: Option<&Value>) -> bool {
    match value {
        Some(Value::String(text)) => {
            text.len() <= 2_000 && (parameter.place == In::Query || !text.is_empty())
        }
        Some(Value::Array(items)) => items.iter().all(|item| is_short(parameter, Some(item))),
        _ => true,
    }
}

/// An id of the wrong form: whether it is refused as invalid or as unknown is
/// the service's to choose.
fn path_parameter(cases: &mut Cases<'_>, requests: &Requests<'_>, parameter: &Parameter) {
    let Some(value) = example_of(requests.checker, parameter) else {
        return;
    };
    let found = flaws(requests.checker, &parameter.schema, &value, &parameter.name);
    let wrong = found.into_iter().find(|flaw| {
        flaw.spot.0.is_empty()
            && matches!(flaw.breaks, Breaks::Type | Breaks::Format | Breaks::Pattern)
            && flaw
                .value
                .as_ref()
                .and_then(Value::as_str)
                .is_some_and(|text| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
    });
    if let Some(flaw) = wrong {
        cases.add(
            Kind::Format,
            format!("refuses a request where {}", flaw.says),
            Send::Parameter(In::Path, parameter.name.clone(), flaw.value),
            refusal(cases.operation, &[400, 404, 422]),
        );
    }
}

/// An id of the right form that nothing has.
pub fn unknown_id(checker: &Checker<'_>, schema: Option<&Value>) -> Option<Value> {
    let candidates = [
        json!("does-not-exist"),
        json!("00000000-0000-4000-8000-000000000000"),
        json!(999_999_999),
        json!(999_999),
        json!("999999999"),
        json!("000000000000000000000000"),
    ];
    let Some(schema) = schema else {
        return candidates.into_iter().next();
    };
    let judge = checker.judge(schema)?;
    candidates
        .into_iter()
        .find(|value| judge.accepts(value) == Some(true))
        .or_else(|| {
            // What its pattern describes is unlikely to be anything's id,
            // unless the document gives it as an example.
            let examples = checker.schemas.resolve(schema).get("examples");
            Examples::new(checker)
                .valid(schema, "unknown", None, Wanted::Required)
                .ok()
                .filter(|_| examples.is_none())
                .filter(|value| value.as_str().is_some_and(|text| text.len() >= 6))
        })
}
