//! A generated test passes on a healthy site and fails on a broken one, whether
//! the site broke after the test was written or before. Every sample site,
//! every description, every break, run by the standard Playwright runner.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use contract::types;
use qualitymax_engine::browser::{Browsers, Credentials, SessionOptions};
use qualitymax_engine::job::{JobRequest, crawl, generate, plan, score};
use qualitymax_engine::tools::Tools;
use sample_sites::{Running, Site};
use serde_json::{Value, json};

const USERNAME: &str = "test@example.com";
const PASSWORD: &str = "testpass123";

async fn serve(site: Site, broken: Option<&str>) -> Running {
    sample_sites::start(site, ([127, 0, 0, 1], 0).into(), broken)
        .await
        .unwrap()
}

struct Generated {
    source: String,
    score: i64,
}

async fn generate_on(browsers: &Browsers, running: &Running, description: &str) -> Generated {
    let credentials = matches!(running.site(), Site::Dashboard).then(|| Credentials {
        username: USERNAME.to_owned(),
        password: PASSWORD.to_owned(),
    });
    let request = JobRequest {
        target: running.url().parse().unwrap(),
        feature_description: description.to_owned(),
        credentials,
        options: serde_json::from_str("{}").unwrap(),
    };
    let options = SessionOptions {
        browser: types::Browser::Chromium,
        headless: true,
        target: request.target.clone(),
        proxy: None,
        skip_cookie_consent: false,
        credentials: request.credentials.clone(),
    };
    let mut session = browsers.open(options).await.unwrap();
    let crawl = crawl::crawl(&mut session, &request).await.unwrap();
    let plan = plan::plan(&mut session, &crawl, &request, 1).await.unwrap();
    session.close().await;
    let script = generate::generate(&plan);
    assert!(!script.source.contains(PASSWORD), "{}", script.source);
    Generated {
        score: score::assess(&plan, None).score,
        source: script.source,
    }
}

/// Writes the spec so that it runs against `url`.
fn write(dir: &Path, name: &str, generated: &Generated, url: &str) {
    let aimed = format!("\ntest.use({{ baseURL: '{url}' }});\n\ntest(");
    let source = generated.source.replacen("\ntest(", &aimed, 1);
    std::fs::write(dir.join(format!("{name}.spec.ts")), source).unwrap();
}

/// Runs every spec of `dir` once; the verdict by file name.
fn run(tools: &Tools, dir: &Path) -> BTreeMap<String, bool> {
    let config = json!({
        "workers": 2,
        "fullyParallel": true,
        "timeout": 20_000,
        "expect": { "timeout": 4_000 },
        "reporter": [["json", { "outputFile": "report.json" }]],
        "use": {
            "actionTimeout": 4_000,
            "launchOptions": { "executablePath": tools.chromium, "args": ["--no-sandbox", "--disable-background-networking"] },
        },
    });
    let config = format!("export default {config};\n");
    std::fs::write(dir.join("playwright.config.mjs"), config).unwrap();
    let node_modules = tools.node_modules.as_ref().unwrap();
    std::os::unix::fs::symlink(node_modules, dir.join("node_modules")).unwrap();
    Command::new(tools.node.as_ref().unwrap())
        .arg("node_modules/@playwright/test/cli.js")
        .arg("test")
        .current_dir(dir)
        .env("TEST_USERNAME", USERNAME)
        .env("TEST_PASSWORD", PASSWORD)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    let report = std::fs::read(dir.join("report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["errors"], json!([]), "a spec could not be loaded");
    let suites = report["suites"].as_array().unwrap();
    suites
        .iter()
        .map(|suite| {
            let file = suite["file"].as_str().unwrap();
            let name = file.trim_end_matches(".spec.ts").to_owned();
            (name, suite["specs"][0]["ok"] == true)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_test_passes_on_a_healthy_site_and_fails_with_each_break() {
    let tools = Tools::find();
    let browsers = Browsers::new(tools.clone());
    let dir = tempfile::tempdir().unwrap();
    let mut kept = Vec::new();
    for site in Site::ALL {
        let healthy = serve(site, None).await;
        let mut specs = BTreeMap::new();
        for (number, description) in site.descriptions().into_iter().enumerate() {
            let generated = generate_on(&browsers, &healthy, description).await;
            assert!(
                generated.score >= 80,
                "{description}: {}\n{}",
                generated.score,
                generated.source
            );
            let name = format!("healthy-{site}-{number}");
            write(dir.path(), &name, &generated, &healthy.url());
            specs.insert(description, generated);
        }
        for known in site.breaks() {
            let broken = serve(site, Some(known.name)).await;
            let name = |when: &str| format!("{when}-{site}-{}", known.name);
            let before = &specs[known.description];
            write(dir.path(), &name("later"), before, &broken.url());
            let after = generate_on(&browsers, &broken, known.description).await;
            assert!(after.score >= 45, "{}: {}", known.name, after.source);
            write(dir.path(), &name("already"), &after, &broken.url());
            kept.push(broken);
        }
        kept.push(healthy);
    }
    let verdicts = run(&tools, dir.path());
    let wrong: Vec<String> = verdicts
        .iter()
        .filter(|(name, passed)| name.starts_with("healthy") != **passed)
        .map(|(name, passed)| {
            let source = std::fs::read_to_string(dir.path().join(format!("{name}.spec.ts")));
            let verdict = if *passed { "passed" } else { "failed" };
            format!("{name} {verdict}:\n{}", source.unwrap())
        })
        .collect();
    let breaks: usize = Site::ALL.iter().map(|site| site.breaks().len()).sum();
    let descriptions: usize = Site::ALL.iter().map(|site| site.descriptions().len()).sum();
    assert_eq!(verdicts.len(), descriptions + 2 * breaks);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
