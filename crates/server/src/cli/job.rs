//! `qualitymax job`

use anyhow::{Result, bail};
use clap::Subcommand;
use contract::types::{JobReport, JobSummary};
use engine::{Engine, Refused};

use super::{Common, output};

#[derive(Subcommand)]
pub(super) enum JobCommand {
    /// List a partner's newest jobs
    #[command(after_help = "Example:\n  qualitymax job list --partner veilstream")]
    List {
        /// The partner's slug
        #[arg(long, value_name = "SLUG")]
        partner: String,
        /// At most so many
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Show a job's report
    #[command(after_help = "\
Examples:
  qualitymax job show pwj_01k8...
  qualitymax job show pwj_01k8... --json | jq -r '.scripts[0].source'")]
    Show {
        /// As the webhook answered it, and `qualitymax job list` shows it
        id: String,
    },
    /// Send a job's callback once more: the same bytes, the same signature
    #[command(after_help = "\
The running server sends it, at once. Every attempt stays on record.

Example:
  qualitymax job replay-callback pwj_01k8...")]
    ReplayCallback {
        /// As the webhook answered it, and `qualitymax job list` shows it
        id: String,
    },
}

pub(super) async fn run(common: &Common, command: JobCommand) -> Result<()> {
    let engine = common.open().await?;
    match command {
        JobCommand::List { partner, limit } => {
            let jobs = newest(&engine, &partner, limit).await?;
            if common.json {
                return output::json(&jobs);
            }
            let rows = jobs
                .into_iter()
                .map(|job| {
                    [
                        job.id.to_string(),
                        job.status.to_string(),
                        score(&job),
                        format!("{:.1} s", job.duration_seconds),
                        job.url,
                    ]
                })
                .collect();
            let header = ["job", "status", "quality", "duration", "url"];
            output::table(header, rows, "No jobs yet.");
        }
        JobCommand::Show { id } => {
            let report = find(&engine, &id).await?;
            if common.json {
                return output::json(&report);
            }
            show(report);
        }
        JobCommand::ReplayCallback { id } => {
            engine.jobs().replay_callback(&id).await?;
            if common.json {
                return output::json(&serde_json::json!({ "job_id": id, "replayed": true }));
            }
            say!("The callback of {id} is due now; a running server sends it.");
        }
    }
    Ok(())
}

/// Job ids sort by time.
async fn newest(engine: &Engine, slug: &str, limit: u32) -> Result<Vec<JobSummary>> {
    let Some(partner) = engine.partners().by_slug(slug).await? else {
        bail!("there is no partner {slug}. See `qualitymax partner list`");
    };
    let mut jobs = Vec::new();
    for project in engine.projects().list(partner.id).await? {
        jobs.extend(
            engine
                .jobs()
                .of_project(partner.id, project.id, limit)
                .await?,
        );
    }
    jobs.sort_by(|one, other| other.id.cmp(&one.id));
    jobs.truncate(limit as usize);
    Ok(jobs)
}

/// An operator names a job without its partner.
async fn find(engine: &Engine, id: &str) -> Result<JobReport> {
    for partner in engine.partners().list().await? {
        match engine.jobs().report(partner.id, id).await {
            Err(Refused::Forbidden(_)) => {}
            Err(Refused::NotFound(_)) => break,
            found => return Ok(found?),
        }
    }
    bail!("there is no job {id}. See `qualitymax job list --partner SLUG`")
}

fn show(report: JobReport) {
    let job = report.job;
    let mut rows = vec![
        ["job".to_owned(), job.id.to_string()],
        ["status".to_owned(), job.status.to_string()],
        ["url".to_owned(), job.url.clone()],
        [
            "duration".to_owned(),
            format!("{:.1} s", job.duration_seconds),
        ],
        ["quality".to_owned(), score(&job)],
        [
            "pages crawled".to_owned(),
            report.crawl.pages_crawled.to_string(),
        ],
    ];
    if let Some(error) = job.error_message {
        rows.push(["error".to_owned(), error]);
    }
    for script in report.scripts {
        let title = script.title.map(|title| format!(": {title}"));
        let name = format!("{}.spec.ts{}", script.name, title.unwrap_or_default());
        rows.push([format!("script {}", script.id), name]);
    }
    for execution in report.executions {
        let id = execution
            .execution_id
            .map_or_else(String::new, |id| id.to_string());
        let error = execution.error_message.map(|error| format!("\n{error}"));
        let verdict = format!(
            "{} in {:.1} s{}",
            execution.status,
            execution.duration as f64 / 1000.0,
            error.unwrap_or_default()
        );
        rows.push([id, verdict]);
    }
    output::fields(rows);
}

fn score(job: &JobSummary) -> String {
    job.quality_score
        .as_ref()
        .map_or_else(|| "-".to_owned(), ToString::to_string)
}
