//! The test case that a gap brings: steps with the method, path, fields and
//! names of the very unit.

mod endpoint;
mod module;
mod request;
mod sample;
mod screen;
mod security;

use contract::types::{GapCategory, TestCaseRequest};
use serde::Serialize;

use super::index::Index;
use super::link::Endpoint;
use super::risk::Risk;
use super::units::{Unit, What};
use crate::test_cases::clipped;

/// A test to be written; lengths are within the contract's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Case {
    pub title: String,
    pub description: String,
    /// Numbered, one a line.
    pub steps: String,
    pub expected_results: String,
    pub category: GapCategory,
    /// 1 to 5, 1 is the most urgent.
    pub priority: u64,
    pub tags: Vec<String>,
}

impl Case {
    pub fn into_request(self, project_id: i64) -> TestCaseRequest {
        TestCaseRequest {
            project_id,
            title: self.title,
            description: self.description,
            steps: self.steps,
            expected_results: self.expected_results,
            category: self.category.to_string(),
            priority: std::num::NonZeroU64::new(self.priority).unwrap_or(std::num::NonZeroU64::MIN),
            tags: self.tags,
        }
    }
}

/// What a writer of cases looks at.
struct Context<'a, 'f> {
    index: &'a Index<'f>,
    endpoints: &'a [Endpoint],
    unit: &'a Unit<'f>,
    risk: &'a Risk,
}

/// Steps with what each is expected to give.
#[derive(Default)]
struct Script {
    steps: Vec<String>,
    expected: Vec<String>,
}

impl Script {
    /// A step that only leads to others.
    fn step(&mut self, text: impl Into<String>) {
        self.steps.push(text.into());
    }

    fn check(&mut self, step: impl Into<String>, expected: impl Into<String>) {
        self.steps.push(step.into());
        self.expected
            .push(format!("{}. {}", self.steps.len(), expected.into()));
    }
}

pub fn write(
    index: &Index<'_>,
    endpoints: &[Endpoint],
    unit: &Unit<'_>,
    risk: &Risk,
    category: GapCategory,
) -> Case {
    let context = Context {
        index,
        endpoints,
        unit,
        risk,
    };
    let (title, script) = match (&unit.what, category) {
        (What::Endpoint(at), GapCategory::Security) => {
            security::endpoint(&context, &endpoints[*at])
        }
        (What::Endpoint(at), _) => endpoint::integration(&context, &endpoints[*at]),
        (What::Flow(steps), _) => endpoint::flow(&context, steps),
        (What::Page { .. }, _) => screen::page(&context),
        (
            What::Form {
                form,
                path,
                endpoint,
            },
            _,
        ) => screen::form(
            &context,
            form,
            path.as_deref(),
            endpoint.map(|at| &endpoints[at]),
        ),
        (What::Function(at), GapCategory::Security) => module::security(&context, *at),
        (What::Function(at), _) => module::function(&context, *at),
        (What::Class { at, methods }, GapCategory::Security) => {
            module::class(&context, *at, methods, true)
        }
        (What::Class { at, methods }, _) => module::class(&context, *at, methods, false),
    };
    let steps: Vec<String> = script
        .steps
        .iter()
        .enumerate()
        .map(|(at, step)| format!("{}. {step}", at + 1))
        .collect();
    Case {
        title: clipped(&title, 500),
        description: clipped(
            &format!(
                "{} ({}:{}) is reached by no test.{}",
                unit.name,
                index.files[unit.file].path,
                unit.line,
                if risk.score == 0 {
                    String::new()
                } else {
                    format!(" Why it matters: {}.", risk.text)
                }
            ),
            8000,
        ),
        steps: clipped(&steps.join("\n"), 20_000),
        expected_results: clipped(&script.expected.join("\n"), 8000),
        category,
        priority: risk.priority(),
        tags: tags(&context, category),
    }
}

fn tags(context: &Context<'_, '_>, category: GapCategory) -> Vec<String> {
    let kind = match &context.unit.what {
        What::Endpoint(_) => "route",
        What::Page { .. } => "page",
        What::Form { .. } => "form",
        What::Flow(_) => "flow",
        What::Function(_) => "function",
        What::Class { .. } => "class",
    };
    let mut tags = vec!["gap".to_owned(), category.to_string(), kind.to_owned()];
    tags.extend(
        context
            .risk
            .topics
            .iter()
            .map(|topic| format!("{topic:?}").to_lowercase()),
    );
    tags
}

/// `a`, `a and b`, `a, b and c`; at most `most` are named.
fn listed(names: &[String], most: usize) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        _ if names.len() > most => format!(
            "{} and {} more",
            names[..most].join(", "),
            names.len() - most
        ),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}
