//! Scans with the real Semgrep and Bandit, and with engines that misbehave.

#![allow(clippy::unwrap_used)]

mod faults;
mod hostile;
mod rules;
mod sarif;
mod scans;

use std::fs;
use std::path::{Path, PathBuf};

use qualitymax_engine::sast::{Engine, Finding, ScanError, ScanOptions, ScanReport, scan};
use qualitymax_engine::tools::{Tools, setup};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// What `qualitymax setup` installs, installed where it is missing.
async fn tools() -> &'static Tools {
    static TOOLS: OnceCell<Tools> = OnceCell::const_new();
    TOOLS
        .get_or_init(async || {
            let tools = Tools::find();
            if tools.semgrep.is_some() && tools.bandit.is_some() {
                return tools;
            }
            // What else may be missing is no business of these tests.
            let _ = setup(&mut |_| {}).await;
            Tools::find()
        })
        .await
}

/// A tree to scan.
struct Tree(TempDir);

impl Tree {
    fn of(files: &[(&str, &str)]) -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        for (name, content) in files {
            tree.write(name, content);
        }
        tree
    }

    fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    async fn scan(&self, options: &ScanOptions) -> Result<ScanReport, ScanError> {
        scan(self.path(), options, tools().await, |_| {}).await
    }

    async fn scan_with(&self, engines: &[Engine]) -> ScanReport {
        self.scan(&only(engines)).await.unwrap()
    }

    /// A program that stands in for an engine.
    fn program(&self, script: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path().join("engine.bin");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

fn only(engines: &[Engine]) -> ScanOptions {
    ScanOptions {
        engines: engines.to_vec(),
        ..ScanOptions::default()
    }
}

/// `file:line rule` of each finding, as they come.
fn places(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            format!(
                "{}:{} {}",
                finding.file, finding.line_start, finding.rule_id
            )
        })
        .collect()
}
