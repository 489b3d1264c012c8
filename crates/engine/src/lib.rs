//! What the operations of the Partner API do. There is no HTTP server in here.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod browser;
mod engine;
pub mod execution;
pub mod job;
pub mod partner;
pub mod project;
pub mod repository;
pub mod test_cases;
pub mod tools;

pub use engine::{Config, Engine, OpenError, Refused};
