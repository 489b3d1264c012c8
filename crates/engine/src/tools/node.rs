//! Node.js and the pinned Playwright.

use std::fs;

use tokio::process::Command;

use super::find::program;
use super::installer::{Package, install_package, run};
use super::setup::{Report, SetupError};
use super::{Tools, playwright};

pub async fn install_node(report: &mut Report<'_>) -> Result<(), SetupError> {
    let too_old = || SetupError::ByHand {
        what: "Node.js 20 or newer",
        todo: "get it from https://nodejs.org and run this again".to_owned(),
    };
    if program("node", &[]).is_some() {
        return Err(too_old());
    }
    install_package(Package::Node, report).await?;
    // A distribution's own may be old.
    let node = program("node", &[]).filter(|node| playwright::is_new_enough(node));
    node.map(drop).ok_or_else(too_old)
}

/// `npm ci` from the embedded lock, beside the home and then moved into place:
/// a server that is running keeps what it has.
pub async fn install_playwright(tools: &Tools, report: &mut Report<'_>) -> Result<(), SetupError> {
    let by_hand = |todo: &str| SetupError::ByHand {
        what: "Playwright",
        todo: todo.to_owned(),
    };
    let node = tools
        .node
        .as_ref()
        .ok_or_else(|| by_hand("it needs Node.js 20 or newer first"))?;
    let beside = node.parent().unwrap_or(&tools.home);
    let npm = program("npm", &[beside]).ok_or_else(|| by_hand("install npm and run this again"))?;

    let target = playwright::package_dir(&tools.home);
    let written = |source| SetupError::Write {
        path: target.clone(),
        source,
    };
    fs::create_dir_all(&tools.home).map_err(written)?;
    let draft = tempfile::Builder::new()
        .prefix(".playwright-")
        .tempdir_in(&tools.home)
        .map_err(written)?;
    fs::write(draft.path().join("package.json"), playwright::PACKAGE).map_err(written)?;
    fs::write(draft.path().join("package-lock.json"), playwright::LOCK).map_err(written)?;

    report.doing(&format!(
        "installing Playwright {} with npm",
        playwright::version()
    ));
    let mut npm = Command::new(npm);
    npm.current_dir(draft.path());
    npm.args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--prefer-offline",
    ]);
    run(&mut npm, report).await?;
    if target.exists() {
        // Half an installation, or another version under this name.
        fs::remove_dir_all(&target).map_err(written)?;
    }
    fs::rename(draft.keep(), &target).map_err(written)
}
