//! The last stage: the stored callback is POSTed until it arrives, is declined
//! for good, or the schedule is exhausted. The schedule stands in the database,
//! so it survives restarts.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use contract::types::JobStatus;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use sqlx::{FromRow, SqliteConnection};
use tokio::sync::Notify;
use url::Url;

use super::{Jobs, fail_point};
use crate::Refused;
use crate::egress::Client;
use crate::partner::{PartnerId, Partners};
use crate::store::{Store, now};

/// Attempts under way at once: a few slow receivers must not hold up the rest.
const AT_ONCE: usize = 64;

/// How long until a callback that another process made due is seen.
const POLL: Duration = Duration::from_secs(1);

/// When an attempt that failed is made again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// Pause after the first attempt; each next one is `factor` times longer.
    pub first: Duration,
    pub factor: u32,
    pub longest: Duration,
    /// With the first.
    pub attempts: u32,
    /// How long a receiver may take.
    pub answer_within: Duration,
}

impl Default for Schedule {
    /// Ten attempts over five and a half hours: after 5 s, 15 s, 45 s, 2 min,
    /// 7 min, 20 min, 1 h, 2 h and 2 h, each give or take a fifth.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(5),
            factor: 3,
            longest: Duration::from_secs(2 * 60 * 60),
            attempts: 10,
            answer_within: Duration::from_secs(15),
        }
    }
}

impl Schedule {
    /// The pause after `made` attempts; `None` when no more are to be made.
    pub fn pause_after(&self, made: u32) -> Option<Duration> {
        if made >= self.attempts {
            return None;
        }
        let growth = self.factor.saturating_pow(made.saturating_sub(1));
        let pause = self.first.saturating_mul(growth).min(self.longest);
        // Receivers that failed together should not be called together again.
        Some(pause.mul_f64(rand::random_range(0.8..1.2)))
    }
}

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Deliverer {
    pub store: Store,
    pub partners: Partners,
    pub client: Client,
    pub schedule: Schedule,
    /// Notified when a callback was stored.
    pub due: Arc<Notify>,
}

#[derive(Debug, FromRow)]
struct Callback {
    job_id: String,
    delivery_id: String,
    url: String,
    body: Vec<u8>,
    partner_id: PartnerId,
    attempts: u32,
}

/// What came of an attempt.
enum Answer {
    Status(StatusCode),
    None(String),
}

impl Deliverer {
    /// Delivers what is due as long as it is polled. An attempt that is cut off
    /// by the process's end is made again by the next.
    pub fn work(self) -> BoxFuture<'static, ()> {
        Box::pin(self.deliver())
    }

    async fn deliver(self) {
        let mut under_way = FuturesUnordered::new();
        let mut taken: HashSet<String> = HashSet::new();
        loop {
            match self.due(AT_ONCE - under_way.len(), &taken).await {
                Ok(callbacks) => {
                    for callback in callbacks {
                        taken.insert(callback.job_id.clone());
                        under_way.push(self.clone().attempt(callback));
                    }
                }
                Err(fault) => tracing::error!(%fault, "due callbacks can't be read"),
            }
            tokio::select! {
                Some(job) = under_way.next() => { taken.remove(&job); }
                () = self.due.notified() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    async fn due(&self, limit: usize, taken: &HashSet<String>) -> Result<Vec<Callback>, Refused> {
        // Those under way are due too, until their attempt is on record.
        let mut callbacks: Vec<Callback> = sqlx::query_as(
            "SELECT c.job_id, c.delivery_id, c.url, c.body, j.partner_id, c.attempts
             FROM callbacks c JOIN webhook_jobs j ON j.id = c.job_id
             WHERE c.next_attempt_at <= $1 ORDER BY c.next_attempt_at LIMIT $2",
        )
        .bind(now())
        .bind(i64::try_from(limit + taken.len()).unwrap_or(i64::MAX))
        .fetch_all(self.store.read())
        .await?;
        callbacks.retain(|callback| !taken.contains(&callback.job_id));
        callbacks.truncate(limit);
        Ok(callbacks)
    }

    /// Makes one attempt and returns the job's id.
    async fn attempt(self, callback: Callback) -> String {
        fail_point("job::callback_pending").await;
        let job = callback.job_id.clone();
        if let Err(fault) = self.try_attempt(callback).await {
            // It is still due.
            tracing::error!(job, %fault, "an attempt can't be recorded");
            tokio::time::sleep(POLL).await;
        }
        job
    }

    async fn try_attempt(&self, callback: Callback) -> Result<(), Refused> {
        // Anew for each attempt, as the secret may have been rotated since the
        // last one because it leaked.
        let secrets = self.partners.webhook_secrets(callback.partner_id).await?;
        let secret = secrets
            .first()
            .ok_or_else(|| Refused::Fault("the partner has no webhook secret".to_owned()))?;
        let signature = signature::sign(secret.0.as_bytes(), &callback.body);
        let number = self.begin(&callback.job_id).await?;
        let started = Instant::now();
        let answer = match self.post(&callback, &signature, number).await {
            Ok(status) => Answer::Status(status),
            Err(why) => Answer::None(why),
        };
        self.end(&callback, number, started.elapsed(), &answer)
            .await
    }

    async fn post(
        &self,
        callback: &Callback,
        signature: &str,
        number: u32,
    ) -> Result<StatusCode, String> {
        let url = Url::parse(&callback.url).map_err(|error| error.to_string())?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            HeaderName::from_static("x-qualitymax-attempt"),
            HeaderValue::from(number),
        );
        for (name, value) in [
            ("x-qualitymax-signature", signature),
            ("x-qualitymax-delivery", callback.delivery_id.as_str()),
        ] {
            let value = HeaderValue::from_str(value).map_err(|error| error.to_string())?;
            headers.insert(HeaderName::from_static(name), value);
        }
        self.client
            .post(
                &url,
                headers,
                Bytes::from(callback.body.clone()),
                self.schedule.answer_within,
            )
            .await
            .map_err(|error| error.to_string())
    }

    /// Puts the attempt on record before it is made, and returns its number.
    async fn begin(&self, job: &str) -> Result<u32, Refused> {
        let mut write = self.store.write().await?;
        let number = sqlx::query_scalar(
            "INSERT INTO callback_attempts (job_id, attempt, started_at)
             SELECT $1, COALESCE(MAX(attempt), 0) + 1, $2 FROM callback_attempts WHERE job_id = $1
             RETURNING attempt",
        )
        .bind(job)
        .bind(now())
        .fetch_one(&mut *write)
        .await?;
        write.commit().await?;
        Ok(number)
    }

    /// Puts on record what came of it, and what is to come.
    async fn end(
        &self,
        callback: &Callback,
        number: u32,
        took: Duration,
        answer: &Answer,
    ) -> Result<(), Refused> {
        let job = &callback.job_id;
        let made = callback.attempts + 1;
        let (status, error) = match answer {
            Answer::Status(status) => (Some(*status), None),
            Answer::None(why) => (None, Some(why.as_str())),
        };
        let delivered = status.is_some_and(|status| status.is_success());
        let pause = match status {
            _ if delivered => None,
            Some(StatusCode::GONE) => None,
            _ => self.schedule.pause_after(made),
        };
        tracing::info!(
            job,
            attempt = number,
            status = status.map(|s| s.as_u16()),
            error,
            "callback attempted"
        );

        let mut write = self.store.write().await?;
        sqlx::query(
            "UPDATE callback_attempts SET duration_ms = $1, http_status = $2, error = $3
             WHERE job_id = $4 AND attempt = $5",
        )
        .bind(i64::try_from(took.as_millis()).unwrap_or(i64::MAX))
        .bind(status.map(|status| status.as_u16()))
        .bind(error)
        .bind(job)
        .bind(number)
        .execute(&mut *write)
        .await?;
        let next = pause.map(|pause| now() + i64::try_from(pause.as_millis()).unwrap_or(0));
        sqlx::query("UPDATE callbacks SET attempts = $1, next_attempt_at = $2 WHERE job_id = $3")
            .bind(made)
            .bind(next)
            .bind(job)
            .execute(&mut *write)
            .await?;
        if delivered {
            show(&mut write, job, JobStatus::CallbackSent).await?;
        } else if pause.is_none() {
            show(&mut write, job, JobStatus::CallbackFailed).await?;
        }
        write.commit().await?;
        Ok(())
    }
}

/// Shows how the delivery ended; what was delivered once stays delivered.
async fn show(
    write: &mut SqliteConnection,
    job: &str,
    status: JobStatus,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE webhook_jobs SET status = $1
         WHERE id = $2 AND status IN ('callback_pending', 'callback_failed')",
    )
    .bind(status.to_string())
    .bind(job)
    .execute(write)
    .await?;
    Ok(())
}

impl Jobs {
    /// Makes a job's stored callback due once more, on an operator's word, with
    /// the whole schedule before it; the running server sends it. 404 where the
    /// job has no callback yet.
    pub async fn replay_callback(&self, job_id: &str) -> Result<(), Refused> {
        let mut write = self.store.write().await?;
        let replayed = sqlx::query(
            "UPDATE callbacks SET attempts = 0, next_attempt_at = $1 WHERE job_id = $2",
        )
        .bind(now())
        .bind(job_id)
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        if replayed.rows_affected() == 0 {
            return Err(Refused::NotFound(
                "There is no such job, or it has no callback yet.".to_owned(),
            ));
        }
        self.due.notify_one();
        Ok(())
    }
}
