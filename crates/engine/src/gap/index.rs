//! Finding files and definitions by the names that other files have for them.

use std::collections::{HashMap, HashSet};

use super::file::{Defined, FileFacts};
use super::syntax::{Import, Kind, Language};

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

    /// The files that a module's name stands for in a file.
    pub fn modules(&self, from: usize, module: &str) -> Vec<usize> {
        let file = &self.files[from];
        let here = directory(&file.path);
        match file.language {
            Language::JavaScript | Language::TypeScript | Language::Component => {
                self.script(here, module).into_iter().collect()
            }
            Language::Python => self.python(here, module).into_iter().collect(),
            Language::Go => self.tail_directories(module),
            Language::Rust => {
                let path = module
                    .split('.')
                    .filter(|part| !matches!(*part, "crate" | "self" | "super"))
                    .collect::<Vec<_>>()
                    .join("/");
                self.ending(&path, here)
            }
            Language::Ruby => {
                let path = module.trim_start_matches("./");
                let joined = normalized(here, path);
                self.by_path
                    .get(format!("{joined}.rb").as_str())
                    .copied()
                    .map_or_else(|| self.ending(path, here), |found| vec![found])
            }
            Language::Php | Language::Java => self.ending(&module.replace('.', "/"), here),
            Language::Html | Language::Erb => Vec::new(),
        }
    }

    fn script(&self, here: &str, module: &str) -> Option<usize> {
        let bases = if module.starts_with('.') {
            vec![normalized(here, module)]
        } else if let Some(rest) = module
            .strip_prefix("@/")
            .or_else(|| module.strip_prefix("~/"))
            .or_else(|| module.strip_prefix("$lib/"))
        {
            let own = here.split("/src").next().unwrap_or_default();
            vec![
                format!("src/{rest}"),
                rest.to_owned(),
                format!("app/{rest}"),
                format!("src/lib/{rest}"),
                format!("{own}/src/{rest}"),
            ]
        } else {
            vec![module.to_owned(), format!("src/{module}")]
        };
        const ENDINGS: [&str; 17] = [
            "",
            ".ts",
            ".tsx",
            ".js",
            ".jsx",
            ".mjs",
            ".cjs",
            ".mts",
            ".vue",
            ".svelte",
            "/index.ts",
            "/index.tsx",
            "/index.js",
            "/index.jsx",
            "/index.mjs",
            "/index.cjs",
            "/index.vue",
        ];
        bases.iter().find_map(|base| {
            let base = base.trim_start_matches('/');
            // TypeScript imports `./x.js` where there is `x.ts`.
            let bare = base.strip_suffix(".js").unwrap_or(base);
            ENDINGS
                .iter()
                .flat_map(|ending| [format!("{base}{ending}"), format!("{bare}{ending}")])
                .find_map(|path| self.by_path.get(path.as_str()).copied())
        })
    }

    fn python(&self, here: &str, module: &str) -> Option<usize> {
        let dots = module.chars().take_while(|c| *c == '.').count();
        let path = module[dots..].replace('.', "/");
        let find = |base: &str| {
            let base = base.trim_matches('/');
            [format!("{base}.py"), format!("{base}/__init__.py")]
                .iter()
                .find_map(|path| self.by_path.get(path.as_str()).copied())
        };
        if dots > 0 {
            let mut base = here;
            for _ in 1..dots {
                base = base.rsplit_once('/').map_or("", |(up, _)| up);
            }
            return find(&format!("{base}/{path}"));
        }
        find(&path).or_else(|| self.ending(&path, here).first().copied())
    }

    /// Files whose path ends so, the nearest to a directory first.
    fn ending(&self, path: &str, here: &str) -> Vec<usize> {
        let path = path.trim_matches('/');
        if path.is_empty() {
            return Vec::new();
        }
        let tail = path.rsplit('/').take(2).collect::<Vec<_>>();
        let key = tail.iter().rev().copied().collect::<Vec<_>>().join("/");
        let mut found = self
            .by_tail
            .get(&key)
            .or_else(|| self.by_tail.get(*tail.first()?))
            .cloned()
            .unwrap_or_default();
        found.sort_by_key(|at| std::cmp::Reverse(common(&self.files[*at].path, here)));
        found.truncate(4);
        found
    }

    /// Go: an import's path ends with the package's directory.
    fn tail_directories(&self, module: &str) -> Vec<usize> {
        let mut parts: Vec<&str> = module.split('/').collect();
        // The front is the module's own name, which is no directory.
        while !parts.is_empty() {
            if let Some(found) = self.by_directory.get(parts.join("/").as_str()) {
                return found.clone();
            }
            parts.remove(0);
        }
        Vec::new()
    }

    /// All files that an import brings in, through files that only pass on;
    /// with a `name` only what may hold that name.
    pub fn imported(&self, from: usize, import: &Import, name: Option<&str>) -> HashSet<usize> {
        let mut found = HashSet::new();
        let mut queue: Vec<(usize, u32)> = self
            .modules(from, &import.module)
            .into_iter()
            .map(|file| (file, 0))
            .collect();
        // `from app import payments` and `use crate::payments` name a module.
        let names = import.names.iter().map(|(there, _)| there.as_str());
        for name in names.filter(|there| name.is_none_or(|name| name == *there)) {
            let joined = if import.module.is_empty() || import.module.ends_with('.') {
                format!("{}{name}", import.module)
            } else {
                format!("{}.{name}", import.module)
            };
            if matches!(
                self.files[from].language,
                Language::Python | Language::Rust | Language::Java | Language::Php
            ) {
                queue.extend(
                    self.modules(from, &joined)
                        .into_iter()
                        .map(|file| (file, 0)),
                );
            }
        }
        while let Some((file, depth)) = queue.pop() {
            if !found.insert(file) || depth >= 3 {
                continue;
            }
            let path = &self.files[file].path;
            let passes_on = ["/index.", "__init__.py", "/mod.rs"]
                .iter()
                .any(|name| path.contains(name))
                || path.starts_with("index.");
            if passes_on {
                for import in &self.files[file].imports {
                    let next = self.modules(file, &import.module);
                    queue.extend(next.into_iter().map(|file| (file, depth + 1)));
                }
            }
        }
        found
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
            .filter(|at| same_family(self.files[at.0].language, language))
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

fn same_family(a: Language, b: Language) -> bool {
    let script = |language| {
        matches!(
            language,
            Language::JavaScript | Language::TypeScript | Language::Component
        )
    };
    a == b || script(a) && script(b)
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

fn common(a: &str, b: &str) -> usize {
    a.split('/')
        .zip(b.split('/'))
        .take_while(|(a, b)| a == b)
        .count()
}

/// `a/c` of `../c` in `a/b`.
fn normalized(here: &str, module: &str) -> String {
    let mut parts: Vec<&str> = here.split('/').filter(|part| !part.is_empty()).collect();
    for part in module.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
