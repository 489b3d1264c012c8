//! The real queue and database, real repositories' files; the engines are
//! scripts that print what the real ones do.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use contract::Validated;
use contract::types::{SastScan, SastScanRequest, ScanStatus};
use serde_json::{Value, json};

use super::Scans;
use crate::Refused;
use crate::partner::PartnerId;
use crate::sast::ScanOptions;
use crate::testing::{Bench, OneRepository, REPOSITORY};
use crate::tools::Tools;

const CODE: &str = "eval(x)\n";

/// One file, named after the branch.
fn code(branch: Option<&str>, into: &Path) {
    let name = branch.unwrap_or("main");
    std::fs::write(into.join(format!("{name}.py")), CODE).unwrap();
}

struct Room {
    bench: Bench,
    partner: PartnerId,
    repository: Arc<OneRepository>,
    tools: Tools,
    scans: Scans,
}

impl Room {
    async fn with(tools: Tools, refusal: Option<fn() -> Refused>) -> Self {
        let bench = Bench::open().await;
        let partner = bench.partner("veilstream").await;
        let repository = OneRepository::of(&bench, partner, code, refusal).await;
        let scans = scans(&bench, &repository, &tools);
        Self {
            bench,
            partner,
            repository,
            tools,
            scans,
        }
    }

    /// With a Bandit that says what this script says.
    async fn with_bandit(script: &str) -> (Self, tempfile::TempPath) {
        let program = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let tools = Tools {
            bandit: Some(program.to_path_buf()),
            ..Tools::default()
        };
        (Self::with(tools, None).await, program)
    }

    /// As the next process finds it.
    async fn restarted(self) -> Self {
        let bench = self.bench.reopen().await;
        Self {
            scans: scans(&bench, &self.repository, &self.tools),
            bench,
            ..self
        }
    }

    async fn start(&self, request: Value) -> String {
        let started = self
            .scans
            .start(self.partner, from_json(request))
            .await
            .unwrap();
        assert_eq!(started.status, ScanStatus::Pending);
        assert_eq!(
            started.status_url,
            format!("/api/v1/partner/sast/scan/{}", started.job_id)
        );
        started.job_id
    }

    async fn get(&self, id: &str) -> SastScan {
        self.scans.get(self.partner, id).await.unwrap()
    }

    /// Works until the scan has a status.
    async fn work_until(&self, id: &str, status: ScanStatus) -> SastScan {
        let reached = async {
            loop {
                let scan = self.get(id).await;
                if scan.status == status {
                    return scan;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            scan = reached => scan,
            () = self.scans.work() => panic!("it works for ever"),
            () = tokio::time::sleep(Duration::from_secs(60)) => panic!("{:?}", self.get(id).await),
        }
    }
}

fn scans(bench: &Bench, repository: &Arc<OneRepository>, tools: &Tools) -> Scans {
    Scans::new(
        bench.store().clone(),
        repository.clone(),
        tools.clone(),
        ScanOptions::default(),
        bench.dir().join("workspaces"),
    )
}

fn from_json(request: Value) -> SastScanRequest {
    SastScanRequest::from_json(request.to_string().as_bytes()).unwrap()
}

fn with_bandit_only() -> Value {
    json!({ "repository_id": REPOSITORY, "engines": ["bandit"] })
}

/// What Bandit says of the repository's only file.
fn report(file: &str, severity: &str) -> String {
    let issue = json!({
        "filename": file, "issue_cwe": {"id": 78}, "issue_severity": severity,
        "issue_text": "Look.", "line_number": 1, "line_range": [1], "test_id": "B307",
    });
    let report = json!({"errors": [], "metrics": {file: {}}, "results": [issue]});
    format!("echo '{report}'")
}

#[tokio::test]
async fn a_scan_goes_from_pending_to_its_findings() {
    let (room, _program) = Room::with_bandit(&report("./main.py", "HIGH")).await;
    let id = room.start(with_bandit_only()).await;
    let random = id.strip_prefix("scan_").unwrap();
    assert!(random.chars().all(|c| c.is_ascii_alphanumeric()));
    let pending = serde_json::to_value(room.get(&id).await).unwrap();
    assert_eq!(
        pending,
        json!({
            "scan_id": id, "status": "pending", "verdict": null, "findings_count": 0,
            "critical_count": 0, "high_count": 0, "medium_count": 0, "findings": [],
        })
    );

    let done = room.work_until(&id, ScanStatus::Completed).await;
    assert_eq!(
        serde_json::to_value(&done).unwrap(),
        json!({
            "scan_id": id, "status": "completed", "verdict": "pass", "findings_count": 1,
            "critical_count": 0, "high_count": 1, "medium_count": 0,
            "findings": [{
                "rule_id": "B307", "severity": "high", "file": "main.py", "line_start": 1,
                "message": "Look.", "cwe_id": "CWE-95",
            }],
        })
    );
    // Nothing is left of the working copy.
    let workspaces = std::fs::read_dir(room.bench.dir().join("workspaces")).unwrap();
    assert_eq!(workspaces.count(), 0);
}

#[tokio::test]
async fn a_scan_is_of_the_branch_that_was_asked_for() {
    let (room, _program) = Room::with_bandit(&report("./next.py", "LOW")).await;
    let mut request = with_bandit_only();
    request["branch"] = json!("next");
    let id = room.start(request).await;
    let done = room.work_until(&id, ScanStatus::Completed).await;
    assert_eq!(done.findings[0].file, "next.py");
}

#[tokio::test]
async fn a_scan_that_was_under_way_is_done_by_the_next_process() {
    let (room, _program) = Room::with_bandit(&report("./main.py", "LOW")).await;
    room.repository.stuck.store(true, Ordering::Relaxed);
    let id = room.start(with_bandit_only()).await;
    room.work_until(&id, ScanStatus::Running).await;

    let room = room.restarted().await;
    assert_eq!(room.get(&id).await.status, ScanStatus::Running);
    room.repository.stuck.store(false, Ordering::Relaxed);
    let done = room.work_until(&id, ScanStatus::Completed).await;
    assert_eq!(done.findings_count, 1);
}

#[tokio::test]
async fn a_scan_that_ends_with_every_process_is_given_up() {
    let (mut room, _program) = Room::with_bandit("sleep 100").await;
    let id = room.start(with_bandit_only()).await;
    for start in 1..=3 {
        let taken = async {
            while room.repository.checkouts.load(Ordering::Relaxed) < start {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            () = taken => {}
            () = room.scans.work() => {}
        }
        room = room.restarted().await;
    }
    let failed = room.work_until(&id, ScanStatus::Failed).await;
    assert_eq!(
        failed.error_message.as_deref(),
        Some("The scan could not be completed.")
    );
}

#[tokio::test]
async fn an_engine_that_fails_makes_a_failed_scan_with_the_reason_and_no_verdict() {
    let (room, _program) = Room::with_bandit("exit 9").await;
    let id = room.start(with_bandit_only()).await;
    let failed = room.work_until(&id, ScanStatus::Failed).await;
    assert_eq!(
        failed.error_message.as_deref(),
        Some("bandit failed: it ended with code 9")
    );
    assert_eq!((failed.verdict, failed.findings), (None, Vec::new()));

    let id = room.start(json!({ "repository_id": REPOSITORY })).await;
    let failed = room.work_until(&id, ScanStatus::Failed).await;
    let reason = failed.error_message.unwrap();
    assert!(reason.starts_with("semgrep is missing on this deployment"));
}

#[tokio::test]
async fn a_branch_that_is_not_there_fails_the_scan_with_the_reason() {
    let gone = || Refused::NotFound("There is no branch next.".to_owned());
    let room = Room::with(Tools::default(), Some(gone)).await;
    let id = room.start(with_bandit_only()).await;
    let failed = room.work_until(&id, ScanStatus::Failed).await;
    assert_eq!(
        failed.error_message.as_deref(),
        Some("There is no branch next.")
    );
}

#[tokio::test]
async fn a_scan_needs_an_imported_repository_of_its_partner() {
    let room = Room::with(Tools::default(), None).await;
    let theirs = room.bench.partner("theirs").await;
    let refused = |partner, repository: i64| {
        let request = from_json(json!({ "repository_id": repository }));
        room.scans.start(partner, request)
    };
    let unknown = refused(room.partner, 7).await;
    assert!(matches!(unknown, Err(Refused::NotFound(_))));
    let forbidden = refused(theirs, REPOSITORY).await;
    assert!(matches!(forbidden, Err(Refused::Forbidden(_))));

    let id = room.start(with_bandit_only()).await;
    let forbidden = room.scans.get(theirs, &id).await;
    assert!(matches!(forbidden, Err(Refused::Forbidden(_))));
    let unknown = room.scans.get(room.partner, "scan_x").await;
    assert!(matches!(unknown, Err(Refused::NotFound(_))));
}

#[tokio::test]
async fn several_are_worked_on_and_each_once() {
    let (room, _program) = Room::with_bandit(&report("./main.py", "LOW")).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(room.start(with_bandit_only()).await);
    }
    let all = async {
        for id in &ids {
            while room.get(id).await.status != ScanStatus::Completed {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    tokio::select! {
        () = all => {}
        () = room.scans.work() => {}
        () = tokio::time::sleep(Duration::from_secs(60)) => panic!("they take for ever"),
    }
    assert_eq!(room.repository.checkouts.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn a_status_never_goes_backwards() {
    let room = Room::with(Tools::default(), None).await;
    let id = room.start(with_bandit_only()).await;
    let set = async |change: &'static str| {
        let mut write = room.bench.store().write().await?;
        let update = format!("UPDATE scans SET {change} WHERE id = $1");
        sqlx::query(sqlx::AssertSqlSafe(update))
            .bind(&id)
            .execute(&mut *write)
            .await?;
        write.commit().await
    };
    set("status = 'running'").await.unwrap();
    let error = set("status = 'pending'").await.unwrap_err().to_string();
    assert!(error.contains("never goes backwards"), "{error}");
    // Neither without what belongs to them.
    set("status = 'completed'").await.unwrap_err();
    set("status = 'failed'").await.unwrap_err();
    set("status = 'completed', findings = '[]'").await.unwrap();
    for status in [
        "status = 'running'",
        "status = 'pending'",
        "status = 'lost'",
    ] {
        set(status).await.unwrap_err();
    }
}
