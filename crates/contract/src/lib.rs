//! The contract as Rust: generated from `openapi.json`, with the few pieces
//! that the generated code stands on.
//!
//! - [`types`]: the wire's types, generated.
//! - [`Validated`]: parsing that holds a body against its authored schema.
//! - `PartnerApi` and `OPERATIONS` (feature `server`): the trait that every
//!   implementation of the API fills in, and what the document says of each
//!   operation, generated.
//! - `ApiError`, `JsonBody` (feature `server`): the one error shape, and a body
//!   that is read only after its sender was checked.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod validation;

pub use validation::{Invalid, Validated};

/// The wire's types.
#[rustfmt::skip]
#[allow(clippy::all, clippy::unwrap_used, missing_docs, unused_qualifications)]
#[path = "generated/types.rs"]
pub mod types;

#[cfg(feature = "server")]
mod body;
#[cfg(feature = "server")]
mod error;
#[cfg(feature = "server")]
mod operation;
#[cfg(feature = "server")]
mod schema;

#[cfg(feature = "server")]
#[allow(clippy::all, unused_qualifications)]
#[path = "generated/api.rs"]
mod api;

#[cfg(feature = "server")]
pub use api::*;
#[cfg(feature = "server")]
pub use body::{JsonBody, RawBody};
#[cfg(feature = "server")]
pub use error::{ApiError, Challenge};
#[cfg(feature = "server")]
pub use operation::{Operation, RateClass, RateLimit};

/// `openapi.json`, as authored.
pub const DOCUMENT: &str = include_str!("../../../openapi.json");
