//! A fault of ours or the end of the process, in the middle of a job.

use super::scripted::Does::{Hangs, Stumbles};
use super::scripted::Scripted;
use super::*;

#[tokio::test]
async fn a_fault_of_ours_is_tried_again_in_a_fresh_session() {
    let deployment = Deployment::new().await;
    let job = deployment.accept(json!({})).await;
    let again = [
        Some(Stumbles("the worker died")),
        Some(Stumbles("again")),
        None,
    ];
    let stages = Scripted::default()
        .tell("crawl", &again)
        .tell("execute", &again);
    let callback = deployment.callback(&stages, &job).await;
    assert_eq!(callback["results"]["status"], "passed");
    let execute = "execute Login Verification 1";
    assert_eq!(
        stages.calls(),
        [
            "open", "crawl", "open", "crawl", "open", "crawl", "plan 1", execute, execute, execute
        ]
    );
    assert_eq!(deployment.count("SELECT COUNT(*) FROM executions").await, 1);
}

#[tokio::test]
async fn an_interrupted_job_goes_on_after_the_last_stage_that_was_stored() {
    let deployment = Deployment::new().await;
    let execute = "execute Login Verification 1";
    for (held, status, rest) in [
        (
            "crawl",
            JobStatus::Crawling,
            &["open", "crawl", "plan 1", execute][..],
        ),
        ("plan", JobStatus::Generating, &["open", "plan 1", execute]),
        ("execute", JobStatus::Executing, &[execute]),
    ] {
        let job = deployment.accept(json!({})).await;
        let stages = Scripted::default().always(held, Hangs);
        let running = deployment.start(&stages);
        deployment.shown(&job, status).await;
        running.stop().await;
        // What was under way is put back, and its status stays.
        assert_eq!(deployment.report(&job).await.job.status, status);

        let stages = Scripted::default();
        let callback = deployment.callback(&stages, &job).await;
        assert_eq!(callback["results"]["status"], "passed");
        assert_eq!(stages.calls(), rest, "{held}");
    }
}

#[tokio::test]
async fn a_job_that_never_gets_through_is_given_up() {
    let deployment = Deployment::new().await;
    let job = deployment.accept(json!({})).await;
    let stages = Scripted::default().always("crawl", Hangs);
    for round in 1..=5 {
        let running = deployment.start(&stages);
        let started = Instant::now();
        while stages.calls().len() < 2 * round {
            assert!(started.elapsed() < LIMIT);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        running.stop().await;
    }
    let callback = deployment.callback(&stages, &job).await;
    assert_eq!(callback["results"]["status"], "error");
    assert_eq!(stages.calls().len(), 10);
}
