//! Acceptance: job row and queue entry in one transaction, committed before the
//! answer. Webhooks that arrive while the disk is busy share the next commit,
//! so the disk's sync rate does not bound how many are accepted.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use apalis::prelude::{TaskBuilder, TaskId};
use apalis_sqlite::queries::push_tasks;
use contract::types;
use serde_json::value::RawValue;
use sqlx::SqliteConnection;
use tokio::sync::{Notify, mpsc, oneshot};
use ulid::Ulid;
use url::Url;

use super::login::SealedLogin;
use super::queue::QUEUE;
use crate::partner::PartnerId;
use crate::seal::Seal;
use crate::store::{self, Store, now, to_json};
use crate::{Refused, project};

/// At most so many jobs share a commit.
const BATCH: usize = 256;

/// A webhook that was checked and is ready to be stored.
#[derive(Debug)]
pub(super) struct NewJob {
    pub id: String,
    ulid: Ulid,
    partner: PartnerId,
    target: Url,
    request: types::WebhookRequest,
    custom_data: Box<RawValue>,
    options: String,
    credentials: Option<SealedLogin>,
}

impl NewJob {
    pub fn new(
        seal: &Seal,
        partner: PartnerId,
        target: Url,
        mut request: types::WebhookRequest,
        custom_data: Box<RawValue>,
    ) -> Result<Self, Refused> {
        let ulid = Ulid::generate();
        let id = store::id("pwj", ulid);
        let credentials = request
            .auth
            .take()
            .map(|auth| SealedLogin::seal(seal, &id, auth.username, auth.password));
        Ok(Self {
            options: to_json(&request.options.take().unwrap_or_default())?,
            id,
            ulid,
            partner,
            target,
            request,
            custom_data,
            credentials,
        })
    }

    async fn insert(&self, write: &mut SqliteConnection, project: i64) -> Result<(), Refused> {
        sqlx::query(
            "INSERT INTO webhook_jobs
                 (id, partner_id, project_id, status, target_url, feature_description,
                  callback_url, custom_data, options, credentials, accepted_at)
             VALUES ($1, $2, $3, 'accepted', $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&self.id)
        .bind(self.partner)
        .bind(project)
        .bind(&self.request.url)
        .bind(&self.request.feature_description)
        .bind(&self.request.callback_url)
        .bind(self.custom_data.get())
        .bind(&self.options)
        .bind(self.credentials.as_ref().map(|sealed| sealed.0.as_slice()))
        .bind(now())
        .execute(&mut *write)
        .await?;
        let argument = to_json(&self.id)?.into_bytes();
        let task = TaskBuilder::new(argument)
            .task_id(TaskId::from_ulid(self.ulid))
            .build();
        push_tasks(write, QUEUE, &[task])
            .await
            .map_err(|error| Refused::Fault(format!("the queue: {error}")))
    }
}

type Waiting = (NewJob, oneshot::Sender<Result<(), Refused>>);

/// The way to the one task that commits. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Intake {
    waiting: mpsc::Sender<Waiting>,
}

impl Intake {
    /// `stored` is notified after each commit. Ends when the last clone is dropped.
    pub fn start(store: Store, stored: Arc<Notify>) -> Self {
        let (waiting, mut arrived) = mpsc::channel(BATCH);
        tokio::spawn(async move {
            let mut batch: Vec<Waiting> = Vec::new();
            while arrived.recv_many(&mut batch, BATCH).await > 0 {
                commit(&store, &mut batch).await;
                stored.notify_one();
            }
        });
        Self { waiting }
    }

    /// Returns once the job is committed.
    pub async fn store(&self, job: NewJob) -> Result<(), Refused> {
        let stopped = || Refused::Unavailable("The server is stopping; try again.".to_owned());
        let (done, outcome) = oneshot::channel();
        self.waiting
            .send((job, done))
            .await
            .map_err(|_| stopped())?;
        outcome.await.map_err(|_| stopped())?
    }
}

async fn commit(store: &Store, batch: &mut Vec<Waiting>) {
    let (jobs, waiting): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
    let together = insert(store, &jobs).await;
    for (job, done) in jobs.iter().zip(waiting) {
        let outcome = match &together {
            Ok(()) => Ok(()),
            // One job's fault must not be the others'.
            Err(_) => insert(store, std::slice::from_ref(job)).await,
        };
        // Who waited may have gone; the job is stored all the same.
        let _ = done.send(outcome);
    }
}

async fn insert(store: &Store, jobs: &[NewJob]) -> Result<(), Refused> {
    let mut write = store.write().await?;
    // Webhooks that arrive together are often for the same target.
    let mut projects = HashMap::new();
    for job in jobs {
        let project = match projects.entry((job.partner, job.target.origin())) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => {
                let id = project::of_target(&mut write, job.partner, &job.target).await?;
                *unknown.insert(id)
            }
        };
        job.insert(&mut write, project).await?;
    }
    write.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Bench;

    fn webhook() -> serde_json::Value {
        json!({
            "url": "https://preview-abc.env.yourapp.com",
            "feature_description": "Test that users can login",
            "callback_url": "https://your-api.com/qualitymax-results",
        })
    }

    #[tokio::test]
    async fn an_accepted_job_is_stored_and_queued() {
        let bench = Bench::open().await;
        let partner = bench.partner("veilstream").await;
        let id = bench.accept(partner, &webhook().to_string()).await.unwrap();
        assert!(id.starts_with("pwj_") && id[4..].chars().all(|c| c.is_ascii_alphanumeric()));

        // What another process sees, as one would after a crash.
        let restarted = bench.reopen().await;
        let mut report = restarted.engine.jobs().report(partner, &id).await.unwrap();
        assert_eq!(
            std::mem::replace(&mut report.job.id, "pwj_1".to_owned()),
            id
        );
        report.job.duration_seconds = 0.0;
        insta::assert_json_snapshot!(report, @r#"
        {
          "crawl": {
            "pages_crawled": 0,
            "status": "pending"
          },
          "executions": [],
          "job": {
            "duration_seconds": 0.0,
            "id": "pwj_1",
            "quality_score": null,
            "status": "accepted",
            "tests_generated": 0,
            "url": "https://preview-abc.env.yourapp.com"
          },
          "scripts": []
        }
        "#);
        let queued: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM Jobs WHERE job_type = $1")
            .bind(QUEUE)
            .fetch_one(bench.store().read())
            .await
            .unwrap();
        assert_eq!(queued, 1);
    }

    #[tokio::test]
    async fn many_webhooks_at_once_are_each_accepted() {
        let bench = Bench::open().await;
        let partner = bench.partner("veilstream").await;
        let body = webhook().to_string();
        let accepted = (0..300).map(|_| bench.accept(partner, &body));
        let ids: std::collections::HashSet<_> = futures::future::try_join_all(accepted)
            .await
            .unwrap()
            .into_iter()
            .collect();
        assert_eq!(ids.len(), 300);
        let projects = bench.projects().list(partner).await.unwrap();
        assert_eq!(projects.len(), 1);
        let newest = bench
            .engine
            .jobs()
            .of_project(partner, projects[0].id, 7)
            .await
            .unwrap();
        assert_eq!(newest.len(), 7);
        assert!(newest.is_sorted_by(|a, b| a.id > b.id));
    }

    #[tokio::test]
    async fn one_jobs_fault_is_not_the_others() {
        let bench = Bench::open().await;
        let partner = bench.partner("veilstream").await;
        let body = webhook().to_string();
        let nobody = bench.accept(PartnerId(4711), &body);
        let (first, fault, last) = tokio::join!(
            bench.accept(partner, &body),
            nobody,
            bench.accept(partner, &body)
        );
        assert!(first.is_ok() && last.is_ok());
        assert!(matches!(fault, Err(Refused::Fault(_))));
    }

    #[tokio::test]
    async fn urls_that_lead_inside_are_refused_at_once() {
        let bench = Bench::open().await;
        let partner = bench.partner("veilstream").await;
        for field in ["url", "callback_url"] {
            for url in [
                "http://10.0.0.1/",
                "http://169.254.169.254/",
                "http://u:p@app.example/",
            ] {
                let mut body = webhook();
                body[field] = url.into();
                let refused = bench.accept(partner, &body.to_string()).await.unwrap_err();
                assert!(matches!(&refused, Refused::Invalid(why) if why.starts_with(field)));
            }
        }
        assert!(bench.projects().list(partner).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn the_login_is_sealed_and_custom_data_is_kept_to_the_digit() {
        let bench = Bench::open().await;
        let partner = bench.partner("veilstream").await;
        let mut body = webhook();
        body["auth"] = json!({ "type": "user_login", "username": "test@example.com", "password": "testpass123" });
        let custom = r#"{"z":12345678901234567890123,"a":[1.10,1e-400],"ü":"\u00fc"}"#;
        let body = body
            .to_string()
            .replacen('{', &format!(r#"{{"custom_data":{custom},"#), 1);
        let id = bench.accept(partner, &body).await.unwrap();

        let job: super::super::ledger::Job =
            sqlx::query_as("SELECT * FROM webhook_jobs WHERE id = $1")
                .bind(&id)
                .fetch_one(bench.store().read())
                .await
                .unwrap();
        assert_eq!(job.custom_data, custom);
        assert!(!format!("{job:?}").contains("testpass123"));
        let seal = Seal::open(bench.dir()).unwrap();
        let login = job.request(&seal).unwrap().credentials.unwrap();
        assert_eq!(login.username, "test@example.com");
        assert_eq!(login.password, "testpass123");
    }

    #[tokio::test]
    async fn a_job_is_its_partners_alone_and_never_goes_backwards() {
        let bench = Bench::open().await;
        let (ours, theirs) = (bench.partner("ours").await, bench.partner("theirs").await);
        let id = bench.accept(ours, &webhook().to_string()).await.unwrap();
        let jobs = bench.engine.jobs();
        assert!(matches!(
            jobs.report(theirs, &id).await,
            Err(Refused::Forbidden(_))
        ));
        assert!(matches!(
            jobs.report(ours, "pwj_no").await,
            Err(Refused::NotFound(_))
        ));

        let set = async |status: &str| {
            let mut write = bench.store().write().await?;
            sqlx::query("UPDATE webhook_jobs SET status = $1 WHERE id = $2")
                .bind(status)
                .bind(&id)
                .execute(&mut *write)
                .await?;
            write.commit().await
        };
        for status in [
            "crawling",
            "crawling",
            "executing",
            "callback_pending",
            "callback_failed",
        ] {
            set(status).await.unwrap();
        }
        for status in ["accepted", "scoring", "callback_pending", "failed"] {
            let error = set(status).await.unwrap_err().to_string();
            assert!(error.contains("never goes backwards"), "{status}: {error}");
        }
        assert!(set("lost").await.is_err());
        // An operator's replay may still reach the partner.
        set("callback_sent").await.unwrap();
        assert!(set("callback_failed").await.is_err());
    }
}
