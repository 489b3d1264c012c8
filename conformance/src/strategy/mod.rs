//! Requests drawn from `openapi.json`: valid ones, and ones that break exactly
//! one clause.

mod draw;
mod fault;
mod fields;
mod values;

pub(crate) use draw::{Draw, Source};
pub(crate) use fault::{Fault, faults};
pub(crate) use values::{extreme, minimal};

#[cfg(test)]
mod tests;
