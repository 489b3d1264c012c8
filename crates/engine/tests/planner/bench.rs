//! Descriptions made into specs, and many specs run at once.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use contract::types;
use qualitymax_engine::browser::{Browsers, Credentials, SessionOptions};
use qualitymax_engine::job::{JobRequest, crawl, generate, plan, score};
use qualitymax_engine::llm::Llm;
use qualitymax_engine::partner::PartnerId;
use qualitymax_engine::tools::Tools;
use serde_json::{Value, json};

pub const USERNAME: &str = "test@example.com";
pub const PASSWORD: &str = "testpass123";

/// Held by each test where one process runs them all; cargo-nextest has a group
/// for them.
pub static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Makes a proof as often as `PLANNER_ROUNDS` says, once where it is not set.
pub async fn each_round(prove_once: impl AsyncFn()) {
    let rounds = std::env::var("PLANNER_ROUNDS").ok();
    let rounds = rounds.map(|rounds| rounds.parse().expect("PLANNER_ROUNDS is a number"));
    let _turn = TURN.lock().await;
    for round in 1..=rounds.unwrap_or(1_u32) {
        let began = Instant::now();
        prove_once().await;
        eprintln!("round {round}: {:.0} s", began.elapsed().as_secs_f64());
    }
}

/// So many specs are planned side by side: a page that has to share the machine
/// with more may not be there when it is read.
pub const PLANNED_AT_ONCE: usize = 4;
/// A broken site's spec mostly waits for what never comes.
const RUN_AT_ONCE: usize = 8;

pub fn credentials() -> Credentials {
    Credentials::new(USERNAME, PASSWORD)
}

pub struct Generated {
    pub source: String,
    pub quality: types::Quality,
}

pub async fn generate_on(
    browsers: &Browsers,
    url: &str,
    description: &str,
    credentials: Option<Credentials>,
) -> Generated {
    generate_with(None, browsers, url, description, credentials).await
}

/// With a partner's LLM.
pub async fn generate_with(
    llm: Option<&Llm>,
    browsers: &Browsers,
    url: &str,
    description: &str,
    credentials: Option<Credentials>,
) -> Generated {
    let request = JobRequest {
        partner: PartnerId(1),
        target: url.parse().unwrap(),
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
    let plan = plan::plan(&mut session, &crawl, &request, 1, llm)
        .await
        .unwrap();
    session.close().await;
    let script = generate::generate(&plan);
    assert!(!script.source.contains(PASSWORD), "{}", script.source);
    Generated {
        quality: score::assess(&plan, None),
        source: script.source,
    }
}

/// Specs with the verdict that is expected of each.
pub struct Specs {
    dir: tempfile::TempDir,
    /// By their text: what two writings have in common is run once.
    names: BTreeMap<String, String>,
    /// What is wrong with them before they are run.
    weak: Vec<String>,
}

impl Specs {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            names: BTreeMap::new(),
            weak: Vec::new(),
        }
    }

    /// Notes a test whose score is less than `least`.
    pub fn require(&mut self, name: &str, generated: &Generated, least: i64) {
        let Generated { source, quality } = generated;
        if quality.score < least {
            self.weak.push(format!("{name}: {quality:#?}\n{source}"));
        }
    }

    /// Adds a spec, aimed at `url`. One that has to fail says so to the runner,
    /// which then keeps its worker, and takes a time-out for no failure.
    pub fn add(&mut self, name: &str, generated: &Generated, url: &str, passes: bool) {
        let call = if passes { "test(" } else { "test.fail(" };
        let aimed = format!("\ntest.use({{ baseURL: '{url}' }});\n\n{call}");
        let source = generated.source.replacen("\ntest(", &aimed, 1);
        self.names.entry(source).or_insert_with(|| name.to_owned());
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(format!("{name}.spec.ts"))
    }

    /// Runs all of them; panics with each that is weak or ended otherwise than
    /// expected. `PLANNER_SPECS` names a directory that keeps them, to be read.
    pub async fn run(self, tools: &Tools) {
        lay_out(tools, self.dir.path());
        let keep = std::env::var_os("PLANNER_SPECS").map(std::path::PathBuf::from);
        for (source, name) in &self.names {
            std::fs::write(self.path(name), source).unwrap();
            if let Some(keep) = &keep {
                std::fs::copy(self.path(name), keep.join(format!("{name}.spec.ts"))).unwrap();
            }
        }
        let node = tools.node.clone().unwrap();
        let dir = self.dir.path().to_owned();
        let runner = tokio::task::spawn_blocking(move || {
            Command::new(node)
                .arg("node_modules/@playwright/test/cli.js")
                .arg("test")
                .current_dir(dir)
                .env("TEST_USERNAME", USERNAME)
                .env("TEST_PASSWORD", PASSWORD)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .status()
        });
        runner.await.unwrap().unwrap();
        let report = std::fs::read(self.dir.path().join("report.json")).unwrap();
        let report: Value = serde_json::from_slice(&report).unwrap();
        assert_eq!(report["errors"], json!([]), "a spec could not be loaded");
        let suites = report["suites"].as_array().unwrap();
        assert_eq!(suites.len(), self.names.len());
        let wrong: Vec<String> = suites
            .iter()
            .filter(|suite| suite["specs"][0]["ok"] != true)
            .map(|suite| {
                let name = suite["file"].as_str().unwrap().trim_end_matches(".spec.ts");
                let result = &suite["specs"][0]["tests"][0]["results"][0];
                let source = std::fs::read_to_string(self.path(name)).unwrap();
                let (status, error) = (&result["status"], &result["error"]["message"]);
                format!("{name}: {status} {error}\n{source}")
            })
            .chain(self.weak.clone())
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

fn lay_out(tools: &Tools, dir: &Path) {
    let config = json!({
        "workers": RUN_AT_ONCE,
        "fullyParallel": true,
        "timeout": 30_000,
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
}
