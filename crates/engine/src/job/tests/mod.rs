//! Jobs from acceptance to callback, on a real database and real sockets. The
//! stages are scripted here, because no real browser can be made to fail, panic
//! or hang on request.

mod browser;
mod delivery;
mod journey;
mod recovery;
mod scripted;

use std::time::{Duration, Instant};

use contract::types::{JobReport, JobStatus};
use futures::FutureExt;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::deliver::Schedule;
use super::stages::Stages;
use super::walk::Limits;
use crate::partner::{PartnerId, Shown};
use crate::testing::Bench;

const LIMIT: Duration = Duration::from_secs(60);

const BRISK: Limits = Limits {
    job: Duration::from_secs(30),
    retry: Duration::from_millis(1),
};

const BRIEF: Schedule = Schedule {
    first: Duration::from_millis(1),
    factor: 1,
    longest: Duration::from_millis(1),
    attempts: 3,
    answer_within: Duration::from_secs(20),
};

/// A partner with a receiver for its callbacks.
struct Deployment {
    bench: Bench,
    partner: PartnerId,
    secret: Shown,
    receiver: MockServer,
}

impl Deployment {
    async fn new() -> Self {
        let bench = Bench::open().await;
        let (partner, secret) = bench.partners().create("veilstream").await.unwrap();
        Self {
            bench,
            partner: partner.id,
            secret,
            receiver: MockServer::start().await,
        }
    }

    /// The receiver answers so, `times` times, before what was said before.
    async fn answers(&self, answer: ResponseTemplate, times: u64) {
        Mock::given(wiremock::matchers::method("POST"))
            .respond_with(answer)
            .up_to_n_times(times)
            .mount(&self.receiver)
            .await;
    }

    async fn accept(&self, extra: Value) -> String {
        let mut body = json!({
            "url": "https://preview-abc.env.yourapp.com",
            "feature_description": "Test that users can login",
            "callback_url": format!("{}/qualitymax-results", self.receiver.uri()),
        });
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        self.bench
            .accept(self.partner, &body.to_string())
            .await
            .unwrap()
    }

    fn start(&self, stages: &impl Stages) -> Running {
        self.start_with(stages, BRISK, BRIEF)
    }

    fn start_with(&self, stages: &impl Stages, limits: Limits, schedule: Schedule) -> Running {
        let workshop = self.bench.engine.workshop().clone();
        let stages = stages.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            workshop
                .run_with(stages, limits, schedule, 2, stopped.map(drop))
                .await;
        });
        Running { stop, task }
    }

    async fn report(&self, job: &str) -> JobReport {
        let jobs = self.bench.engine.jobs();
        jobs.report(self.partner, job).await.unwrap()
    }

    /// The report, once the job shows `status`.
    async fn shown(&self, job: &str, status: JobStatus) -> JobReport {
        let started = Instant::now();
        loop {
            let report = self.report(job).await;
            if report.job.status == status {
                return report;
            }
            assert!(started.elapsed() < LIMIT, "{report:#?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn requests(&self) -> Vec<Request> {
        self.receiver.received_requests().await.unwrap()
    }

    /// Runs the job to its end and returns the callback's body, verified.
    async fn callback(&self, stages: &impl Stages, job: &str) -> Value {
        self.answers(ResponseTemplate::new(204), 1).await;
        let running = self.start(stages);
        self.shown(job, JobStatus::CallbackSent).await;
        running.stop().await;
        let requests = self.requests().await;
        let request = requests.last().unwrap();
        self.verify(request);
        serde_json::from_slice(&request.body).unwrap()
    }

    fn verify(&self, request: &Request) {
        let signature = request.headers["x-qualitymax-signature"].to_str().unwrap();
        signature::verify(self.secret.0.as_bytes(), &request.body, signature).unwrap();
    }

    async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(self.bench.store().read())
            .await
            .unwrap()
    }
}

/// A working process.
struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    async fn stop(self) {
        let _ = self.stop.send(());
        tokio::time::timeout(LIMIT, self.task)
            .await
            .expect("it stops in time")
            .unwrap();
    }
}
