//! Generated files hold what the generator writes, byte by byte.

use crate::generate::Generated;
use crate::process::workspace;

use super::Problem;

pub fn stale(files: &[Generated]) -> Vec<Problem> {
    files
        .iter()
        .filter_map(|file| {
            let shown = file.path.strip_prefix(workspace()).unwrap_or(&file.path);
            let says = match std::fs::read_to_string(&file.path) {
                Ok(text) if text == file.text => return None,
                Ok(text) => first_difference(&text, &file.text),
                Err(error) => format!("can't be read: {error}"),
            };
            let fix = "run `cargo xtask generate` and commit what it writes";
            Some(Problem::new(shown.display().to_string(), says, fix))
        })
        .collect()
}

fn first_difference(is: &str, should_be: &str) -> String {
    let diff = similar::TextDiff::from_lines(is, should_be);
    let mut changes = diff
        .iter_all_changes()
        .filter(|change| change.tag() != similar::ChangeTag::Equal);
    changes.next().map_or_else(
        || "differs in its line ends".to_owned(),
        |change| {
            let line = change
                .old_index()
                .or(change.new_index())
                .unwrap_or_default()
                + 1;
            let (says, value) = (change.tag(), change.value().trim());
            format!("is not what openapi.json gives; first at line {line}: {says}{value}")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The one that a plain `cargo test` has to catch.
    #[test]
    fn the_generated_files_are_those_of_the_contract() {
        let problems = stale(&crate::generate::all().unwrap());
        assert_eq!(problems, [], "run `cargo xtask generate`");
    }

    #[test]
    fn one_byte_makes_a_file_stale() {
        let dir = tempfile::tempdir().unwrap();
        let file = |text: &str| Generated {
            path: dir.path().join("types.rs"),
            text: text.to_owned(),
        };
        assert!(stale(&[file("a\nb\n")])[0].says.contains("can't be read"));
        std::fs::write(dir.path().join("types.rs"), "a\nb\n").unwrap();
        assert_eq!(stale(&[file("a\nb\n")]), []);
        let problem = &stale(&[file("a\nc\n")])[0];
        assert_eq!(
            problem.says,
            "is not what openapi.json gives; first at line 2: -b"
        );
    }
}
