//! Our own Semgrep rules. They travel inside the binary as they were written, in
//! YAML with anchors; Semgrep's native front end knows no anchors, so it is given
//! them as JSON, and only those for languages that are in the tree.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{fs, io};

use super::language::Language;

macro_rules! embedded {
    ($($language:ident: $($name:literal),*;)*) => {
        &[$($((
            Language::$language,
            $name,
            include_str!(concat!("../../rules/", $name, ".yaml")),
        )),*),*]
    };
}

const RULES: &[(Language, &str, &str)] = embedded! {
    Python: "python/injection", "python/patterns", "python/django";
    JavaScript: "javascript/injection", "javascript/browser", "javascript/patterns";
    Java: "java/injection", "java/patterns";
    Go: "go/injection", "go/patterns";
    Ruby: "ruby/injection", "ruby/patterns";
    Php: "php/injection", "php/patterns";
    Text: "secrets/tokens";
};

/// Whether a rule is one of them.
pub(super) fn are_ours(id: &str) -> bool {
    static IDS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
        let lines = RULES.iter().flat_map(|(_, _, yaml)| yaml.lines());
        lines
            .filter_map(|line| line.strip_prefix("  - id: "))
            .collect()
    });
    IDS.contains(id)
}

/// Writes the rules for these languages below `dir` and says where each file is.
/// Those for text are for every file.
pub(super) fn write(dir: &Path, languages: &BTreeSet<Language>) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for (language, name, yaml) in RULES {
        if *language != Language::Text && !languages.contains(language) {
            continue;
        }
        let rules: serde_json::Value =
            serde_saphyr::from_str(yaml).map_err(|error| io::Error::other(error.to_string()))?;
        let path = dir.join(format!("{}.json", name.replace('/', "-")));
        fs::write(&path, rules.to_string())?;
        paths.push(path);
    }
    Ok(paths)
}
