//! A case in a person's words.

use serde_json::Value;

use super::cases::{Case, Kind, Send};
use super::document::{Credential, Encoding, In, Method, Operation};
use super::requests::{BodyValue, Bound, Request, Requests, Source, without_marks};
use super::schema::{Flat, Fuel};
use crate::test_cases::{TestCaseDraft, clipped, one_line};

/// Longest piece of the document, or of a body, that is repeated.
const MAX_QUOTE: usize = 1500;

pub fn draft(requests: &Requests<'_>, case: &Case) -> TestCaseDraft {
    let operation = &requests.document.operations[case.operation];
    let mut tags: Vec<String> = vec![case.kind.tag().to_owned()];
    tags.extend(operation.tags.iter().take(10).cloned());
    if operation.deprecated {
        tags.push("deprecated".to_owned());
    }
    TestCaseDraft {
        title: title(operation, case),
        description: description(operation, case),
        steps: Writer {
            requests,
            operation,
            request: requests.of(case.operation),
            case,
        }
        .steps(),
        expected_results: expected(requests, operation, case),
        category: "api".to_owned(),
        priority: case.priority,
        tags,
    }
}

pub fn title(operation: &Operation, case: &Case) -> String {
    // Room for both within the contract's 500 characters.
    format!(
        "{} {}",
        clipped(&one_line(&operation.name()), 200),
        clipped(&one_line(&case.what), 290)
    )
}

fn description(operation: &Operation, case: &Case) -> String {
    let summary = one_line(if operation.summary.is_empty() {
        &operation.description
    } else {
        &operation.summary
    });
    let why = match case.kind {
        Kind::Succeeds => "The operation does what it is for.",
        Kind::Optional => "Fields that may be left out are taken when they are sent.",
        Kind::Credentials => "Only callers who show who they are get in.",
        Kind::NotFound => "What does not exist is reported as such.",
        Kind::Required => "What the specification requires can't be left out.",
        Kind::Repeated => "The state that the first request leaves behind is respected.",
        Kind::Limit => "A value beyond a limit is refused.",
        Kind::Edge => "A value right at a limit is accepted.",
        Kind::Enum => "Only the values that are listed are accepted.",
        Kind::Type => "A value of another type is refused.",
        Kind::Null => "What has to have a value can't be null.",
        Kind::Malformed => "A request that can't be read is refused, and not half read.",
        Kind::Format => "A value that does not have the form asked for is refused.",
        Kind::MediaType => "Only the media types that are listed are accepted.",
        Kind::Unknown => "A property that the specification does not have is refused.",
        Kind::Documented => {
            "The specification lists this error without saying how it comes about: bring the situation about by hand."
        }
    };
    if summary.is_empty() {
        return why.to_owned();
    }
    let summary = clipped(&summary, MAX_QUOTE);
    format!("{}. {why}", summary.trim_end_matches('.'))
}

fn expected(requests: &Requests<'_>, operation: &Operation, case: &Case) -> String {
    let status = case.expected.statuses.in_words();
    let mut expected = format!("The answer is {status}");
    if let Some(response) = case.expected.response {
        let said = one_line(&operation.responses[response].description);
        if !said.is_empty() {
            expected = format!("{expected}: {}", clipped(&said, MAX_QUOTE));
        }
        if let Some(schema) = &operation.responses[response].schema
            && let Some(names) = required(requests, schema)
        {
            expected = format!(
                "{}. Its JSON body has {names}.",
                expected.trim_end_matches('.')
            );
        }
    }
    if !expected.ends_with('.') {
        expected.push('.');
    }
    match case.kind {
        Kind::Succeeds | Kind::Optional | Kind::Edge => expected,
        Kind::Repeated => format!("The second time: {expected}"),
        _ if operation.method.changes_state() => {
            format!("{expected} Nothing was changed.")
        }
        _ => expected,
    }
}

/// Names of the properties that an answer always has: "`id` and `status`".
fn required(requests: &Requests<'_>, schema: &Value) -> Option<String> {
    let flat = Flat::of(
        &requests.document.schemas,
        &[schema],
        None,
        &mut Fuel(2_000),
    )?;
    let names: Vec<_> = flat
        .required
        .iter()
        .take(12)
        .map(|name| format!("`{}`", one_line(name)))
        .collect();
    match names.split_last()? {
        (only, []) => Some(only.clone()),
        (last, others) => Some(format!("{} and {last}", others.join(", "))),
    }
}

struct Writer<'c> {
    requests: &'c Requests<'c>,
    operation: &'c Operation,
    request: &'c Request,
    case: &'c Case,
}

impl Writer<'_> {
    fn steps(&self) -> Vec<String> {
        let mut steps = Vec::new();
        for (resource, field) in self.case.send.resources(self.requests, self.case.operation) {
            steps.push(self.have(resource, field));
        }
        steps.extend(self.credentials());
        if self.case.send == Send::ByHand {
            let said = self.case.what.split_once(": ").map_or("", |(_, said)| said);
            steps.push(if said.is_empty() {
                "Bring about the situation in which the error is due.".to_owned()
            } else {
                format!("Bring about the situation: {}.", one_line(said))
            });
            steps.push(format!("Send {}.", self.operation.name()));
            return steps;
        }
        steps.push(self.send());
        if self.case.send == Send::Twice {
            steps.push("Send the very same request again.".to_owned());
        }
        steps
    }

    fn credentials(&self) -> Option<String> {
        match self.case.send {
            Send::NoCredentials => return Some("Leave out all credentials.".to_owned()),
            Send::WrongCredentials => {
                return Some("Use credentials of the right form that nobody has.".to_owned());
            }
            _ => {}
        }
        let lacks = |name: &String| matches!(&self.case.send, Send::Without(it) if it == name);
        let named: Vec<_> = self
            .request
            .credentials
            .iter()
            .filter(|name| !lacks(name))
            .filter_map(|name| self.requests.scheme(name))
            .map(|scheme| match &scheme.credential {
                Credential::Bearer => "a valid bearer token".to_owned(),
                Credential::Basic => "a valid user name and password".to_owned(),
                Credential::HeaderKey(name) => format!("a valid key in the header `{name}`"),
                Credential::QueryKey(name) => format!("a valid key in the parameter `{name}`"),
                Credential::CookieKey(name) => format!("a valid cookie `{name}`"),
                Credential::Other(kind) => format!("valid credentials ({kind})"),
            })
            .collect();
        (!named.is_empty()).then(|| format!("Use {}.", named.join(" and ")))
    }

    fn have(&self, resource: usize, field: &[String]) -> String {
        let resource = &self.requests.resources[resource];
        let operation = &self.requests.document.operations[resource.source.operation()];
        let field = field.join(".");
        match resource.source {
            Source::Made { .. } => format!(
                "Have one {} made with {} and note its `{field}`.",
                resource.noun,
                operation.name()
            ),
            Source::Listed { .. } => format!(
                "Take the first {} that {} lists and note its `{field}`.",
                resource.noun,
                operation.name()
            ),
        }
    }

    fn send(&self) -> String {
        let mut details = Vec::new();
        for (place, list) in [
            (In::Query, &self.request.query),
            (In::Header, &self.request.headers),
            (In::Cookie, &self.request.cookies),
        ] {
            let place = place.in_words();
            for (name, bound) in list {
                if let Bound::Value(value) = bound
                    && !matches!(&self.case.send, Send::Parameter(_, changed, _) if changed == name)
                {
                    details.push(format!("{place} `{name}` {}", short(value)));
                }
            }
        }
        match &self.case.send {
            Send::Parameter(place, name, value) => {
                let place = place.in_words();
                details.push(match value {
                    Some(value) => format!("{place} `{name}` {}", short(value)),
                    None => format!("no {place} `{name}`"),
                });
                details.extend(self.body(|body| body.value.clone()));
            }
            Send::Body(value) => details.extend(self.body(|_| value.clone())),
            Send::BodyChange(spot, value) => {
                details.extend(self.body(|body| spot.put(&body.value, value.as_ref())));
            }
            Send::Raw { media_type, text } => {
                details.push(format!("the body `{text}` as {media_type}"));
            }
            Send::NoBody => details.push("no body".to_owned()),
            _ => details.extend(self.body(|body| body.value.clone())),
        }
        let name = self.operation.name();
        match details.len() {
            0 => format!("Send {name}."),
            _ => format!("Send {name} with {}.", details.join(", ")),
        }
    }

    fn body(&self, value: impl Fn(&BodyValue) -> Value) -> Option<String> {
        let body = self.request.body.as_ref()?;
        if self.operation.method == Method::Get {
            return None;
        }
        let kind = match body.encoding {
            Encoding::Json => "the JSON body",
            Encoding::Form | Encoding::Multipart => "the form fields",
            Encoding::Text | Encoding::Opaque => "the body",
        };
        let mut value = without_marks(&value(body));
        // Ids come from the steps before, unless they are what is changed.
        let changed = match &self.case.send {
            Send::BodyChange(spot, _) => Some(spot.label("")),
            _ => None,
        };
        for (name, bound) in &body.bound {
            if let Bound::Field(resource, field) = bound
                && changed.as_deref() != Some(name)
                && let Some(place) = value.get_mut(name)
            {
                let noun = &self.requests.resources[*resource].noun;
                *place = Value::from(format!("<the {noun}'s {}>", field.join(".")));
            }
        }
        Some(format!("{kind} {}", short(&value)))
    }
}

/// JSON, with long texts cut short.
fn short(value: &Value) -> String {
    fn shorten(value: &Value) -> Value {
        match value {
            Value::String(text) if text.chars().count() > 120 => Value::from(format!(
                "{}… ({} characters)",
                text.chars().take(20).collect::<String>(),
                text.chars().count()
            )),
            Value::Array(items) if items.len() > 3 && items.iter().all(|it| *it == items[0]) => {
                vec![
                    shorten(&items[0]),
                    Value::from(format!("… {} of these", items.len())),
                ]
                .into()
            }
            Value::Array(items) => items.iter().take(30).map(shorten).collect(),
            Value::Object(object) => object
                .iter()
                .map(|(name, value)| (name.clone(), shorten(value)))
                .collect(),
            other => other.clone(),
        }
    }
    clipped(&shorten(value).to_string(), MAX_QUOTE)
}
