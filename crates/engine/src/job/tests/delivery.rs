//! From the stored callback to the receiver.

use super::scripted::Scripted;
use super::*;
use crate::Refused;

fn status(code: u16) -> ResponseTemplate {
    ResponseTemplate::new(code)
}

#[tokio::test]
async fn the_same_signed_bytes_are_sent_until_they_arrive() {
    let deployment = Deployment::new().await;
    deployment.answers(status(500), 1).await;
    deployment
        .answers(status(302).insert_header("location", "/elsewhere"), 1)
        .await;
    deployment.answers(status(202), 1).await;
    let job = deployment.accept(json!({})).await;
    let running = deployment.start(&Scripted::default());
    deployment.shown(&job, JobStatus::CallbackSent).await;
    running.stop().await;

    let requests = deployment.requests().await;
    assert_eq!(requests.len(), 3);
    for (request, attempt) in requests.iter().zip(1..) {
        deployment.verify(request);
        assert_eq!(request.url.path(), "/qualitymax-results");
        assert_eq!(request.headers["content-type"], "application/json");
        assert_eq!(request.headers["x-qualitymax-attempt"], attempt.to_string());
        assert_eq!(request.body, requests[0].body);
        for header in ["x-qualitymax-signature", "x-qualitymax-delivery"] {
            assert_eq!(request.headers[header], requests[0].headers[header]);
        }
    }
    let delivery = requests[0].headers["x-qualitymax-delivery"]
        .to_str()
        .unwrap();
    assert!(delivery.starts_with("dlv_"));

    let recorded: Vec<(i64, Option<i64>, Option<i64>)> = sqlx::query_as(
        "SELECT attempt, http_status, duration_ms FROM callback_attempts ORDER BY attempt",
    )
    .fetch_all(deployment.bench.store().read())
    .await
    .unwrap();
    let statuses: Vec<_> = recorded
        .iter()
        .map(|(attempt, status, _)| (*attempt, *status))
        .collect();
    assert_eq!(statuses, [(1, Some(500)), (2, Some(302)), (3, Some(202))]);
    assert!(recorded.iter().all(|(.., duration)| duration.is_some()));
}

#[tokio::test]
async fn gone_stops_at_once() {
    let deployment = Deployment::new().await;
    deployment.answers(status(410), 1).await;
    let job = deployment.accept(json!({})).await;
    let running = deployment.start(&Scripted::default());
    deployment.shown(&job, JobStatus::CallbackFailed).await;
    running.stop().await;
    assert_eq!(deployment.requests().await.len(), 1);
}

#[tokio::test]
async fn an_exhausted_schedule_ends_failed_and_an_operator_can_replay() {
    let deployment = Deployment::new().await;
    deployment.answers(status(503), 3).await;
    let job = deployment.accept(json!({})).await;
    let jobs = deployment.bench.engine.jobs();
    let too_early = jobs.replay_callback(&job).await;
    assert!(matches!(too_early, Err(Refused::NotFound(_))));

    let running = deployment.start(&Scripted::default());
    deployment.shown(&job, JobStatus::CallbackFailed).await;
    assert_eq!(deployment.requests().await.len(), 3);

    // From the command line, which is another process.
    deployment.answers(status(200), 2).await;
    let command_line = deployment.bench.reopen().await;
    command_line
        .engine
        .jobs()
        .replay_callback(&job)
        .await
        .unwrap();
    deployment.shown(&job, JobStatus::CallbackSent).await;
    let requests = deployment.requests().await;
    assert_eq!(requests.len(), 4);
    assert_eq!(requests[3].body, requests[0].body);
    assert_eq!(requests[3].headers["x-qualitymax-attempt"], "4");

    // What was delivered stays delivered, whatever a replay meets.
    deployment.receiver.reset().await;
    deployment.answers(status(410), 1).await;
    jobs.replay_callback(&job).await.unwrap();
    let started = Instant::now();
    while deployment.requests().await.is_empty() {
        assert!(started.elapsed() < LIMIT);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    running.stop().await;
    assert_eq!(
        deployment.report(&job).await.job.status,
        JobStatus::CallbackSent
    );
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_in_time_is_tried_again() {
    let deployment = Deployment::new().await;
    deployment.answers(status(200).set_delay(LIMIT), 1).await;
    deployment.answers(status(200), 1).await;
    let job = deployment.accept(json!({})).await;
    let schedule = Schedule {
        answer_within: Duration::from_millis(300),
        attempts: 20,
        ..BRIEF
    };
    let running = deployment.start_with(&Scripted::default(), BRISK, schedule);
    deployment.shown(&job, JobStatus::CallbackSent).await;
    running.stop().await;
    let error: Option<String> =
        sqlx::query_scalar("SELECT error FROM callback_attempts WHERE attempt = 1")
            .fetch_one(deployment.bench.store().read())
            .await
            .unwrap();
    assert!(error.unwrap().starts_with("no answer within"));
}

#[tokio::test]
async fn the_schedule_survives_a_restart() {
    let deployment = Deployment::new().await;
    deployment.answers(status(500), 1).await;
    deployment.answers(status(200), 1).await;
    let job = deployment.accept(json!({})).await;
    let patient = Schedule {
        first: Duration::from_secs(3),
        longest: Duration::from_secs(3),
        ..BRIEF
    };
    let running = deployment.start_with(&Scripted::default(), BRISK, patient);
    let started = Instant::now();
    while deployment
        .count("SELECT COUNT(*) FROM callbacks WHERE attempts = 1")
        .await
        == 0
    {
        assert!(started.elapsed() < LIMIT);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    running.stop().await;
    // Between attempts the callback is pending.
    assert_eq!(
        deployment.report(&job).await.job.status,
        JobStatus::CallbackPending
    );
    let due_in = deployment
        .count("SELECT next_attempt_at FROM callbacks")
        .await
        - crate::store::now();
    assert!((0..=3600).contains(&due_in), "{due_in}");

    let running = deployment.start_with(&Scripted::default(), BRISK, patient);
    deployment.shown(&job, JobStatus::CallbackSent).await;
    running.stop().await;
    assert_eq!(deployment.requests().await.len(), 2);
}

#[tokio::test]
async fn after_a_rotation_each_attempt_is_signed_with_the_new_secret() {
    let deployment = Deployment::new().await;
    deployment.answers(status(500), 3).await;
    let job = deployment.accept(json!({})).await;
    let running = deployment.start(&Scripted::default());
    deployment.shown(&job, JobStatus::CallbackFailed).await;
    let partners = deployment.bench.partners();
    let fresh = partners
        .rotate_secret("veilstream", Duration::ZERO)
        .await
        .unwrap();
    deployment.answers(status(200), 2).await;
    deployment
        .bench
        .engine
        .jobs()
        .replay_callback(&job)
        .await
        .unwrap();
    deployment.shown(&job, JobStatus::CallbackSent).await;
    let next = deployment.accept(json!({})).await;
    deployment.shown(&next, JobStatus::CallbackSent).await;
    running.stop().await;

    let requests = deployment.requests().await;
    let [before @ .., replayed, new] = requests.as_slice() else {
        panic!("{} requests", requests.len());
    };
    for request in before {
        deployment.verify(request);
    }
    assert_eq!(replayed.body, before[0].body);
    for request in [replayed, new] {
        let signature = request.headers["x-qualitymax-signature"].to_str().unwrap();
        signature::verify(fresh.0.as_bytes(), &request.body, signature).unwrap();
    }
}

#[test]
fn the_default_schedule_spans_hours() {
    let schedule = Schedule::default();
    let pauses: Vec<_> = (1..).map_while(|made| schedule.pause_after(made)).collect();
    assert_eq!(pauses.len(), 9);
    assert!((4.0..=6.0).contains(&pauses[0].as_secs_f64()));
    let total: Duration = pauses.iter().sum();
    assert!(
        (4 * 3600..=7 * 3600).contains(&total.as_secs()),
        "{total:?}"
    );
}
