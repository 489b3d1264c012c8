use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use contract::Validated;
use contract::types::{GapAnalysis, GapAnalysisRequest, GapCategory, GapStatus};
use serde_json::{Value, json};

use super::GapAnalyses;
use crate::Refused;
use crate::partner::PartnerId;
use crate::testing::{Bench, OneRepository, REPOSITORY};

/// The sample's files, on whatever branch.
fn flask(_: Option<&str>, into: &Path) {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/repositories/flask");
    copy(&files, into);
}

fn copy(from: &Path, to: &Path) {
    for entry in ignore::Walk::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(target).unwrap();
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

struct Room {
    bench: Bench,
    partner: PartnerId,
    project: i64,
    repository: Arc<OneRepository>,
    analyses: GapAnalyses,
}

impl Room {
    async fn with(refusal: Option<fn() -> Refused>) -> Self {
        let bench = Bench::open().await;
        let partner = bench.partner("veilstream").await;
        let repository = OneRepository::of(&bench, partner, flask, refusal).await;
        let project = repository.project;
        let analyses = analyses(&bench, &repository);
        Self {
            project,
            bench,
            partner,
            repository,
            analyses,
        }
    }

    /// As the next process finds it.
    async fn restarted(self) -> Self {
        let bench = self.bench.reopen().await;
        Self {
            analyses: analyses(&bench, &self.repository),
            bench,
            ..self
        }
    }

    async fn start(&self, request: Value) -> String {
        let started = self
            .analyses
            .start(self.partner, from_json(request))
            .await
            .unwrap();
        assert_eq!(started.status, GapStatus::Queued);
        assert_eq!(
            started.status_url,
            format!("/api/v1/partner/gap-analysis/{}", started.job_id)
        );
        started.job_id
    }

    async fn get(&self, id: &str) -> GapAnalysis {
        self.analyses.get(self.partner, id).await.unwrap()
    }

    /// Works until the analysis has a status.
    async fn work_until(&self, id: &str, status: GapStatus) -> GapAnalysis {
        let reached = async {
            loop {
                let analysis = self.get(id).await;
                if analysis.status == status {
                    return analysis;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            analysis = reached => analysis,
            () = self.analyses.work() => panic!("it works for ever"),
            () = tokio::time::sleep(Duration::from_secs(60)) => panic!("{:?}", self.get(id).await),
        }
    }
}

fn analyses(bench: &Bench, repository: &Arc<OneRepository>) -> GapAnalyses {
    GapAnalyses::new(
        bench.store().clone(),
        repository.clone(),
        bench.dir().join("workspaces"),
    )
}

fn from_json(request: Value) -> GapAnalysisRequest {
    GapAnalysisRequest::from_json(request.to_string().as_bytes()).unwrap()
}

#[tokio::test]
async fn a_gap_analysis_stores_its_test_cases_in_the_repositorys_project() {
    let room = Room::with(None).await;
    let id = room
        .start(json!({ "repository_id": REPOSITORY, "max_tests_per_category": 3 }))
        .await;
    assert!(
        id.strip_prefix("gap_analysis_")
            .unwrap()
            .chars()
            .all(|c| c.is_ascii_alphanumeric())
    );
    let queued = room.get(&id).await;
    assert_eq!(
        (queued.status, queued.progress, queued.result),
        (GapStatus::Queued, 0.0, None)
    );

    let done = room.work_until(&id, GapStatus::Completed).await;
    assert_eq!((done.progress, done.error_message), (1.0, None));
    let result = done.result.unwrap();
    assert_eq!(result.categories["e2e"], 2);
    assert_eq!(result.categories["security"], 3);
    assert_eq!(result.categories["integration"], 3);
    assert_eq!(result.tests_generated, 8);
    assert_eq!(result.gaps.len(), 8);

    let stored = room
        .bench
        .test_cases()
        .list(room.partner, room.project)
        .await
        .unwrap();
    assert_eq!(stored.len(), 8);
    for gap in &result.gaps {
        let case = stored
            .iter()
            .find(|case| case.id == gap.test_case_id)
            .unwrap();
        assert_eq!(case.category, gap.category.to_string());
        assert_eq!(case.project_id, room.project);
    }
    let first = &result.gaps[0];
    assert_eq!(first.unit, "form \"Sign in\" on /auth/login");
    assert_eq!(first.file, "shop/templates/auth/login.html");
    assert_eq!(first.line.get(), 4);
    // Nothing is left of the working copy.
    assert_eq!(
        std::fs::read_dir(room.bench.dir().join("workspaces"))
            .unwrap()
            .count(),
        0
    );
}

#[tokio::test]
async fn only_the_categories_asked_for_are_in_the_result() {
    let room = Room::with(None).await;
    let id = room
        .start(json!({ "repository_id": REPOSITORY, "categories": ["e2e"] }))
        .await;
    let done = room.work_until(&id, GapStatus::Completed).await;
    let result = done.result.unwrap();
    assert_eq!(result.categories.len(), 1);
    assert_eq!(result.tests_generated, result.categories["e2e"]);
    assert!(
        result
            .gaps
            .iter()
            .all(|gap| gap.category == GapCategory::E2e)
    );
}

#[tokio::test]
async fn an_analysis_that_was_under_way_is_done_by_the_next_process() {
    let room = Room::with(None).await;
    room.repository.stuck.store(true, Ordering::Relaxed);
    let id = room.start(json!({ "repository_id": REPOSITORY })).await;
    room.work_until(&id, GapStatus::Running).await;

    let room = room.restarted().await;
    assert_eq!(room.get(&id).await.status, GapStatus::Running);
    room.repository.stuck.store(false, Ordering::Relaxed);
    let done = room.work_until(&id, GapStatus::Completed).await;
    let generated = done.result.unwrap().tests_generated;
    let stored = room
        .bench
        .test_cases()
        .list(room.partner, room.project)
        .await
        .unwrap();
    assert_eq!(i64::try_from(stored.len()).unwrap(), generated);
}

#[tokio::test]
async fn an_analysis_that_ends_with_every_process_is_given_up() {
    let mut room = Room::with(None).await;
    room.repository.stuck.store(true, Ordering::Relaxed);
    let id = room.start(json!({ "repository_id": REPOSITORY })).await;
    for start in 1..=3 {
        let working = room.analyses.work();
        let taken = async {
            while room.repository.checkouts.load(Ordering::Relaxed) < start {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            () = taken => {}
            () = working => {}
        }
        room = room.restarted().await;
    }
    let failed = room.work_until(&id, GapStatus::Failed).await;
    assert_eq!(
        failed.error_message.as_deref(),
        Some("The analysis could not be completed.")
    );
}

#[tokio::test]
async fn a_repository_that_is_gone_fails_the_analysis_with_the_reason() {
    let gone = || Refused::NotFound("The repository is no longer there.".to_owned());
    let room = Room::with(Some(gone)).await;
    let id = room.start(json!({ "repository_id": REPOSITORY })).await;
    let failed = room.work_until(&id, GapStatus::Failed).await;
    assert_eq!(
        failed.error_message.as_deref(),
        Some("The repository is no longer there.")
    );
    assert_eq!(failed.result, None);
    assert!(failed.progress < 1.0);
}

#[tokio::test]
async fn an_analysis_needs_an_imported_repository_of_its_partner() {
    let room = Room::with(None).await;
    let theirs = room.bench.partner("theirs").await;
    let request = |repository: i64| from_json(json!({ "repository_id": repository }));
    let refused = |partner, repository| room.analyses.start(partner, request(repository));
    assert!(matches!(
        refused(room.partner, 7).await,
        Err(Refused::NotFound(_))
    ));
    assert!(matches!(
        refused(theirs, REPOSITORY).await,
        Err(Refused::Forbidden(_))
    ));

    let id = room.start(json!({ "repository_id": REPOSITORY })).await;
    assert!(matches!(
        room.analyses.get(theirs, &id).await,
        Err(Refused::Forbidden(_))
    ));
    let unknown = room.analyses.get(room.partner, "gap_analysis_x").await;
    assert!(matches!(unknown, Err(Refused::NotFound(_))));
}

#[tokio::test]
async fn several_are_worked_on_and_each_once() {
    let room = Room::with(None).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(room.start(json!({ "repository_id": REPOSITORY })).await);
    }
    let all = async {
        for id in &ids {
            while room.get(id).await.status != GapStatus::Completed {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    tokio::select! {
        () = all => {}
        () = room.analyses.work() => {}
        () = tokio::time::sleep(Duration::from_secs(60)) => panic!("they take for ever"),
    }
    assert_eq!(room.repository.checkouts.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn a_status_and_progress_never_go_backwards() {
    let room = Room::with(None).await;
    let id = room.start(json!({ "repository_id": REPOSITORY })).await;
    let set = async |status: &str, progress: f64| {
        let mut write = room.bench.store().write().await?;
        sqlx::query("UPDATE gap_analyses SET status = $1, progress = $2 WHERE id = $3")
            .bind(status)
            .bind(progress)
            .bind(&id)
            .execute(&mut *write)
            .await?;
        write.commit().await
    };
    set("running", 0.5).await.unwrap();
    set("running", 0.5).await.unwrap();
    for (status, progress) in [("queued", 0.6), ("running", 0.4)] {
        let error = set(status, progress).await.unwrap_err().to_string();
        assert!(error.contains("never goes backwards"), "{error}");
    }
    set("completed", 1.0).await.unwrap();
    for status in ["failed", "running", "queued"] {
        assert!(set(status, 1.0).await.is_err(), "{status}");
    }
    assert!(set("lost", 1.0).await.is_err());
}
