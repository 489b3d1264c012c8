//! `qualitymax gaps`, as it is run.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn gaps(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_qualitymax"))
        .arg("gaps")
        .args(arguments)
        .output()
        .unwrap()
}

fn sample(name: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/repositories")
        .join(name);
    path.to_str().unwrap().to_owned()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn gaps_are_listed_by_category_with_a_summary() {
    let output = gaps(&[&sample("web"), "--max", "1"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        text(output.stdout),
        "End to end
 P5  form \"Subscribe\" on /  public/index.html:6
     1 field to fill in

2 of 6 units (3 pages, 3 forms) reached by tests in 1 file
1 gap shown of 4: e2e 1 of 4, security 0 of 0, integration 0 of 0
5 files, 56 lines read
"
    );
}

#[test]
fn missing_test_cases_are_printed_in_full_when_asked_for() {
    let output = gaps(&[
        &sample("flask"),
        "--category",
        "security",
        "--max",
        "1",
        "--cases",
    ]);
    let printed = text(output.stdout);
    assert!(
        printed.contains("Test: DELETE /back-office/users/<int:user_id> refuses"),
        "{printed}"
    );
    assert!(printed.contains("Expected:\n"), "{printed}");
    assert!(!printed.contains("Integration"), "{printed}");
}

#[test]
fn exit_codes_say_what_happened() {
    let flask = sample("flask");
    assert_eq!(gaps(&[&flask]).status.code(), Some(0));
    assert_eq!(gaps(&[&flask, "--fail-on-gaps"]).status.code(), Some(1));
    let nothing = tempfile::tempdir().unwrap();
    let nothing = nothing.path().to_str().unwrap();
    assert_eq!(gaps(&[nothing, "--fail-on-gaps"]).status.code(), Some(0));
    for wrong in [
        ["/nowhere/at/all", "--max", "3"],
        [&flask, "--category", "unit"],
        [&flask, "--max", "0"],
        [&flask, "--format", "xml"],
    ] {
        let output = gaps(&wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn json_and_sarif_hold_the_same_gaps() {
    let flask = sample("flask");
    let json: Value = serde_json::from_slice(&gaps(&[&flask, "--json"]).stdout).unwrap();
    let found = json["gaps"].as_array().unwrap();
    assert_eq!(json["tests_generated"], found.len());

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("gaps.sarif");
    let output = gaps(&[
        &flask,
        "--format",
        "sarif",
        "--output",
        file.to_str().unwrap(),
    ]);
    assert!(output.stdout.is_empty());
    let sarif: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), found.len());
    for (result, gap) in results.iter().zip(found) {
        let rule = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], gap["file"]);
        assert_eq!(place["region"]["startLine"], gap["line"]);
    }
    let prints: std::collections::HashSet<&str> = results
        .iter()
        .filter_map(|result| result["partialFingerprints"]["qualitymax/v1"].as_str())
        .collect();
    assert_eq!(prints.len(), results.len());
}
