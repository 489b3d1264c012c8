//! The programs that the engine stands on: Node with Playwright, a browser,
//! ffmpeg, Semgrep, Bandit. Where each is, and how to get what is missing.

mod browser;
mod find;
mod installer;
mod node;
pub mod playwright;
pub mod python;
mod setup;

use std::path::PathBuf;

use contract::types;

pub use setup::{Progress, SetupError, Step, setup, setup_in};

/// Where the programs are. What is `None` was not found.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Tools {
    /// Holds what the project itself installs.
    pub home: PathBuf,
    pub node: Option<PathBuf>,
    /// A `node_modules` with `@playwright/test` of the pinned version.
    pub node_modules: Option<PathBuf>,
    pub chromium: Option<PathBuf>,
    /// What `PLAYWRIGHT_BROWSERS_PATH` is set to: holds Playwright's ffmpeg.
    pub browsers: Option<PathBuf>,
    /// Where Playwright's own browsers may be: `setup` installs to another
    /// place than `npx playwright install` does.
    #[serde(skip)]
    pub browser_dirs: Vec<PathBuf>,
    pub semgrep: Option<PathBuf>,
    pub bandit: Option<PathBuf>,
}

/// Why a program can't be used; each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ToolsError {
    #[error(
        "{what} is missing on this deployment; its operator can install it with `qualitymax setup`"
    )]
    Missing { what: &'static str },
    #[error(
        "{browser} is not installed on this deployment; its operator can install it, as \
         the user that the server runs as, with `npx playwright@{version} install --with-deps {browser}`"
    )]
    Browser {
        browser: types::Browser,
        version: String,
    },
    #[error(
        "options.headless is false, but this deployment has no display; its operator can start it \
         under `xvfb-run`"
    )]
    NoDisplay,
    #[error("the tools' directory {dir} can't be written: {source}", dir = dir.display())]
    Home {
        dir: PathBuf,
        source: std::io::Error,
    },
}
