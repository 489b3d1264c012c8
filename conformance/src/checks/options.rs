//! The webhook's options: each browser, and the quality that a test has to have.

use futures::FutureExt;
use serde_json::{Value, json};

use crate::check::{Check, Group, Outcome, Stage};
use crate::document::Document;
use crate::http::Request;
use crate::probe::Probe;
use crate::scene::job::{DESCRIPTION, JobRun};

/// `minimum`, `maximum` or `default` of `options.quality_threshold`.
fn threshold(keyword: &str) -> f64 {
    let threshold = Document::get().property("WebhookOptions", "quality_threshold");
    let number = threshold[keyword].as_f64();
    number.expect("the threshold has a range and a default")
}

pub(super) fn checks() -> Vec<Check> {
    let [lowest, highest, default] = ["minimum", "maximum", "default"].map(threshold);
    let by_default = format!(
        "Where no threshold is given a test is executed from a score of {default} on, and at best not below it."
    );
    let kept = format!(
        "With a threshold of {highest} a test below that is not executed; with {lowest} it is, whatever its score, unless it asserts nothing."
    );
    let checks = vec![
        Check::must(
            Group::Webhook,
            "webhook.browsers",
            &["webhook.options.browser"],
            "Each documented browser is accepted.",
            |probe| browsers(probe).boxed(),
        ),
        Check::must(
            Group::Webhook,
            "webhook.threshold-default",
            &["webhook.options.quality-threshold"],
            &by_default,
            |probe| threshold_default(probe).boxed(),
        ),
        Check::should(
            Group::Webhook,
            "webhook.threshold-kept",
            &["webhook.options.quality-threshold"],
            &kept,
            |probe| threshold_kept(probe).boxed(),
        ),
    ];
    checks
        .into_iter()
        .map(|check| check.stage(Stage::Jobs))
        .collect()
}

async fn browsers(probe: &mut Probe) -> Outcome {
    for browser in Document::get().values("Browser") {
        let body = json!({
            "url": probe.target()?,
            "feature_description": DESCRIPTION,
            "callback_url": probe.listener()?.inbox(&[]).url,
            // What it comes to is not looked at, and need not run.
            "options": { "browser": browser, "auto_execute": false },
        });
        let slug = probe.deployment.slug.clone();
        let request = Request::operation("trigger_test_generation", &[&slug]).json(&body);
        let answer = probe.send(request).await?;
        let expected = format!("a success, as {browser} is a documented browser");
        let holds = answer.status.is_success();
        probe.must(holds, "webhook.options.browser", expected, &answer);
    }
    Ok(())
}

async fn threshold_default(probe: &mut Probe) -> Outcome {
    let default = threshold("default");
    let job = probe.job().await?;
    judge(probe, &job, default, true);
    // Of this no test of any quality can be made.
    let vague = "Frobnicate the quux until its whatsit is suitably thingummied";
    let vague = job_of(probe, vague, json!({})).await?;
    judge(probe, &vague, default, true);
    Ok(())
}

async fn threshold_kept(probe: &mut Probe) -> Outcome {
    for threshold in ["minimum", "maximum"].map(threshold) {
        // A whole number, as the contract asks for.
        let options = json!({ "quality_threshold": threshold as i64 });
        let job = job_of(probe, DESCRIPTION, options).await?;
        judge(probe, &job, threshold, false);
    }
    Ok(())
}

async fn job_of(probe: &Probe, description: &str, options: Value) -> Result<JobRun, crate::Stop> {
    let inbox = probe.listener()?.inbox(&[]);
    let body = json!({
        "url": probe.target()?,
        "feature_description": description,
        "callback_url": inbox.url,
        "options": options,
    });
    probe.run_job(body, inbox, 1).await
}

/// Whether a job's tests were executed exactly if its score reached the
/// threshold. A job that has no score, or came to no verdict, tells nothing.
fn judge(probe: &mut Probe, job: &JobRun, threshold: f64, documented: bool) {
    let Some(answer) = job.report() else {
        return;
    };
    let report = answer.json();
    let Some(score) = report["job"]["quality_score"].as_f64() else {
        return;
    };
    let executed = report["executions"]
        .as_array()
        .is_some_and(|executions| !executions.is_empty());
    if job.callback()["results"]["status"] == "error" {
        return;
    }
    let clause = "webhook.options.quality-threshold";
    let expected = match score >= threshold {
        true => format!("an execution, as the score of {score} reaches the threshold, {threshold}"),
        false => format!("no execution, as the score of {score} is below {threshold}"),
    };
    let holds = executed == (score >= threshold);
    // What becomes of a test below the threshold is not documented.
    match documented && score >= threshold {
        true => probe.must(holds, clause, expected, answer),
        false => probe.should(holds, clause, expected, answer),
    };
}
