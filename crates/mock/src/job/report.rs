//! The job report: the course as far as the clock has come.

use std::time::Duration;

use contract::types::{self, JobStatus, StageStatus};

use super::{DeliveryStatus, Job, Test};

pub(crate) fn status(job: &Job, now: Duration) -> JobStatus {
    match job.delivery.status {
        DeliveryStatus::Sent => return JobStatus::CallbackSent,
        DeliveryStatus::Failed => return JobStatus::CallbackFailed,
        DeliveryStatus::Pending => {}
    }
    let ends = &job.course.ends;
    match now.saturating_sub(job.accepted_at) {
        at if at < ends.accepted => JobStatus::Accepted,
        at if at < ends.crawl => JobStatus::Crawling,
        at if at < ends.generate => JobStatus::Generating,
        at if at < ends.execute => JobStatus::Executing,
        at if at < ends.score => JobStatus::Scoring,
        _ => JobStatus::CallbackPending,
    }
}

pub(super) fn of(job: &Job, now: Duration) -> types::JobReport {
    let (course, ends) = (&job.course, &job.course.ends);
    let since = now.saturating_sub(job.accepted_at);
    let status = status(job, now);
    let ended = since >= ends.score;
    let tests: &[Test] = if since >= ends.generate {
        &course.tests
    } else {
        &[]
    };
    let longer = match since >= ends.execute {
        true => course.longer,
        false => Duration::ZERO,
    };
    let crawl = match course.pages {
        None if ended => StageStatus::Failed,
        Some(_) if since >= ends.crawl => StageStatus::Completed,
        _ if status == JobStatus::Accepted => StageStatus::Pending,
        _ => StageStatus::Running,
    };
    let scored = ended || matches!(status, JobStatus::Executing | JobStatus::Scoring);
    types::JobReport {
        job: types::JobSummary {
            id: job.id.clone(),
            status,
            url: job.target.clone(),
            tests_generated: tests.len() as i64,
            duration_seconds: millis(since.min(ends.score) + longer) as f64 / 1000.0,
            quality_score: tests
                .first()
                .filter(|_| scored)
                .map(|test| i64::from(test.quality)),
            error_message: course
                .failure
                .as_ref()
                .filter(|_| ended)
                .map(|(_, why)| why.clone()),
        },
        crawl: types::CrawlSummary {
            status: crawl,
            pages_crawled: match (crawl, course.pages) {
                (StageStatus::Completed, Some(pages)) => pages.into(),
                _ => 0,
            },
        },
        scripts: tests.iter().map(script).collect(),
        executions: tests
            .iter()
            .filter(|_| since >= ends.execute)
            .filter_map(|test| execution(job, test))
            .collect(),
    }
}

pub(super) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn script(test: &Test) -> types::ScriptSummary {
    types::ScriptSummary {
        id: test.script_id,
        name: test.name.clone(),
        framework: types::ScriptSummaryFramework::Playwright,
        title: Some(test.title.clone()),
        source: Some(test.source.clone()),
        quality: Some(quality(test.quality)),
    }
}

/// A score as the sum of the criteria that a deployment names.
fn quality(score: u8) -> types::Quality {
    const CRITERIA: [(&str, i64, &str); 5] = [
        (
            "description followed",
            40,
            "what the description asks for could be followed",
        ),
        ("asserted", 25, "what was asked for is asserted"),
        (
            "rehearsed",
            15,
            "steps were acted out in the browser before the test was written",
        ),
        ("locators", 10, "elements are found by role, label or text"),
        (
            "run agrees with rehearsal",
            10,
            "the run was held against the rehearsal",
        ),
    ];
    let mut left = i64::from(score);
    let criteria = CRITERIA.map(|(name, of, why)| {
        let points = left.min(of);
        left -= points;
        types::QualityCriterion {
            name: name.to_owned(),
            points,
            of,
            why: why.to_owned(),
        }
    });
    types::Quality {
        score: score.into(),
        criteria: criteria.into(),
    }
}

fn execution(job: &Job, test: &Test) -> Option<types::ExecutionSummary> {
    let run = test.run.as_ref()?;
    Some(types::ExecutionSummary {
        execution_id: Some(run.execution_id.clone()),
        script_id: Some(test.script_id),
        status: run.status,
        browser: Some(job.browser),
        duration: run.duration_ms,
        error_message: run.error_message.clone(),
    })
}
