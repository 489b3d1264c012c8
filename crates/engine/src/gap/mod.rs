//! Gap analysis: what a repository has that could be tested, what its tests
//! reach, and what is left, riskiest first, each with the test case that is
//! missing. Needs neither database nor server.
//!
//! [`tree`] lists the files, [`syntax`] reads them with tree-sitter, [`file`]
//! keeps what matters of each; [`link`] joins routes with their routers and
//! handlers, [`coverage`] holds the units against the tests, [`risk`] ranks what
//! is left and [`case`] writes the test cases.

pub(crate) mod analyses;
mod answer;
mod body;
mod case;
mod coverage;
mod file;
mod index;
mod link;
mod matching;
mod reach;
mod risk;
mod routes;
mod sarif;
mod screens;
mod sink;
mod syntax;
mod test_file;
mod topic;
mod tree;
mod units;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use contract::types::GapCategory;
use serde::Serialize;

pub use analyses::GapAnalyses;
pub use case::Case;
pub use tree::Skipped;

use coverage::Coverage;
use file::FileFacts;
use index::Index;
use syntax::Parsers;
use tree::{Candidate, Unread};
use units::What;

/// What to look for.
#[derive(Clone, Debug)]
pub struct GapOptions {
    pub categories: Vec<GapCategory>,
    /// Gaps of each category, the riskiest; from 1.
    pub max_tests_per_category: usize,
}

impl Default for GapOptions {
    fn default() -> Self {
        Self {
            categories: vec![
                GapCategory::E2e,
                GapCategory::Security,
                GapCategory::Integration,
            ],
            max_tests_per_category: 10,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum GapError {
    #[error("{} can't be analysed: {reason}", path.display())]
    Tree { path: PathBuf, reason: String },
    #[error("the analysis was stopped")]
    Stopped,
}

#[derive(Clone, Debug, Serialize)]
pub struct GapReport {
    /// The sum over `categories`.
    pub tests_generated: usize,
    /// Riskiest first.
    pub gaps: Vec<Gap>,
    /// Test cases by category; each category that was asked for is here.
    pub categories: BTreeMap<GapCategory, usize>,
    /// Gaps by category before the limit was applied.
    pub found: BTreeMap<GapCategory, usize>,
    pub units: UnitCounts,
    /// Units that a test reaches, of all in `units`.
    pub reached: usize,
    /// Files that were read, and their lines.
    pub files: usize,
    pub lines: u64,
    /// Files with tests in them.
    pub test_files: usize,
    pub skipped: Skipped,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UnitCounts {
    pub routes: usize,
    pub pages: usize,
    pub forms: usize,
    pub flows: usize,
    pub functions: usize,
    pub classes: usize,
}

impl UnitCounts {
    pub fn total(&self) -> usize {
        self.routes + self.pages + self.forms + self.flows + self.functions + self.classes
    }
}

/// One piece of the repository that no test reaches.
#[derive(Clone, Debug, Serialize)]
pub struct Gap {
    pub category: GapCategory,
    /// `POST /payments`, `chargeCard`, `form "Sign in" on /login`
    pub unit: String,
    /// Relative to the root, with `/`.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// Why it matters, the weightiest reason first.
    pub risk: String,
    /// The sum of the reasons' weights.
    pub score: u32,
    pub test_case: Case,
}

/// Reading is nearly all of the work; the rest is judged in this share.
const READING: f64 = 0.95;
/// A few threads are enough; each holds one file and its tree.
const THREADS: usize = 8;
/// The trees of hostile files are deep, and so may be looking into them.
const STACK: usize = 8 * 1024 * 1024;

/// Analyses a tree. Blocks; `progress` is called on the calling thread with the
/// share of the work that is done, 0 to 1, never less than before.
pub fn analyse(
    tree: &Path,
    options: &GapOptions,
    progress: impl Fn(f64),
) -> Result<GapReport, GapError> {
    analyse_unless(tree, options, &AtomicBool::new(false), progress)
}

/// As [`analyse`]; ends early once `stopped` is set.
pub fn analyse_unless(
    tree: &Path,
    options: &GapOptions,
    stopped: &AtomicBool,
    progress: impl Fn(f64),
) -> Result<GapReport, GapError> {
    progress(0.0);
    let mut skipped = Skipped::default();
    let candidates = tree::list(tree, &mut skipped)?;
    let files = read_all(&candidates, &mut skipped, stopped, &progress)?;
    progress(READING);
    let report = judge(&files, options, skipped);
    progress(1.0);
    Ok(report)
}

enum Outcome {
    Read(Box<FileFacts>),
    Unread(Unread),
    Unparsed,
}

fn read_all(
    candidates: &[Candidate],
    skipped: &mut Skipped,
    stopped: &AtomicBool,
    progress: &impl Fn(f64),
) -> Result<Vec<FileFacts>, GapError> {
    // A file costs something even where it is empty.
    let weight = |candidate: &Candidate| candidate.bytes + 200;
    let total: u64 = candidates.iter().map(weight).sum();
    let threads = thread::available_parallelism()
        .map_or(1, NonZeroUsize::get)
        .min(THREADS)
        .min(candidates.len().max(1));
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    let mut files: Vec<Option<FileFacts>> = Vec::new();
    files.resize_with(candidates.len(), || None);
    thread::scope(|scope| {
        for _ in 0..threads {
            let sender = sender.clone();
            let next = &next;
            thread::Builder::new()
                .name("gap-reader".to_owned())
                .stack_size(STACK)
                .spawn_scoped(scope, move || {
                    let mut parsers = Parsers::new();
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(candidate) = candidates.get(at) else {
                            return;
                        };
                        if stopped.load(Ordering::Relaxed) {
                            return;
                        }
                        let outcome = read_one(&mut parsers, candidate);
                        if sender.send((at, outcome)).is_err() {
                            return;
                        }
                    }
                })
                .map_err(|_| GapError::Stopped)?;
        }
        drop(sender);
        let mut done = 0;
        for (at, outcome) in results {
            match outcome {
                Outcome::Read(facts) => files[at] = Some(*facts),
                Outcome::Unread(Unread::Generated) => skipped.generated += 1,
                Outcome::Unread(Unread::TooLarge) => skipped.too_large += 1,
                Outcome::Unread(Unread::Unreadable) => skipped.unreadable += 1,
                Outcome::Unparsed => skipped.unparsed += 1,
            }
            done += weight(&candidates[at]);
            progress(done as f64 / total as f64 * READING);
        }
        Ok(())
    })?;
    if stopped.load(Ordering::Relaxed) {
        return Err(GapError::Stopped);
    }
    Ok(files.into_iter().flatten().collect())
}

fn read_one(parsers: &mut Parsers, candidate: &Candidate) -> Outcome {
    match tree::read(candidate) {
        Err(unread) => Outcome::Unread(unread),
        Ok(text) => match file::read(parsers, &candidate.path, candidate.language, &text) {
            Ok(facts) => Outcome::Read(Box::new(facts)),
            Err(_) => Outcome::Unparsed,
        },
    }
}

fn judge(files: &[FileFacts], options: &GapOptions, skipped: Skipped) -> GapReport {
    let index = Index::new(files);
    let endpoints = link::endpoints(&index);
    let all = units::find(&index, &endpoints);
    let coverage = Coverage::new(&index, &endpoints, &all);
    let mut counts = UnitCounts::default();
    let mut reached = 0;
    let mut untested = Vec::new();
    for unit in &all {
        let count = match unit.what {
            What::Endpoint(_) => &mut counts.routes,
            What::Page { .. } => &mut counts.pages,
            What::Form { .. } => &mut counts.forms,
            What::Flow(_) => &mut counts.flows,
            What::Function(_) => &mut counts.functions,
            What::Class { .. } => &mut counts.classes,
        };
        *count += 1;
        if coverage.reaches(unit) {
            reached += 1;
            continue;
        }
        let risk = risk::assess(unit, &index, &endpoints, &coverage);
        untested.push((unit, risk));
    }
    // Of equal risk in the order of the tree, so that two runs agree.
    untested.sort_by(|(a, risk_a), (b, risk_b)| {
        let place = |unit: &units::Unit<'_>| (unit.file, unit.line);
        risk_b
            .score
            .cmp(&risk_a.score)
            .then_with(|| place(a).cmp(&place(b)))
            .then_with(|| a.name.cmp(&b.name))
    });
    let mut categories: BTreeMap<GapCategory, usize> =
        options.categories.iter().map(|c| (*c, 0)).collect();
    let mut found = categories.clone();
    let mut titles = std::collections::HashSet::new();
    let mut gaps = Vec::new();
    for (unit, risk) in &untested {
        for category in risk::categories(unit, &endpoints, risk) {
            let Some(wanted) = categories.get_mut(&category) else {
                continue;
            };
            *found.entry(category).or_default() += 1;
            if *wanted >= options.max_tests_per_category {
                continue;
            }
            *wanted += 1;
            let mut case = case::write(&index, &endpoints, unit, risk, category);
            let path = &files[unit.file].path;
            if !titles.insert(case.title.clone()) {
                case.title = format!("{} ({path}:{})", case.title, unit.line);
                titles.insert(case.title.clone());
            }
            gaps.push(Gap {
                category,
                unit: unit.name.clone(),
                file: path.clone(),
                line: unit.line,
                risk: risk.text.clone(),
                score: risk.score,
                test_case: case,
            });
        }
    }
    GapReport {
        tests_generated: categories.values().sum(),
        gaps,
        categories,
        found,
        units: counts,
        reached,
        files: files.len(),
        lines: files.iter().map(|file| u64::from(file.lines)).sum(),
        test_files: coverage.test_files(),
        skipped,
    }
}
