//! The files that an import means.

use std::collections::HashSet;

use super::super::syntax::{Import, Language};
use super::{Index, directory, module_name};

impl Index<'_> {
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
        find(&path).or_else(|| self.below_a_root(&path, here))
    }

    /// Python's absolute imports begin at some directory that is no package
    /// itself, or in a package that holds all of the tree.
    fn below_a_root(&self, path: &str, here: &str) -> Option<usize> {
        let candidates = self.by_tail.get(&module_name(path, 1))?.iter().copied();
        candidates
            .filter(|at| self.files[*at].language == Language::Python)
            .filter_map(|at| {
                let own = module_name(&self.files[at].path, usize::MAX);
                let root = match own.strip_suffix(path) {
                    Some(root) => root,
                    None => path
                        .strip_suffix(&own)
                        .filter(|up| up.ends_with('/'))
                        .map(|_| "")?,
                };
                if !root.is_empty() && !root.ends_with('/') {
                    return None;
                }
                let is_package = self.by_path.contains_key(&*format!("{root}__init__.py"));
                let near = common(&self.files[at].path, here);
                Some(((is_package, std::cmp::Reverse(near)), at))
            })
            .min()
            .map(|(_, at)| at)
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
