//! API tests from an OpenAPI or Swagger document.

mod cases;
mod document;
mod draft;
mod generate;
mod instructions;
mod read;
mod requests;
mod room;
mod schema;
mod script;

pub use cases::{MAX_CASES, MAX_CASES_PER_OPERATION};
pub use document::{ApiDocument, Dialect, Method, Operation, parse};
pub use generate::{Generated, generate};
pub use instructions::{Aim, Focus, Topic};
pub use read::MAX_BYTES;
pub(crate) use requests::singular;
pub use room::ApiTests;

/// Why a document is refused; the texts are fit to be a `detail`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    #[error("the specification is too large: {bytes} bytes, at most {MAX_BYTES} are read")]
    TooLarge { bytes: usize },
    #[error("the specification is not UTF-8 (byte {byte})")]
    NotUtf8 { byte: usize },
    #[error("the specification is empty")]
    Empty,
    #[error("the specification is not valid {format} (line {line}, column {column})")]
    Malformed {
        format: &'static str,
        line: usize,
        column: usize,
    },
    #[error("the specification has a key twice in one object (line {line}, column {column})")]
    DuplicateKey { line: usize, column: usize },
    #[error("the specification has a key that is no text (line {line}, column {column})")]
    KeyIsNoText { line: usize, column: usize },
    #[error("the specification is more than one YAML document")]
    SeveralDocuments,
    #[error("the specification nests more than {limit} levels deep")]
    TooDeep { limit: usize },
    #[error(
        "the specification expands to more than is read: too many values, aliases or references"
    )]
    Explodes,
    #[error(
        "this is no OpenAPI or Swagger document: neither `openapi` nor `swagger` says its version"
    )]
    NotASpecification,
    #[error("version `{}` is not supported: Swagger 2.0, OpenAPI 3.0 and 3.1 are", shown(.version))]
    UnsupportedVersion { version: String },
    #[error("the specification describes no operations: `paths` is missing or empty")]
    NoOperations,
    #[error("the reference `{}` leads nowhere", shown(.reference))]
    DanglingReference { reference: String },
    #[error("the reference `{}` leads out of the document, and nothing is fetched", shown(.reference))]
    RemoteReference { reference: String },
    #[error("the specification's schemas can't be read together")]
    Schemas,
    #[error("`{}` refers to itself without end", shown(.reference))]
    EndlessReference { reference: String },
}

/// Words of the document, as far as an error message repeats them.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
