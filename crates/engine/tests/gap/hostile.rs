//! Trees that mean harm, or that nobody wrote by hand.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

use qualitymax_engine::gap::{self, GapError, GapOptions, GapReport};

use crate::{Copy, analyse, fixture};

const ROUTE: &str =
    "const app = require('express')();\napp.get('/here', (req, res) => res.end());\n";

/// Analyses, and fails where that takes for ever.
fn in_time(copy: &Copy) -> GapReport {
    let path = copy.path().to_owned();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        // Nobody listens any more where it took too long.
        let _ = sender.send(analyse(&path));
    });
    receiver
        .recv_timeout(Duration::from_secs(120))
        .expect("the analysis ends")
}

fn units(report: &GapReport) -> Vec<&str> {
    report.gaps.iter().map(|gap| gap.unit.as_str()).collect()
}

fn mkfifo(copy: &Copy, name: &str) {
    let made = Command::new("mkfifo")
        .arg(copy.path().join(name))
        .status()
        .unwrap();
    assert!(made.success());
}

#[test]
fn links_are_never_followed() {
    let outside = Copy::empty();
    outside.write(
        "secret.js",
        "exports.secret = function secret() { return 1; };",
    );
    let copy = Copy::empty();
    copy.write("app.js", ROUTE);
    symlink(outside.path(), copy.path().join("linked")).unwrap();
    symlink(
        outside.path().join("secret.js"),
        copy.path().join("secret.js"),
    )
    .unwrap();
    symlink(copy.path(), copy.path().join("round")).unwrap();
    let report = in_time(&copy);
    assert_eq!(units(&report), ["GET /here"]);
    assert_eq!(report.files, 1);
}

#[test]
fn pipes_and_devices_are_not_waited_for() {
    let copy = Copy::empty();
    copy.write("app.js", ROUTE).write("piped/b.js", ROUTE);
    mkfifo(&copy, "pipe.js");
    mkfifo(&copy, "piped/.gitignore");
    copy.write("zero/c.js", ROUTE);
    symlink("/dev/zero", copy.path().join("zero/.gitignore")).unwrap();
    assert_eq!(units(&in_time(&copy)), ["GET /here"]);
    // At the root too; then the rules are left out, not the tree.
    mkfifo(&copy, ".gitignore");
    assert_eq!(units(&in_time(&copy)), ["GET /here"]);
}

#[test]
fn nesting_without_end_is_no_trouble() {
    let deep = 40_000;
    let copy = Copy::empty();
    copy.write("app.js", ROUTE)
        .write("parens.js", "(".repeat(deep) + &")".repeat(deep))
        .write("arrays.ts", "[".repeat(deep))
        .write("calls.js", "f(".repeat(deep) + &")".repeat(deep))
        .write("chain.js", format!("a{}", ".b()".repeat(deep)))
        .write(
            "blocks.rs",
            format!("fn f() {}{}", "{\n".repeat(deep), "}".repeat(deep)),
        )
        .write(
            "lists.py",
            format!("x = {}{}", "[".repeat(deep), "]".repeat(deep)),
        )
        .write("div.html", "<div>\n".repeat(deep))
        .write("jsx.tsx", format!("const x = {}", "<a>\n".repeat(deep)))
        .write(
            "A.java",
            format!(
                "class A {{ int x = {}1{}; }}",
                "(".repeat(deep),
                ")".repeat(deep)
            ),
        )
        .write("a.rb", "if x\n".repeat(deep))
        .write("a.php", format!("<?php $x = {}", "[".repeat(deep)))
        .write("a.go", format!("package a\nvar x = {}1", "(".repeat(deep)));
    let report = in_time(&copy);
    assert!(units(&report).contains(&"GET /here"));
    assert_eq!(report.files as u64 + report.skipped.total(), 13);
}

#[test]
fn many_of_everything_is_no_trouble() {
    let many = 12_000;
    let copy = Copy::empty();
    copy.write(
        "app.js",
        format!(
            "const app = require('express')();\n{}",
            "app.use('/a', app);app.get('/b', (q, s) => s.end());\n".repeat(many)
        ),
    )
    .write(
        "scopes.rs",
        "fn f() { web::scope(\"/a\").service(b); }\n".repeat(many),
    )
    .write(
        "groups.go",
        format!(
            "package a\nimport \"net/http\"\nfunc f() {{\n{}}}",
            "v := v.Group(\"/a\")\nr.Route(\"/x\", func(r R) {})\n".repeat(many)
        ),
    )
    .write(
        "routes/web.php",
        format!(
            "<?php\n{}",
            "Route::prefix('a')->group(function () { Route::get('/b', [C::class, 'd']); });\n"
                .repeat(many / 2)
        ),
    )
    .write("config/routes.rb", "resources :a do\n".repeat(many))
    .write(
        "app.test.js",
        "request(app).get('/b');request(app).get(`${x}/c`);\n".repeat(many),
    );
    in_time(&copy);
}

#[test]
fn what_is_not_text_or_not_written_by_people_is_left_out_and_counted() {
    let copy = Copy::empty();
    copy.write("app.js", ROUTE)
        .write(
            "latin1.js",
            b"// caf\xe9\nexports.crepe = function crepe() {\n  return 1;\n};\n",
        )
        .write("binary.js", b"exports.a = 1;\0\0\0")
        .write("large.js", format!("// {}", "x\n".repeat(600_000)))
        .write(
            "one-line.js",
            format!("exports.a = '{}';", "x".repeat(30_000)),
        )
        .write(
            "pb.go",
            "// Code generated by protoc. DO NOT EDIT.\npackage pb\nfunc Made() {}\n",
        )
        .write("app.min.js", ROUTE);
    let report = in_time(&copy);
    assert_eq!(units(&report), ["GET /here", "crepe"]);
    assert_eq!(report.skipped.too_large, 1);
    assert_eq!(report.skipped.unreadable, 1);
    assert_eq!(report.skipped.generated, 3);
}

#[test]
fn what_others_wrote_and_what_git_ignores_is_not_analysed() {
    let copy = Copy::empty();
    let made = "exports.made = function made() {\n  return 1;\n};\n";
    copy.write("app.js", ROUTE)
        .write(".gitignore", "ignored/\n*.gen.js\n");
    for path in [
        "node_modules/a/index.js",
        "vendor/a.js",
        "dist/a.js",
        "target/a.js",
        ".git/a.js",
        ".cache/a.js",
        "ignored/a.js",
        "src/x.gen.js",
        "web/node_modules/a.js",
    ] {
        copy.write(path, made);
    }
    let report = in_time(&copy);
    assert_eq!(units(&report), ["GET /here"]);
    assert_eq!(report.files, 1);
}

#[test]
fn code_that_breaks_off_anywhere_is_read_as_far_as_it_goes() {
    let copy = Copy::empty();
    let mut count = 0;
    for repository in [
        "express", "next", "django", "spring", "rails", "laravel", "go", "actix", "web",
    ] {
        for entry in ignore::Walk::new(fixture(repository)) {
            let entry = entry.unwrap();
            let Ok(text) = fs::read(entry.path()) else {
                continue;
            };
            let name = entry.file_name().to_str().unwrap();
            for cut in (1..text.len()).step_by(61) {
                count += 1;
                copy.write(&format!("{repository}/{count}/{name}"), &text[..cut]);
                copy.write(&format!("{repository}/{count}/tail/{name}"), &text[cut..]);
            }
        }
    }
    assert!(count > 300);
    in_time(&copy);
}

#[test]
fn what_is_no_directory_is_an_error() {
    for path in ["/nowhere/at/all", "/etc/hostname"] {
        let error = gap::analyse(path.as_ref(), &GapOptions::default(), |_| {}).unwrap_err();
        assert!(matches!(error, GapError::Tree { .. }), "{error}");
    }
}

#[test]
fn an_empty_tree_has_no_gaps() {
    let report = analyse(Copy::empty().path());
    assert_eq!((report.gaps.len(), report.units.total()), (0, 0));
}
