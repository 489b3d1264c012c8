//! Trees that were made to harm.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use qualitymax_engine::sast::{Engine, ScanError, ScanOptions, Skipped, TreeLimits, scan};
use qualitymax_engine::tools::Tools;

use crate::{Tree, only, places};

const CODE: &str = "import yaml\nyaml.load(stream)\n";

#[tokio::test]
async fn links_pipes_and_devices_are_not_followed_or_opened() {
    let outside = Tree::of(&[("secret.py", CODE)]);
    let tree = Tree::of(&[("a.py", CODE)]);
    symlink(outside.path(), tree.path().join("dir")).unwrap();
    symlink(outside.path().join("secret.py"), tree.path().join("b.py")).unwrap();
    symlink("/dev/zero", tree.path().join("c.py")).unwrap();
    symlink(".", tree.path().join("loop")).unwrap();
    let made = Command::new("mkfifo")
        .arg(tree.path().join("d.py"))
        .status();
    assert!(made.unwrap().success());

    let report = tree.scan_with(&[]).await;
    assert_eq!(places(&report.findings), ["a.py:2 python-unsafe-yaml-load"]);
    assert_eq!(
        report.skipped,
        [(Skipped::Link, 2), (Skipped::Special, 1)].into()
    );
}

#[tokio::test]
async fn names_that_confuse_are_shown_harmlessly() {
    let tree = Tree::of(&[
        ("-rf *.py", CODE),
        ("_renamed/0/file.py", CODE),
        ("a{b,c}[d].py", CODE),
    ]);
    tree.write("new\nline.py", CODE);
    tree.write("esc\x1b[2J/a.py", CODE);
    tree.write(Path::new(OsStr::from_bytes(b"caf\xe9.py")), CODE);
    tree.write("ü ber/ł.py", CODE);
    let report = tree.scan_with(&[]).await;
    let mut places = places(&report.findings);
    places.sort();
    assert_eq!(
        places,
        [
            "-rf *.py:2 python-unsafe-yaml-load",
            "_renamed/0/file.py:2 python-unsafe-yaml-load",
            "a{b,c}[d].py:2 python-unsafe-yaml-load",
            "caf\\xe9.py:2 python-unsafe-yaml-load",
            "esc\\u{1b}[2J/a.py:2 python-unsafe-yaml-load",
            "new\\nline.py:2 python-unsafe-yaml-load",
            "ü ber/ł.py:2 python-unsafe-yaml-load",
        ]
    );
    for finding in &report.findings {
        assert_eq!(
            finding.engines,
            [Engine::Semgrep, Engine::Bandit],
            "{}",
            finding.file
        );
    }
}

#[tokio::test]
async fn no_setting_in_the_tree_changes_what_is_scanned() {
    let tree = Tree::of(&[
        ("a.py", CODE),
        ("tests/test_a.py", CODE),
        ("build/b.py", CODE),
        (".semgrepignore", "*.py\n"),
        (".gitignore", "*.py\n"),
        (".bandit", "[bandit]\nskips = B506\nexclude = /\n"),
        (
            "pyproject.toml",
            "[tool.bandit]\nskips = [\"B506\"]\nexclude_dirs = [\".\"]\n",
        ),
        ("setup.cfg", "[bandit]\nskips = B506\n"),
        (".semgrep.yml", "rules: nonsense\n"),
        ("sub/.semgrepignore", "*\n"),
        ("sub/c.py", CODE),
        // Python takes modules from the working directory, if it is let.
        ("bandit/__init__.py", "raise SystemExit(0)"),
        ("yaml.py", "raise SystemExit(0)"),
        ("sitecustomize.py", "raise SystemExit(0)"),
    ]);
    let git = Command::new("git")
        .args(["init", "-q"])
        .arg(tree.path())
        .status();
    assert!(git.unwrap().success());
    let pwned = tree.path().join("pwned");
    let config = format!("[core]\n\tfsmonitor = touch {}\n", pwned.display());
    tree.write(".git/config", config);

    let report = tree.scan_with(&[]).await;
    let mut places = places(&report.findings);
    places.sort();
    assert_eq!(
        places,
        [
            "a.py:2 python-unsafe-yaml-load",
            "build/b.py:2 python-unsafe-yaml-load",
            "sub/c.py:2 python-unsafe-yaml-load",
            "tests/test_a.py:2 python-unsafe-yaml-load",
        ]
    );
    for finding in &report.findings {
        assert_eq!(
            finding.engines,
            [Engine::Semgrep, Engine::Bandit],
            "{}",
            finding.file
        );
    }
    assert!(!pwned.exists());
}

#[tokio::test]
async fn what_is_too_large_or_too_deep_is_left_out_and_counted() {
    let tree = Tree::of(&[("a.py", CODE)]);
    tree.write("huge.py", vec![b' '; 3_000_000]);
    tree.write("app.min.js", "x".repeat(100_000));
    let mut deep = tree.path().to_owned();
    for _ in 0..120 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("b.py"), CODE).unwrap();
    let report = tree.scan_with(&[]).await;
    assert_eq!(places(&report.findings), ["a.py:2 python-unsafe-yaml-load"]);
    let skipped = [
        (Skipped::TooLarge, 1),
        (Skipped::Minified, 1),
        (Skipped::PathTooLong, 1),
    ];
    assert_eq!(report.skipped, skipped.into());
}

#[tokio::test]
async fn code_that_strains_parsers_ends_in_a_report() {
    let tree = Tree::of(&[("a.py", CODE)]);
    tree.write(
        "parens.py",
        format!("x = {}eval(1){}\n", "(".repeat(5000), ")".repeat(5000)),
    );
    tree.write("sum.py", format!("x = {}\n", vec!["1"; 5000].join(" +\n")));
    tree.write("bytes.py", b"\xff\xfe\x00yaml.load(x)\n");
    tree.write("nested.js", format!("eval({}\n", "[{a:".repeat(3000)));
    let report = tree.scan_with(&[]).await;
    assert!(places(&report.findings).contains(&"a.py:2 python-unsafe-yaml-load".to_owned()));
    assert!(report.runs.iter().any(|run| !run.warnings.is_empty()));
}

#[tokio::test]
async fn a_tree_beyond_the_limits_is_refused_before_an_engine_starts() {
    let tree = Tree::of(&[("a.py", CODE), ("b.py", CODE), ("c.py", CODE)]);
    for limits in [
        TreeLimits {
            files: 2,
            ..TreeLimits::default()
        },
        TreeLimits {
            total_bytes: 80,
            ..TreeLimits::default()
        },
    ] {
        let mut options = only(&[]);
        options.limits.tree = limits;
        let refused = scan(tree.path(), &options, &Tools::default(), |_| {}).await;
        assert!(
            matches!(refused, Err(ScanError::TooBig { .. })),
            "{refused:?}"
        );
    }
    let nowhere = tree.path().join("none");
    let refused = scan(&nowhere, &ScanOptions::default(), &Tools::default(), |_| {}).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the tree can't be read: entity not found"
    );
}
