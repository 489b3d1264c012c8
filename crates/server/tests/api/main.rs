//! The contract over HTTP, as partners meet it. No browser is needed here: jobs
//! are accepted and stored.
#![allow(clippy::unwrap_used)]

mod admission;
mod app;
mod bench;
mod errors;
mod examples;
mod generation;
mod limits;
mod operations;
mod refusals;
