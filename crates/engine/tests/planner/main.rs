//! A generated test passes on a healthy site and fails on a broken one: planned
//! in real Chromium, run by the standard Playwright runner.
#![allow(clippy::unwrap_used)]

mod bench;
mod llm;
mod pages;
mod sites;
mod wordings;
mod words;
