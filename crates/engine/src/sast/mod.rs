//! Static analysis: Semgrep and Bandit, side by side, on a copy of what they read.
//!
//! [`scan`] needs neither database nor server. A scan that could not be done as
//! asked is an error with a reason that the partner may read; it never passes for
//! a scan that found nothing.

mod bandit;
mod finding;
mod language;
mod process;
mod rules;
mod sarif;
pub(crate) mod scans;
mod semgrep;
mod test_file;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use contract::types::{self, Severity};
use serde::Serialize;

pub use contract::types::SastEngine as Engine;
pub use finding::Finding;
pub use language::Language;
pub use scans::Scans;
pub use tree::{Skipped, TreeLimits};

use crate::tools::{Tools, python};
use finding::Found;
use process::ProcessLimits;
use tree::Copied;

/// What a scan does, and how far it may go.
#[derive(Clone, Debug, Default)]
pub struct ScanOptions {
    /// Engines to run; both if empty.
    pub engines: Vec<Engine>,
    /// Semgrep rules beside our own: absolute paths of files and directories, or
    /// names of the registry's rule sets (`p/ci`), which Semgrep then fetches.
    pub extra_rules: Vec<String>,
    /// Whether `# nosemgrep` and `# nosec` in the tree hide findings. Off, as a
    /// tree does not decide what is found in it.
    pub honour_suppressions: bool,
    pub limits: Limits,
}

/// What a scan may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// For each engine.
    pub time: Duration,
    pub memory_bytes: u64,
    pub output_bytes: u64,
    pub tree: TreeLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(15 * 60),
            memory_bytes: 4 << 30,
            output_bytes: 64 << 20,
            tree: TreeLimits::default(),
        }
    }
}

impl Limits {
    fn process(&self) -> ProcessLimits {
        ProcessLimits {
            time: self.time,
            memory_bytes: self.memory_bytes,
            output_bytes: self.output_bytes,
        }
    }
}

impl ScanOptions {
    fn runs(&self, engine: Engine) -> bool {
        self.engines.is_empty() || self.engines.contains(&engine)
    }

    fn configs(&self) -> impl Iterator<Item = OsString> {
        self.extra_rules.iter().map(OsString::from)
    }

    fn needs_network(&self) -> bool {
        self.extra_rules.iter().any(|name| is_registry_pack(name))
    }

    fn check(&self) -> Result<(), ScanError> {
        for name in &self.extra_rules {
            let path = Path::new(name);
            if path.is_absolute() && !path.exists() {
                return Err(ScanError::Options(format!("there are no rules at {name}")));
            }
            if !path.is_absolute() && !is_registry_pack(name) {
                return Err(ScanError::Options(format!(
                    "{name} is neither an absolute path nor a registry's rule set such as p/ci"
                )));
            }
        }
        Ok(())
    }
}

/// Whether a rule set is one of Semgrep's registry, such as `p/ci`, and no path.
pub fn is_registry_pack(name: &str) -> bool {
    (name.starts_with("p/") || name.starts_with("r/"))
        && name[2..]
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || "._-/".contains(char))
}

/// How far a scan has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many files are going to be scanned.
    Read {
        files: usize,
    },
    Started(Engine),
    Finished(Engine, Duration),
}

/// What a scan found.
#[derive(Clone, Debug, Serialize)]
pub struct ScanReport {
    /// The most severe first.
    pub findings: Vec<Finding>,
    /// Files that were scanned.
    pub files: usize,
    pub languages: BTreeSet<Language>,
    /// Files in our languages that were left out, by reason.
    pub skipped: BTreeMap<Skipped, usize>,
    pub runs: Vec<EngineRun>,
}

/// One engine's part.
#[derive(Clone, Debug, Serialize)]
pub struct EngineRun {
    pub engine: Engine,
    /// Where it is known.
    pub version: Option<String>,
    pub duration_ms: u64,
    pub files: usize,
    /// Files that could be scanned in part only.
    pub warnings: Vec<String>,
}

impl ScanReport {
    pub fn count(&self, severity: Severity) -> usize {
        let of = self.findings.iter();
        of.filter(|finding| finding.severity == severity).count()
    }

    pub fn verdict(&self) -> types::SastScanVerdict {
        verdict(self.count(Severity::Critical) > 0)
    }
}

/// `fail` with at least one critical finding.
fn verdict(critical: bool) -> types::SastScanVerdict {
    if critical {
        types::SastScanVerdict::Fail
    } else {
        types::SastScanVerdict::Pass
    }
}

/// Why there is no report. Texts are fit to be shown to the partner, except the
/// last one's.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    #[error("the tree can't be read: {0}")]
    Tree(String),
    #[error("the tree is too big to scan: at most {files} files and {megabytes} MB of source")]
    TooBig { files: usize, megabytes: u64 },
    #[error("{0}")]
    Options(String),
    #[error(
        "{engine} is missing on this deployment; its operator can install it with `qualitymax setup`"
    )]
    Missing { engine: Engine },
    #[error("{engine} failed: {detail}")]
    Engine { engine: Engine, detail: String },
    /// For the log.
    #[error("{0}")]
    Fault(String),
}

/// Where a scan works: all of it is gone when it ends.
struct Job {
    /// The copy.
    tree: PathBuf,
    rules: PathBuf,
    home: PathBuf,
    copied: Copied,
}

/// What one engine has to say.
struct Outcome {
    version: Option<String>,
    files: usize,
    warnings: Vec<String>,
    found: Vec<Found>,
}

/// Scans the tree. Nothing in it is run, and nothing in it decides how it is
/// scanned; dropping the future ends the engines.
pub async fn scan(
    tree: &Path,
    options: &ScanOptions,
    tools: &Tools,
    progress: impl Fn(Progress) + Sync,
) -> Result<ScanReport, ScanError> {
    options.check()?;
    let dir = tempfile::Builder::new()
        .prefix("qualitymax-scan-")
        .tempdir()
        .map_err(|error| ScanError::Fault(format!("no directory to work in: {error}")))?;
    let job = prepare(tree, dir.path(), options).await?;
    progress(Progress::Read {
        files: job.copied.files(),
    });
    let runs_semgrep = options.runs(Engine::Semgrep) && job.copied.files() > 0;
    let runs_bandit = options.runs(Engine::Bandit) && job.copied.python > 0;
    let program = |engine, runs: bool, path: &Option<PathBuf>| match path {
        Some(path) if runs => Ok(Some(path.clone())),
        None if runs => Err(ScanError::Missing { engine }),
        _ => Ok(None),
    };
    let semgrep = program(Engine::Semgrep, runs_semgrep, &tools.semgrep)?;
    let bandit = program(Engine::Bandit, runs_bandit, &tools.bandit)?;
    let (semgrep, bandit) = tokio::try_join!(
        run(Engine::Semgrep, semgrep, &job, options, &progress),
        run(Engine::Bandit, bandit, &job, options, &progress),
    )?;
    let mut runs = Vec::new();
    let mut found = Vec::new();
    for (run, of) in [semgrep, bandit].into_iter().flatten() {
        runs.push(run);
        found.extend(of.into_iter().filter_map(test_file::weigh));
    }
    Ok(ScanReport {
        findings: finding::normalise(found, &job.copied, &job.tree),
        files: job.copied.files(),
        languages: job.copied.languages,
        skipped: job.copied.skipped,
        runs,
    })
}

async fn prepare(tree: &Path, dir: &Path, options: &ScanOptions) -> Result<Job, ScanError> {
    let [to, rules, home] = ["tree", "rules", "home"].map(|name| dir.join(name));
    for dir in [&to, &rules, &home] {
        std::fs::create_dir(dir)
            .map_err(|error| ScanError::Fault(format!("no directory to work in: {error}")))?;
    }
    let from = tree.to_owned();
    let all = !options.extra_rules.is_empty();
    let limits = options.limits.tree.clone();
    let target = to.clone();
    let copying = tokio::task::spawn_blocking(move || tree::copy(&from, &target, all, &limits));
    let copied = copying
        .await
        .map_err(|error| ScanError::Fault(format!("copying the tree: {error}")))??;
    Ok(Job {
        tree: to,
        rules,
        home,
        copied,
    })
}

async fn run(
    engine: Engine,
    path: Option<PathBuf>,
    job: &Job,
    options: &ScanOptions,
    progress: impl Fn(Progress),
) -> Result<Option<(EngineRun, Vec<Found>)>, ScanError> {
    let Some(path) = path else {
        return Ok(None);
    };
    progress(Progress::Started(engine));
    let started = Instant::now();
    let outcome = match engine {
        Engine::Semgrep => semgrep::run(&path, job, options).await,
        Engine::Bandit => bandit::run(&path, job, options).await,
    };
    let outcome = outcome.map_err(|detail| ScanError::Engine {
        engine,
        detail: without_places(&detail, &[&job.tree, &job.rules, &job.home, &path]),
    })?;
    let duration = started.elapsed();
    progress(Progress::Finished(engine, duration));
    let run = EngineRun {
        engine,
        version: outcome.version.or_else(|| pinned(&path)),
        duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        files: outcome.files,
        warnings: outcome.warnings,
    };
    Ok(Some((run, outcome.found)))
}

/// The version of a program that our set-up installed, for one that does not say.
fn pinned(program: &Path) -> Option<String> {
    let home = program.ancestors().nth(3)?;
    let ours = python::bin(home)? == program.parent()?;
    let version = python::version(program.file_name()?.to_str()?)?;
    ours.then(|| version.to_owned())
}

/// Where things are on this machine is nobody else's business.
fn without_places(text: &str, places: &[&Path]) -> String {
    let mut text = text.to_owned();
    for place in places {
        let place = place.display().to_string();
        text = text.replace(&format!("{place}/"), "").replace(&place, "…");
    }
    text
}
