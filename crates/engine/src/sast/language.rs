//! Which language a file is in, by its name.

/// A language that our rules are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Python,
    /// TypeScript included.
    JavaScript,
    Java,
    Go,
    Ruby,
    Php,
    /// Settings and scripts, which are read for secrets only.
    Text,
}

impl Language {
    /// `None` where no rule of ours reads the file. Beside the language: what
    /// has to stand at the end of the name for the engines to know it too.
    pub(super) fn of(name: &str) -> Option<(Self, &'static str)> {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            ".env" | ".npmrc" | "dockerfile" => return Some((Self::Text, "")),
            "rakefile" | "gemfile" => return Some((Self::Ruby, ".rb")),
            _ if name.starts_with(".env.") => return Some((Self::Text, "")),
            _ => {}
        }
        let (_, extension) = name.rsplit_once('.')?;
        Some(match extension {
            "py" => (Self::Python, ""),
            "pyw" => (Self::Python, ".py"),
            "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" => (Self::JavaScript, ""),
            "mts" | "cts" => (Self::JavaScript, ".ts"),
            "java" => (Self::Java, ""),
            "go" => (Self::Go, ""),
            "rb" => (Self::Ruby, ""),
            "rake" | "gemspec" => (Self::Ruby, ".rb"),
            "php" | "phtml" => (Self::Php, ""),
            "php5" | "php7" | "php8" | "inc" => (Self::Php, ".php"),
            "conf" | "cfg" | "ini" | "json" | "key" | "pem" | "properties" | "sh" | "tf"
            | "toml" | "txt" | "xml" | "yaml" | "yml" => (Self::Text, ""),
            _ => return None,
        })
    }
}
