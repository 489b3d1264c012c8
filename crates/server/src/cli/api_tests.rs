//! `qualitymax api-tests`

use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use engine::api_tests::{Focus, Generated, MAX_BYTES, generate, parse};
use engine::egress::{Client, Policy};
use engine::test_cases::TestCaseDraft;
use url::Url;

use super::Common;
use super::output::{self, printable};

const FETCH_TIMEOUT: Duration = Duration::from_secs(30);

/// Generate API tests from an OpenAPI or Swagger specification
#[derive(Args)]
#[command(after_help = "\
Examples:
  qualitymax api-tests openapi.yaml
  qualitymax api-tests openapi.yaml --script api.spec.ts
  qualitymax api-tests https://api.example.com/openapi.json -i 'only payments, skip deprecated'
  curl -s localhost:3000/openapi.json | qualitymax api-tests - --json | jq -r '.test_cases[].title'

The script runs with Playwright; its first lines say which environment variables
it reads. Exit codes: 0 done, 1 the specification can't be had or read (the reason
is on stderr), 2 wrong usage.")]
pub(super) struct ApiTestsArgs {
    /// File or URL of the specification (JSON or YAML); - for standard input
    #[arg(value_name = "FILE|URL")]
    specification: String,
    /// What to focus on, restrict to or leave out, in your own words
    #[arg(long, short, default_value = "", value_name = "TEXT")]
    instructions: String,
    /// How to print the test cases
    #[arg(long, value_enum, default_value = "text", conflicts_with = "json")]
    format: Format,
    /// With text: print the test cases in full
    #[arg(long)]
    cases: bool,
    /// Write the Playwright script to this file
    #[arg(long, value_name = "OUT.spec.ts")]
    script: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) async fn run(common: &Common, args: ApiTestsArgs) -> Result<()> {
    let bytes = read(&args.specification).await?;
    let instructions = args.instructions.clone();
    let (title, generated) = tokio::task::spawn_blocking(move || {
        let document = parse(&bytes)?;
        let title = format!("{} {}", document.title, document.version);
        let generated = generate(&document, Focus::parse(&instructions))?;
        anyhow::Ok((title, generated))
    })
    .await
    .context("generating broke off")??;
    if let Some(path) = &args.script {
        std::fs::write(path, &generated.script)
            .with_context(|| format!("the script can't be written to {}", path.display()))?;
    }
    if common.json || args.format == Format::Json {
        return output::json(&generated);
    }
    for case in &generated.test_cases {
        if args.cases {
            print_in_full(case);
        }
    }
    if !args.cases {
        print_titles(&generated.test_cases);
    }
    for note in &generated.notes {
        command_line::tell!("note: {}", printable(note));
    }
    say!("{}", printable(&summary(title.trim(), &generated)));
    if let Some(path) = &args.script {
        say!("The script is in {}.", path.display());
    }
    Ok(())
}

async fn read(specification: &str) -> Result<Vec<u8>> {
    if specification == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .take(MAX_BYTES as u64 + 1)
            .read_to_end(&mut bytes)
            .context("standard input")?;
        return Ok(bytes);
    }
    if !specification.starts_with("http://") && !specification.starts_with("https://") {
        let size = std::fs::metadata(specification)
            .with_context(|| specification.to_owned())?
            .len();
        if size > MAX_BYTES as u64 {
            bail!("{specification} is too large: {size} bytes, at most {MAX_BYTES} are read");
        }
        return std::fs::read(specification).with_context(|| specification.to_owned());
    }
    let url = Url::parse(specification).with_context(|| specification.to_owned())?;
    // Whoever types the address may well mean their own machine.
    let client = Client::new(Policy {
        allow_loopback: true,
    });
    let fetched = client
        .get(&url, MAX_BYTES, FETCH_TIMEOUT)
        .await
        .with_context(|| specification.to_owned())?;
    if !fetched.status.is_success() {
        bail!("{specification} answered {}", fetched.status.as_u16());
    }
    Ok(fetched.body.into())
}

fn print_titles(cases: &[TestCaseDraft]) {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    for case in cases {
        table.add_row([priority(case.priority), Cell::new(printable(&case.title))]);
    }
    say!("{}\n", table.trim_fmt());
}

fn print_in_full(case: &TestCaseDraft) {
    say!("P{} {}", case.priority, printable(&case.title));
    for (number, step) in case.steps.iter().enumerate() {
        say!("   {}. {}", number + 1, printable(step));
    }
    say!("   Expected: {}\n", printable(&case.expected_results));
}

fn priority(priority: u8) -> Cell {
    let cell = Cell::new(format!("P{priority}"));
    match priority {
        1 => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        2 => cell.fg(Color::Red),
        3 => cell.fg(Color::Yellow),
        _ => cell,
    }
}

fn summary(title: &str, generated: &Generated) -> String {
    let count = match generated.test_cases.len() {
        1 => "1 test case".to_owned(),
        count => format!("{count} test cases"),
    };
    let operations = match generated.operations {
        1 => "1 operation".to_owned(),
        count => format!("{count} operations"),
    };
    let title = if title.is_empty() { "the API" } else { title };
    format!("{count} for {operations} of {title}.")
}
