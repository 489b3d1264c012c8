//! The binary itself: its commands, its signals, its logs, and the callback
//! that reaches a partner.
#![allow(clippy::unwrap_used)]

mod callback;
mod commands;
mod lifecycle;

use std::path::Path;

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_qualitymax"))
}
