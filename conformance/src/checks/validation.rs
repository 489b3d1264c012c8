//! What is accepted, and what is refused: for each clause of a request body,
//! bodies that break it and nothing else. A body that is not refused is made as
//! small as it can be.

use futures::FutureExt;
use rand::RngExt;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::check::{Check, Group, Level, Outcome, Stage};
use crate::document::{Document, Operation};
use crate::http::{Answer, Request};
use crate::probe::{Probe, Stop};
use crate::scene::job::DESCRIPTION;
use crate::scene::project::SPECIFICATION;
use crate::strategy::{Draw, Fault, Source, extreme, faults};

/// So many requests are spent on making a failing one smaller.
const SMALLER: usize = 12;

pub(super) fn checks() -> Vec<Check> {
    let mut checks = Vec::new();
    for operation in &Document::get().operations {
        let Some(schema) = operation.request.as_deref() else {
            continue;
        };
        let all = faults(schema);
        let mut clauses: Vec<&str> = all.iter().map(|fault| fault.clause.as_str()).collect();
        clauses.dedup();
        for clause in clauses {
            let some = all.iter().filter(|fault| fault.clause == clause);
            let some: Vec<Fault> = some.cloned().collect();
            checks.push(refusals(operation, schema, clause, some));
        }
        checks.push(acceptance(operation, schema));
    }
    checks
}

/// Each fault of one clause is refused.
fn refusals(
    operation: &'static Operation,
    schema: &'static str,
    clause: &str,
    faults: Vec<Fault>,
) -> Check {
    let whats: Vec<&str> = faults.iter().map(|fault| fault.what.as_str()).collect();
    let proves = format!(
        "{} is answered with 400 where {}.",
        operation.id,
        whats.join(", or ")
    );
    let level = faults.iter().map(|fault| fault.level).min();
    let id = format!("validation.{clause}");
    let mut check = Check::must(
        Group::Validation,
        &id,
        &[clause, "errors.400"],
        &proves,
        move |probe| {
            let faults = faults.clone();
            async move {
                for fault in &faults {
                    refused(probe, operation, schema, fault).await?;
                }
                Ok(())
            }
            .boxed()
        },
    );
    check.level = level.unwrap_or(Level::Should);
    check.stage(Stage::Cases)
}

async fn refused(
    probe: &mut Probe,
    operation: &'static Operation,
    schema: &'static str,
    fault: &Fault,
) -> Outcome {
    let base = base(probe, operation).await?;
    let source = Source::Fault(fault.number);
    let right = |answer: &Answer| is_right(fault, answer);
    let smallest = match smallest(probe, operation, schema, source, &base, right).await? {
        Ok(answer) => {
            probe.detail(&answer);
            return Ok(());
        }
        Err(answer) => answer,
    };
    let expected = format!("400 as {}", fault.what);
    let seen = smallest.summary();
    let request = smallest.request.clone();
    probe.fail(fault.level, &fault.clause, expected, seen, Some(&request));
    Ok(())
}

fn is_right(fault: &Fault, answer: &Answer) -> bool {
    match answer.status {
        StatusCode::BAD_REQUEST => true,
        // Too much may be said to be that.
        StatusCode::PAYLOAD_TOO_LARGE => matches!(fault.keyword, "maxLength" | "x-max-bytes"),
        _ => false,
    }
}

/// Valid bodies are accepted: with every field at its limit, and drawn.
fn acceptance(operation: &'static Operation, schema: &'static str) -> Check {
    let id = format!("validation.{}.valid", operation.id.replace('_', "-"));
    let proves = format!(
        "{} accepts valid bodies: every field at its limit, counted in characters, and whatever is drawn.",
        operation.id
    );
    Check::must(Group::Validation, &id, &[], &proves, move |probe| {
        accepted(probe, operation, schema).boxed()
    })
    .with_schema(schema)
    .stage(Stage::Cases)
}

async fn accepted(
    probe: &mut Probe,
    operation: &'static Operation,
    schema: &'static str,
) -> Outcome {
    let base = base(probe, operation).await?;
    let extremes = extreme(schema, &base);
    let mut all = base.clone();
    for (field, value) in &extremes {
        set(&mut all, schema, &field.path, value.clone());
    }
    let answer = send(probe, operation, &all).await?;
    if !answer.status.is_success() {
        // One by one, to name the clause.
        for (field, value) in &extremes {
            let mut body = base.clone();
            set(&mut body, schema, &field.path, value.clone());
            let answer = send(probe, operation, &body).await?;
            let inferred = ["maxLength", "maximum", "x-max-bytes"]
                .iter()
                .filter(|keyword| !field.node[**keyword].is_null())
                .any(|keyword| field.level(keyword) == Level::Should);
            let expected = format!(
                "a success, as `{}` is at its limit and not beyond",
                field.name()
            );
            let holds = answer.status.is_success();
            match inferred {
                true => probe.should(holds, &field.clause, expected, &answer),
                false => probe.must(holds, &field.clause, expected, &answer),
            };
        }
    }
    let right = |answer: &Answer| answer.status.is_success();
    let drawn = smallest(probe, operation, schema, Source::Valid, &base, right).await?;
    let Err(smallest) = drawn else {
        return Ok(());
    };
    let clause = probe.check.clauses[0].clone();
    let (seen, request) = (smallest.summary(), smallest.request.clone());
    let expected = "a success, as nothing in the body is against the contract";
    probe.fail(Level::Must, &clause, expected, seen, Some(&request));
    Ok(())
}

fn set(body: &mut Value, schema: &str, path: &[&'static str], value: Value) {
    *body = crate::strategy::minimal(schema, body, path);
    let mut at = body;
    for name in path {
        at = &mut at[*name];
    }
    *at = value;
}

/// The smallest body that is accepted, naming what is there.
async fn base(probe: &Probe, operation: &Operation) -> Result<Value, Stop> {
    Ok(match operation.id.as_str() {
        "trigger_test_generation" => json!({
            "url": probe.target()?,
            "feature_description": DESCRIPTION,
            "callback_url": probe.listener()?.inbox(&[]).url,
        }),
        "import_repository" => json!({ "url": probe.import().await?.url }),
        "start_sast_scan" | "start_gap_analysis" => {
            json!({ "repository_id": probe.import().await?.repository })
        }
        "create_test_case" => {
            json!({ "project_id": probe.project().await?, "title": "Conformance" })
        }
        "generate_test_cases" => {
            json!({ "project_id": probe.project().await?, "description": "Test the login", "count": 1 })
        }
        "generate_api_tests" => {
            json!({ "openapi_spec": SPECIFICATION, "project_id": probe.project().await? })
        }
        other => return Err(Stop::skipped(format!("no body is known for {other}"))),
    })
}

async fn send(probe: &Probe, operation: &Operation, body: &Value) -> Result<Answer, Stop> {
    let request = Request::operation(&operation.id, &[&probe.deployment.slug]).json(body);
    probe.send(request).await
}

/// Sends a drawn body: the answer where it is right, else the answer to the
/// smallest body for which it is wrong too.
async fn smallest(
    probe: &Probe,
    operation: &Operation,
    schema: &'static str,
    source: Source,
    base: &Value,
    right: impl Fn(&Answer) -> bool,
) -> Result<Result<Answer, Answer>, Stop> {
    let mut seed = [0_u8; 32];
    let name = format!("{}/{source:?}", probe.check.id);
    probe.random(&name).fill(&mut seed);
    let mut draw = Draw::new(schema, source, base, seed);
    let mut smallest = send(probe, operation, &draw.current()).await?;
    if right(&smallest) {
        return Ok(Ok(smallest));
    }
    let mut more = draw.step(true);
    for _ in 0..SMALLER {
        if !more {
            break;
        }
        let answer = send(probe, operation, &draw.current()).await?;
        let fails = !right(&answer);
        more = draw.step(fails);
        if fails {
            smallest = answer;
        }
    }
    Ok(Err(smallest))
}
