//! What a test file reaches: the URLs it calls, the names it uses, the
//! elements it looks for.

mod request;

use std::collections::HashSet;

use request::Reader;

use super::syntax::{Expr, Import, Module};

pub use request::{Request, Target};

#[derive(Debug, Default)]
pub struct Reach {
    pub requests: Vec<Request>,
    pub identifiers: HashSet<String>,
    pub strings: HashSet<String>,
    /// Modules that are replaced by mocks here.
    pub mocked: Vec<String>,
    /// It drives a browser.
    pub browser: bool,
}

/// Of a file that is not `whole`ly a test only what stands in its tests.
pub fn read(module: &Module, whole: bool) -> Reach {
    let mut reach = Reach {
        identifiers: module.identifiers.clone(),
        strings: module.strings.clone(),
        browser: module.imports.iter().any(is_browser_library),
        ..Reach::default()
    };
    let reader = Reader { module };
    let tests = |at: u32| whole || module.test_spans.iter().any(|span| span.contains(&at));
    for call in &module.calls {
        if !tests(call.span.start) {
            continue;
        }
        if matches!(call.name.as_str(), "mock" | "doMock")
            && call.on().is_some_and(|on| matches!(on, "jest" | "vi"))
            && let Some(Expr::Text(mocked)) = call.arg(0)
        {
            reach.mocked.push(mocked.clone());
        }
        reach.browser |= call.on() == Some("cy");
        if let Some(request) = reader.request(call) {
            reach.requests.push(request);
        }
    }
    // A name defined here is not the one that another file exports.
    for definition in &module.definitions {
        if definition.owner.is_none() && tests(definition.span.start) {
            let imported = module.imports.iter().any(|import| {
                import
                    .names
                    .iter()
                    .any(|(_, here)| here == &definition.name)
            });
            if !imported {
                reach.identifiers.remove(&definition.name);
            }
        }
    }
    reach
}

fn is_browser_library(import: &Import) -> bool {
    [
        "playwright",
        "cypress",
        "selenium",
        "puppeteer",
        "capybara",
        "testcafe",
        "webdriver",
        "dusk",
    ]
    .iter()
    .any(|library| import.module.to_lowercase().contains(library))
}
