//! The server `qualitymax`: the contract's trait implemented over the engine,
//! with keys, signatures and rate limits in front of it, files and the report
//! app beside it, and the operator's command line.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod admission;
mod app;
pub mod cli;
mod files;
mod handlers;
mod server;

pub use edge::RateLimits;
pub use server::{Options, Server, StartError};
