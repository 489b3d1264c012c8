//! Setting up a home from nothing, with the real npm and what this machine has.
//! Semgrep and Bandit are half a gigabyte: `cargo xtask setup`, which runs before
//! the tests, has installed them, and this home takes them from there. How they
//! are installed is tested beside that, on a small package.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::time::{Duration, Instant};

use qualitymax_engine::tools::{Progress, Step, Tools, setup, setup_in};

#[tokio::test]
async fn an_empty_home_is_set_up_and_found_ready_the_next_time() {
    let home = tempfile::tempdir().unwrap();
    assert!(Tools::find_in(home.path()).node_modules.is_none());
    take_engines(home.path()).await;

    let mut installed = Vec::new();
    let tools = setup_in(home.path(), &mut |progress| {
        if let Progress::Installed { step, .. } = progress {
            installed.push(step);
        }
    })
    .await
    .unwrap();
    assert!(installed.contains(&Step::Playwright));
    let node_modules = tools.node_modules.unwrap();
    assert!(node_modules.starts_with(home.path()));
    assert!(node_modules.join("@playwright/test/cli.js").is_file());
    assert!(tools.chromium.is_some() && tools.browsers.is_some());
    assert!(!installed.contains(&Step::Engines));
    let (semgrep, bandit) = (tools.semgrep.unwrap(), tools.bandit.unwrap());
    assert!(semgrep.starts_with(home.path()) && bandit.starts_with(home.path()));

    let again = Instant::now();
    let mut found = Vec::new();
    setup_in(home.path(), &mut |progress| match progress {
        Progress::Found { step, .. } => found.push(step),
        other => panic!("{other:?}"),
    })
    .await
    .unwrap();
    assert_eq!(found, Step::ALL);
    assert!(again.elapsed() < Duration::from_secs(1));
}

/// Links the environment that this machine has, and installs it where it has none.
async fn take_engines(home: &Path) {
    let mut own = Tools::find();
    if own.semgrep.is_none() {
        own = setup(&mut |_| {}).await.unwrap();
    }
    let semgrep = own.semgrep.unwrap();
    let environment = semgrep.ancestors().nth(2).unwrap();
    let link = home.join(environment.file_name().unwrap());
    std::os::unix::fs::symlink(environment, link).unwrap();
}

#[tokio::test]
async fn a_home_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("file/home");
    std::fs::write(dir.path().join("file"), "").unwrap();
    let refused = setup_in(&home, &mut |_| {}).await.unwrap_err();
    assert!(refused.to_string().contains("file/"), "{refused}");
}
