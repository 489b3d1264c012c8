//! "accepted: true" is a promise: whatever happens to the process afterwards,
//! the job ends and its callback is sent. Here the real binary is killed with
//! SIGKILL while a job is in each of its stages, and started again.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::time::Duration;

use sample_sites::Site;
use serde_json::json;
use testbed::{Deployment, Receiver};

/// Kills the server while a job rests in `stage`, restarts it, and expects the
/// callback.
async fn the_callback_still_arrives_after_a_kill_in(stage: &str) {
    let site = sample_sites::start(Site::Form, ([127, 0, 0, 1], 0).into(), None)
        .await
        .unwrap();
    let mut receiver = Receiver::start().await.unwrap();
    let deployment =
        Deployment::create(Path::new(env!("CARGO_BIN_EXE_qualitymax")), "veilstream").unwrap();

    // The fail point holds the job in the stage for longer than the test needs.
    let hold = format!("job::{stage}=sleep(60000)");
    let doomed = deployment
        .serve(&["--disable-rate-limits"], &[("FAILPOINTS", &hold)])
        .await
        .unwrap();
    let job = doomed
        .send_webhook(&json!({
            "url": site.url(),
            "feature_description": Site::Form.example_description(),
            "callback_url": receiver.url(),
            "custom_data": { "stage": stage },
        }))
        .await
        .unwrap();
    let limit = Duration::from_secs(90);
    doomed.wait_for_status(&job, &[stage], limit).await.unwrap();
    doomed.kill_dash_nine().await.unwrap();

    let healthy = deployment
        .serve(&["--disable-rate-limits"], &[])
        .await
        .unwrap();
    let callback = receiver.next(limit).await.unwrap();
    let given = callback.signature.unwrap();
    signature::verify(deployment.webhook_secret.as_bytes(), &callback.body, &given).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&callback.body).unwrap();
    assert_eq!(body["custom_data"], json!({ "stage": stage }));
    assert_eq!(body["results"]["status"], "passed", "{body:#}");
    healthy
        .wait_for_status(&job, &["callback_sent"], limit)
        .await
        .unwrap();
}

macro_rules! survives_a_kill_while {
    ($($stage:ident),*) => {$(
        #[tokio::test]
        async fn $stage() {
            the_callback_still_arrives_after_a_kill_in(stringify!($stage)).await;
        }
    )*};
}

survives_a_kill_while!(
    accepted,
    crawling,
    generating,
    executing,
    scoring,
    callback_pending
);
