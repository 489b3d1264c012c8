//! A partner's program: every operation beside the main job, through the
//! generated client. `cargo xtask demo` runs it against a server of its own.

use std::fmt::Display;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, ValueEnum};
use comfy_table::{Table, presets};
use console::style;
use qualitymax_client::{Client, Credentials, connect, types};
use serde_json::json;

/// Far more than a small repository takes, on a slow and busy machine too.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often a job is asked after: a free endpoint takes 60 requests a minute.
const ASK: Duration = Duration::from_millis(1100);
/// What is shown of a long list.
const SHOWN: usize = 6;

#[derive(Parser)]
struct Tour {
    #[arg(long, env = "QUALITYMAX_URL")]
    url: String,
    #[arg(long, env = "QUALITYMAX_API_KEY")]
    api_key: String,
    /// Repository to import
    #[arg(long)]
    repository: String,
    /// OpenAPI document to generate tests from
    #[arg(long)]
    specification: PathBuf,
    /// Where the generated API tests are put
    #[arg(long)]
    script: PathBuf,
    /// In this order
    #[arg(required = true)]
    parts: Vec<Part>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Part {
    Scan,
    Gaps,
    ApiTests,
    TestCases,
}

#[tokio::main]
async fn main() -> Result<()> {
    let tour = Tour::parse();
    let client = connect(&tour.url, Credentials::new(&tour.api_key, ""))?;
    let imported = import(&client, &tour.repository).await?;
    for part in &tour.parts {
        match part {
            Part::Scan => scan(&client, imported.repository_id).await?,
            Part::Gaps => gaps(&client, imported.repository_id).await?,
            Part::ApiTests => api_tests(&client, imported.project_id, &tour).await?,
            Part::TestCases => test_cases(&client, imported.project_id).await?,
        }
    }
    Ok(())
}

async fn import(client: &Client, url: &str) -> Result<types::RepositoryImport> {
    heading("POST /repositories/import");
    let started = Instant::now();
    let request = serde_json::from_value(json!({ "url": url, "name": "Sample shop" }))?;
    let imported = client.import_repository(&request).await?.into_inner();
    say("url", url);
    say(
        "imported",
        format!(
            "repository {} of project {} \"{}\", {}",
            imported.repository_id,
            imported.project_id,
            imported.name,
            seconds(started)
        ),
    );
    let again = client.import_repository(&request).await?;
    ensure!(again.already_exists && again.repository_id == imported.repository_id);
    say("once more", "already_exists, the same ids");
    Ok(imported)
}

async fn scan(client: &Client, repository: i64) -> Result<()> {
    heading("POST /sast/scan");
    let request = json!({ "repository_id": repository, "engines": ["semgrep", "bandit"] });
    let request = serde_json::from_value(request)?;
    let job = client.start_sast_scan(&request).await?.into_inner().job_id;
    let mut progress = Progress::of(job.as_str());
    let scan = loop {
        let scan = client.get_sast_scan(&job).await?.into_inner();
        progress.reached(&scan.status);
        match scan.status {
            types::ScanStatus::Completed => break scan,
            types::ScanStatus::Failed => bail!("the scan failed: {:?}", scan.error_message),
            _ => progress.wait().await?,
        }
    };
    let verdict = scan.verdict.context("a completed scan has a verdict")?;
    say(
        "verdict",
        format!(
            "{verdict}: {} findings, {} critical, {} high, {} medium",
            scan.findings_count, scan.critical_count, scan.high_count, scan.medium_count
        ),
    );
    let mut table = table();
    for finding in scan.findings.iter().take(SHOWN) {
        let cwe = finding.cwe_id.as_ref().map(|cwe| cwe.as_str());
        table.add_row([
            finding.severity.to_string(),
            format!("{}:{}", finding.file, finding.line_start),
            finding.rule_id.clone(),
            cwe.unwrap_or_default().to_owned(),
        ]);
    }
    show(&table, scan.findings.len());
    Ok(())
}

async fn gaps(client: &Client, repository: i64) -> Result<()> {
    heading("POST /gap-analysis");
    let request = json!({ "repository_id": repository, "max_tests_per_category": 5 });
    let request = serde_json::from_value(request)?;
    let started = client.start_gap_analysis(&request).await?.into_inner();
    let mut progress = Progress::of(started.job_id.as_str());
    let result = loop {
        let analysis = client.get_gap_analysis(&started.job_id).await?.into_inner();
        let percent = analysis.progress * 100.0;
        progress.reached(&format!("{}, {percent:.0} %", analysis.status));
        match analysis.status {
            types::GapStatus::Completed => {
                break analysis
                    .result
                    .context("a completed analysis has a result")?;
            }
            types::GapStatus::Failed => {
                bail!("the analysis failed: {:?}", analysis.error_message)
            }
            _ => progress.wait().await?,
        }
    };
    let mut categories: Vec<_> = result.categories.iter().collect();
    categories.sort();
    let categories: Vec<_> = categories
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    say(
        "generated",
        format!(
            "{} test cases: {}",
            result.tests_generated,
            categories.join(", ")
        ),
    );
    let mut table = table();
    for gap in result.gaps.iter().take(SHOWN) {
        table.add_row([
            gap.category.to_string(),
            gap.unit.clone(),
            format!("{}:{}", gap.file, gap.line),
            format!("test case {}", gap.test_case_id),
        ]);
    }
    show(&table, result.gaps.len());
    if let Some(first) = result.gaps.first() {
        say("the first", &first.risk);
    }
    Ok(())
}

async fn api_tests(client: &Client, project: i64, tour: &Tour) -> Result<()> {
    heading("POST /api-tests/generate");
    let specification = std::fs::read_to_string(&tour.specification)?;
    let request = serde_json::from_value(json!({
        "project_id": project,
        "openapi_spec": specification,
        "instructions": "Focus on authentication and payment endpoints",
    }))?;
    let started = Instant::now();
    let generated = client.generate_api_tests(&request).await?.into_inner();
    say("document", tour.specification.display());
    say(
        "generated",
        format!(
            "{} test cases, {}",
            generated.test_cases.len(),
            seconds(started)
        ),
    );
    show_cases(&generated.test_cases);
    let script = generated.script.context("API tests come with a script")?;
    std::fs::write(&tour.script, &script)?;
    say(
        "script",
        format!(
            "{}, {} lines",
            tour.script.display(),
            script.lines().count()
        ),
    );
    Ok(())
}

async fn test_cases(client: &Client, project: i64) -> Result<()> {
    heading("POST /test-cases");
    let request = serde_json::from_value(json!({
        "project_id": project,
        "title": "Login with valid credentials",
        "description": "Verify user can log in",
        "steps": "1. Go to /login\n2. Enter email\n3. Enter password\n4. Click Submit",
        "expected_results": "User is redirected to dashboard",
        "category": "e2e",
        "priority": 1,
        "tags": ["auth", "critical-path"]
    }))?;
    let created = client.create_test_case(&request).await?.into_inner();
    say(
        "created",
        format!("test case {}: {}", created.id, created.title.as_str()),
    );

    heading("POST /test-cases/generate");
    let description = "Generate tests for user authentication flow including login, logout, \
                       password reset, and session expiry";
    let request = json!({ "project_id": project, "description": description, "count": 5 });
    let request = serde_json::from_value(request)?;
    let generated = client.generate_test_cases(&request).await?.into_inner();
    say("description", description);
    show_cases(&generated.test_cases);
    if let Some(first) = generated.test_cases.first() {
        for line in first.steps.as_str().lines() {
            say("", line);
        }
        say("expected", first.expected_results.as_str());
    }
    Ok(())
}

fn show_cases(cases: &[types::TestCase]) {
    let mut table = table();
    for case in cases.iter().take(SHOWN) {
        table.add_row([
            format!("P{}", case.priority),
            case.category.as_str().to_owned(),
            case.title.as_str().to_owned(),
        ]);
    }
    show(&table, cases.len());
}

/// One line each time that a job shows something new.
struct Progress {
    started: Instant,
    last: String,
}

impl Progress {
    fn of(job: impl Display) -> Self {
        say("job", job);
        Self {
            started: Instant::now(),
            last: String::new(),
        }
    }

    fn reached(&mut self, status: &impl Display) {
        let status = status.to_string();
        if status != self.last {
            println!(
                "  {:>7.1} s  {status}",
                self.started.elapsed().as_secs_f64()
            );
            self.last = status;
        }
    }

    /// Often at first, as a small repository takes a second.
    async fn wait(&self) -> Result<()> {
        let waited = self.started.elapsed();
        ensure!(waited < PATIENCE, "still {} after {PATIENCE:?}", self.last);
        let early = waited < Duration::from_secs(4);
        tokio::time::sleep(if early { ASK / 5 } else { ASK }).await;
        Ok(())
    }
}

fn heading(text: &str) {
    println!("\n{}", style(text).bold().cyan());
}

fn say(what: &str, value: impl Display) {
    println!("  {:<11} {value}", style(what).dim());
}

fn seconds(since: Instant) -> String {
    format!("{:.1} s", since.elapsed().as_secs_f64())
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if !std::io::stdout().is_terminal() {
        table.set_width(120);
    }
    table
}

fn show(table: &Table, of: usize) {
    for line in table.lines() {
        println!("{:13}{line}", "");
    }
    if of > SHOWN {
        println!("{:14}and {} more", "", of - SHOWN);
    }
}
