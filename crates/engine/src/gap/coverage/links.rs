//! What a test has in its hands by its imports.

use std::collections::HashSet;

use crate::gap::index::Index;
use crate::gap::reach::Reach;

/// What an import of a test brings in.
pub(super) struct Link {
    pub files: HashSet<usize>,
    /// The names it takes; empty where it takes the whole.
    pub names: HashSet<String>,
}

impl Link {
    /// Whether it takes what its module calls `name`.
    pub fn takes(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.contains(name) || self.names.contains("default")
    }
}

/// The links of `file`, a test; what it mocks is not what it tests.
pub(super) fn links(index: &Index<'_>, file: usize, reach: &Reach) -> Vec<Link> {
    let mut found = Vec::new();
    let mocked: HashSet<usize> = reach
        .mocked
        .iter()
        .flat_map(|module| index.modules(file, module))
        .collect();
    for import in &index.files[file].imports {
        let mut files = index.imported(file, import, None);
        files.retain(|file| !mocked.contains(file));
        if files.is_empty() {
            continue;
        }
        // A name that is a module itself brings in all of it.
        let whole = import.names.iter().any(|(name, _)| {
            files.iter().any(|file| {
                let path = &index.files[*file].path;
                let stem = path
                    .rsplit('/')
                    .next()
                    .and_then(|name| name.split('.').next());
                stem == Some(name)
            })
        });
        let names = if whole || import.alias.is_some() && import.names.is_empty() {
            HashSet::new()
        } else {
            import.names.iter().map(|(name, _)| name.clone()).collect()
        };
        found.push(Link { files, names });
    }
    found
}
