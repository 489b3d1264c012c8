//! How much an untested unit matters, by criteria that the report names.

use std::collections::BTreeSet;

use contract::types::GapCategory;

use super::body::{Body, From, Sink};
use super::coverage::Coverage;
use super::index::Index;
use super::link::Endpoint;
use super::topic::{Topic, topics};
use super::units::{Unit, What};

#[derive(Debug)]
pub struct Risk {
    pub score: u32,
    /// The reasons, the weightiest first.
    pub text: String,
    pub topics: BTreeSet<Topic>,
}

impl Risk {
    /// 1 is the most urgent.
    pub fn priority(&self) -> u64 {
        match self.score {
            70.. => 1,
            45.. => 2,
            25.. => 3,
            12.. => 4,
            _ => 5,
        }
    }
}

pub fn assess(
    unit: &Unit<'_>,
    index: &Index<'_>,
    endpoints: &[Endpoint],
    coverage: &Coverage<'_, '_>,
) -> Risk {
    let mut reasons = Reasons::default();
    let mut topics = topics(unit, index, endpoints);
    let empty = Body::default();
    let (body, endpoint) = subject(unit, index, endpoints);
    let body = body.unwrap_or(&empty);
    if let Some(endpoint) = endpoint {
        match endpoint.method.as_str() {
            "DELETE" => {
                topics.insert(Topic::Delete);
                reasons.add(10, "changes state (DELETE)".to_owned());
            }
            "POST" | "PUT" | "PATCH" => {
                reasons.add(15, format!("changes state ({})", endpoint.method));
            }
            _ => {}
        }
    }
    if let What::Flow(_) = unit.what {
        reasons.add(5, "spans several endpoints".to_owned());
    }
    for topic in &topics {
        reasons.add(topic.weight(), topic.says().to_owned());
    }
    inputs(body, &mut reasons);
    if let What::Form { form, .. } = &unit.what {
        let secret = form.fields.iter().any(|field| field.kind == "password");
        if secret {
            reasons.add(20, "takes a password".to_owned());
        }
        let fields = u32::try_from(form.fields.len()).unwrap_or(20);
        if fields > 0 {
            reasons.add(
                (3 * fields).min(15),
                plural(fields, "field to fill in", "fields to fill in"),
            );
        }
    }
    for sink in &body.sinks {
        let where_to = match sink {
            Sink::Sql => "SQL",
            Sink::Shell => "a command line",
            Sink::Path => "a file path",
            Sink::Html => "HTML",
            Sink::Url => "a request of its own",
        };
        if !body.inputs.is_empty() || body.reads_body {
            reasons.add(15, format!("input may reach {where_to}"));
        }
    }
    if let Some(endpoint) = endpoint
        && !endpoint.guarded
        && !topics.contains(&Topic::Auth)
        && endpoint.method != "GET"
    {
        reasons.add(8, "no check of who is asking was found".to_owned());
    }
    let (lines, branches) = size(unit, index, body);
    if lines > 20 || branches > 2 {
        let weight = (lines / 10).min(10) + branches.min(10);
        reasons.add(
            weight,
            format!("{lines} lines, {}", plural(branches, "branch", "branches")),
        );
    }
    if let Some(file) = code_of(unit, endpoints)
        && !coverage.is_touched(file)
    {
        reasons.add(6, format!("no test touches {}", index.files[file].path));
    }
    Risk {
        topics,
        ..reasons.into_risk()
    }
}

/// Whether a missing test of the unit is a matter of security.
pub fn is_security(unit: &Unit<'_>, endpoints: &[Endpoint], risk: &Risk) -> bool {
    match &unit.what {
        What::Endpoint(at) => {
            let endpoint = &endpoints[*at];
            let body = &endpoint.body;
            endpoint.guarded
                || endpoint.method != "GET"
                || !body.inputs.is_empty()
                || risk.topics.contains(&Topic::Admin)
        }
        What::Function(_) | What::Class { .. } => risk.topics.contains(&Topic::Auth),
        What::Page { .. } | What::Form { .. } | What::Flow(_) => false,
    }
}

/// What kind of test is missing: of each unit at most one a category.
pub fn categories(unit: &Unit<'_>, endpoints: &[Endpoint], risk: &Risk) -> Vec<GapCategory> {
    let mut found = match unit.what {
        What::Page { .. } | What::Form { .. } | What::Flow(_) => vec![GapCategory::E2e],
        _ => vec![GapCategory::Integration],
    };
    if is_security(unit, endpoints, risk) {
        found.push(GapCategory::Security);
    }
    found
}

#[derive(Default)]
struct Reasons(Vec<(u32, String)>);

impl Reasons {
    fn add(&mut self, weight: u32, text: String) {
        if weight > 0 {
            self.0.push((weight, text));
        }
    }

    fn into_risk(mut self) -> Risk {
        self.0.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        let texts: Vec<String> = self.0.iter().map(|(_, text)| text.clone()).collect();
        Risk {
            score: self.0.iter().map(|(weight, _)| weight).sum(),
            text: if texts.is_empty() {
                "no test reaches it".to_owned()
            } else {
                texts.join("; ")
            },
            topics: BTreeSet::new(),
        }
    }
}

fn subject<'a>(
    unit: &Unit<'_>,
    index: &'a Index<'_>,
    endpoints: &'a [Endpoint],
) -> (Option<&'a Body>, Option<&'a Endpoint>) {
    match &unit.what {
        What::Endpoint(at) => (Some(&endpoints[*at].body), Some(&endpoints[*at])),
        What::Flow(steps) => {
            let first = steps.first().map(|at| &endpoints[*at]);
            (first.map(|endpoint| &endpoint.body), first)
        }
        What::Form { endpoint, .. } => {
            let endpoint = endpoint.map(|at| &endpoints[at]);
            (None, endpoint)
        }
        What::Function(at) | What::Class { at, .. } => (Some(&index.defined(*at).body), None),
        What::Page { .. } => (None, None),
    }
}

/// The file whose code answers; routes of Rails and markup have none of their own.
fn code_of(unit: &Unit<'_>, endpoints: &[Endpoint]) -> Option<usize> {
    match &unit.what {
        What::Endpoint(at) => Some(endpoints[*at].handler.map_or(unit.file, |at| at.0)),
        What::Function(at) | What::Class { at, .. } => Some(at.0),
        What::Page { .. } | What::Form { .. } | What::Flow(_) => None,
    }
}

fn size(unit: &Unit<'_>, index: &Index<'_>, body: &Body) -> (u32, u32) {
    match &unit.what {
        What::Endpoint(_) => (body.lines, body.branches),
        What::Function(at) | What::Class { at, .. } => {
            (index.defined(*at).definition.lines, body.branches)
        }
        What::Page { .. } | What::Form { .. } | What::Flow(_) => (0, 0),
    }
}

fn inputs(body: &Body, reasons: &mut Reasons) {
    let count = u32::try_from(body.inputs.len()).unwrap_or(20);
    if count == 0 {
        if body.reads_body {
            reasons.add(5, "reads a request body".to_owned());
        }
        return;
    }
    let mut shown: Vec<&str> = body.inputs.keys().map(String::as_str).take(4).collect();
    if count > 4 {
        shown.push("…");
    }
    let file = body.inputs.values().any(|from| *from == From::File);
    reasons.add(
        (4 * count).min(20) + if file { 10 } else { 0 },
        format!("reads input ({})", shown.join(", ")),
    );
}

fn plural(count: u32, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
