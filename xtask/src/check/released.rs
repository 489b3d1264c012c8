//! The contract against the last one that was released: a change has to be
//! announced by `info.version`, as Semantic Versioning has it.

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use semver::Version;
use serde_json::Value;

use super::Problem;
use crate::diff::{self, Side, Verdict};
use crate::document;
use crate::process::workspace;

/// A released document, named as its version is.
pub struct Release {
    pub version: Version,
    pub document: Value,
}

/// The release with the highest version in `contract/released/`.
pub fn latest() -> Result<Release> {
    let dir = workspace().join("contract/released");
    let mut releases: Vec<(Version, PathBuf)> = Vec::new();
    for entry in
        std::fs::read_dir(&dir).with_context(|| format!("{} can't be read", dir.display()))?
    {
        let path = entry?.path();
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        let version = Version::parse(stem)
            .with_context(|| format!("{} is not named as a version", path.display()))?;
        releases.push((version, path));
    }
    let (version, path) = releases
        .into_iter()
        .max()
        .with_context(|| format!("{} holds no release", dir.display()))?;
    let document = document::read_whole(&path)?;
    let says = &document["info"]["version"];
    ensure!(
        *says == version.to_string(),
        "{} says it is {says}",
        path.display()
    );
    Ok(Release { version, document })
}

pub fn looked_at(document: &Value, latest: &Release) -> String {
    let changes = diff::compare(&latest.document, document);
    format!("{} since {}", diff::summary(&changes), latest.version)
}

pub fn check(document: &Value, latest: &Release) -> Result<Vec<Problem>> {
    let stated = document["info"]["version"].as_str().unwrap_or_default();
    let version = match Version::parse(stated) {
        Ok(version) => version,
        Err(error) => {
            let says = format!("{stated:?} is no semantic version: {error}");
            let fix = format!("three numbers, such as {}", latest.version);
            return Ok(vec![Problem::new("/info/version", says, fix)]);
        }
    };
    let changes = diff::compare(&latest.document, document);
    let refused = |verdict: Verdict| {
        changes
            .iter()
            .filter(move |change| change.verdict == verdict)
    };
    let mut problems = Vec::new();
    if version < latest.version {
        let says = format!("{version} is older than the release {}", latest.version);
        problems.push(Problem::new(
            "/info/version",
            says,
            "set it to the release's or a later one",
        ));
    }
    if !breaks(&latest.version, &version) {
        for change in refused(Verdict::Breaking) {
            let old = if change.document == Side::Old {
                " (in the release)"
            } else {
                ""
            };
            problems.push(Problem::new(
                format!("{}{old}", change.pointer),
                format!(
                    "breaks who keeps to {}: {}: {}",
                    latest.version, change.what, change.why
                ),
                format!(
                    "take it back, or set info.version to {}.0.0",
                    latest.version.major + 1
                ),
            ));
        }
    }
    let next = if refused(Verdict::Breaking).next().is_some() {
        format!("{}.0.0, as something here breaks", version.major + 1)
    } else {
        format!("{}.{}.0", version.major, version.minor + 1)
    };
    if version == latest.version {
        for change in refused(Verdict::Compatible) {
            problems.push(Problem::new(
                &change.pointer,
                format!("is not as released in {}: {}", latest.version, change.what),
                format!("set info.version to {next}"),
            ));
        }
    }
    problems.extend(lost_clauses(document, &latest.document));
    Ok(problems)
}

/// Whether so much of a version announces a breaking change.
fn breaks(from: &Version, to: &Version) -> bool {
    to.major > from.major
}

/// Conformance reports name clauses, so an id once released stays.
fn lost_clauses(document: &Value, released: &Value) -> Vec<Problem> {
    let clauses = crate::generate::clauses(document);
    let known: HashSet<_> = clauses.iter().map(|clause| clause.id.as_str()).collect();
    crate::generate::clauses(released)
        .iter()
        .filter(|clause| !known.contains(clause.id.as_str()))
        .map(|clause| {
            let says = format!("the released clause `{}` is gone", clause.id);
            Problem::new(
                &clause.pointer,
                says,
                "ids are stable: put it back where its sentence now holds",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn release() -> Release {
        let mut document = document::contract().unwrap();
        document["info"]["version"] = json!("1.0.0");
        let version = Version::new(1, 0, 0);
        Release { version, document }
    }

    fn problems(version: &str, edit: impl Fn(&mut Value)) -> Vec<String> {
        let release = release();
        let mut document = release.document.clone();
        document["info"]["version"] = json!(version);
        edit(&mut document);
        let found = check(&document, &release).unwrap();
        found.into_iter().map(|problem| problem.at).collect()
    }

    const URL: &str = "/components/schemas/WebhookRequest/properties/url";

    #[test]
    fn a_breaking_change_is_refused_unless_the_major_version_says_so() {
        let narrow = |document: &mut Value| {
            *document.pointer_mut(URL).unwrap() =
                json!({ "type": "string", "maxLength": 9, "format": "uri" })
        };
        let limit = format!("{URL}/maxLength");
        assert!(problems("1.0.0", narrow).contains(&limit));
        assert!(problems("1.1.0", narrow).contains(&limit));
        assert!(!problems("2.0.0", narrow).contains(&limit));
    }

    #[test]
    fn an_addition_needs_a_new_version_and_prose_does_not() {
        let add = |document: &mut Value| {
            document["components"]["headers"]["X-New"] = json!({ "schema": {} })
        };
        assert_eq!(problems("1.0.0", add), ["/components/headers/X-New"]);
        assert_eq!(problems("1.1.0", add), Vec::<String>::new());
        let reword = |document: &mut Value| document["info"]["title"] = json!("Another");
        assert_eq!(problems("1.0.0", reword), Vec::<String>::new());
        assert_eq!(problems("0.9.0", reword), ["/info/version"]);
    }

    #[test]
    fn a_released_clause_keeps_its_id() {
        let rename = |document: &mut Value| {
            document.pointer_mut(&format!("{URL}/x-clause")).unwrap()["id"] =
                json!("webhook.address");
        };
        assert_eq!(problems("2.0.0", rename), [URL]);
    }

    #[test]
    fn the_last_release_is_kept_in_the_workspace() {
        assert!(latest().is_ok());
    }
}
