//! Examples are valid by the schemas that they illustrate, and the golden
//! bodies, taken from the published documentation, are among them.

use std::path::Path;

use anyhow::{Context, Result};
use jsonschema::{Draft, Keyword, ValidationError, Validator};
use serde_json::{Value, json};

use super::Problem;
use crate::document::{entries, escape, walk};
use crate::generate::{convert, json_schema};
use crate::process::workspace;

/// A value in the document and the schema that it has to meet.
pub struct Example<'a> {
    pub pointer: String,
    pub schema: &'a Value,
    pub value: &'a Value,
}

/// A file in `fixtures/golden/`, and the schema it is named after.
pub struct GoldenBody {
    pub file: String,
    pub schema: String,
    pub value: Value,
}

/// Of media types, parameters, headers and schemas; defaults too.
pub fn examples(document: &Value) -> Vec<Example<'_>> {
    let mut found = Vec::new();
    walk(document, &mut |at, value| {
        let own = at.contains("/schemas/").then_some(value);
        let schema = value
            .get("schema")
            .or(own)
            .filter(|schema| schema.is_object());
        let Some(schema) = schema else { return };
        for key in ["example", "default"] {
            if let Some(value) = value.get(key) {
                found.push(Example {
                    pointer: format!("{at}/{key}"),
                    schema,
                    value,
                });
            }
        }
        for (name, example) in value.get("examples").into_iter().flat_map(entries) {
            let pointer = format!("{at}/examples/{}/value", escape(name));
            found.push(Example {
                pointer,
                schema,
                value: &example["value"],
            });
        }
    });
    found
}

pub fn golden_bodies() -> Result<Vec<GoldenBody>> {
    let dir = workspace().join("fixtures/golden");
    let mut bodies = std::fs::read_dir(&dir)
        .with_context(|| format!("{} can't be read", dir.display()))?
        .map(|entry| read_golden(&entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    bodies.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(bodies)
}

/// `webhook-request.json` is a `WebhookRequest`.
fn read_golden(path: &Path) -> Result<GoldenBody> {
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    let capitalised = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    };
    Ok(GoldenBody {
        file: format!("fixtures/golden/{stem}.json"),
        schema: match stem {
            "callback" => "CallbackPayload".to_owned(),
            stem => stem.split('-').map(capitalised).collect(),
        },
        value: serde_json::from_slice(&std::fs::read(path)?)
            .with_context(|| format!("{} is not JSON", path.display()))?,
    })
}

pub fn check(
    document: &Value,
    examples: &[Example<'_>],
    bodies: &[GoldenBody],
) -> Result<Vec<Problem>> {
    let definitions = json_schema(document)?["definitions"].take();
    let mut problems = Vec::new();
    let mut hold = |at: &str, schema: &Value, value: &Value| -> Result<()> {
        let validator = validator(schema, &definitions).with_context(|| at.to_owned())?;
        for error in validator.iter_errors(value) {
            problems.push(Problem::new(
                format!("{at}{}", error.instance_path()),
                format!("is not valid: {error}"),
                "correct the example, or the schema where the schema is wrong",
            ));
        }
        Ok(())
    };
    for example in examples {
        hold(&example.pointer, example.schema, example.value)?;
    }
    for body in bodies {
        let reference = json!({ "$ref": format!("#/components/schemas/{}", body.schema) });
        if definitions.get(&body.schema).is_none() {
            continue;
        }
        hold(&body.file, &reference, &body.value)?;
    }
    for body in bodies {
        let reference = format!("#/components/schemas/{}", body.schema);
        let shown = |example: &&Example<'_>| {
            example.schema["$ref"] == reference && *example.value == body.value
        };
        let (says, fix) = if definitions.get(&body.schema).is_none() {
            (
                format!("there is no schema {}", body.schema),
                "name the file after the schema that it is a body of",
            )
        } else if examples.iter().find(shown).is_none() {
            (
                format!("is none of the examples of {}", body.schema),
                "show it in openapi.json as the source prints it",
            )
        } else {
            continue;
        };
        problems.push(Problem::new(&body.file, says, fix));
    }
    Ok(problems)
}

fn validator(schema: &Value, definitions: &Value) -> Result<Validator> {
    let mut schema = convert(schema);
    schema["definitions"] = definitions.clone();
    jsonschema::options()
        .with_draft(Draft::Draft7)
        .should_validate_formats(true)
        .with_keyword("x-max-bytes", |_, limit, _| {
            let limit = limit.as_u64().unwrap_or(0);
            Ok(Box::new(Rule(move |value: &Value| {
                value.to_string().len() as u64 <= limit
            })))
        })
        .with_keyword("x-exactly-one-of", |_, names, _| {
            let names: Vec<String> = serde_json::from_value(names.clone()).unwrap_or_default();
            Ok(Box::new(Rule(move |value: &Value| {
                names
                    .iter()
                    .filter(|name| value.get(name.as_str()).is_some())
                    .count()
                    == 1
            })))
        })
        .build(&schema)
        .map_err(|error| anyhow::anyhow!("a schema does not compile: {error}"))
}

/// What JSON Schema can't say; the contract's own validator words it better.
struct Rule<F>(F);

impl<'i, F: Fn(&Value) -> bool + Send + Sync> Keyword<'i> for Rule<F> {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            return Ok(());
        }
        Err(ValidationError::custom(
            "an x- keyword of the contract does not hold",
        ))
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        (self.0)(instance)
    }
}

/// A golden body by its file's name, for tests elsewhere.
#[cfg(test)]
pub fn golden_body(file: &str) -> Result<Value> {
    Ok(read_golden(&workspace().join("fixtures/golden").join(file))?.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;

    fn problems(edit: impl Fn(&mut Value), golden: &mut [GoldenBody]) -> Vec<String> {
        let mut document = document::contract().unwrap();
        edit(&mut document);
        let found = check(&document, &examples(&document), golden).unwrap();
        found.into_iter().map(|problem| problem.at).collect()
    }

    #[test]
    fn the_contract_s_examples_and_the_golden_bodies_are_valid() {
        assert_eq!(
            problems(|_| (), &mut golden_bodies().unwrap()),
            Vec::<String>::new()
        );
    }

    #[test]
    fn an_example_that_its_schema_refuses_is_named() {
        const BODY: &str = "/paths/~1api~1webhooks~1{partner_slug}/post/requestBody/content/application~1json/examples";
        let cases = [
            ("/full/value/options/browser", json!("netscape")),
            ("/minimal/value/url", json!(7)),
            (
                "/full/value/custom_data",
                json!({ "long": "x".repeat(5000) }),
            ),
        ];
        for (at, value) in cases {
            let at = format!("{BODY}{at}");
            let found = problems(
                |document| *document.pointer_mut(&at).unwrap() = value.clone(),
                &mut [],
            );
            assert_eq!(found, [at]);
        }
        let default = "/components/schemas/WebhookOptions/properties/quality_threshold/default";
        let found = problems(
            |document| *document.pointer_mut(default).unwrap() = json!(101),
            &mut [],
        );
        assert_eq!(found, [default]);
    }

    #[test]
    fn a_golden_body_is_held_against_the_schema_that_it_is_named_after() {
        let mut bodies = golden_bodies().unwrap();
        let body = |bodies: &mut Vec<GoldenBody>, file: &str| -> usize {
            bodies
                .iter()
                .position(|body| body.file.ends_with(file))
                .unwrap()
        };
        let report = body(&mut bodies, "/job-report.json");
        bodies[report].value["job"]["quality_score"] = json!(101);
        let found = problems(|_| (), &mut bodies);
        let file = "fixtures/golden/job-report.json";
        assert_eq!(
            found,
            [format!("{file}/job/quality_score"), file.to_owned()]
        );
        bodies[report].schema = "Unheard".to_owned();
        assert_eq!(problems(|_| (), &mut bodies), [file]);
    }
}
