//! Every sample site, every description, every break, whether the site broke
//! after the test was written or before.

use std::collections::BTreeMap;

use futures::StreamExt;
use qualitymax_engine::browser::Browsers;
use qualitymax_engine::tools::Tools;
use sample_sites::{Running, Site};

use crate::bench::{Generated, PLANNED_AT_ONCE, Specs, credentials, each_round, generate_on};

pub async fn serve(site: Site, broken: Option<&str>) -> Running {
    sample_sites::start(site, ([127, 0, 0, 1], 0).into(), broken)
        .await
        .unwrap()
}

/// A description, and the site on which it is made into a test.
struct Writing {
    site: Running,
    broken: Option<&'static str>,
    description: &'static str,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_test_passes_on_a_healthy_site_and_fails_with_each_break() {
    each_round(prove_once).await;
}

async fn prove_once() {
    let mut writings = Vec::new();
    for site in Site::ALL {
        for description in site.descriptions() {
            let site = serve(site, None).await;
            writings.push(Writing {
                site,
                broken: None,
                description,
            });
        }
        for known in site.breaks() {
            writings.push(Writing {
                site: serve(site, Some(known.name)).await,
                broken: Some(known.name),
                description: known.description,
            });
        }
    }
    let tools = Tools::find();
    let browsers = Browsers::new(tools.clone());
    let written: Vec<(Writing, Generated)> = futures::stream::iter(writings)
        .map(|writing| async {
            let credentials = matches!(writing.site.site(), Site::Dashboard).then(credentials);
            let url = writing.site.url();
            let generated = generate_on(&browsers, &url, writing.description, credentials).await;
            (writing, generated)
        })
        .buffered(PLANNED_AT_ONCE)
        .collect()
        .await;

    let mut specs = Specs::new();
    let mut before = BTreeMap::new();
    for (number, (writing, generated)) in written.iter().enumerate() {
        let least = if writing.broken.is_some() { 45 } else { 80 };
        specs.require(writing.description, generated, least);
        let (site, url) = (writing.site.site(), writing.site.url());
        if let Some(broken) = writing.broken {
            let name = |when: &str| format!("{when}-{site}-{broken}");
            specs.add(&name("already"), generated, &url, false);
            specs.add(&name("later"), before[writing.description], &url, false);
        } else {
            specs.add(&format!("healthy-{site}-{number}"), generated, &url, true);
            before.insert(writing.description, generated);
        }
    }
    specs.run(&tools).await;
}
