//! The browser worker against real pages in real Chromium.

#![allow(clippy::unwrap_used)]

#[path = "browser/expectations.rs"]
mod expectations;
#[path = "browser/hostile.rs"]
mod hostile;
#[path = "browser/pages.rs"]
mod pages;
#[path = "browser/served.rs"]
mod served;
#[path = "browser/sites.rs"]
mod sites;
#[path = "browser/worker.rs"]
mod worker;

use std::sync::LazyLock;

use contract::types;
use qualitymax_engine::browser::locator::Locator;
use qualitymax_engine::browser::{Browsers, Credentials, Session, SessionOptions};
use qualitymax_engine::tools::Tools;
use tokio::runtime::Runtime;

/// One runtime and one warm browser for all tests: a worker lives on the
/// runtime that started it.
static SHARED: LazyLock<(Runtime, Browsers)> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime starts");
    let tools = Tools::find();
    assert!(
        tools.node_modules.is_some() && tools.chromium.is_some(),
        "browser tests need what `cargo xtask setup` installs"
    );
    (runtime, Browsers::new(tools))
});

/// Runs a test on the shared runtime.
fn story<T>(test: impl Future<Output = T>) -> T {
    SHARED.0.block_on(test)
}

fn browsers() -> &'static Browsers {
    &SHARED.1
}

fn options(target: &str) -> SessionOptions {
    SessionOptions {
        browser: types::Browser::Chromium,
        headless: true,
        target: target.parse().expect("a URL"),
        proxy: None,
        skip_cookie_consent: false,
        credentials: None,
    }
}

fn signed_in_options(target: &str) -> SessionOptions {
    SessionOptions {
        credentials: Some(Credentials::new("test@example.com", "testpass123")),
        ..options(target)
    }
}

async fn open(target: &str) -> Session {
    browsers()
        .open(options(target))
        .await
        .expect("a session opens")
}

fn role(role: &str, name: impl Into<Option<&'static str>>) -> Locator {
    let name = name.into();
    Locator::Role {
        role: role.to_owned(),
        exact: name.is_some(),
        name: name.map(str::to_owned),
        level: None,
    }
}

fn label(text: &str) -> Locator {
    Locator::Label {
        text: text.to_owned(),
        exact: true,
    }
}
