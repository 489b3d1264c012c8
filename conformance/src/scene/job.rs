//! A webhook job, watched from acceptance to callback.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::http::{Answer, Request};
use crate::listener::{Delivery, Inbox};
use crate::probe::Stop;
use crate::session::Session;

/// "Typically 30-120 seconds"; a busy deployment is given more.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);
/// What the suite's own page is tested for.
pub(crate) const DESCRIPTION: &str = "The page shows the heading 'Conformance'";
/// After these nothing moves any more.
const ENDS: [&str; 3] = ["callback_sent", "callback_failed", "failed"];

/// What was seen of a job.
pub(crate) struct JobRun {
    /// What was sent.
    pub(crate) sent: Value,
    pub(crate) accepted: Answer,
    pub(crate) id: String,
    /// Reports while it went on, the last one last.
    pub(crate) reports: Vec<Answer>,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) waited: Duration,
}

impl JobRun {
    /// The last report.
    pub(crate) fn report(&self) -> Option<&Answer> {
        self.reports.last()
    }

    /// The first callback's body; null where there is none.
    pub(crate) fn callback(&self) -> Value {
        let delivery = self.deliveries.first();
        delivery
            .and_then(|delivery| serde_json::from_slice(&delivery.body).ok())
            .unwrap_or(Value::Null)
    }
}

/// JSON of every kind, which has to come back as it is.
pub(crate) fn custom_data() -> Value {
    json!({
        "deploy_id": "abc-123",
        "pr_number": 42,
        "ratio": 0.25,
        "negative": -7,
        "flags": [true, false, null],
        "nested": { "list": [1, [2, { "three": [] }]], "empty": {} },
        "unicode": "naïve café 東京 🚀 \u{200d} e\u{301}",
        "escapes": "\"quoted\" \\ / \n\t <b>&amp;</b> ${HOME} {{x}} %20",
        "ключ": "значение",
        "": "the empty name"
    })
}

impl Session {
    /// What the webhook of that job was answered with, whatever it was.
    pub(crate) async fn accepted(&self) -> Result<Answer, Stop> {
        match self.job().await {
            Ok(job) => Ok(job.accepted.clone()),
            Err(stop) => self.refused.get().cloned().ok_or(stop),
        }
    }

    /// The job that most checks look at; run once.
    pub(crate) async fn job(&self) -> Result<Arc<JobRun>, Stop> {
        let run = async {
            let inbox = self.listener()?.inbox(&[]);
            let body = json!({
                "url": self.target()?,
                "feature_description": DESCRIPTION,
                "callback_url": inbox.url,
                "custom_data": custom_data(),
            });
            self.run_job(body, inbox, 1).await.map(Arc::new)
        };
        self.job.get_or_init(|| run).await.clone()
    }

    /// Sends a webhook and watches the job until `attempts` callbacks arrived
    /// and its report says that it is over.
    pub(crate) async fn run_job(
        &self,
        body: Value,
        inbox: Inbox,
        attempts: usize,
    ) -> Result<JobRun, Stop> {
        let request =
            Request::operation("trigger_test_generation", &[&self.deployment.slug]).json(&body);
        let accepted = self.send(&request).await?;
        let Some(id) = accepted.json()["job_id"].as_str().map(str::to_owned) else {
            let why = format!(
                "no job to look at: the webhook was answered with {}",
                accepted.summary()
            );
            // Only the first counts, which is the one that others ask for.
            let _ = self.refused.set(accepted);
            return Err(Stop::skipped(why));
        };
        let began = Instant::now();
        let mut reports = Vec::new();
        let mut pause = Duration::from_millis(50);
        loop {
            let report = self
                .send(&Request::operation("get_job_report", &[&id]))
                .await?;
            let status = report.json()["job"]["status"].as_str().map(str::to_owned);
            let read = report.status == StatusCode::OK;
            reports.push(report);
            let over = status.is_some_and(|status| ENDS.contains(&status.as_str()));
            let arrived = inbox.deliveries().len() >= attempts;
            // A report that can't be read tells nothing: the callback alone does.
            if began.elapsed() > PATIENCE || arrived && (over || !read) {
                break;
            }
            if over && !inbox.wait_for(attempts, Duration::from_secs(10)).await {
                break;
            }
            self.sleep(pause).await?;
            pause = (pause * 3 / 2).min(Duration::from_millis(1500));
        }
        let deliveries = inbox.deliveries();
        for delivery in &deliveries {
            self.sender.recorder.callback(&delivery.body);
        }
        Ok(JobRun {
            sent: body,
            accepted,
            id,
            reports,
            deliveries,
            waited: began.elapsed(),
        })
    }
}
