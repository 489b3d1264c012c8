//! The real browser, driven by Playwright in a Node worker beside the engine.

pub mod facts;
pub mod locator;
