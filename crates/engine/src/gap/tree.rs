//! The files of a tree that are worth reading. The tree is hostile: links are
//! not followed, only regular files are opened, and each limit has a count of
//! what it left out.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use serde::Serialize;

use super::GapError;
use super::syntax::Language;

/// Larger files are no code that people write.
pub const FILE_BYTES: u64 = 1024 * 1024;
/// What is read of one tree at most.
const TREE_BYTES: u64 = 1024 * 1024 * 1024;
const TREE_FILES: usize = 200_000;
const TREE_DEPTH: usize = 64;
const IGNORE_BYTES: u64 = 256 * 1024;
/// Longer lines are written by machines.
const LINE_BYTES: usize = 20_000;

/// Directories that hold what others wrote or machines made.
const NOT_OURS: [&str; 20] = [
    "node_modules",
    "bower_components",
    "vendor",
    "third_party",
    "dist",
    "build",
    "out",
    "target",
    "coverage",
    "htmlcov",
    "venv",
    "env",
    "virtualenv",
    "site-packages",
    "__pycache__",
    "Pods",
    "generated",
    "__generated__",
    "public_html_build",
    "wwwroot",
];

/// How many files were left out, and why. Directories that are not walked at
/// all (vendored, ignored) are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Over 1 MB.
    pub too_large: u64,
    /// Minified, bundled or marked as generated.
    pub generated: u64,
    /// Binary, or can't be opened.
    pub unreadable: u64,
    /// The grammar gave up within its time.
    pub unparsed: u64,
    /// Beyond what is read of one tree.
    pub beyond_limit: u64,
}

impl Skipped {
    pub fn total(&self) -> u64 {
        self.too_large + self.generated + self.unreadable + self.unparsed + self.beyond_limit
    }
}

/// A file to be read.
#[derive(Debug)]
pub struct Candidate {
    pub full: PathBuf,
    /// Relative to the root, with `/`.
    pub path: String,
    pub language: Language,
    pub bytes: u64,
}

pub fn list(root: &Path, skipped: &mut Skipped) -> Result<Vec<Candidate>, GapError> {
    let meta = fs::metadata(root).map_err(|error| GapError::Tree {
        path: root.to_owned(),
        reason: error.to_string(),
    })?;
    if !meta.is_dir() {
        return Err(GapError::Tree {
            path: root.to_owned(),
            reason: "it is not a directory".to_owned(),
        });
    }
    // The name given may be a link; what is below is not followed.
    let root = fs::canonicalize(root).map_err(|error| GapError::Tree {
        path: root.to_owned(),
        reason: error.to_string(),
    })?;
    let mut found = Vec::new();
    let mut bytes = 0;
    let walk = WalkBuilder::new(&root)
        .standard_filters(false)
        .hidden(true)
        .git_ignore(has_safe_ignore(&root))
        .require_git(false)
        .follow_links(false)
        .max_depth(Some(TREE_DEPTH))
        .filter_entry(|entry| {
            let directory = entry.file_type().is_some_and(|kind| kind.is_dir());
            let name = entry.file_name().to_str().unwrap_or_default();
            !directory
                || entry.depth() == 0
                || !NOT_OURS.contains(&name) && has_safe_ignore(entry.path())
        })
        .build();
    for entry in walk {
        let Ok(entry) = entry else {
            skipped.unreadable += 1;
            continue;
        };
        let Some(language) = entry
            .file_type()
            .filter(|kind| kind.is_file())
            .and_then(|_| Language::of(entry.path()))
        else {
            continue;
        };
        let Some(path) = relative(&root, entry.path()) else {
            skipped.unreadable += 1;
            continue;
        };
        let Ok(meta) = entry.metadata() else {
            skipped.unreadable += 1;
            continue;
        };
        if meta.len() > FILE_BYTES {
            skipped.too_large += 1;
        } else if found.len() >= TREE_FILES || bytes + meta.len() > TREE_BYTES {
            skipped.beyond_limit += 1;
        } else if is_machine_made(&path) {
            skipped.generated += 1;
        } else {
            bytes += meta.len();
            found.push(Candidate {
                full: entry.into_path(),
                path,
                language,
                bytes: meta.len(),
            });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// Whether the directory's `.gitignore` is an ordinary file: one that is a pipe
/// would be waited for, one that is a link would be read wherever it leads.
fn has_safe_ignore(directory: &Path) -> bool {
    fs::symlink_metadata(directory.join(".gitignore"))
        .map_or(true, |meta| meta.is_file() && meta.len() <= IGNORE_BYTES)
}

fn relative(root: &Path, path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path
        .strip_prefix(root)
        .ok()?
        .components()
        .map(|part| part.as_os_str().to_str())
        .collect();
    Some(parts?.join("/"))
}

fn is_machine_made(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    [
        ".min.js",
        ".bundle.js",
        ".chunk.js",
        "_pb2.py",
        ".pb.go",
        ".pb.rs",
        "_pb2_grpc.py",
    ]
    .iter()
    .any(|ending| name.ends_with(ending))
}

/// Why a file that was listed is not read after all.
#[derive(Debug)]
pub enum Unread {
    Unreadable,
    Generated,
    TooLarge,
}

/// The file's text; what is not UTF-8 in it is replaced.
pub fn read(candidate: &Candidate) -> Result<String, Unread> {
    let meta = fs::symlink_metadata(&candidate.full).map_err(|_| Unread::Unreadable)?;
    if !meta.is_file() {
        return Err(Unread::Unreadable);
    }
    let mut bytes = Vec::new();
    File::open(&candidate.full)
        .and_then(|file| file.take(FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|_| Unread::Unreadable)?;
    if bytes.len() as u64 > FILE_BYTES {
        return Err(Unread::TooLarge);
    }
    if bytes.contains(&0) {
        return Err(Unread::Unreadable);
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    };
    if says_generated(&text) || text.lines().any(|line| line.len() > LINE_BYTES) {
        return Err(Unread::Generated);
    }
    Ok(text)
}

fn says_generated(text: &str) -> bool {
    text.lines().take(5).any(|line| {
        let comment = line.trim_start().starts_with(['/', '#', '*', '<', '-']);
        comment
            && (line.contains("@generated")
                || line.contains("DO NOT EDIT")
                || line.contains("Generated by")
                || line.contains("auto-generated"))
    })
}
