//! Every rule of ours against its samples. `ruleid: a, b` says that exactly these
//! rules match the next line, `ok: a` that this one does not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use qualitymax_engine::sast::Engine;

use crate::Tree;

type Lines = BTreeMap<(String, u64), BTreeSet<String>>;

#[tokio::test]
async fn every_rule_finds_its_bad_samples_and_leaves_its_good_ones() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let tree = Tree::of(&[]);
    let mut ids = BTreeSet::new();
    let mut wanted = Lines::new();
    let mut left = Lines::new();
    for dir in fs::read_dir(rules).unwrap() {
        for file in fs::read_dir(dir.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            if path.extension().unwrap() == "yaml" {
                let id = text
                    .lines()
                    .filter_map(|line| line.strip_prefix("  - id: "));
                ids.extend(id.map(str::to_owned));
                continue;
            }
            let dir = path.parent().unwrap().file_name().unwrap();
            let name = Path::new(dir).join(path.file_name().unwrap());
            let name = name.to_str().unwrap().to_owned();
            // A key that is whole would be found by whoever scans this repository.
            tree.write(&name, text.replace("@@", ""));
            for (line, number) in text.lines().zip(2..) {
                for (mark, lines) in [(" ruleid: ", &mut wanted), (" ok: ", &mut left)] {
                    if let Some((_, listed)) = line.split_once(mark) {
                        let listed = listed.split(", ").map(str::to_owned);
                        lines.insert((name.clone(), number), listed.collect());
                    }
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
    let login = "form.password = \"hunter2-and-more\"\n";
    let tree = Tree::of(&[("tests/test_login.py", login), ("shop/login.py", login)]);
    let report = tree.scan_with(&[Engine::Semgrep]).await;
    let files: Vec<_> = report
        .findings
        .iter()
        .map(|finding| &finding.file)
        .collect();
    assert_eq!(files, ["shop/login.py"]);
}
