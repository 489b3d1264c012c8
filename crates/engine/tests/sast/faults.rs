//! An engine that does not do its work is a failed scan with a reason.

use std::time::{Duration, Instant};

use qualitymax_engine::sast::{Engine, Limits, ScanError, ScanOptions, scan};
use qualitymax_engine::tools::Tools;

use crate::{Tree, only};

const CODE: &str = "import yaml\nyaml.load(stream)\n";

/// What a scan says whose only engine is this script.
async fn failure(engine: Engine, script: &str, limits: Limits) -> String {
    let tree = Tree::of(&[("a.py", CODE)]);
    let program = Some(tree.program(script));
    let tools = Tools {
        semgrep: program.clone(),
        bandit: program,
        ..Tools::default()
    };
    let options = ScanOptions {
        limits,
        ..only(&[engine])
    };
    let failed = scan(tree.path(), &options, &tools, |_| {}).await;
    let Err(error @ ScanError::Engine { .. }) = failed else {
        panic!("{failed:?}");
    };
    error.to_string()
}

fn with_time(time: Duration) -> Limits {
    Limits {
        time,
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_crash_is_a_failed_scan() {
    for engine in [Engine::Semgrep, Engine::Bandit] {
        let crash = "echo 'Traceback' >&2; echo 'KeyError: boom' >&2; exit 1";
        assert_eq!(
            failure(engine, crash, Limits::default()).await,
            format!("{engine} failed: it ended with code 1: KeyError: boom")
        );
        let killed = failure(engine, "kill -9 $$", Limits::default()).await;
        assert_eq!(
            killed,
            format!(
                "{engine} failed: it was ended by signal 9 (it may have needed more than its 4096 MB of memory)"
            )
        );
    }
}

#[tokio::test]
async fn junk_is_a_failed_scan() {
    for engine in [Engine::Semgrep, Engine::Bandit] {
        for junk in [
            "",
            "echo '{'",
            "echo 'no findings'",
            "echo '{\"results\": []}'",
            "echo null",
        ] {
            assert_eq!(
                failure(engine, junk, Limits::default()).await,
                format!("{engine} failed: what it printed is not a report")
            );
        }
    }
}

#[tokio::test]
async fn a_report_on_no_file_is_a_failed_scan() {
    let semgrep = r#"echo '{"version":"1","results":[],"errors":[],"paths":{"scanned":[]}}'"#;
    let bandit = r#"echo '{"results":[],"errors":[],"metrics":{"_totals":{}}}'"#;
    for (engine, script) in [(Engine::Semgrep, semgrep), (Engine::Bandit, bandit)] {
        assert_eq!(
            failure(engine, script, Limits::default()).await,
            format!("{engine} failed: it read none of 1 files")
        );
    }
}

#[tokio::test]
async fn an_engine_that_does_not_end_is_ended_with_all_it_started() {
    let marker = tempfile::NamedTempFile::new().unwrap();
    let marker = marker.path().display().to_string();
    // A child of its own that would go on to write.
    let script = format!("(sleep 3; echo alive > {marker}) & sleep 100");
    let started = Instant::now();
    let limits = with_time(Duration::from_millis(500));
    assert_eq!(
        failure(Engine::Bandit, &script, limits).await,
        "bandit failed: it did not end within 0.5 s"
    );
    assert!(started.elapsed() < Duration::from_secs(60));
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(std::fs::read_to_string(marker).unwrap(), "");
}

#[tokio::test]
async fn what_an_engine_leaves_running_does_not_hold_up_the_scan() {
    let report = r#"echo '{"results":[],"errors":[],"metrics":{"./a.py":{}}}'"#;
    let tree = Tree::of(&[("a.py", CODE)]);
    let tools = Tools {
        bandit: Some(tree.program(&format!("sleep 300 & {report}"))),
        ..Tools::default()
    };
    let options = only(&[Engine::Bandit]);
    let scanned = scan(tree.path(), &options, &tools, |_| {});
    let report = tokio::time::timeout(Duration::from_secs(120), scanned)
        .await
        .unwrap();
    assert_eq!(report.unwrap().findings, []);
}

#[tokio::test]
async fn output_without_end_is_cut_off() {
    let limits = Limits {
        output_bytes: 1 << 20,
        ..Limits::default()
    };
    assert_eq!(
        failure(Engine::Semgrep, "yes", limits.clone()).await,
        "semgrep failed: it printed more than 1048576 bytes"
    );
    let to_a_file = "yes > big; exit 0";
    let told = failure(Engine::Semgrep, to_a_file, limits).await;
    assert!(told.starts_with("semgrep failed: "), "{told}");
}

#[tokio::test]
async fn the_real_engines_fail_loudly_with_too_little_time_or_memory() {
    let tree = Tree::of(&[("a.py", CODE)]);
    for engine in [Engine::Semgrep, Engine::Bandit] {
        let options = ScanOptions {
            limits: with_time(Duration::from_millis(5)),
            ..only(&[engine])
        };
        let late = tree.scan(&options).await.unwrap_err().to_string();
        assert_eq!(
            late,
            format!("{engine} failed: it did not end within 0.005 s")
        );

        let options = ScanOptions {
            limits: Limits {
                memory_bytes: 8 << 20,
                ..Limits::default()
            },
            ..only(&[engine])
        };
        let starved = tree.scan(&options).await.unwrap_err().to_string();
        assert!(
            starved.starts_with(&format!("{engine} failed: it "))
                && starved.contains("its 8 MB of memory"),
            "{starved}"
        );
    }
}

#[tokio::test]
async fn one_engine_that_fails_fails_the_scan_and_ends_the_other() {
    let tree = Tree::of(&[("a.py", CODE)]);
    let tools = Tools {
        semgrep: Some(tree.program("sleep 300")),
        bandit: Some("/bin/false".into()),
        ..Tools::default()
    };
    let both = only(&[]);
    let scanned = scan(tree.path(), &both, &tools, |_| {});
    let failed = tokio::time::timeout(Duration::from_secs(120), scanned)
        .await
        .unwrap();
    assert_eq!(
        failed.unwrap_err().to_string(),
        "bandit failed: it ended with code 1"
    );
}

#[tokio::test]
async fn a_reason_names_no_place_on_this_machine() {
    let told = failure(
        Engine::Bandit,
        "echo \"$PWD/a.py and $HOME and $0\" >&2; exit 3",
        Limits::default(),
    )
    .await;
    assert_eq!(
        told,
        "bandit failed: it ended with code 3: a.py and … and …"
    );
}

#[tokio::test]
async fn an_engine_sees_nothing_of_our_environment() {
    // PATH and HOME are set anew; whatever else the test runner has is not there.
    let told = failure(
        Engine::Bandit,
        "env | grep -c ^CARGO >&2; exit 3",
        Limits::default(),
    )
    .await;
    assert_eq!(told, "bandit failed: it ended with code 3: 0");
}
