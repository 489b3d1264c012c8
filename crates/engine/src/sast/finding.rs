//! What was found, in one shape whichever engine found it, and once.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use contract::types::{self, Severity};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Engine;
use super::tree::Copied;

/// As an engine says it; `path` is one in the copy.
#[derive(Debug)]
pub(super) struct Found {
    pub engine: Engine,
    pub rule_id: String,
    pub severity: Severity,
    pub path: String,
    pub line_start: u64,
    pub line_end: u64,
    pub message: String,
    pub cwe: Option<u32>,
}

/// A possible flaw.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    pub rule_id: String,
    pub severity: Severity,
    /// Relative to the tree's root; what is not printable text in it is escaped.
    pub file: String,
    /// From 1.
    pub line_start: u64,
    pub line_end: u64,
    /// What is wrong and what to do. Never a path outside of the tree, and never
    /// the secret that was found.
    pub message: String,
    /// `CWE-89`
    pub cwe_id: Option<String>,
    /// Who found it.
    pub engines: Vec<Engine>,
    /// Rules that found the same flaw in the same place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// Stays the same when the lines above change; 16 hex digits.
    pub fingerprint: String,
}

impl From<Finding> for types::Finding {
    fn from(finding: Finding) -> Self {
        Self {
            rule_id: finding.rule_id,
            severity: finding.severity,
            file: finding.file,
            line_start: std::num::NonZeroU64::new(finding.line_start)
                .unwrap_or(std::num::NonZeroU64::MIN),
            message: finding.message,
            cwe_id: finding.cwe_id,
        }
    }
}

/// Every flaw once, the most severe first, then by file and line.
pub(super) fn normalise(mut found: Vec<Found>, copied: &Copied, tree: &Path) -> Vec<Finding> {
    let mut sources = Sources::new(tree);
    let mut merged: Vec<(u32, Finding)> = Vec::new();
    let mut of_file: HashMap<String, Vec<usize>> = HashMap::new();
    // Semgrep's first: its rules say what to do, and keep their names in a merge.
    found.sort_by(|a, b| {
        (a.engine, a.severity, a.line_start, &a.rule_id).cmp(&(
            b.engine,
            b.severity,
            b.line_start,
            &b.rule_id,
        ))
    });
    for one in found {
        let Some(file) = copied.origin(&one.path) else {
            // Not of this tree: an engine's fault, or somebody's rule reading on.
            continue;
        };
        let class = one.cwe.map_or(0, class);
        let known = of_file.entry(file.to_owned()).or_default();
        let same = known
            .iter()
            .copied()
            .find(|index| is_the_same(&merged[*index], class, &one));
        if let Some(index) = same {
            merge(&mut merged[index].1, one);
            continue;
        }
        known.push(merged.len());
        let finding = sources.finding(one, file, class == class_of_secrets());
        merged.push((class, finding));
    }
    let mut findings: Vec<_> = merged.into_iter().map(|(_, finding)| finding).collect();
    findings.sort_by(|a, b| {
        (a.severity, &a.file, a.line_start, &a.rule_id).cmp(&(
            b.severity,
            &b.file,
            b.line_start,
            &b.rule_id,
        ))
    });
    findings
}

/// The same weakness in the same place. Two engines may differ by a line on where
/// a statement is.
fn is_the_same((class, known): &(u32, Finding), other_class: u32, other: &Found) -> bool {
    if *class != other_class || (*class == 0 && known.rule_id != other.rule_id) {
        return false;
    }
    if known.engines.contains(&other.engine) {
        return known.line_start == other.line_start;
    }
    known.line_start <= other.line_end + 1 && other.line_start <= known.line_end + 1
}

fn merge(known: &mut Finding, other: Found) {
    known.severity = known.severity.min(other.severity);
    if !known.engines.contains(&other.engine) {
        known.engines.push(other.engine);
    }
    if known.rule_id != other.rule_id && !known.also.contains(&other.rule_id) {
        known.also.push(other.rule_id);
    }
}

/// Reads the copy, a file at a time, for what a finding is about.
struct Sources<'a> {
    tree: &'a Path,
    path: String,
    lines: Vec<String>,
    /// How often a rule matched a line like this one.
    seen: HashMap<(String, String, String), usize>,
}

impl<'a> Sources<'a> {
    fn new(tree: &'a Path) -> Self {
        Self {
            tree,
            path: String::new(),
            lines: Vec::new(),
            seen: HashMap::new(),
        }
    }

    fn finding(&mut self, found: Found, file: &str, secret: bool) -> Finding {
        let lines = self.lines(&found);
        let text = lines.join(" ");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut message = plain(&found.message, self.tree);
        if secret {
            message = without_literals(&message, &lines);
        }
        let occurrence = self
            .seen
            .entry((found.rule_id.clone(), file.to_owned(), text.clone()))
            .or_default();
        let mut hash = Sha256::new();
        for part in [&found.rule_id, file, &text, &occurrence.to_string()] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        *occurrence += 1;
        Finding {
            rule_id: found.rule_id,
            severity: found.severity,
            file: file.to_owned(),
            line_start: found.line_start,
            line_end: found.line_end,
            message,
            cwe_id: found.cwe.map(|number| format!("CWE-{number}")),
            engines: vec![found.engine],
            also: Vec::new(),
            fingerprint: hex::encode(hash.finalize())[..16].to_owned(),
        }
    }

    /// The lines that were matched, the first 20 of them.
    fn lines(&mut self, found: &Found) -> Vec<String> {
        if self.path != found.path {
            let bytes = fs::read(self.tree.join(&found.path)).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            self.lines = text.lines().map(str::to_owned).collect();
            self.path.clone_from(&found.path);
        }
        let from = usize::try_from(found.line_start - 1).unwrap_or(usize::MAX);
        let count = usize::try_from(found.line_end - found.line_start).unwrap_or(0) + 1;
        let lines = self.lines.iter().skip(from).take(count.min(20));
        lines.cloned().collect()
    }
}

/// One paragraph, without the copy's place on this machine.
fn plain(message: &str, tree: &Path) -> String {
    let place = format!("{}/", tree.display());
    let message = message.replace(&place, "");
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let printable = message.chars().filter(|char| !char.is_control());
    printable.take(1000).collect()
}

/// The message without what the lines quote, for rules that repeat what they
/// matched.
fn without_literals(message: &str, lines: &[String]) -> String {
    let mut message = message.to_owned();
    for line in lines {
        let quoted = line.split(['"', '\'', '`']).filter(|text| text.len() >= 3);
        let bare = line
            .split([' ', '=', ':', ',', ';', '(', ')', '<', '>'])
            .filter(|word| word.len() >= 8 && !word.chars().all(char::is_alphabetic));
        for text in quoted.chain(bare) {
            let text = text.trim();
            if !text.is_empty() {
                message = message.replace(text, "***");
            }
        }
    }
    message
}

fn class_of_secrets() -> u32 {
    class(798)
}

/// One number for weaknesses that two rules may well name differently when they
/// mean the same flaw.
fn class(cwe: u32) -> u32 {
    match cwe {
        77 | 78 | 88 => 78,
        80 | 83 | 87 | 116 => 79,
        564 => 89,
        94..=96 | 917 => 94,
        22 | 23 | 36 | 73 => 22,
        259 | 321 | 522 | 798 => 798,
        326 | 327 | 780 => 327,
        328 | 759 | 916 => 328,
        330 | 331 | 335 | 338 => 330,
        295..=297 | 599 => 295,
        611 | 776 | 827 => 611,
        275 | 276 | 732 => 732,
        614 | 1004 => 614,
        377 | 379 => 377,
        other => other,
    }
}
