//! The contract as the suite reads it: operations, schemas, and the clauses of
//! the published documentation that they carry.

use std::sync::LazyLock;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

/// `openapi.json`, as authored.
const TEXT: &str = include_str!("../../openapi.json");

static DOCUMENT: LazyLock<Document> = LazyLock::new(Document::read);

/// What `openapi.json` says.
#[derive(Debug)]
pub struct Document {
    root: Value,
    /// In the document's order.
    pub operations: Vec<Operation>,
    /// In the document's order.
    pub clauses: Vec<Clause>,
}

/// A sentence of the published documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    pub id: String,
    pub says: String,
}

/// One operation, and what the suite has to know to send it.
#[derive(Debug)]
pub struct Operation {
    pub id: String,
    pub method: Method,
    /// With its placeholders in braces.
    pub path: String,
    pub limit: Limit,
    /// The name of the body's schema, where there is a body.
    pub request: Option<String>,
    /// The name of the schema of a successful answer, where it has a body.
    pub answer: Option<String>,
    /// The most bytes of a body, where there is one.
    pub max_body: Option<usize>,
    /// Whether the body has to be signed.
    pub signed: bool,
}

/// So many requests a window, per API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub requests: u32,
    pub window: Duration,
}

impl Limit {
    /// "a minute", or "in 90 s"
    pub fn per(&self) -> String {
        match self.window.as_secs() {
            60 => "a minute".to_owned(),
            seconds => format!("in {seconds} s"),
        }
    }
}

impl Document {
    pub fn get() -> &'static Self {
        &DOCUMENT
    }

    /// `info.version`
    pub fn version(&self) -> &str {
        self.root["info"]["version"].as_str().unwrap_or_default()
    }

    pub fn root(&self) -> &Value {
        &self.root
    }

    pub fn schema(&self, name: &str) -> &Value {
        &self.root["components"]["schemas"][name]
    }

    /// The schema of a property of the schema named `schema`, references followed.
    pub fn property(&'static self, schema: &str, name: &str) -> &'static Value {
        follow(&self.schema(schema)["properties"][name])
    }

    /// The values of the enumeration named `name`, in the document's order.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let values = self.schema(name)["enum"].as_array();
        values
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// What API keys begin with, a format each.
    pub fn key_prefixes(&self) -> Vec<&str> {
        let prefixes = &self.root["components"]["securitySchemes"]["apiKey"]["x-key-prefixes"];
        let prefixes = prefixes.as_array();
        prefixes
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    pub fn operation(&self, id: &str) -> &Operation {
        self.operations
            .iter()
            .find(|operation| operation.id == id)
            .expect("checks name operations of the contract")
    }

    pub fn clause(&self, id: &str) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.id == id)
    }

    /// The JSON pointer to where the clause of this id stands.
    pub fn place(&self, id: &str) -> Option<String> {
        place(&self.root, id)
    }

    /// The ids of the clauses that the schema named `name`, and whatever it
    /// refers to, carries.
    pub fn clauses_of(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        self.collect(self.schema(name), &mut found);
        found
    }

    fn collect(&self, node: &Value, found: &mut Vec<String>) {
        match node {
            Value::Object(object) => {
                for Clause { id, .. } in clauses_at(node) {
                    if !found.contains(&id) {
                        found.push(id);
                    }
                }
                if let Some(target) = object.get("$ref").and_then(Value::as_str) {
                    self.collect(self.schema(schema_name(target)), found);
                }
                for (key, value) in object {
                    if key != "x-clause" && key != "example" {
                        self.collect(value, found);
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(item, found)),
            _ => {}
        }
    }

    fn read() -> Self {
        let root: Value = serde_json::from_str(TEXT).expect("openapi.json is JSON");
        let mut operations = Vec::new();
        for (path, item) in root["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                operations.push(Operation::read(method, path, operation));
            }
        }
        let mut clauses = Vec::new();
        walk(&root, &mut clauses);
        Self {
            root,
            operations,
            clauses,
        }
    }
}

impl Operation {
    fn read(method: &str, path: &str, operation: &Value) -> Self {
        let schema = |content: &Value| {
            content["application/json"]["schema"]["$ref"]
                .as_str()
                .map(|reference| schema_name(reference).to_owned())
        };
        let number = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
        let rate = &operation["x-rate-limit"];
        Self {
            id: operation["operationId"]
                .as_str()
                .expect("every operation has an id")
                .to_owned(),
            method: method
                .to_ascii_uppercase()
                .parse()
                .expect("a path item's keys are methods"),
            path: path.to_owned(),
            limit: Limit {
                requests: number(&rate["requests"]).expect("every operation has a limit"),
                window: Duration::from_secs(
                    number(&rate["window_seconds"])
                        .expect("every limit has a window")
                        .into(),
                ),
            },
            request: schema(&operation["requestBody"]["content"]),
            answer: schema(&operation["responses"]["200"]["content"]),
            max_body: number(&operation["x-max-body-bytes"]).map(|bytes| bytes as usize),
            signed: !operation["security"][0]["partnerSignature"].is_null(),
        }
    }
}

/// The clauses that stand at this very node.
pub fn clauses_at(node: &Value) -> Vec<Clause> {
    let clause = |value: &Value| {
        Some(Clause {
            id: value["id"].as_str()?.to_owned(),
            says: value["says"].as_str()?.to_owned(),
        })
    };
    match &node["x-clause"] {
        Value::Array(items) => items.iter().filter_map(clause).collect(),
        one => clause(one).into_iter().collect(),
    }
}

/// `WebhookRequest` of `#/components/schemas/WebhookRequest`.
pub fn schema_name(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

/// Where `$ref`, alone or in `allOf`, leads.
pub(crate) fn follow(node: &'static Value) -> &'static Value {
    let reference = node["$ref"]
        .as_str()
        .or_else(|| node["allOf"][0]["$ref"].as_str());
    match reference {
        Some(reference) => Document::get().schema(schema_name(reference)),
        None => node,
    }
}

fn place(node: &Value, id: &str) -> Option<String> {
    if clauses_at(node).iter().any(|clause| clause.id == id) {
        return Some(String::new());
    }
    let below = |key: &str, value| Some(format!("/{key}{}", place(value, id)?));
    match node {
        Value::Object(object) => object.iter().find_map(|(key, value)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            below(&key, value)
        }),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| below(&index.to_string(), item))
        }
        _ => None,
    }
}

fn walk(node: &Value, found: &mut Vec<Clause>) {
    match node {
        Value::Object(object) => {
            found.extend(clauses_at(node));
            for (key, value) in object {
                if key != "x-clause" {
                    walk(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
        _ => {}
    }
}
