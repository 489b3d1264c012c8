//! What the operations of the Partner API do. There is no HTTP server in here.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod api_tests;
mod artifacts;
mod backlog;
pub mod browser;
mod child;
pub mod egress;
mod engine;
pub mod execution;
pub mod gap;
pub mod job;
pub mod llm;
pub mod partner;
pub mod project;
pub mod repository;
mod sarif;
pub mod sast;
mod seal;
mod store;
pub mod test_cases;
mod test_file;
#[cfg(test)]
mod testing;
pub mod tools;

pub use engine::{Config, Engine, OpenError, Refused};
