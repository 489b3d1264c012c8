//! What of a tree the engines get to see. The tree is somebody else's: it may
//! hold links out of it, pipes, files without end, names that no terminal likes,
//! settings for Git, Semgrep or Bandit. So no engine ever runs on it. They run on
//! a copy of the plain files in languages that they read, and of nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use walkdir::{DirEntry, WalkDir};

use super::ScanError;
use super::language::Language;

/// How much of a tree is read.
#[derive(Clone, Debug)]
pub struct TreeLimits {
    /// A larger file is left out, and counted.
    pub file_bytes: u64,
    /// A tree with more, or with more bytes in all, is refused.
    pub files: usize,
    pub total_bytes: u64,
}

impl Default for TreeLimits {
    fn default() -> Self {
        Self {
            file_bytes: 2_000_000,
            files: 100_000,
            total_bytes: 1 << 30,
        }
    }
}

/// Why a file was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Skipped {
    TooLarge,
    /// Lines of thousands of characters: made by a machine.
    Minified,
    /// A link, which may lead anywhere.
    Link,
    /// A pipe, socket or device.
    Special,
    Unreadable,
    /// Deeper or longer a path than the system takes.
    PathTooLong,
}

/// The copy. Paths in it are relative to its directory and plain UTF-8.
#[derive(Debug, Default)]
pub(super) struct Copied {
    /// Where a file in the copy came from, in the tree, as it is shown.
    origins: HashMap<String, String>,
    pub languages: BTreeSet<Language>,
    pub skipped: BTreeMap<Skipped, usize>,
    pub python: usize,
}

impl Copied {
    pub fn files(&self) -> usize {
        self.origins.len()
    }

    /// The path in the tree, as it is shown; `None` for what is not in the copy.
    pub fn origin(&self, path: &str) -> Option<&str> {
        let path = path.strip_prefix("./").unwrap_or(path);
        self.origins.get(path).map(String::as_str)
    }
}

/// Other people's code and what tools leave behind.
const NOT_ENTERED: [&str; 14] = [
    ".git",
    ".hg",
    ".svn",
    ".tox",
    ".nox",
    ".venv",
    "venv",
    ".yarn",
    "__pycache__",
    "bower_components",
    "node_modules",
    "site-packages",
    "vendor",
    ".terraform",
];

/// Deeper than any source tree, and within what a path may be long.
const DEPTH: usize = 100;
const PATH_BYTES: usize = 2000;

/// Copies what is to be scanned from `tree` to `to`: files in our languages, or
/// with `all` every file, for rules of other people's.
pub(super) fn copy(
    tree: &Path,
    to: &Path,
    all: bool,
    limits: &TreeLimits,
) -> Result<Copied, ScanError> {
    let root = tree
        .canonicalize()
        .and_then(|root| {
            fs::read_dir(&root)?;
            Ok(root)
        })
        .map_err(|error| ScanError::Tree(error.kind().to_string()))?;
    let mut copied = Copied::default();
    let mut total = 0;
    let walk = WalkDir::new(&root)
        .follow_links(false)
        .max_depth(DEPTH)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || is_entered(entry));
    for entry in walk {
        let Ok(entry) = entry else {
            copied.skip(Skipped::Unreadable);
            continue;
        };
        if entry.file_type().is_dir() {
            if entry.depth() == DEPTH {
                copied.skip(Skipped::PathTooLong);
            }
            continue;
        }
        let name = entry.file_name().to_string_lossy();
        let known = Language::of(&name);
        if known.is_none() && !all || is_a_setting_for_engines(&name) {
            continue;
        }
        let relative = entry.path().strip_prefix(&root).unwrap_or(entry.path());
        let content = match read(&entry, relative, known, limits) {
            Ok(content) => content,
            Err(why) => {
                copied.skip(why);
                continue;
            }
        };
        total += content.len() as u64;
        if copied.files() == limits.files || total > limits.total_bytes {
            return Err(ScanError::TooBig {
                files: limits.files,
                megabytes: limits.total_bytes / 1_000_000,
            });
        }
        let suffix = known.map_or("", |(_, suffix)| suffix);
        let path = copied.name(relative, suffix);
        write(&to.join(&path), &content)
            .map_err(|error| ScanError::Fault(format!("the tree can't be copied: {error}")))?;
        copied.add(path, shown(relative), known.map(|(language, _)| language));
    }
    Ok(copied)
}

impl Copied {
    fn skip(&mut self, why: Skipped) {
        *self.skipped.entry(why).or_default() += 1;
    }

    fn add(&mut self, path: String, origin: String, language: Option<Language>) {
        self.python += usize::from(path.ends_with(".py"));
        self.languages.extend(language);
        self.origins.insert(path, origin);
    }

    /// The path in the copy: the one in the tree, but for what could confuse an
    /// engine or is in a language that it knows by another ending.
    fn name(&self, relative: &Path, suffix: &str) -> String {
        if suffix.is_empty()
            && !relative.starts_with(RENAMED)
            && let Some(path) = relative.to_str().filter(|path| is_plain(path))
        {
            return path.to_owned();
        }
        let extension = relative.extension().unwrap_or_default().to_string_lossy();
        let extension: String = extension
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(16)
            .collect();
        format!("{RENAMED}/{}/file.{extension}{suffix}", self.files())
    }
}

/// Holds what is not called in the copy as in the tree.
const RENAMED: &str = "_renamed";

fn is_plain(path: &str) -> bool {
    !path
        .chars()
        .any(|char| char.is_control() || r"\*?[]{}!".contains(char))
}

/// A path for people and JSON: what is not printable text is escaped.
fn shown(path: &Path) -> String {
    let mut shown = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        for char in chunk.valid().chars() {
            if char.is_control() {
                shown.extend(char.escape_default());
            } else {
                shown.push(char);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}

fn is_entered(entry: &DirEntry) -> bool {
    !(entry.file_type().is_dir()
        && NOT_ENTERED
            .iter()
            .any(|name| entry.file_name() == OsStr::new(name)))
}

/// By these a tree would decide what is looked at.
fn is_a_setting_for_engines(name: &str) -> bool {
    matches!(
        name,
        ".semgrepignore" | ".semgrep.yml" | ".semgrep.yaml" | ".gitignore" | ".bandit"
    )
}

fn read(
    entry: &DirEntry,
    relative: &Path,
    known: Option<(Language, &str)>,
    limits: &TreeLimits,
) -> Result<Vec<u8>, Skipped> {
    if entry.file_type().is_symlink() {
        return Err(Skipped::Link);
    }
    if !entry.file_type().is_file() {
        return Err(Skipped::Special);
    }
    if relative.as_os_str().len() > PATH_BYTES {
        return Err(Skipped::PathTooLong);
    }
    let content = read_file(entry.path(), limits.file_bytes)?;
    if known.is_some_and(|(language, _)| language != Language::Text) && is_minified(&content) {
        return Err(Skipped::Minified);
    }
    Ok(content)
}

/// Also where the file was changed for something else since it was listed.
fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Skipped> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.cast_signed())
        .open(path)
        .map_err(|_| Skipped::Unreadable)?;
    let meta = file.metadata().map_err(|_| Skipped::Unreadable)?;
    if !meta.is_file() {
        return Err(Skipped::Special);
    }
    if meta.len() > limit {
        return Err(Skipped::TooLarge);
    }
    let mut content = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut content)
        .map_err(|_| Skipped::Unreadable)?;
    if content.len() as u64 > limit {
        return Err(Skipped::TooLarge);
    }
    Ok(content)
}

fn is_minified(content: &[u8]) -> bool {
    const LINE: usize = 2000;
    const WORTH_ASKING: usize = 20_000;
    let lines = content.iter().filter(|byte| **byte == b'\n').count() + 1;
    content.len() > WORTH_ASKING && content.len() / lines > LINE
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    // Never over another one.
    let mut file = File::create_new(path)?;
    io::Write::write_all(&mut file, content)
}
