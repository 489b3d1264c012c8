//! For each operation, a request that the service should accept: values for
//! what it requires, and where the ids come from of things that have to exist.

mod names;
mod resource;

use std::collections::HashMap;

use serde_json::Value;

use names::owner;
pub use names::{environment, identifier, noun, plain, singular, words};
pub use resource::{Resource, Source};

use super::document::{
    ApiDocument, Credential, Encoding, In, Method, Operation, Parameter, SecurityScheme,
};
use super::schema::{Checker, Examples, Spot, Step, Wanted, names_an_id};

/// Stands in a text for something that is different in each run. A private-use
/// character: in a document it means nothing.
pub const UNIQUE: char = '\u{F8F0}';

/// What a request is made of, for every operation.
pub struct Requests<'d> {
    pub document: &'d ApiDocument,
    pub checker: &'d Checker<'d>,
    /// Things that requests need to exist, in the order in which they can be
    /// made.
    pub resources: Vec<Resource>,
    requests: HashMap<usize, Request>,
}

/// How a request gets a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    Value(Value),
    /// A field of a resource: index, and path into its representation.
    Field(usize, Vec<String>),
    /// What the person who runs the test names: an environment variable.
    Given(String),
}

/// A request that should succeed.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Every path parameter, in the path's order.
    pub path: Vec<(String, Bound)>,
    /// Required parameters.
    pub query: Vec<(String, Bound)>,
    pub headers: Vec<(String, Bound)>,
    pub cookies: Vec<(String, Bound)>,
    pub body: Option<BodyValue>,
    /// Names of the schemes whose credentials are sent.
    pub credentials: Vec<String>,
    /// Why there is no complete request, where there is none.
    pub lacks: Option<String>,
}

#[derive(Clone, Debug)]
pub struct BodyValue {
    pub encoding: Encoding,
    pub media_type: String,
    /// Valid, with stand-ins for what `bound` fills in. Texts may hold
    /// [`UNIQUE`].
    pub value: Value,
    /// Properties that hold another thing's id.
    pub bound: Vec<(String, Bound)>,
}

impl BodyValue {
    /// As the schema sees it: every stand-in replaced.
    pub fn plain(&self) -> Value {
        without_marks(&self.value)
    }
}

/// Replaces [`UNIQUE`] by what it will look like.
pub fn without_marks(value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains(UNIQUE) => {
            Value::from(text.replace(UNIQUE, "a1b2c3d4"))
        }
        Value::Array(items) => items.iter().map(without_marks).collect(),
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| (name.clone(), without_marks(value)))
            .collect(),
        other => other.clone(),
    }
}

impl<'d> Requests<'d> {
    /// For these operations, and for what makes the things that they need.
    pub fn plan(document: &'d ApiDocument, checker: &'d Checker<'d>, operations: &[usize]) -> Self {
        let mut by_name = HashMap::new();
        let mut collections = HashMap::new();
        for (index, operation) in document.operations.iter().enumerate() {
            let path = operation.path.as_str();
            by_name.insert((operation.method, path), index);
            if !path.contains('{') {
                collections.entry(plain(&noun(path))).or_insert(path);
            }
        }
        let mut planner = Planner {
            document,
            checker,
            by_name,
            collections,
            resources: Vec::new(),
            known: HashMap::new(),
            requests: HashMap::new(),
            depth: 0,
        };
        for index in operations {
            planner.request(*index);
        }
        Self {
            document,
            checker,
            resources: planner.resources,
            requests: planner
                .requests
                .into_iter()
                .filter_map(|(index, request)| Some((index, request?)))
                .collect(),
        }
    }

    /// Of one of the operations that were planned for.
    pub fn of(&self, operation: usize) -> &Request {
        &self.requests[&operation]
    }

    pub fn scheme(&self, name: &str) -> Option<&'d SecurityScheme> {
        self.document
            .security_schemes
            .iter()
            .find(|scheme| scheme.name == name)
    }
}

struct Planner<'d> {
    document: &'d ApiDocument,
    checker: &'d Checker<'d>,
    by_name: HashMap<(Method, &'d str), usize>,
    /// Paths without parameters, by what their members are called.
    collections: HashMap<String, &'d str>,
    resources: Vec<Resource>,
    /// Index of a collection's resource, where one was found.
    known: HashMap<String, usize>,
    /// None: is being planned.
    requests: HashMap<usize, Option<Request>>,
    /// Requests being planned, each for the sake of the one before.
    depth: usize,
}

/// Things that need things that need things.
const MAX_CHAIN: usize = 6;

impl<'d> Planner<'d> {
    /// The operation's request; None while it is being planned (it would need
    /// itself), or where too much would have to exist before.
    fn request(&mut self, index: usize) -> Option<&Request> {
        if !self.requests.contains_key(&index) {
            if self.depth == MAX_CHAIN {
                return None;
            }
            self.depth += 1;
            self.requests.insert(index, None);
            let request = self.plan_request(index);
            self.requests.insert(index, Some(request));
            self.depth -= 1;
        }
        self.requests.get(&index)?.as_ref()
    }

    fn plan_request(&mut self, index: usize) -> Request {
        let document = self.document;
        let operation = &document.operations[index];
        let mut request = Request::default();
        self.credentials(operation, &mut request);
        for name in path_parameters(&operation.path) {
            let bound = self.path_value(index, operation, name);
            request.path.push((name.to_owned(), bound));
        }
        for parameter in operation.parameters.iter().filter(|it| it.required) {
            let list = match parameter.place {
                In::Path => continue,
                In::Query => &mut request.query,
                In::Header => &mut request.headers,
                In::Cookie => &mut request.cookies,
            };
            match example_of(self.checker, parameter) {
                Some(value) => list.push((parameter.name.clone(), Bound::Value(value))),
                None => {
                    request.lacks = Some(format!(
                        "no value could be found for the parameter `{}`",
                        parameter.name
                    ));
                }
            }
        }
        self.body(index, operation, &mut request);
        request
    }

    /// The first alternative whose credentials can be written into a request.
    fn credentials(&self, operation: &Operation, request: &mut Request) {
        let document = self.document;
        let writable = |name: &String| {
            document
                .security_schemes
                .iter()
                .any(|it| &it.name == name && !matches!(it.credential, Credential::Other(_)))
        };
        match operation
            .security
            .iter()
            .find(|alternative| alternative.iter().all(writable))
        {
            Some(alternative) => request.credentials.clone_from(alternative),
            None if operation.security.is_empty() => {}
            None => {
                request.lacks = Some("its credentials can't be written into a request".to_owned());
            }
        }
    }

    fn path_value(&mut self, index: usize, operation: &'d Operation, name: &str) -> Bound {
        let parameter = operation
            .parameters
            .iter()
            .find(|it| it.place == In::Path && it.name == name);
        let schema = parameter.map(|it| self.document.schemas.resolve(&it.schema));
        let closed = schema.is_some_and(|it| it.get("enum").or(it.get("const")).is_some());
        let example = |planner: &Self| parameter.and_then(|it| example_of(planner.checker, it));
        if closed && let Some(value) = example(self) {
            return Bound::Value(value);
        }
        let collection = operation
            .path
            .split(&format!("/{{{name}}}"))
            .next()
            .unwrap_or_default();
        if let Some(bound) = self.field(collection, name, Some(operation))
            && !self.would_make_itself(index, &bound)
        {
            return bound;
        }
        let is_dated = schema.is_some_and(|it| it.get("format").is_some_and(|it| it == "date"));
        let says_one = parameter.is_some_and(|it| it.example.is_some());
        if (says_one || is_dated)
            && let Some(value) = example(self)
        {
            return Bound::Value(value);
        }
        Bound::Given(environment(&format!("{} {name}", noun(collection))))
    }

    fn would_make_itself(&self, index: usize, bound: &Bound) -> bool {
        let Bound::Field(resource, _) = bound else {
            return false;
        };
        self.resources[*resource].source.operation() == index
    }

    fn body(&mut self, index: usize, operation: &'d Operation, request: &mut Request) {
        let Some(body) = &operation.body else { return };
        if body.encoding == Encoding::Opaque {
            if body.required {
                request.lacks = Some(format!("no example of {} can be written", body.media_type));
            }
            return;
        }
        let found = Examples::new(self.checker).valid(
            &body.schema,
            "body",
            body.example.as_ref(),
            Wanted::Required,
        );
        let value = match found {
            Ok(value) => value,
            Err(reason) => {
                if body.required {
                    request.lacks = Some(format!("its body could not be written: {reason}"));
                }
                return;
            }
        };
        let mut body_value = BodyValue {
            encoding: body.encoding,
            media_type: body.media_type.clone(),
            value,
            bound: Vec::new(),
        };
        self.bind_ids(index, &mut body_value);
        if operation.method == Method::Post && operation.response(409).is_some() {
            make_unique(self.checker, &body.schema, &mut body_value);
        }
        request.body = Some(body_value);
    }

    /// `customerId` is the id of what `POST /customers` makes.
    fn bind_ids(&mut self, index: usize, body: &mut BodyValue) {
        let Some(object) = body.value.as_object() else {
            return;
        };
        for name in object.keys().cloned().collect::<Vec<_>>() {
            let Some(noun) = owner(&name).filter(|_| names_an_id(&name)) else {
                continue;
            };
            let Some(collection) = self.collections.get(&plain(&noun)).copied() else {
                continue;
            };
            if let Some(bound @ Bound::Field(resource, _)) = self.field(collection, "id", None)
                && !self.would_make_itself(index, &bound)
                && self.resources[resource].needs.is_empty()
            {
                body.bound.push((name, bound));
            }
        }
    }
}

/// Names in braces, in order.
pub fn path_parameters(path: &str) -> Vec<&str> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

/// Marks the text that tells one thing from another, so that making it a second
/// time is no conflict.
fn make_unique(checker: &Checker<'_>, schema: &Value, body: &mut BodyValue) {
    let Some(judge) = checker.judge(schema) else {
        return;
    };
    let Some(object) = body.value.as_object() else {
        return;
    };
    let rank = |name: &str| {
        [
            "email",
            "username",
            "login",
            "slug",
            "handle",
            "sku",
            "code",
            "reference",
            "title",
            "name",
        ]
        .iter()
        .position(|word| plain(name).ends_with(word))
    };
    let mut candidates: Vec<_> = object
        .iter()
        .filter_map(|(name, value)| Some((rank(name)?, name.clone(), value.as_str()?.to_owned())))
        .collect();
    candidates.sort();
    let mut marked = 0;
    for (rank, name, text) in candidates {
        // Titles and names are seldom unique by themselves.
        if marked == 2 || (marked > 0 && rank >= 8) {
            return;
        }
        let text = match text.split_once('@') {
            Some((user, host)) => format!("{user}+{UNIQUE}@{host}"),
            None => format!("{text}-{UNIQUE}"),
        };
        let spot = Spot(vec![Step::Property(name)]);
        let changed = spot.put(&body.value, Some(&Value::from(text)));
        if judge.accepts(&without_marks(&changed)) == Some(true) {
            body.value = changed;
            marked += 1;
        }
    }
}

/// A value that the parameter takes.
pub fn example_of(checker: &Checker<'_>, parameter: &Parameter) -> Option<Value> {
    Examples::new(checker)
        .valid(
            &parameter.schema,
            &parameter.name,
            parameter.example.as_ref(),
            Wanted::Required,
        )
        .ok()
}
