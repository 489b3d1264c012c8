use std::sync::Mutex;

use contract::types;
use contract::types::{SastScanVerdict, Severity};
use qualitymax_engine::sast::{Engine, Language, Progress, ScanOptions, scan};
use qualitymax_engine::tools::Tools;

use crate::{Tree, only, places, tools};

const LOGIN: &str = r#"
import subprocess
from flask import request

def login(db):
    name = request.args["name"]
    db.execute("SELECT * FROM users WHERE name = '" + name + "'")
    subprocess.run("id " + name, shell=True)
"#;

const SERVER: &str = r#"
app.get("/run", (req, res) => {
  eval(req.query.code);
});
"#;

#[tokio::test]
async fn a_flaw_that_both_engines_see_is_reported_once() {
    let tree = Tree::of(&[("src/login.py", LOGIN)]);
    let report = tree.scan(&ScanOptions::default()).await.unwrap();
    assert_eq!(
        places(&report.findings),
        [
            "src/login.py:7 python-sql-injection",
            "src/login.py:8 python-command-injection",
            "src/login.py:2 B404",
        ]
    );
    let sql = &report.findings[0];
    assert_eq!(sql.engines, [Engine::Semgrep, Engine::Bandit]);
    assert_eq!(sql.also, ["python-sql-string-building", "B608"]);
    assert_eq!(sql.severity, Severity::Critical);
    assert_eq!(sql.cwe_id.as_deref(), Some("CWE-89"));
}

#[tokio::test]
async fn the_verdict_fails_with_a_critical_finding_only() {
    let bad = Tree::of(&[("a.js", SERVER)]);
    let bad = bad.scan_with(&[Engine::Semgrep]).await;
    assert_eq!(bad.count(Severity::Critical), 1);
    assert_eq!(bad.verdict(), SastScanVerdict::Fail);

    let unsafe_yaml = "import yaml\nyaml.load(stream)\n";
    let high = Tree::of(&[("a.py", unsafe_yaml)]).scan_with(&[]).await;
    assert_eq!(high.count(Severity::High), 1);
    assert_eq!(high.verdict(), SastScanVerdict::Pass);
}

#[tokio::test]
async fn a_finding_is_what_the_contract_says() {
    let report = Tree::of(&[("src/login.py", LOGIN)]).scan_with(&[]).await;
    let finding: types::Finding = report.findings[0].clone().into();
    insta::assert_json_snapshot!(finding, @r#"
    {
      "cwe_id": "CWE-89",
      "file": "src/login.py",
      "line_start": 7,
      "message": "Request data becomes part of an SQL statement, so a caller can change what it does. Pass it as a bound parameter: execute(\"... WHERE id = %s\", (id,)).",
      "rule_id": "python-sql-injection",
      "severity": "critical"
    }
    "#);
}

#[tokio::test]
async fn an_engine_that_was_not_asked_for_is_not_even_needed() {
    let tree = Tree::of(&[("login.py", LOGIN)]);
    let no_semgrep = Tools {
        semgrep: None,
        ..tools().await.clone()
    };
    let bandit = only(&[Engine::Bandit]);
    let report = scan(tree.path(), &bandit, &no_semgrep, |_| {})
        .await
        .unwrap();
    assert_eq!(report.runs.len(), 1);
    assert_eq!(report.runs[0].engine, Engine::Bandit);

    let missing = scan(tree.path(), &only(&[]), &no_semgrep, |_| {}).await;
    assert_eq!(
        missing.unwrap_err().to_string(),
        "semgrep is missing on this deployment; its operator can install it with `qualitymax setup`"
    );
}

#[tokio::test]
async fn bandit_is_started_for_python_only() {
    let no_bandit = Tools {
        bandit: None,
        ..tools().await.clone()
    };
    let tree = Tree::of(&[("a.js", SERVER)]);
    let report = scan(tree.path(), &only(&[]), &no_bandit, |_| {})
        .await
        .unwrap();
    assert_eq!(report.languages, [Language::JavaScript].into());
    assert_eq!(
        places(&report.findings),
        ["a.js:3 javascript-code-injection"]
    );
}

#[tokio::test]
async fn a_scan_tells_how_far_it_is() {
    let tree = Tree::of(&[("login.py", LOGIN)]);
    let seen = Mutex::new(Vec::new());
    let note = |progress| seen.lock().unwrap().push(progress);
    scan(tree.path(), &only(&[]), tools().await, note)
        .await
        .unwrap();
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen[0], Progress::Read { files: 1 });
    // Side by side: the second starts before the first has ended.
    assert_eq!(seen[1], Progress::Started(Engine::Semgrep));
    assert_eq!(seen[2], Progress::Started(Engine::Bandit));
    assert_eq!(seen.len(), 5);
}

#[tokio::test]
async fn operators_add_rules_of_their_own() {
    let tree = Tree::of(&[("notes.md", "call me maybe\n"), ("a.js", SERVER)]);
    let rules = Tree::of(&[(
        "rules.yaml",
        "rules:
  - id: no-maybe
    languages: [generic]
    severity: WARNING
    message: Say yes or no.
    metadata: {cwe: [\"CWE-697: Incorrect Comparison\"]}
    pattern: maybe
",
    )]);
    let with_rules = |rules: String| ScanOptions {
        extra_rules: vec![rules],
        ..only(&[Engine::Semgrep])
    };
    let path = rules.path().display().to_string();
    let report = tree.scan(&with_rules(path.clone())).await.unwrap();
    assert_eq!(
        places(&report.findings),
        ["a.js:3 javascript-code-injection", "notes.md:1 no-maybe"]
    );
    assert_eq!(report.findings[1].severity, Severity::Medium);
    assert_eq!(report.findings[1].cwe_id.as_deref(), Some("CWE-697"));

    let nowhere = tree.scan(&with_rules(format!("{path}/none"))).await;
    assert!(
        nowhere
            .unwrap_err()
            .to_string()
            .starts_with("there are no rules at")
    );
    let relative = tree.scan(&with_rules("rules.yaml".to_owned())).await;
    assert!(
        relative
            .unwrap_err()
            .to_string()
            .contains("neither an absolute path nor")
    );

    rules.write(
        "rules.yaml",
        "rules: [{id: x, languages: [python], severity: HIGH, message: m, pattern: 'f((('}]",
    );
    let broken = tree.scan(&with_rules(path)).await.unwrap_err().to_string();
    assert!(
        broken.starts_with("semgrep failed: Rule parse error in rule x"),
        "{broken}"
    );
}

#[tokio::test]
async fn a_secret_is_never_repeated() {
    let secret = "hunter2-and-more";
    let tree = Tree::of(&[("a.py", &format!("password = \"{secret}\"\n"))]);
    let rules = Tree::of(&[(
        "rules.yaml",
        "rules:
  - id: telling
    languages: [python]
    severity: ERROR
    message: The password is $X, look.
    metadata: {cwe: CWE-259}
    pattern: password = $X
",
    )]);
    let ours = tree.scan_with(&[]).await;
    assert_eq!(ours.findings.len(), 1, "{:?}", ours.findings);
    let bandit = tree.scan_with(&[Engine::Bandit]).await;
    let telling = ScanOptions {
        extra_rules: vec![rules.path().display().to_string()],
        ..only(&[])
    };
    let telling = tree.scan(&telling).await.unwrap();
    assert!(telling.findings.iter().any(
        |finding| finding.rule_id == "telling" || finding.also.contains(&"telling".to_owned())
    ));
    for report in [ours, bandit, telling] {
        assert!(!report.findings.is_empty());
        let told = serde_json::to_string(&report).unwrap();
        assert!(!told.contains(secret), "{told}");
        assert!(!report.to_sarif().to_string().contains(secret));
    }
}

#[tokio::test]
async fn a_comment_hides_a_finding_only_where_the_operator_lets_it() {
    let hidden = "import yaml\nyaml.load(stream)  # nosemgrep # nosec\n";
    let tree = Tree::of(&[("a.py", hidden)]);
    assert_eq!(
        places(&tree.scan_with(&[]).await.findings),
        ["a.py:2 python-unsafe-yaml-load"]
    );
    let honoured = ScanOptions {
        honour_suppressions: true,
        ..ScanOptions::default()
    };
    assert_eq!(tree.scan(&honoured).await.unwrap().findings, []);
}

#[tokio::test]
async fn a_file_that_can_not_be_parsed_is_a_warning_and_the_rest_is_scanned() {
    let tree = Tree::of(&[
        ("a.py", LOGIN),
        ("b.py", "def f(:\n  eval(request.args[\"x\"])\n]]"),
    ]);
    let report = tree.scan_with(&[]).await;
    assert!(report.findings.iter().any(|finding| finding.file == "a.py"));
    let warnings: Vec<_> = report.runs.iter().flat_map(|run| &run.warnings).collect();
    assert!(
        warnings
            .iter()
            .any(|warning| *warning == "b.py could not be parsed"),
        "{warnings:?}"
    );
}

#[tokio::test]
async fn a_tree_without_code_has_no_findings_and_starts_nothing() {
    let tree = Tree::of(&[("README.md", "Hello"), ("logo.png", "")]);
    let report = scan(tree.path(), &only(&[]), &Tools::default(), |_| {})
        .await
        .unwrap();
    assert_eq!(
        (report.files, report.runs.len(), report.findings.len()),
        (0, 0, 0)
    );
}
