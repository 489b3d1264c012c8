//! Runs a generated script with the standard Playwright runner.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Stdio;

use qualitymax_engine::tools::Tools;
use serde_json::{Value, json};

/// What each test came to, by its full title: passed, failed, skipped.
pub type Outcomes = BTreeMap<String, String>;

/// A service to run against, and which test to run where it is not all.
pub struct Target {
    pub service: SocketAddr,
    pub only: Option<String>,
}

/// One set of outcomes a target, in one run of the runner.
pub async fn run(script: &str, targets: &[Target], environment: &[(&str, &str)]) -> Vec<Outcomes> {
    let tools = Tools::find();
    let (Some(node), Some(modules)) = (tools.node, tools.node_modules) else {
        panic!("these tests need what `cargo xtask setup` installs");
    };
    let workspace = tempfile::tempdir().unwrap();
    std::fs::write(workspace.path().join("api.spec.ts"), script).unwrap();
    std::os::unix::fs::symlink(&modules, workspace.path().join("node_modules")).unwrap();
    let projects: Vec<_> = targets
        .iter()
        .enumerate()
        .map(|(index, target)| {
            json!({
                "name": index.to_string(),
                "use": {"baseURL": format!("http://{}", target.service)},
                "only": target.only,
            })
        })
        .collect();
    let config = format!(
        "const literally = (text: string) => new RegExp(text.replace(/[^\\w ]/g, '\\\\$&') + '$');
         const projects = {};
         export default {{
           fullyParallel: true, workers: 2, timeout: 60000,
           projects: projects.map((project: any) => ({{
             ...project, ...(project.only && {{ grep: literally(project.only) }}),
           }})),
         }};",
        Value::from(projects)
    );
    std::fs::write(workspace.path().join("playwright.config.ts"), config).unwrap();
    let output = tokio::process::Command::new(node)
        .arg(modules.join("@playwright/test/cli.js"))
        .args(["test", "--reporter=json"])
        .current_dir(workspace.path())
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!(
            "no report: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    });
    assert_eq!(report["errors"], json!([]), "the script can't be loaded");
    let mut outcomes = vec![Outcomes::new(); targets.len()];
    for suite in report["suites"].as_array().unwrap() {
        collect(suite, "", &mut outcomes);
    }
    outcomes
}

fn collect(suite: &Value, prefix: &str, outcomes: &mut [Outcomes]) {
    for spec in suite["specs"].as_array().into_iter().flatten() {
        let title = format!("{prefix} {}", spec["title"].as_str().unwrap());
        for test in spec["tests"].as_array().unwrap() {
            let result = &test["results"][0];
            let mut status = result["status"].as_str().unwrap_or("none").to_owned();
            if status == "failed" {
                status = format!("failed: {}", result["error"]["message"]);
            }
            let project: usize = test["projectName"].as_str().unwrap().parse().unwrap();
            outcomes[project].insert(title.trim().to_owned(), status);
        }
    }
    for inner in suite["suites"].as_array().into_iter().flatten() {
        collect(inner, inner["title"].as_str().unwrap(), outcomes);
    }
}
