//! Places at which tests can make a job rest, by `FAILPOINTS=job::crawling=sleep(60000)`.
//! Release builds have none.

/// Rests here as long as `FAILPOINTS` says, without holding up other jobs.
#[cfg(debug_assertions)]
pub(super) async fn fail_point(name: &'static str) {
    use std::sync::Once;

    static READ_ENVIRONMENT: Once = Once::new();
    if std::env::var_os("FAILPOINTS").is_none() {
        return;
    }
    READ_ENVIRONMENT.call_once(|| {
        // For the life of the process: its end would clear the points.
        std::mem::forget(fail::FailScenario::setup());
    });
    let rested = tokio::task::spawn_blocking(move || fail::fail_point!(name)).await;
    if let Err(panic) = rested {
        std::panic::resume_unwind(panic.into_panic());
    }
}

#[cfg(not(debug_assertions))]
pub(super) async fn fail_point(_name: &'static str) {}
