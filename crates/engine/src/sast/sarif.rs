//! A scan as SARIF: a result a finding, a rule each that found something.

use std::collections::BTreeMap;

use contract::types::Severity;
use serde_json::{Value, json};

use super::{Engine, Finding, ScanReport};
use crate::sarif::{document, place};

impl ScanReport {
    /// The report as a SARIF 2.1.0 document with one run.
    pub fn to_sarif(&self) -> Value {
        let rules: BTreeMap<&str, &Finding> = self
            .findings
            .iter()
            .map(|finding| (finding.rule_id.as_str(), finding))
            .collect();
        let index: BTreeMap<&str, usize> = rules
            .keys()
            .enumerate()
            .map(|(index, id)| (*id, index))
            .collect();
        let notifications: Vec<_> = self
            .runs
            .iter()
            .flat_map(|run| &run.warnings)
            .map(|warning| json!({"level": "warning", "message": {"text": warning}}))
            .collect();
        let engines: Vec<_> = self
            .runs
            .iter()
            .map(|run| {
                let mut tool = json!({"name": run.engine.to_string()});
                if let Some(version) = &run.version {
                    tool["version"] = json!(version);
                }
                tool
            })
            .collect();
        let results: Vec<_> = self
            .findings
            .iter()
            .map(|finding| result(finding, index[finding.rule_id.as_str()]))
            .collect();
        let rules: Vec<_> = rules.into_values().map(rule).collect();
        let mut document = document(&rules, &results, "The root of the scanned tree.");
        let run = &mut document["runs"][0];
        run["tool"]["extensions"] = json!(engines);
        run["invocations"] = json!([{
            "executionSuccessful": true,
            "toolExecutionNotifications": notifications,
        }]);
        document
    }
}

fn rule(finding: &Finding) -> Value {
    let mut tags = vec!["security".to_owned()];
    if let Some(cwe) = &finding.cwe_id {
        tags.push(format!("external/cwe/{}", cwe.to_lowercase()));
    }
    let mut rule = json!({
        "id": finding.rule_id,
        "shortDescription": {"text": first_sentence(&finding.message)},
        "fullDescription": {"text": finding.message},
        "help": {"text": finding.message},
        "defaultConfiguration": {"level": level(finding.severity)},
        "properties": {
            "tags": tags,
            "security-severity": score(finding.severity),
        },
    });
    if let Some(number) = finding
        .cwe_id
        .as_deref()
        .and_then(|cwe| cwe.strip_prefix("CWE-"))
    {
        rule["helpUri"] = json!(format!(
            "https://cwe.mitre.org/data/definitions/{number}.html"
        ));
    }
    rule
}

fn result(finding: &Finding, rule: usize) -> Value {
    json!({
        "ruleId": finding.rule_id,
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": {"text": finding.message},
        "locations": [{
            "physicalLocation": place(
                &finding.file,
                json!({"startLine": finding.line_start, "endLine": finding.line_end}),
            ),
        }],
        "partialFingerprints": {"qualitymax/v1": finding.fingerprint},
        "properties": {
            "severity": finding.severity,
            "engines": finding.engines.iter().map(Engine::to_string).collect::<Vec<_>>(),
            "also": finding.also,
        },
    })
}

fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// On the scale of CVSS, by which code hosts sort.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}
