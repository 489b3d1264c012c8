//! The webhook: what is accepted, and what a job then goes through.

use futures::FutureExt;
use reqwest::StatusCode;
use serde_json::json;

use crate::check::{Check, Group, Outcome, Stage};
use crate::document::Document;
use crate::http::Request;
use crate::probe::Probe;

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::must(
            Group::Webhook,
            "webhook.unknown-slug",
            &["webhook.partner-slug", "errors.404"],
            "A slug that no partner has is refused, at best as 404.",
            |probe| unknown_slug(probe).boxed(),
        ),
        Check::must(
            Group::Webhook,
            "webhook.accepted",
            &["webhook.auth.both-headers", "webhook.signature.format"],
            "A signed webhook is accepted at once, with a job id.",
            |probe| accepted(probe).boxed(),
        )
        .with_schema("WebhookAccepted")
        .stage(Stage::Jobs),
        Check::must(
            Group::Webhook,
            "webhook.pipeline",
            &[
                "webhook.pipeline",
                "webhook.options.auto-execute",
                "api.purpose",
            ],
            "The job crawls, generates a Playwright test, executes it and scores it.",
            |probe| pipeline(probe).boxed(),
        )
        .stage(Stage::Jobs),
        Check::should(
            Group::Webhook,
            "webhook.status-forward",
            &["report.job.status"],
            "A job's status never goes backwards.",
            |probe| status_forward(probe).boxed(),
        )
        .stage(Stage::Jobs),
    ]
}

async fn unknown_slug(probe: &mut Probe) -> Outcome {
    let slug = format!(
        "nobody-{}",
        ulid::Ulid::generate().to_string().to_lowercase()
    );
    let request = Request::operation("trigger_test_generation", &[&slug]).json(&json!({}));
    let answer = probe.send(request).await?;
    let expected = "404 as no partner has this slug";
    let refused = matches!(answer.status.as_u16(), 401 | 403 | 404);
    if probe.must(refused, "webhook.partner-slug", expected, &answer) {
        probe.detail(&answer);
        let holds = answer.status == StatusCode::NOT_FOUND;
        probe.should(holds, "errors.404", expected, &answer);
    }
    Ok(())
}

async fn accepted(probe: &mut Probe) -> Outcome {
    let answer = probe.accepted().await?;
    let clause = "webhook.response.accepted";
    if let Some(body) = probe.success(clause, "WebhookAccepted", &answer) {
        probe.must(
            body["accepted"] == true,
            clause,
            "`accepted` to be true",
            &answer,
        );
    }
    Ok(())
}

async fn pipeline(probe: &mut Probe) -> Outcome {
    let job = probe.job().await?;
    let Some(answer) = job.report() else {
        return Ok(());
    };
    let report = answer.json();
    let clause = "webhook.pipeline";
    let expectations = [
        (
            report["crawl"]["status"] == "completed",
            "the crawl to be completed",
        ),
        (
            report["crawl"]["pages_crawled"].as_u64() >= Some(1),
            "at least one page to be crawled",
        ),
        (report["scripts"][0].is_object(), "a script to be generated"),
        (
            report["executions"][0].is_object(),
            "the script to be executed",
        ),
        (
            report["job"]["quality_score"].is_number(),
            "the quality to be scored",
        ),
    ];
    for (holds, expected) in expectations {
        probe.must(holds, clause, expected, answer);
    }
    Ok(())
}

async fn status_forward(probe: &mut Probe) -> Outcome {
    let job = probe.job().await?;
    // The contract names them in the order in which a job walks them.
    let statuses = Document::get().values("JobStatus");
    let place = |status: &str| statuses.iter().position(|known| *known == status);
    let mut before: Option<(usize, String)> = None;
    for answer in &job.reports {
        let status = answer.json()["job"]["status"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let Some(now) = place(&status) else {
            continue;
        };
        if let Some((then, name)) = &before {
            let expected = format!("no status before {name}, which was shown already");
            probe.should(now >= *then, "report.job.status", expected, answer);
        }
        before = Some((now, status));
    }
    Ok(())
}
