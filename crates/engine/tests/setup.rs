//! Setting up a home from nothing, with the real npm and what this machine has.

#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use qualitymax_engine::tools::{Progress, Step, Tools, setup_in};

#[tokio::test]
async fn an_empty_home_is_set_up_and_found_ready_the_next_time() {
    let home = tempfile::tempdir().unwrap();
    assert!(Tools::find_in(home.path()).node_modules.is_none());

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

#[tokio::test]
async fn a_home_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("file/home");
    std::fs::write(dir.path().join("file"), "").unwrap();
    let refused = setup_in(&home, &mut |_| {}).await.unwrap_err();
    assert!(refused.to_string().contains("file/"), "{refused}");
}
