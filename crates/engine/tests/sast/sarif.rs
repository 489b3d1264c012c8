use qualitymax_engine::sast::Engine;
use serde_json::{Value, json};

use crate::Tree;

#[tokio::test]
async fn a_report_exports_as_valid_sarif() {
    let tree = Tree::of(&[
        (
            "src/a b.js",
            "app.get('/', (req, res) => { eval(req.query.code); });\n",
        ),
        (
            "conf.py",
            "import hashlib\nhashlib.md5(data)\n\n\nhashlib.md5(data)\n",
        ),
    ]);
    let report = tree.scan_with(&[]).await;
    let sarif = report.to_sarif();

    // An erratum: two patterns in it have a bracket too many.
    let schema = include_str!("sarif-2.1.0.schema.json").replace("{2}]?$", "{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let problems: Vec<_> = schema
        .iter_errors(&sarif)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(problems, [""; 0]);

    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!((rules.len(), results.len()), (2, 3));
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let eval = &results[0];
    assert_eq!(eval["level"], "error");
    let location = &eval["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "src/a%20b.js");
    assert_eq!(location["region"]["startLine"], 1);
    assert_eq!(
        rules[0]["properties"]["tags"],
        json!(["security", "external/cwe/cwe-95"])
    );
}

#[tokio::test]
async fn a_fingerprint_stays_when_lines_above_change_and_tells_twins_apart() {
    let code = "import yaml\nyaml.load(a)\nyaml.load(a)\n";
    let before = Tree::of(&[("a.py", code)])
        .scan_with(&[Engine::Semgrep])
        .await;
    let after = Tree::of(&[("a.py", &format!("# moved\n\n{code}"))]);
    let after = after.scan_with(&[Engine::Semgrep]).await;
    let prints = |report: &qualitymax_engine::sast::ScanReport| {
        let findings = report.findings.iter();
        findings
            .map(|finding| finding.fingerprint.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(prints(&before), prints(&after));
    assert_ne!(prints(&before)[0], prints(&before)[1]);
}
