//! Pages as other frameworks mark them up, one feature each; broken by a
//! replacement in their text.

use axum::Router;
use axum::response::Html;
use futures::StreamExt;
use qualitymax_engine::browser::Browsers;
use qualitymax_engine::tools::Tools;

use crate::bench::{PLANNED_AT_ONCE, Specs, credentials, generate_on};

struct Page {
    name: &'static str,
    html: &'static str,
    description: &'static str,
    signs_in: bool,
    /// What breaks the feature: this, replaced by that.
    broken: (&'static str, &'static str),
}

const PAGES: &[Page] = &[Page {
    name: "late-form",
    html: include_str!("../../../../fixtures/pages/late-form.html"),
    description: "Visitors fill in the form with the name 'Ada', submit it and see 'Thank you, Ada'",
    signs_in: false,
    broken: ("`Thank you, ${name.value}`", "\"Failed\""),
}];

/// Answers every path alike until it is dropped.
struct Served {
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(html: String) -> Served {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let app = Router::new().fallback(move || std::future::ready(Html(html.clone())));
    let task = tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
    Served { url, task }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feature_is_tested_however_its_page_is_marked_up() {
    let tools = Tools::find();
    let browsers = &Browsers::new(tools.clone());
    let written: Vec<_> = futures::stream::iter(PAGES)
        .map(|page| async move {
            let healthy = serve(page.html.to_owned()).await;
            let credentials = page.signs_in.then(credentials);
            let test = generate_on(browsers, &healthy.url, page.description, credentials).await;
            (page, healthy, test)
        })
        .buffered(PLANNED_AT_ONCE)
        .collect()
        .await;

    let mut specs = Specs::new();
    let mut served = Vec::new();
    let mut weak = String::new();
    for (page, healthy, test) in written {
        if test.quality.score < 80 {
            let (name, quality) = (page.name, &test.quality);
            weak.push_str(&format!("{name}: {quality:#?}\n{}\n", test.source));
        }
        let (from, to) = page.broken;
        let broken = page.html.replace(from, to);
        assert_ne!(broken, page.html, "{} has nothing to break", page.name);
        let broken = serve(broken).await;
        specs.add(&format!("healthy-{}", page.name), &test, &healthy.url, true);
        specs.add(&format!("broken-{}", page.name), &test, &broken.url, false);
        served.extend([healthy, broken]);
    }
    assert!(weak.is_empty(), "{weak}");
    specs.run(&tools).await;
}
