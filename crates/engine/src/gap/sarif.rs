//! An analysis as SARIF: a result a gap, a rule a category.

use contract::types::GapCategory;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Gap, GapReport};
use crate::sarif::{document, place};

const RULES: [(GapCategory, &str, &str); 3] = [
    (
        GapCategory::E2e,
        "untested-e2e",
        "No end-to-end test reaches this page, form or flow.",
    ),
    (
        GapCategory::Security,
        "untested-security",
        "No test reaches this code, on which security depends.",
    ),
    (
        GapCategory::Integration,
        "untested-integration",
        "No test reaches this route or module.",
    ),
];

impl GapReport {
    /// The report as a SARIF 2.1.0 document with one run.
    pub fn to_sarif(&self) -> Value {
        let rules: Vec<Value> = RULES
            .iter()
            .map(|(_, id, says)| {
                json!({
                    "id": id,
                    "shortDescription": {"text": says},
                    "defaultConfiguration": {"level": "note"},
                })
            })
            .collect();
        let results: Vec<Value> = self.gaps.iter().map(result).collect();
        document(&rules, &results, "The root of the analysed tree.")
    }
}

fn result(gap: &Gap) -> Value {
    let rule = RULES
        .iter()
        .position(|(category, _, _)| *category == gap.category)
        .unwrap_or_default();
    let case = &gap.test_case;
    let level = match case.priority {
        1 => "error",
        2 | 3 => "warning",
        _ => "note",
    };
    json!({
        "ruleId": RULES[rule].1,
        "ruleIndex": rule,
        "level": level,
        "message": {
            "text": format!("{} is reached by no test: {}. Missing: {}", gap.unit, gap.risk, case.title),
        },
        "locations": [{
            "physicalLocation": place(&gap.file, json!({"startLine": gap.line})),
            "logicalLocations": [{"fullyQualifiedName": gap.unit}],
        }],
        // The line may move; the unit stays.
        "partialFingerprints": {"qualitymax/v1": fingerprint(gap)},
        "properties": {"score": gap.score, "testCase": case},
    })
}

fn fingerprint(gap: &Gap) -> String {
    let text = format!("{}\n{}\n{}", gap.category, gap.file, gap.unit);
    hex::encode(&Sha256::digest(text)[..16])
}
