//! Finding files and definitions by the names that other files have for them.

mod module;

use std::collections::HashMap;

use super::file::{Defined, FileFacts};
use super::syntax::{Kind, Language};

/// A definition: its file, and its place in it.
pub type At = (usize, usize);

pub struct Index<'f> {
    pub files: &'f [FileFacts],
    by_path: HashMap<&'f str, usize>,
    /// Files by their last two path parts without extension, and by the last.
    by_tail: HashMap<String, Vec<usize>>,
    by_directory: HashMap<&'f str, Vec<usize>>,
    by_name: HashMap<&'f str, Vec<At>>,
}

impl<'f> Index<'f> {
    pub fn new(files: &'f [FileFacts]) -> Self {
        let mut index = Self {
            files,
            by_path: HashMap::new(),
            by_tail: HashMap::new(),
            by_directory: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (at, file) in files.iter().enumerate() {
            index.by_path.insert(&file.path, at);
            let tail = |parts: usize| module_name(&file.path, parts);
            index.by_tail.entry(tail(1)).or_default().push(at);
            index.by_tail.entry(tail(2)).or_default().push(at);
            index
                .by_directory
                .entry(directory(&file.path))
                .or_default()
                .push(at);
            for (place, defined) in file.definitions.iter().enumerate() {
                index
                    .by_name
                    .entry(&defined.definition.name)
                    .or_default()
                    .push((at, place));
            }
        }
        index
    }

    pub fn defined(&self, at: At) -> &'f Defined {
        &self.files[at.0].definitions[at.1]
    }

    /// Files in the same directory: the package in Go and Java.
    pub fn neighbours(&self, file: usize) -> &[usize] {
        self.by_directory
            .get(directory(&self.files[file].path))
            .map_or(&[], Vec::as_slice)
    }

    /// What a dotted name stands for in a file: `create`, `users.create`,
    /// `Admin.UsersController.show`.
    pub fn definition(&self, from: usize, name: &str) -> Option<At> {
        let (owner, last) = match name.rsplit_once('.') {
            Some((owner, last)) => (Some(owner), last),
            None => (None, name),
        };
        let root = name.split('.').next().unwrap_or(name);
        self.in_file(from, owner, last)
            .or_else(|| self.through_imports(from, root, owner, last))
            .or_else(|| {
                matches!(self.files[from].language, Language::Go | Language::Java)
                    .then(|| {
                        self.neighbours(from)
                            .iter()
                            .find_map(|file| self.in_file(*file, owner, last))
                    })
                    .flatten()
            })
            .or_else(|| self.anywhere(from, owner, last))
    }

    fn in_file(&self, file: usize, owner: Option<&str>, last: &str) -> Option<At> {
        let owner = owner.map(|owner| owner.rsplit('.').next().unwrap_or(owner));
        self.by_name
            .get(last)?
            .iter()
            .copied()
            .filter(|at| at.0 == file)
            .find(|at| {
                let definition = &self.defined(*at).definition;
                match owner {
                    None | Some("self" | "this") => true,
                    Some(owner) => definition.owner.as_deref().is_some_and(|known| {
                        known == owner || known.rsplit('.').next() == Some(owner)
                    }),
                }
            })
    }

    fn through_imports(
        &self,
        from: usize,
        root: &str,
        owner: Option<&str>,
        last: &str,
    ) -> Option<At> {
        for import in &self.files[from].imports {
            let there = import
                .names
                .iter()
                .find(|(_, here)| here == root)
                .map(|(there, _)| there.as_str());
            let aliased = import.alias.as_deref() == Some(root);
            if there.is_none() && !aliased && !import.names.is_empty() {
                continue;
            }
            for file in self.imported(from, import, there) {
                let wanted = match (there, owner) {
                    (Some("default"), None) => {
                        if let Some(found) = self.default_of(file, last) {
                            return Some(found);
                        }
                        continue;
                    }
                    // A name of its own there.
                    (Some(there), None) => self.in_file(file, None, there),
                    // A module or object, and what is in it; else a class.
                    (_, Some(_)) => self
                        .in_file(file, there.filter(|there| *there != "default"), last)
                        .or_else(|| self.in_file(file, None, last)),
                    (None, None) => self.in_file(file, None, last),
                };
                if wanted.is_some() {
                    return wanted;
                }
            }
        }
        None
    }

    fn default_of(&self, file: usize, called: &str) -> Option<At> {
        let definitions = &self.files[file].definitions;
        let exported = |defined: &&Defined| {
            defined.definition.exported && defined.definition.kind != Kind::Method
        };
        let place = definitions
            .iter()
            .position(|defined| matches!(defined.definition.name.as_str(), "default"))
            .or_else(|| {
                definitions
                    .iter()
                    .position(|defined| defined.definition.name == called)
            })
            .or_else(|| {
                let mut all = definitions.iter().enumerate().filter(|(_, d)| exported(d));
                let first = all.next();
                first
                    .filter(|_| all.next().is_none())
                    .map(|(place, _)| place)
            })?;
        Some((file, place))
    }

    /// Where only one file of the language has it.
    fn anywhere(&self, from: usize, owner: Option<&str>, last: &str) -> Option<At> {
        let language = self.files[from].language;
        let candidates: Vec<At> = self
            .by_name
            .get(last)?
            .iter()
            .copied()
            .filter(|at| self.files[at.0].language.is_kin_of(language))
            .collect();
        let class = owner.map(|owner| owner.rsplit('.').next().unwrap_or(owner));
        let in_class: Vec<At> = candidates
            .iter()
            .copied()
            .filter(|at| {
                let known = self.defined(*at).definition.owner.as_deref();
                match (class, known) {
                    (Some(class), Some(known)) => {
                        known == owner.unwrap_or_default()
                            || known.rsplit('.').next() == Some(class)
                    }
                    (None, known) => known.is_none(),
                    _ => false,
                }
            })
            .collect();
        // Of two classes of a name the one in the same namespace.
        if let Some(owner) = owner
            && let Some(exact) = in_class
                .iter()
                .find(|at| self.defined(**at).definition.owner.as_deref() == Some(owner))
        {
            return Some(*exact);
        }
        match (in_class.as_slice(), candidates.as_slice()) {
            ([one], _) => Some(*one),
            ([], [one]) => Some(*one),
            _ => None,
        }
    }

    /// Definitions of a name in files of a language, at most a few.
    pub fn named(&self, name: &str) -> impl Iterator<Item = At> {
        self.by_name
            .get(name)
            .into_iter()
            .flatten()
            .copied()
            .take(16)
    }
}

pub fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// The last parts of a path without extension; `users` of `users/mod.rs`.
fn module_name(path: &str, parts: usize) -> String {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let stem = ["/__init__", "/mod", "/index"]
        .iter()
        .find_map(|name| stem.strip_suffix(name))
        .unwrap_or(stem);
    let mut tail: Vec<&str> = stem.rsplit('/').take(parts).collect();
    tail.reverse();
    tail.join("/")
}
