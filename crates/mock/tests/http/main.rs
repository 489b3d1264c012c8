//! The mock as a partner meets it: the binary, over HTTP, and nothing else.
#![allow(clippy::unwrap_used)]

mod admin;
mod bench;
mod contract;
mod examples;
mod faults;
mod happy;
mod hosts;
mod page;
mod receiver;
mod tape;
