//! Every rule of ours against its samples. `ruleid: a, b` says that exactly these
//! rules match the next line, `ok: a` that this one does not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use contract::types::Severity;
use qualitymax_engine::sast::Engine;
use walkdir::WalkDir;

use crate::Tree;

type Lines = BTreeMap<(String, u64), BTreeSet<String>>;

#[tokio::test]
async fn every_rule_finds_its_bad_samples_and_leaves_its_good_ones() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let tree = Tree::of(&[]);
    let mut ids = BTreeSet::new();
    let mut wanted = Lines::new();
    let mut left = Lines::new();
    let files = WalkDir::new(&rules).into_iter().map(Result::unwrap);
    for file in files.filter(|file| file.file_type().is_file()) {
        let path = file.path();
        let text = fs::read_to_string(path).unwrap();
        if path.extension().unwrap() == "yaml" {
            let id = text
                .lines()
                .filter_map(|line| line.strip_prefix("  - id: "));
            ids.extend(id.map(str::to_owned));
            continue;
        }
        let name = path.strip_prefix(&rules).unwrap().to_str().unwrap();
        // A key that is whole would be found by whoever scans this repository.
        tree.write(name, text.replace("@@", ""));
        for (line, number) in text.lines().zip(2..) {
            for (mark, lines) in [(" ruleid: ", &mut wanted), (" ok: ", &mut left)] {
                if let Some((_, listed)) = line.split_once(mark) {
                    let listed = listed.split(", ").map(str::to_owned);
                    lines.insert((name.to_owned(), number), listed.collect());
                }
            }
        }
    }

    let report = tree.scan_with(&[Engine::Semgrep]).await;
    assert_eq!(report.runs[0].warnings, [""; 0]);
    let mut found = Lines::new();
    for finding in report.findings {
        let place = (finding.file, finding.line_start);
        let rules = found.entry(place).or_default();
        rules.insert(finding.rule_id);
        rules.extend(finding.also);
    }
    let differences: Vec<_> = wanted
        .keys()
        .chain(found.keys())
        .filter(|place| wanted.get(*place) != found.get(*place))
        .map(|place| (place, wanted.get(place), found.get(place)))
        .collect();
    assert!(differences.is_empty(), "{differences:#?}");

    let all = |lines: &Lines| lines.values().flatten().cloned().collect::<BTreeSet<_>>();
    assert_eq!(all(&wanted), ids, "each rule has a bad sample");
    assert_eq!(all(&left), ids, "each rule has a good sample");
    assert!(ids.len() > 200, "{}", ids.len());
}

#[tokio::test]
async fn what_tests_do_is_not_held_against_them() {
    let login = "form.password = \"hunter2-and-more\"\nassert login(form)\n";
    let query = "import flask\ndb.execute(\"SELECT \" + flask.request.args[\"q\"])\n";
    let key = "KEY = \"AK@@IAQWERTYUIOPASDFGH\"\n".replace("@@", "");
    let tree = Tree::of(&[
        ("tests/test_login.py", login),
        ("shop/login.py", login),
        ("tests/helper.py", query),
        ("shop/search.py", query),
        ("tests/cloud.py", &key),
    ]);
    let report = tree.scan_with(&[]).await;
    let found = report.findings.iter();
    let found: Vec<_> = found
        .map(|finding| (finding.severity, &*finding.rule_id, &*finding.file))
        .collect();
    assert_eq!(
        found,
        [
            (Severity::Critical, "python-sql-injection", "shop/search.py"),
            (Severity::High, "python-hardcoded-secret", "shop/login.py"),
            (Severity::High, "secret-aws-access-key", "tests/cloud.py"),
            (Severity::Info, "B101", "shop/login.py"),
            (Severity::Info, "python-sql-injection", "tests/helper.py"),
        ]
    );
}
