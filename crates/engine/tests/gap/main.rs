//! What `gap::analyse` promises, on small repositories of each framework.

#![allow(clippy::unwrap_used)]

mod case;
mod frameworks;
mod hostile;
mod prefixes;
mod promises;

use std::fs;
use std::path::{Path, PathBuf};

use qualitymax_engine::gap::{self, GapOptions, GapReport};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/repositories")
        .join(name)
}

fn analyse(tree: &Path) -> GapReport {
    let options = GapOptions {
        max_tests_per_category: 100,
        ..GapOptions::default()
    };
    gap::analyse(tree, &options, |_| {}).unwrap()
}

/// One line a unit, riskiest first: the unit, where it is, what is missing.
fn summary(report: &GapReport) -> String {
    let mut units: Vec<(String, Vec<String>)> = Vec::new();
    for gap in &report.gaps {
        let unit = format!("{} @ {}:{}", gap.unit, gap.file, gap.line);
        let category = gap.category.to_string();
        match units.iter_mut().find(|(known, _)| *known == unit) {
            Some((_, categories)) => categories.push(category),
            None => units.push((unit, vec![category])),
        }
    }
    let mut lines: Vec<String> = units
        .into_iter()
        .map(|(unit, categories)| format!("{unit} [{}]", categories.join(", ")))
        .collect();
    lines.push(format!(
        "{} of {} units are reached by {} test files",
        report.reached,
        report.units.total(),
        report.test_files
    ));
    lines.join("\n")
}

/// A copy of a sample repository to change.
struct Copy {
    directory: tempfile::TempDir,
}

impl Copy {
    fn of(name: &str) -> Self {
        let copy = Self::empty();
        copy_all(&fixture(name), copy.path());
        copy
    }

    fn empty() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn write(&self, file: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn remove(&self, file: &str) -> &Self {
        fs::remove_file(self.path().join(file)).unwrap();
        self
    }

    /// The units that are gaps.
    fn gaps(&self) -> Vec<String> {
        let mut units: Vec<String> = analyse(self.path())
            .gaps
            .into_iter()
            .map(|gap| gap.unit)
            .collect();
        units.dedup();
        units
    }

    fn is_gap(&self, unit: &str) -> bool {
        self.gaps().iter().any(|gap| gap == unit)
    }
}

fn copy_all(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy_all(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
