//! Leads a job through its stages, from wherever it stands to its callback.
//!
//! Whatever a stage hands on is committed before the next begins, so a job that
//! was interrupted goes on after the last stage that was stored. However a stage
//! ends (an error, a panic, no end at all), the job ends with a callback.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use contract::types::{ExecutionStatus, JobStatus, ResultStatus};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use super::crawl::Crawl;
use super::execute::Run;
use super::fail_point;
use super::ledger::{Chosen, Executed, Job, Ledger, Outcome};
use super::scrub::Scrubber;
use super::shortfall;
use super::stages::Stages;
use super::steps::Plan;
use super::{JobRequest, StageError};
use crate::Refused;

/// A test below the threshold gets one more attempt.
const PLAN_ATTEMPTS: u32 = 2;

/// A job that was taken up so often and never got through takes the process
/// down with it, most likely.
const MAX_STARTS: i64 = 5;

/// The limits of a walk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// From the first stage to the end of scoring, in one process.
    pub job: Duration,
    /// Before a stage's second try; the third waits longer.
    pub retry: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            job: Duration::from_secs(5 * 60),
            retry: Duration::from_millis(500),
        }
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct Walker<S> {
    pub stages: S,
    pub ledger: Ledger,
    pub limits: Limits,
    /// Holds the runs' directories; emptied when work begins.
    pub workspaces: PathBuf,
    /// Jobs under way: the next process must not begin before these have ended.
    pub under_way: TaskTracker,
}

/// Why a walk did not reach a verdict.
#[derive(Debug)]
enum Stumble {
    /// The job ends with this.
    Stage(&'static str, String),
    /// Our own database or disk: the walk begins again later.
    Fault(Refused),
}

impl From<Refused> for Stumble {
    fn from(fault: Refused) -> Self {
        Self::Fault(fault)
    }
}

impl<S: Stages> Walker<S> {
    /// Returns when the job needs no more work than its callback's delivery.
    pub async fn run(&self, id: String) {
        let mut pauses = ExponentialBuilder::new()
            .with_min_delay(Duration::from_secs(1))
            .with_max_delay(Duration::from_secs(60))
            .without_max_times()
            .build();
        while let Err(fault) = self.take_up(&id).await {
            tracing::error!(job = id, %fault, "a job stumbled over a fault of ours");
            tokio::time::sleep(pauses.next().unwrap_or(Duration::from_secs(60))).await;
        }
    }

    async fn take_up(&self, id: &str) -> Result<(), Refused> {
        let Some(job) = self.ledger.take_up(id).await? else {
            return Ok(());
        };
        tracing::info!(job = id, starts = job.starts, "job taken up");
        let job = Arc::new(job);
        let outcome = if job.starts > MAX_STARTS {
            Outcome::error("job", "A fault of ours kept the job from ending.")
        } else {
            self.walk_within_limits(job.clone()).await?
        };
        let result = outcome.result;
        self.ledger.finish(&job, outcome).await?;
        tracing::info!(job = id, %result, "job finished");
        Ok(())
    }

    /// In a task of its own, so that a panic ends the job and not the worker.
    async fn walk_within_limits(&self, job: Arc<Job>) -> Result<Outcome, Refused> {
        let walker = self.clone();
        let walking = async move { Walk::new(&walker, &job)?.verdict().await };
        let mut task = AbortOnDropHandle::new(self.under_way.spawn(walking));
        match tokio::time::timeout(self.limits.job, &mut task).await {
            Ok(Ok(Ok(outcome))) => Ok(outcome),
            Ok(Ok(Err(Stumble::Stage(stage, message)))) => Ok(Outcome::error(stage, &message)),
            Ok(Ok(Err(Stumble::Fault(fault)))) => Err(fault),
            Ok(Err(panic)) => {
                // The panic's own words may hold anything.
                tracing::error!(panicked = panic.is_panic(), "a job's task broke off");
                Ok(Outcome::error("job", "An internal fault ended the job."))
            }
            Err(_) => {
                task.abort();
                let _ = task.await;
                let limit = self.limits.job.as_secs();
                let message = format!("The job did not end within {limit} s.");
                Ok(Outcome::error("job", &message))
            }
        }
    }
}

/// One job on its way.
struct Walk<'a, S: Stages> {
    walker: &'a Walker<S>,
    job: &'a Job,
    request: JobRequest,
    scrubber: Scrubber,
    visit: Option<S::Visit>,
}

impl<'a, S: Stages> Walk<'a, S> {
    fn new(walker: &'a Walker<S>, job: &'a Job) -> Result<Self, Stumble> {
        let request = job.request(&walker.ledger.seal)?;
        Ok(Self {
            walker,
            job,
            scrubber: Scrubber::new(request.credentials.as_ref()),
            request,
            visit: None,
        })
    }

    async fn verdict(mut self) -> Result<Outcome, Stumble> {
        let crawl = self.crawled().await?;
        let chosen = self.generated(&crawl).await?;
        // The browser is not needed any more.
        self.visit = None;
        if chosen.quality.score < i64::from(self.request.options.quality_threshold) {
            return self
                .scored(chosen, None, ResultStatus::BelowThreshold)
                .await;
        }
        // However low the threshold: what can't fail is no verdict.
        if !chosen.plan.asserts() {
            return self.scored(chosen, None, ResultStatus::Error).await;
        }
        if !self.request.options.auto_execute {
            return self.scored(chosen, None, ResultStatus::NotExecuted).await;
        }
        let executed = self.executed(&chosen).await?;
        let result = match executed.run.status {
            ExecutionStatus::Passed => ResultStatus::Passed,
            ExecutionStatus::Failed | ExecutionStatus::TimedOut => ResultStatus::Failed,
            ExecutionStatus::Skipped => ResultStatus::Error,
        };
        self.scored(chosen, Some(executed), result).await
    }

    async fn crawled(&mut self) -> Result<Crawl, Stumble> {
        let ledger = &self.walker.ledger;
        if let Some(crawl) = ledger.output(&self.job.id, "crawl", 1).await? {
            return Ok(crawl);
        }
        fail_point("job::accepted").await;
        ledger.advance(&self.job.id, JobStatus::Crawling).await?;
        fail_point("job::crawling").await;
        let mut tries = self.tries("crawl");
        let crawl = loop {
            match self.crawl().await {
                Ok(crawl) => break tries.done(self.job, crawl),
                Err(error) => self.try_again(&mut tries, error).await?,
            }
        };
        let crawl = self.scrubber.value(crawl)?;
        ledger.crawled(&self.job.id, &crawl).await?;
        Ok(crawl)
    }

    /// Plan and generate, until the test is good enough or was tried often
    /// enough; the better attempt is chosen.
    async fn generated(&mut self, crawl: &Crawl) -> Result<Chosen, Stumble> {
        let ledger = &self.walker.ledger;
        if let Some(chosen) = ledger.output(&self.job.id, "generate", 1).await? {
            return Ok(chosen);
        }
        fail_point("job::generating").await;
        let mut best: Option<(i64, Chosen)> = None;
        for attempt in 1..=PLAN_ATTEMPTS {
            let plan = match (self.planned(crawl, attempt).await, &best) {
                (Ok(plan), _) => plan,
                // The first attempt's test is better than none.
                (Err(Stumble::Stage(..)), Some(_)) => break,
                (Err(stumble), _) => return Err(stumble),
            };
            let script = self.walker.stages.generate(&plan);
            let quality = self.walker.stages.assess(&plan, None);
            let score = quality.score;
            if best.as_ref().is_none_or(|(least, _)| score > *least) {
                best = Some((score, Chosen::new(plan, script, quality)));
            }
            if score >= i64::from(self.request.options.quality_threshold) {
                break;
            }
        }
        let (_, chosen) =
            best.ok_or_else(|| Stumble::Stage("plan", "No test could be planned.".to_owned()))?;
        Ok(ledger.generated(&self.job.id, chosen).await?)
    }

    async fn planned(&mut self, crawl: &Crawl, attempt: u32) -> Result<Plan, Stumble> {
        let ledger = &self.walker.ledger;
        if let Some(plan) = ledger.output(&self.job.id, "plan", attempt).await? {
            return Ok(plan);
        }
        let mut tries = self.tries("plan");
        let plan = loop {
            match self.plan(crawl, attempt).await {
                Ok(plan) => break tries.done(self.job, plan),
                Err(error) => self.try_again(&mut tries, error).await?,
            }
        };
        let plan = self.scrubber.value(plan)?;
        ledger.planned(&self.job.id, attempt, &plan).await?;
        Ok(plan)
    }

    async fn executed(&mut self, chosen: &Chosen) -> Result<Executed, Stumble> {
        let ledger = &self.walker.ledger;
        if let Some(executed) = ledger.output(&self.job.id, "execute", 1).await? {
            return Ok(executed);
        }
        ledger.advance(&self.job.id, JobStatus::Executing).await?;
        fail_point("job::executing").await;
        let workspaces = tempfile::tempdir_in(&self.walker.workspaces)
            .map_err(|error| Refused::Fault(format!("no workspace: {error}")))?;
        let mut tries = self.tries("execute");
        let (run, workspace) = loop {
            match self.execute(chosen, workspaces.path()).await {
                Ok(ran) => break tries.done(self.job, ran),
                Err(error) => self.try_again(&mut tries, error).await?,
            }
        };
        let executed = Executed::keep(
            &ledger.artifacts,
            self.scrubber.run(run),
            self.request.options.browser,
            &workspace,
        )
        .await?;
        ledger
            .executed(&self.job.id, chosen.script_id, &executed)
            .await?;
        Ok(executed)
    }

    async fn scored(
        &mut self,
        chosen: Chosen,
        executed: Option<Executed>,
        result: ResultStatus,
    ) -> Result<Outcome, Stumble> {
        let ledger = &self.walker.ledger;
        ledger.advance(&self.job.id, JobStatus::Scoring).await?;
        fail_point("job::scoring").await;
        let run = executed.as_ref().map(|executed| &executed.run);
        let quality = self.walker.stages.assess(&chosen.plan, run);
        let threshold = self.request.options.quality_threshold;
        let failure = match shortfall::of(&chosen.plan, &quality, result, threshold) {
            Some((stage, why)) => Some((stage, self.scrubber.text(&why))),
            None if result == ResultStatus::Error => {
                let message = run.and_then(|run| run.error_message.clone());
                let message = message.unwrap_or_else(|| "The test did not run.".to_owned());
                Some(("execute", message))
            }
            None => None,
        };
        Ok(Outcome {
            result,
            quality: Some((chosen.script_id, quality)),
            failure,
        })
    }

    async fn crawl(&mut self) -> Result<Crawl, StageError> {
        let (stages, request) = (&self.walker.stages, &self.request);
        let visit = opened(&mut self.visit, stages, request).await?;
        stages.crawl(visit, request).await
    }

    async fn plan(&mut self, crawl: &Crawl, attempt: u32) -> Result<Plan, StageError> {
        let (stages, request) = (&self.walker.stages, &self.request);
        let visit = opened(&mut self.visit, stages, request).await?;
        stages.plan(visit, crawl, request, attempt).await
    }

    /// In a directory of this try's own: what one left must not be taken for
    /// another's.
    async fn execute(
        &mut self,
        chosen: &Chosen,
        workspaces: &Path,
    ) -> Result<(Run, PathBuf), StageError> {
        let workspace = tempfile::tempdir_in(workspaces)
            .map_err(|error| StageError::Transient(format!("No workspace: {error}.")))?
            .keep();
        let stages = &self.walker.stages;
        let run = stages
            .execute(&chosen.script, &self.request, &workspace)
            .await?;
        Ok((run, workspace))
    }

    fn tries(&self, stage: &'static str) -> Tries {
        let pauses = ExponentialBuilder::new()
            .with_min_delay(self.walker.limits.retry)
            .with_max_times(2)
            .with_jitter()
            .build();
        Tries {
            stage,
            pauses,
            began: Instant::now(),
        }
    }

    /// Returns when the stage is to be tried again, in a fresh session: a fault
    /// of ours is, two times; another error ends the job.
    async fn try_again(&mut self, tries: &mut Tries, error: StageError) -> Result<(), Stumble> {
        let stage = tries.stage;
        match (self.scrubber.error(error), tries.pauses.next()) {
            (StageError::Transient(why), Some(pause)) => {
                tracing::warn!(job = self.job.id, stage, why, "a stage is tried again");
                self.visit = None;
                tokio::time::sleep(pause).await;
                Ok(())
            }
            (StageError::Final(why) | StageError::Transient(why), _) => {
                Err(Stumble::Stage(stage, why))
            }
        }
    }
}

/// The visit that is under way, or a new one.
async fn opened<'v, S: Stages>(
    visit: &'v mut Option<S::Visit>,
    stages: &S,
    request: &JobRequest,
) -> Result<&'v mut S::Visit, StageError> {
    match visit {
        Some(visit) => Ok(visit),
        None => Ok(visit.insert(stages.open(request).await?)),
    }
}

/// What is left of a stage's tries.
struct Tries {
    stage: &'static str,
    pauses: ExponentialBackoff,
    began: Instant,
}

impl Tries {
    fn done<T>(&self, job: &Job, handed_on: T) -> T {
        let millis = self.began.elapsed().as_millis();
        tracing::info!(job = job.id, stage = self.stage, %millis, "stage done");
        handed_on
    }
}
